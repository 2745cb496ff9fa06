"""Votes for tests, made of counts or of short words."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from math import exp

from byom_magics.study.vote import Vote, prompt_hash

NOON = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
PROMPT = prompt_hash("Why is the sky blue?")


def vote(shown: str, said: str = "", **more: str) -> Vote:
    """A vote such as ``vote("a b", "a")``, ``vote("a b", "tie")`` or ``vote("a b c", "bad")``."""
    outcome = said if said in ("tie", "bad") else "win"
    return Vote(
        more.get("prompt", PROMPT),
        tuple(shown.split()),
        outcome,
        said if outcome == "win" else None,
        NOON,
        more.get("voter", ""),
    )


def duels(counts: Mapping[str, int]) -> list[Vote]:
    """Votes on two, such as ``{"a>b": 3, "a=b": 1}``; the sides take turns."""
    votes = []
    for pair, count in counts.items():
        one, sign, other = pair[0], pair[1], pair[2]
        for turn in range(count):
            shown = f"{one} {other}" if turn % 2 else f"{other} {one}"
            votes.append(vote(shown, one if sign == ">" else "tie"))
    return votes


def table(names: Sequence[str], wins: Sequence[Sequence[int]], ties: Mapping[str, int] | None = None) -> list[Vote]:
    """Votes from a table of wins, each row's against each column's."""
    counts = {
        f"{one}>{other}": wins[row][column]
        for row, one in enumerate(names)
        for column, other in enumerate(names)
        if row != column
    }
    return duels(counts | dict(ties or {}))


def simulated(
    abilities: Mapping[str, float], count: int, *, seed: int, shown: int = 2, ties: float = 0.0
) -> list[Vote]:
    """Votes as the model has them, on so many answers each."""
    draw = random.Random(seed)
    votes = []
    for _ in range(count):
        some = draw.sample(sorted(abilities), shown)
        best = draw.choices(some, [exp(abilities[each]) for each in some])[0]
        votes.append(vote(" ".join(some), "tie" if draw.random() < ties else best))
    return votes
