"""What a model writes, answer and reasoning, put together from pieces that servers cut anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.events import ReasoningDelta
from byom_magics.wire.dialects.think import ThinkTags

if TYPE_CHECKING:
    from byom_magics.events import Event

__all__ = ["Prose", "clean", "oddities"]


class Prose:
    """
    Sorts pieces into answer and reasoning.

    Attributes:
        lone_surrogates: How many halves of surrogate pairs were replaced by U+FFFD.
        high_surrogate: Half of a pair, whose other half may come, or empty.
        tags: Takes text that needs no joining.
    """

    def __init__(self) -> None:
        self.lone_surrogates = 0
        self.tags = ThinkTags()
        self.high_surrogate = ""

    def answer(self, text: str, out: list[Event]) -> None:
        """A piece of the answer, which may hold reasoning between tags."""
        self.tags.feed(self.joined(text), out)

    def reasoning(self, text: str, out: list[Event]) -> None:
        """A piece of reasoning from a field of its own: tags in the answer mean nothing from now on."""
        self.tags.leave(out)
        text = self.joined(text)
        if text:
            out.append(ReasoningDelta(text))

    def joined(self, text: str) -> str:
        """Surrogate pairs that the server's escapes cut in two are joined again; lone ones are replaced."""
        if not self.high_surrogate and (text.isascii() or not _has_surrogate(text)):
            return text
        text = self.high_surrogate + text
        self.high_surrogate = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self.high_surrogate = text[:-1], text[-1]
        joined = clean(text)
        self.lone_surrogates += joined.count("\ufffd") - text.count("\ufffd")
        return joined

    def flush(self, out: list[Event]) -> None:
        """Nothing more comes: give out what was held back."""
        if self.high_surrogate:
            self.high_surrogate = ""
            self.lone_surrogates += 1
            self.tags.feed("\ufffd", out)
        self.tags.flush(out)


def clean(text: str) -> str:
    """The text with lone surrogates, which cannot be written as UTF-8, replaced by U+FFFD."""
    if text.isascii() or not _has_surrogate(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def oddities(replaced: int, lone_surrogates: int) -> tuple[str, ...]:
    """What was odd about the bytes of an answer, as its warnings say it."""
    found = []
    if replaced:
        found.append(f"{replaced} characters were not valid UTF-8 and are shown as \ufffd")
    if lone_surrogates:
        found.append(f"{lone_surrogates} lone surrogates are shown as \ufffd")
    return tuple(found)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
