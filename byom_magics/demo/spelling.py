"""Names that are spelled much like another one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

__all__ = ["near"]

_LONGEST = 40
_MOST = 2_000


def near(name: str, known: Iterable[str], *, sure: bool = False) -> list[str]:
    """
    Those of some names that another one is most likely a slip of; several if it is as near to each of them.

    Args:
        name: What was written.
        known: What might have been meant, the likeliest first. Names that are very long are left out.
        sure: Whether it must be one of them, so that more may be wrong.
    """
    if not 0 < len(name) <= _LONGEST:
        return []
    found: list[tuple[int, bool, int, str]] = []
    for place, other in enumerate(islice(dict.fromkeys(known), _MOST)):
        if other == name or not 0 < len(other) <= _LONGEST:
            continue
        allowed = _allowed(name, other, sure=sure)
        steps = _steps(name.lower(), other.lower(), allowed)
        if steps <= allowed:
            found.append((steps, other.lower()[0] != name.lower()[0], place, other))
    nearest = min(found, default=(0,))[0]
    return [other for steps, *_, other in sorted(found) if steps == nearest]


def _allowed(name: str, other: str, *, sure: bool) -> int:
    if len(name) <= 2:
        return 0
    if sure:
        return max(1, (len(name) + len(other) + 3) // 6)
    return 1 if len(name) <= 5 else 2 if len(name) <= 9 else 3


def _steps(one: str, two: str, most: int) -> int:
    """
    How many letters were added, left out, mistaken or swapped with the next; ``most + 1`` if more than ``most``.

    It is the optimal string alignment distance.
    """
    if abs(len(one) - len(two)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at, *[most + 1] * len(two)]
        # Farther from the diagonal than that it is more anyhow.
        for to in range(max(1, at - most), min(len(two), at + most) + 1):
            other = two[to - 1]
            steps = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if last and to > 1 and letter == two[to - 2] and one[at - 2] == other:
                steps = min(steps, last[to - 2] + 1)
            row[to] = steps
        if min(row) > most:
            return most + 1
    return row[-1]
