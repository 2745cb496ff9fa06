"""The line of a magic, taken apart: options are declared once, in a table that parser, help and completion read."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.magics.bracketed import closing
from byom_magics.plain import visible

__all__ = ["Arguments", "Option", "Table", "Token", "tokens"]

_IN_QUOTES = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_SEVERAL = re.compile(rf"{_IN_QUOTES}(?:,\s*{_IN_QUOTES})+")


@dataclass(frozen=True)
class Option:
    """
    One option of a magic.

    Attributes:
        name: The name of its value.
        flags: How it is written, such as ``-t`` and ``--temperature``.
        help: A sentence.
        metavar: What stands for its value in the manual; empty for a switch.
        read: Makes the value of its text; raises `ValueError` with what was wanted.
        choices: All values that it can have, if they are few.
        repeated: Whether it may come more than once; its value is then a list.
        value: What a switch stands for. Mappings of several options of one name are laid together.
        default: What the option stands for where it is written without a value; None if it has to have one.
    """

    name: str
    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    read: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    repeated: bool = False
    value: Any = True
    default: Any = None


@dataclass(frozen=True)
class Token:
    """One word of a line, its quotes taken off, and where it stood."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Arguments:
    """What a line says: the words that are no options, the values of options, and the text after the words."""

    words: tuple[str, ...]
    values: dict[str, Any]
    rest: str = ""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - an option's value has the type that it was read as
        if name.startswith("_"):
            raise AttributeError(name)
        return self.values.get(name)


def tokens(line: str, *, bracketed: bool = False) -> Iterator[Token]:
    """
    Split a line into words.

    Quotes group where a word, or the value after its ``=``, begins with one; a JSON value after
    ``=`` may have blanks. A quote that is not closed goes to the end of the line.

    Args:
        line: The line.
        bracketed: Whether what stands in brackets behind a word belongs to it, blanks, quotes and all, as it is typed;
            and so do values in quotes with commas between them, behind ``=``.
    """
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        start, pieces = at, []
        while at < len(line) and not line[at].isspace():
            fresh = at == start or line[at - 1] == "="
            if bracketed and fresh and at > start and (several := _SEVERAL.match(line, at)):
                text, at = several.group(), several.end()
            elif line[at] in "'\"" and fresh:
                text, at = _quoted(line, at)
            elif line[at] in "{[" and at > start and line[at - 1] == "=":
                text, at = _json(line, at)
            elif bracketed and line[at] == "[" and at > start and line[start] != "-":
                text, at = _group(line, at)
            else:
                text, at = line[at], at + 1
            pieces.append(text)
        yield Token("".join(pieces), start, at)


class Table:
    """
    The options of one magic.

    Args:
        magic: Its name, for messages.
        options: What it takes.
        words: How many words it takes beside options.
        bracketed: Whether these may have options of their own in brackets; also an attribute.
    """

    def __init__(self, magic: str, options: Sequence[Option], words: int, *, bracketed: bool = False) -> None:
        self.magic = magic
        self.options = tuple(options)
        self.bracketed = bracketed
        self._words = words
        self._by_flag = {flag: option for option in options for flag in option.flags}

    def option(self, flag: str) -> Option | None:
        """The option that is written so."""
        return self._by_flag.get(flag)

    def flags(self) -> tuple[str, ...]:
        """All ways of writing options, in order."""
        return tuple(self._by_flag)

    def parse(self, line: str, *, rest: bool = False) -> Arguments:
        """
        Read a line.

        Args:
            line: What stands after the magic's name.
            rest: Whether what follows the last word is a text of its own, taken as it stands.

        Raises:
            OptionError: An option is unknown, or its value cannot be used.
        """
        words: list[str] = []
        values: dict[str, Any] = {}
        found = list(tokens(line, bracketed=self.bracketed))
        number = 0
        while number < len(found):
            token = found[number]
            number += 1
            if not self._is_flag(token.text, line[token.start]):
                if rest and len(words) == self._words:
                    return Arguments(tuple(words), values, line[token.start :].strip())
                words.append(token.text)
                continue
            flag, equals, text = token.text.partition("=")
            option = self._by_flag.get(flag) or self._unknown(flag)
            if not option.metavar:
                if equals:
                    raise self._bad(flag, "takes no value", "leave out what follows it")
                self._put(values, option, option.value)
                continue
            if not equals:
                following = found[number] if number < len(found) else None
                if option.default is not None and not self._belongs(option, following, line, rest=rest):
                    self._put(values, option, option.default)
                    continue
                if following is None:
                    raise self._bad(flag, "has no value", f"write {flag} {option.metavar}")
                text = following.text
                number += 1
            self._set(values, option, flag, text)
        if len(words) > self._words:
            extra = " ".join(words[self._words :])
            raise self._bad(visible(extra)[:60], "is one word too many", self._usage())
        return Arguments(tuple(words), values)

    def _is_flag(self, text: str, first: str) -> bool:
        return first == "-" and len(text) > 1 and not re.fullmatch(r"-[\d.]+", text)

    def _belongs(self, option: Option, following: Token | None, line: str, *, rest: bool) -> bool:
        """Whether the next word is the value of an option that may have none; on a prompt's line only ``=`` says so."""
        if following is None or rest or self._is_flag(following.text, line[following.start]):
            return False
        try:
            option.read(following.text)
        except ValueError:
            return False
        return True

    def _set(self, values: dict[str, Any], option: Option, flag: str, text: str) -> None:
        if option.choices and text not in option.choices:
            near = difflib.get_close_matches(text, option.choices, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(option.choices)}"
            raise self._bad(flag, f"cannot be '{visible(text)[:60]}'", hint)
        try:
            value = option.read(text)
        except ValueError as problem:
            raise self._bad(flag, f"cannot be '{visible(text)[:60]}'", f"it wants {problem}") from None
        self._put(values, option, value)

    def _put(self, values: dict[str, Any], option: Option, value: Any) -> None:  # noqa: ANN401 - as the option reads it
        if option.repeated:
            values.setdefault(option.name, []).append(value)
        elif isinstance(value, dict):
            values[option.name] = {**values.get(option.name, {}), **value}
        else:
            values[option.name] = value

    def _unknown(self, flag: str) -> Option:
        near = difflib.get_close_matches(flag, self._by_flag, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"{self.magic}? shows what there is"
        raise self._bad(visible(flag)[:60], "is no option", hint)

    def _bad(self, what: str, problem: str, hint: str) -> OptionError:
        return OptionError(f"{self.magic}: {what} {problem}.", hint=hint)

    def _usage(self) -> str:
        return f"{self.magic}? shows how it is written; quote a value that has blanks in it"


def _quoted(line: str, start: int) -> tuple[str, int]:
    quote, at, pieces = line[start], start + 1, []
    while at < len(line) and line[at] != quote:
        if line[at] == "\\" and at + 1 < len(line) and line[at + 1] in (quote, "\\"):
            at += 1
        pieces.append(line[at])
        at += 1
    return "".join(pieces), at + 1


def _json(line: str, start: int) -> tuple[str, int]:
    try:
        _, end = json.JSONDecoder().raw_decode(line, start)
    except (ValueError, RecursionError):
        return line[start], start + 1
    return line[start:end], end


def _group(line: str, start: int) -> tuple[str, int]:
    end = closing(line, start)
    return (line[start], start + 1) if end is None else (line[start : end + 1], end + 1)
