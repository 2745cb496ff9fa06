"""
What differs between two texts, word by word.

Pure; how words are matched stands in `byom_magics.show.matches`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from byom_magics.plain import visible
from byom_magics.show.markup import escape
from byom_magics.show.matches import matches

__all__ = [
    "Kind",
    "Overlap",
    "Piece",
    "count_words",
    "overlap",
    "word_diff",
    "word_diff_html",
    "word_diff_plain",
]

Kind = Literal["same", "gone", "new"]

# Marks that belong to the character before them, whatever that is.
_ATTACHED = "\u0300-\u036f\u200c-\u200f\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Scripts that put no blanks between words: letter by letter.
_ALONE = (
    "\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_ALONE_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
_SIGNS = (
    "\x00-/:-@\\[-^`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7"
    "\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u257f"
    "\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_TOKEN = re.compile(
    rf"[{_ALONE}][{_ALONE_MARKS}{_ATTACHED}]*"
    r"|[0-9]+(?:[.,:][0-9]+)+"
    rf"|[^\s{_SIGNS}{_ALONE}]+(?:['’][^\s{_SIGNS}{_ALONE}]+)*"
    rf"|[^\s][{_ATTACHED}]*"
)

_MOST_PIECES = 5_000


@dataclass(frozen=True)
class Piece:
    """A part of a text: in both (``same``), only in the old one (``gone``), or only in the new one (``new``)."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Overlap:
    """
    How much two texts have in common, in words.

    Attributes:
        same: Words in both.
        gone: Words that are in the old text only.
        new: Words that are in the new text only.
    """

    same: int
    gone: int
    new: int

    @property
    def share(self) -> float:
        """The part of all words that both texts have, from 0 to 1; two texts without words are alike."""
        both = 2 * self.same + self.gone + self.new
        return 2 * self.same / both if both else 1.0


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """
    Give what makes one text of another, in order.

    Letters of scripts without blanks are words of their own. ``same`` and ``gone`` pieces joined are the old text,
    ``same`` and ``new`` pieces the new one. Neighbours differ in kind, and what is gone stands before what is new.
    The work is bounded: of two long texts with little in common, more may be marked than had to be.
    """
    if old == new:
        return (Piece("same", old),) if old else ()
    before, after = _Words(old), _Words(new)
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(word, len(numbers)) for word in before.words]
    b = [numbers.setdefault(word, len(numbers)) for word in after.words]
    return tuple(_joined(_calmed(_steps(before, after, matches(a, b)))))


def count_words(text: str) -> int:
    """Count the words of a text: what has a letter or a digit in it; letter by letter in scripts without blanks."""
    return sum(1 for word in _TOKEN.findall(text) if word.isalnum() or any(map(str.isalnum, word)))


def overlap(pieces: Iterable[Piece]) -> Overlap:
    """Count the words of a difference, by kind."""
    counts: Counter[str] = Counter()
    for piece in pieces:
        counts[piece.kind] += count_words(piece.text)
    return Overlap(counts["same"], counts["gone"], counts["new"])


_GONE = "color-mix(in srgb,var(--jp-error-color1,#c62828) 18%,transparent)"
_NEW = "color-mix(in srgb,var(--jp-success-color1,#388e3c) 18%,transparent)"
_PRE = (
    "margin:.3em 0;padding:0;background:none;font-family:inherit;font-size:inherit;line-height:inherit;"
    f"white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;--gone:{_GONE};--new:{_NEW}"
)
_TAGS = {
    "gone": ("del", "background:var(--gone);text-decoration:line-through"),
    "new": ("ins", "background:var(--new);text-decoration:underline"),
}


def word_diff_html(pieces: Sequence[Piece]) -> str:
    """Give a difference as safe HTML: struck through what is gone, underlined what is new, colours only beside that."""
    return f'<pre style="{_PRE}">{"".join(map(_piece_html, _fewer(pieces)))}</pre>\n'


