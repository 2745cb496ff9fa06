"""On which line of a TOML file something stands. Readers of TOML do not tell; messages about files should."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Union

from byom_magics.plain import visible

__all__ = ["Lines", "Path", "dotted", "without_texts"]

Path = tuple[Union[str, int], ...]

_TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'" r"|#[^\n]*", re.DOTALL
)
_PART = r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)"""
_NAME = rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*"
_HEADER = re.compile(rf"[ \t]*(\[\[?){_NAME}\]")
_FIELD = re.compile(rf"{_NAME}=")
_PARTS = re.compile(_PART)
_BARE = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Lines:
    """
    The lines of a TOML text.

    Args:
        text: What stands in the file; it was read without an error.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        counts: dict[Path, int] = {}
        table: Path = ()
        for number, line in enumerate(_TEXTS.sub(_flat, text).split("\n"), start=1):
            header = _HEADER.match(line)
            if header:
                table = _entered(_parts(header[2]), counts, another=header[1] == "[[")
                self._note(table, number)
                continue
            field = _FIELD.match(line)
            if field:
                self._note((*table, *_parts(field[1])), number)

    def of(self, path: Path) -> int | None:
        """The line of a field, or of the nearest thing around it; None if that is the file itself."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return line
        return None

    def _note(self, path: Path, number: int) -> None:
        for length in range(1, min(len(path), 20) + 1):
            self._lines.setdefault(path[:length], number)


def dotted(path: Sequence[str | int]) -> str:
    """A path as it is written in TOML, such as ``models."my model".url``."""
    return ".".join(str(part) if isinstance(part, int) or _BARE.fullmatch(part) else _quoted(part) for part in path)


def without_texts(text: str) -> str:
    """A TOML text in which every text is ``_`` and comments are gone: what is left is its structure."""
    return _TEXTS.sub(lambda found: "" if found[0][0] == "#" else "_", text)


def _quoted(name: str) -> str:
    return visible(json.dumps(name[:100], ensure_ascii=False))


def _flat(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] == "#":
        return ""
    return "_" + "\n" * text.count("\n") if "\n" in text or text.startswith(('"""', "'''")) else text


def _parts(name: str) -> Path:
    return tuple(_plain(part) for part in _PARTS.findall(name))


def _plain(part: str) -> str:
    if part[0] == '"':
        try:
            return str(json.loads(part))
        except ValueError:
            return part[1:-1]
    return part[1:-1] if part[0] == "'" else part


def _entered(name: Path, counts: dict[Path, int], *, another: bool) -> Path:
    """The path of a table's header: of a list of tables the last one is meant, or one more."""
    path: Path = ()
    for number, part in enumerate(name, start=1):
        path = (*path, part)
        if another and number == len(name):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path
