"""
Configuration files, ``byom.toml`` or JSON of the same shape: read, checked, and never executed.

`byom_magics/catalog/example.toml` shows every section; ``byom.schema.json`` beside it is the JSON Schema, made from the
table in `byom_magics.catalog.fields`.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from byom_magics.catalog.document import Document, Findings, Problem, document_of
from byom_magics.catalog.fields import SECTIONS
from byom_magics.catalog.lines import Lines, without_texts
from byom_magics.catalog.listed import Hold, listed_models
from byom_magics.errors import SecretError
from byom_magics.plain import one_line

__all__ = ["Document", "Hold", "examine", "parse", "read"]

_LARGEST = 8 * 1024 * 1024
# A name of many parts costs its reader the square of their number.
_DEEP_NAME = re.compile(r"(?<![\w\-.])[\w-]+(?:[ \t]*\.[ \t]*[\w-]+){30}")
_LINE_OF_PROBLEM = re.compile(
    r"\s*\(at (?:line (\d+), column \d+|end of document)\)|:? line (\d+) column \d+ \(char \d+\)"
)
# What makes a file a guard. Where it cannot be read, any mention counts.
_GUARDS = re.compile("policy|locked")


_TOP = (*SECTIONS["top"], "$schema")


def read(path: str | os.PathLike[str], *, hold: Hold | None = None) -> Document:
    """
    What a configuration file says.

    Args:
        path: The file. A name that ends in ``.json``, or a text that begins with a brace, is read as JSON.
        hold: Where keys that stand in a file of the list form are kept; without it they are refused.

    Raises:
        RegistrationError: It cannot be read, or something in it is wrong. All problems are told at once.
        SecretError: A key stands in it as itself. It is not repeated.
    """
    document = examine(path, hold=hold)
    if document.error is not None:
        raise document.error
    return document


def examine(path: str | os.PathLike[str], *, hold: Hold | None = None) -> Document:
    """The same without raising: what is wrong is in ``problems``."""
    source = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link, and the folder counts
    try:
        text = _text(source)
    except (OSError, ValueError) as problem:
        return _broken(source, _reason(problem), guards=True)
    is_json = source.suffix.lower() == ".json" or text.lstrip()[:1] == "{"
    try:
        data = _from_json(text) if is_json else parse(text)
    except (ValueError, RecursionError) as problem:
        what, line = _syntax(problem, text, "JSON" if is_json else "TOML")
        return _broken(source, what, line, guards=_GUARDS.search(text) is not None)
    return _document(data, source, text, hold or _refused, is_json=is_json)


def parse(text: str) -> dict[str, Any]:
    """
    What a TOML text says.

    Raises:
        ValueError: It is no TOML, or its tables are nested too deep. RecursionError: The same.
    """
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - only when there is a file
    else:
        import tomli as tomllib  # noqa: PLC0415 - only when there is a file
    if _DEEP_NAME.search(without_texts(text)):
        message = "a name has more than 30 parts"
        raise ValueError(message)
    return tomllib.loads(text.replace("\r\n", "\n"))


def _document(data: Mapping[str, Any], source: Path, text: str, hold: Hold, *, is_json: bool) -> Document:
    findings, warnings = Findings(), list[str]()
    document = document_of(data, source, findings)
    if isinstance(data.get("models"), list):
        models = listed_models(data["models"], hold, findings, warnings, toml=not is_json)
        document = replace(document, models=models, warnings=tuple(warnings))
    # A top-level field that nobody knows may be a policy with a slip in its name.
    guards = bool("policy" in data or document.locked_models or document.locked_endpoints or set(data) - set(_TOP))
    # The lines are only looked for when something is wrong, at once or at its registration.
    line: Callable[..., int | None] = (lambda _: None) if is_json else _LateLines(text)
    document = replace(document, line=line, guards=guards)
    return document.failed(findings)


class _LateLines:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: Lines | None = None

    def __call__(self, place: tuple[str | int, ...]) -> int | None:
        self._lines = self._lines or Lines(self._text)
        return self._lines.of(place)


def _text(source: Path) -> str:
    # A pipe or a device would keep us waiting, or never end.
    if not stat.S_ISREG(source.stat().st_mode):
        message = "it is no file"
        raise ValueError(message)
    with source.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        message = f"it is larger than {_LARGEST // 1024 // 1024} MiB"
        raise ValueError(message)
    return content.decode("utf-8-sig")


def _reason(problem: OSError | ValueError) -> str:
    if isinstance(problem, UnicodeDecodeError):
        line = problem.object[: problem.start].count(b"\n") + 1
        return f"line {line}: it is not UTF-8; save it as UTF-8"
    if isinstance(problem, OSError):
        return f"it cannot be read: {problem.strerror or type(problem).__name__}"
    return str(problem)


def _syntax(problem: ValueError | RecursionError, text: str, language: str) -> tuple[str, int | None]:
    if isinstance(problem, RecursionError):
        return "it is nested too deep", None
    told = one_line(str(problem), 300)
    found = _LINE_OF_PROBLEM.search(told)
    line = None if found is None else int(found[1] or found[2] or text.count("\n") + 1)
    return f"it is no {language} that can be read: {_LINE_OF_PROBLEM.sub('', told)}", line


def _broken(source: Path, what: str, line: int | None = None, *, guards: bool) -> Document:
    return Document(source=str(source), problems=(Problem((), what, line=line),), problem_count=1, guards=guards)


def _from_json(text: str) -> dict[str, Any]:
    data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    if not isinstance(data, dict):
        message = "wanted an object at its top"
        raise ValueError(message)  # noqa: TRY004 - told as any other fault of the text
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        message = f"the field {one_line(twice, 60)} stands twice in one object"
        raise ValueError(message)
    return table


def _no_constant(name: str) -> float:
    message = f"{name} is no number"
    raise ValueError(message)


def _refused(name: str, value: str, url: str) -> str:
    del value, url
    message = f"{one_line(name, 60)} has a key that stands in the file as itself."
    raise SecretError(message, hint="load the file in a session, or write where the key is: env:NAME")