def _piece_html(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.kind == "same":
        return text
    if not text.strip():
        # A line break alone is not seen, whatever it is marked with.
        text = text.replace("\n", "↵\n")
    tag, style = _TAGS[piece.kind]
    return f'<{tag} style="{style}">{text}</{tag}>'


def word_diff_plain(pieces: Sequence[Piece]) -> str:
    """Give a difference as text, in which ``[-this-]`` is gone and ``{+this+}`` is new."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(visible(piece.text)) for piece in _fewer(pieces))


def _fewer(pieces: Sequence[Piece]) -> list[Piece]:
    """Keep as many pieces as a person may follow; what comes after them is one change."""
    if len(pieces) <= _MOST_PIECES:
        return list(pieces)
    rest = pieces[_MOST_PIECES:]
    gone = "".join(piece.text for piece in rest if piece.kind != "new")
    new = "".join(piece.text for piece in rest if piece.kind != "gone")
    return [*pieces[:_MOST_PIECES], Piece("gone", gone), Piece("new", new)]


class _Words:
    """A text as its words, each with its place."""

    def __init__(self, text: str) -> None:
        self._text = text
        found = list(_TOKEN.finditer(text))
        self.words = [match.group() for match in found]
        self._starts = [match.start() for match in found]

    def between(self, before: int, after: int) -> str:
        """The text behind one word and in front of another; -1 is the text's start, ``len(words)`` its end."""
        start = self._starts[before] + len(self.words[before]) if before >= 0 else 0
        end = self._starts[after] if after < len(self.words) else len(self._text)
        return self._text[start:end]


@dataclass
class _Step:
    """A change, as the parts of what goes and of what comes, and what stays after it; ``size`` is in letters."""

    gone: list[str]
    new: list[str]
    same: str = ""
    size: int = 0


def _letters(text: str) -> int:
    return sum(map(len, text.split()))


def _steps(before: _Words, after: _Words, matched: Sequence[tuple[int, int]]) -> Iterator[_Step]:
    last_a, last_b = -1, -1
    kept: list[str] = []
    step = _Step([], [])
    for i, j in (*matched, (len(before.words), len(after.words))):
        gone, new = before.between(last_a, i), after.between(last_b, j)
        if gone == new:
            kept.append(gone)
        else:
            start, gone, new, end = _trimmed(gone, new)
            step.same = "".join((*kept, start))
            yield step
            step, kept = _Step([gone], [new], size=max(_letters(gone), _letters(new))), [end]
        if i < len(before.words):
            kept.append(before.words[i])
        last_a, last_b = i, j
    step.same = "".join(kept)
    yield step


def _trimmed(gone: str, new: str) -> tuple[str, str, str, str]:
    """Take the white space off that both begin with, and that both end with."""
    start = _common(_leading(gone), _leading(new))
    gone, new = gone[len(start) :], new[len(start) :]
    end = _common(_leading(gone[::-1]), _leading(new[::-1]))[::-1]
    return start, gone[: len(gone) - len(end)], new[: len(new) - len(end)], end


def _leading(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _common(one: str, other: str) -> str:
    length = 0
    for length, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:length]
    return one[: min(len(one), len(other))]


def _calmed(steps: Iterable[_Step]) -> list[_Step]:
    """Join changes with hardly anything between them: small words that stay by chance read as noise."""
    calm: list[_Step] = []
    for step in steps:
        calm.append(step)
        while len(calm) > 2 and _is_noise(calm[-2].same, min(calm[-2].size, calm[-1].size)):
            last, before = calm.pop(), calm[-1]
            before.gone += [before.same, *last.gone]
            before.new += [before.same, *last.new]
            before.size += _letters(before.same) + last.size
            before.same = last.same
    return calm


def _is_noise(same: str, size: int) -> bool:
    # Lines that stand one against the other are worth more than the little that they have in common.
    return "\n" not in same and 2 * _letters(same) <= size


def _joined(steps: Iterable[_Step]) -> Iterator[Piece]:
    for step in steps:
        parts: tuple[tuple[Kind, str], ...] = (
            ("gone", "".join(step.gone)),
            ("new", "".join(step.new)),
            ("same", step.same),
        )
        yield from (Piece(kind, text) for kind, text in parts if text)
