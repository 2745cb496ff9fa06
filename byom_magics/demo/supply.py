"""What a text still has to give for the arguments of a function: each mention is taken once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from byom_magics.demo.material import roots
from byom_magics.demo.mentions import Mention, Mentions

if TYPE_CHECKING:
    from byom_magics.demo.functions import Function

__all__ = ["Supply"]

_READ = 2_000
_ABOUT = frozenset({"for", "about", "of", "on", "in", "from", "named", "called", "to", "with", "by", "at"})
_ASKING = frozenset(
    """
    please can could would you me tell give show what what's whats which who where how is are was the a an do does for
    about of on in up to and then now i want need us find get look search call use run ask with by that
    word words text string sentence phrase number
    """.split()  # noqa: SIM905 - as words they can be read
)


class Supply:
    """
    The mentions of a text that are left.

    Args:
        function: The function that they are for: words that call it are no values for it.
        text: The text.
    """

    def __init__(self, function: Function, text: str) -> None:
        self.mentions = Mentions(text)
        self._tool_words = frozenset(roots(f"{function.name} {function.description[:300]}"))
        self._taken: list[range] = []

    def take(self, *mentions: Mention) -> None:
        """Take mentions: they are left no more, nor is what overlaps with them."""
        self._taken += [range(mention.start, mention.end) for mention in mentions]

    def take_all(self, start: int, end: int) -> None:
        """Take all that stands between two places."""
        self._taken.append(range(start, end))

    def free(self, mention: Mention) -> bool:
        """Whether a mention is left."""
        return not any(mention.start < taken.stop and taken.start < mention.end for taken in self._taken)

    def left(self, kind: str) -> list[Mention]:
        """The mentions of a kind that are left, in order."""
        return [each for each in self.mentions.of(kind) if self.free(each)]  # type: ignore[arg-type]

    def objects(self) -> Iterator[Mention]:
        """What follows a preposition, unless it is what the tool is called: "on the light"."""
        for mention in self.left("object"):
            if mention.after in _ABOUT and not all(map(self.is_tool_word, mention.text.split())):
                yield mention

    def subject(self) -> Iterator[Mention]:
        """What a text is about, to its end: "for the with statement", "about cats"."""
        text = self.mentions.text[:_READ].rstrip(" .?!\n")
        for words in ("for|about|that|saying", "on|of"):
            if match := re.search(rf"\b(?:{words})\s(?:the |a |an )?(\S.*)$", text, re.IGNORECASE | re.DOTALL):
                yield Mention("object", match[1].strip(), match.start(1), match.end(1))

    def names(self) -> list[Mention]:
        """The names that are left, without words of the tool before them: "Email Anna" is Anna."""
        found = []
        for mention in self.left("name"):
            words = mention.text.split()
            while words and self.is_tool_word(words[0]):
                words.pop(0)
            if words:
                text = " ".join(words)
                start = mention.start + len(mention.text) - len(text)
                found.append(Mention("name", text, start, mention.end, mention.sure, mention.after))
        sure = [mention for mention in found if mention.sure]
        return [each for each in sure or found if self.free(each)]

    def rest(self) -> str:
        """What the text says besides the words with which it calls the tool."""
        words = self.mentions.text.strip().rstrip(".?!").split()
        while words and (self.is_tool_word(words[0]) or words[0].lower() in _ASKING):
            words.pop(0)
        return " ".join(words)

    def is_tool_word(self, word: str) -> bool:
        """Whether a word is one that the function's name or description has."""
        found = set(roots(word))
        return bool(found) and found <= self._tool_words

    def everything(self) -> Iterator[Mention]:
        """All texts that are mentioned, taken or not."""
        for kind in ("quoted", "url", "email", "path", "date", "code", "name", "object"):
            yield from self.mentions.of(kind)
