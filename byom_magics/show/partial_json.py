"""
JSON that arrives in pieces, cut anywhere: what can be told of it by now.

A reader takes text and gives tokens. It neither recurses nor looks back, so its work is linear and its memory small
for any text. It is there to show an answer, not to check it: what stands around the JSON is prose, a comma too many is
no fault, and from where the text is no JSON at all it is given as it is. Nothing gets lost but fences and white space.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar, Literal

from byom_magics.show.json_place import Kind, Level, Phase, Place, Token
from byom_magics.show.json_scalars import LONGEST_RUN, may_be_scalar, unescaped

__all__ = ["DEEPEST", "Reader"]

# Containers inside one another, as far as they are told apart. What is nested deeper is given as its text.
DEEPEST = 30
_LONGEST_KEY = 200
_LONGEST_OPENER = 200
_LONGEST_FENCE = 60

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\]*')
_RUN = re.compile(r'[^\s,:\[\]{}"]*')
_BRACKET = re.compile(r"[\[\]{}]")
_SIGN = re.compile(r"[\n\[{]")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[ \t]*(?:json\w*)?[ \t]*\n?", re.IGNORECASE)
_MAYBE_FENCE = re.compile(r"(?:`+|~+)[ \t]*[a-zA-Z0-9]*[ \t]*")
# What may follow a bracket that opens JSON: at the beginning of a line, and behind words.
_FIRST_OF_LIST = frozenset('"[{]-0123456789tfnNI \t\n')
_FIRST_BEHIND_WORDS = {"{": frozenset('"\n}'), "[": frozenset('"[{\n')}


class Reader:
    """
    Reads a JSON text that arrives in pieces.

    Args:
        place: Where it goes on; at the beginning, if left out.
    """

    def __init__(self, place: Place | None = None) -> None:
        place = place or Place()
        self._levels = list(place.levels)
        self._phase, self._run, self._opener = place.phase, place.run, place.opener
        self._depth, self._quoted = place.depth, place.quoted
        self._line_begins = place.line_begins
        self._tokens: list[Token] = []
        self._consumed = 0
        self._held = ""

    @property
    def place(self) -> Place:
        """Where the reader is: behind all that it was fed, but for what it holds."""
        return Place(
            tuple(self._levels), self._phase, self._run, self._opener, self._depth, self._quoted, self._line_begins
        )

    @property
    def held(self) -> str:
        """What came and says nothing without what follows, such as half an escape; a few characters at most."""
        return self._held

    @property
    def is_broken(self) -> bool:
        """Whether the text turned out to be no JSON."""
        return self._phase is Phase.BROKEN

    def feed(self, text: str) -> list[Token]:
        """Take in the next piece of the text, and give what it says."""
        text = self._held + text
        self._tokens = []
        at = 0
        while at < len(text):
            behind = self._STEPS[self._phase](self, text, at)
            if behind is None:
                break
            at = behind
        self._consumed += at
        self._held = text[at:]
        return self._tokens

    def flush(self) -> list[Token]:
        """Give what is held as it is, since nothing more comes."""
        held, self._held = self._held, ""
        self._tokens = []
        if held and not (self._phase is Phase.PROSE and _FENCE.fullmatch(held)):
            self._consumed += len(held)
            self._emit(self.place.inside or "prose", held, 0, begins=self._phase is Phase.PROSE, ended=False)
        return self._tokens

    def _emit(self, kind: Kind, text: str, end: int, *, begins: bool = True, ended: bool = True) -> None:
        self._tokens.append(Token(kind, text, begins, ended, self._consumed + end, len(self._levels)))

    # Prose. Each step takes the text and a position in it, and gives the position behind what it has read; None if it
    # has to wait for more.

    def _prose(self, text: str, at: int) -> int | None:
        if self._line_begins:
            return self._line(text, at)
        found = _SIGN.search(text, at)
        end = found.start() if found else len(text)
        if found is not None and end == at:
            if text[at] == "\n":
                self._line_begins = True
            elif at + 1 == len(text):
                return None
            elif text[at + 1] in _FIRST_BEHIND_WORDS[text[at]]:
                return self._open(text, at)
            end += 1
        self._emit("prose", text[at:end], end)
        return end

    def _line(self, text: str, at: int) -> int | None:
        start = _BLANK.match(text, at).end()  # type: ignore[union-attr]
        if start > at:
            self._emit("prose", text[at:start], start)
            return start
        if text[at] == "{" or (text[at] == "[" and text[at + 1 : at + 2] in _FIRST_OF_LIST):
            return self._open(text, at)
        if text[at] == "[" and at + 1 == len(text):
            return None
        if text[at] in "`~":
            end = text.find("\n", at, at + _LONGEST_FENCE) + 1
            if end and _FENCE.fullmatch(text, at, end):
                return end
            if not end and len(text) - at < _LONGEST_FENCE and _MAYBE_FENCE.fullmatch(text, at):
                return None
        self._line_begins = False
        return at

    def _broken(self, text: str, at: int) -> int:
        self._emit("broken", text[at:], len(text), ended=False)
        return len(text)

    def _break(self, at: int) -> int:
        """It is no JSON from here on. If nothing was read of it yet, it never was, and others may follow."""
        self._levels.clear()
        if self._opener:
            said, self._opener = self._opener + self._run, ""
            self._phase, self._run, self._line_begins = Phase.PROSE, "", False
            self._emit("prose", said, at, begins=False)
        else:
            self._phase = Phase.BROKEN
        return at

    # Containers

    def _open(self, text: str, at: int) -> int:
        self._count()
        if len(self._levels) == DEEPEST:
            self._phase, self._depth = Phase.DEEP, 1
            self._emit("deep", text[at], at + 1, ended=False)
            return at + 1
        is_list = text[at] == "["
        self._opener = "" if self._levels else text[at]
        self._levels.append(Level(is_list))
        self._phase = Phase.VALUE if is_list else Phase.KEY
        self._emit("list" if is_list else "object", "", at + 1)
        return at + 1

    def _close(self, at: int) -> int:
        self._levels.pop()
        self._value_ended()
        self._emit("close", "", at + 1)
        return at + 1

    def _count(self) -> None:
        if self._levels:
            top = self._levels[-1]
            self._levels[-1] = Level(top.is_list, top.count + 1, top.key, top.columns)

    def _value_ended(self) -> None:
        self._opener = self._run = ""
        self._line_begins = False
        self._phase = Phase.AFTER if self._levels else Phase.PROSE

    def _skip(self, text: str, at: int) -> int:
        end = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if self._opener and end > at:
            self._opener = self._opener + text[at:end] if len(self._opener) + end - at < _LONGEST_OPENER else ""
        return end

    def _value(self, text: str, at: int) -> int:
        at = self._skip(text, at)
        if at == len(text):
            return at
        sign = text[at]
        if sign == '"':
            self._count()
            self._phase = Phase.IN_STRING
            return self._quoted_text("string", text, at + 1, begins=True)
        if sign in "[{":
            return self._open(text, at)
        if sign == "]" and self._phase is Phase.VALUE:
            return self._close(at)
        if sign in ",:]}":
            return self._break(at)
        self._count()
        self._phase = Phase.IN_SCALAR
        return at

    def _key(self, text: str, at: int) -> int:
        at = self._skip(text, at)
        if at == len(text):
            return at
        if text[at] == "}":
            return self._close(at)
        if text[at] != '"':
            return self._break(at)
        top = self._levels[-1]
        self._levels[-1] = Level(top.is_list, top.count, "", top.columns)
        self._phase, self._opener = Phase.IN_KEY, ""
        return self._quoted_text("key", text, at + 1, begins=True)

    def _colon(self, text: str, at: int) -> int:
        at = self._skip(text, at)
        if at < len(text):
            if text[at] != ":":
                return self._break(at)
            self._phase = Phase.MEMBER
            at += 1
        return at

    def _after(self, text: str, at: int) -> int:
        at = self._skip(text, at)
        if at == len(text):
            return at
        is_list = self._levels[-1].is_list
        if text[at] == ",":
            self._phase = Phase.VALUE if is_list else Phase.KEY
            return at + 1
        return self._close(at) if text[at] == ("]" if is_list else "}") else self._break(at)

    # Scalars

    def _string(self, text: str, at: int) -> int | None:
        end = self._quoted_text("string", text, at, begins=False)
        return end if end > at else None

    def _in_key(self, text: str, at: int) -> int | None:
        end = self._quoted_text("key", text, at, begins=False)
        return end if end > at else None

    def _quoted_text(self, kind: Literal["string", "key"], text: str, at: int, *, begins: bool) -> int:
        start, parts, ended = at, [], False
        while True:
            end = _PLAIN.match(text, at).end()  # type: ignore[union-attr]
            parts.append(text[at:end])
            at = end
            if at == len(text):
                break
            if text[at] == '"':
                at, ended = at + 1, True
                break
            escape = unescaped(text, at)
            if escape is None:
                break
            parts.append(escape[0])
            at = escape[1]
        said = "".join(parts)
        if kind == "key":
            top = self._levels[-1]
            self._levels[-1] = Level(top.is_list, top.count, (top.key + said)[:_LONGEST_KEY], top.columns)
        if ended and kind == "key":
            self._phase = Phase.COLON
        elif ended:
            self._value_ended()
        if begins or at > start:
            self._emit(kind, said, at, begins=begins, ended=ended)
        return at

    def _scalar(self, text: str, at: int) -> int:
        end = _RUN.match(text, at).end()  # type: ignore[union-attr]
        part, begins, ended = text[at:end], not self._run, end < len(text)
        run = (self._run + part)[:LONGEST_RUN]
        if not may_be_scalar(run, part, ended=ended):
            return self._break(at)
        self._run = run
        if len(run) == LONGEST_RUN:
            self._opener = ""
        if ended:
            self._value_ended()
        self._emit("scalar", part, end, begins=begins, ended=ended)
        return end

    def _deep(self, text: str, at: int) -> int | None:
        end = self._deep_string(text, at) if self._quoted else self._deep_brackets(text, at)
        if end == at:
            return None
        ended = not self._depth
        if ended:
            self._value_ended()
        self._emit("deep", text[at:end], end, begins=False, ended=ended)
        return end

    def _deep_string(self, text: str, at: int) -> int:
        while True:
            at = _PLAIN.match(text, at).end()  # type: ignore[union-attr]
            if at == len(text):
                return at
            if text[at] == '"':
                self._quoted = False
                return at + 1
            if at + 1 == len(text):
                return at
            at += 2

    def _deep_brackets(self, text: str, at: int) -> int:
        quote = text.find('"', at)
        end = quote if quote >= 0 else len(text)
        closing = text.count("]", at, end) + text.count("}", at, end)
        if closing < self._depth:
            self._depth += text.count("[", at, end) + text.count("{", at, end) - closing
        else:
            for found in _BRACKET.finditer(text, at, end):
                self._depth += 1 if found.group() in "[{" else -1
                if not self._depth:
                    return found.end()
        self._quoted = quote >= 0
        return end + self._quoted

    _STEPS: ClassVar[dict[Phase, Callable[[Reader, str, int], int | None]]] = {
        Phase.PROSE: _prose,
        Phase.VALUE: _value,
        Phase.MEMBER: _value,
        Phase.KEY: _key,
        Phase.COLON: _colon,
        Phase.AFTER: _after,
        Phase.IN_KEY: _in_key,
        Phase.IN_STRING: _string,
        Phase.IN_SCALAR: _scalar,
        Phase.DEEP: _deep,
        Phase.BROKEN: _broken,
    }
