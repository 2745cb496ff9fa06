"""
Votes as files, so that those of a class can be put together: JSON, and tables with commas.

A file is read whole or refused whole. It may come from anyone: its size is bounded, and each value is checked.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.plain import visible
from byom_magics.study.vote import Vote
from byom_magics.whole_file import replace_whole

__all__ = ["FORMAT", "LARGEST", "VERSION", "as_csv", "as_json", "present", "read", "write"]

FORMAT = "byom_magics votes"
"""What a file of votes says that it is."""

VERSION = 1
"""How it is written."""

LARGEST = 50 * 1024 * 1024
"""How large a file may be, in bytes."""

_MOST = 100_000
_FIELDS = ("id", "prompt", "shown", "outcome", "winner", "when", "voter")
_COLUMNS = ("version", *_FIELDS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def as_json(votes: Iterable[Vote]) -> str:
    """Write votes as JSON, indented, one field a line."""
    document = {"format": FORMAT, "version": VERSION, "votes": [_row(vote) for vote in votes]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_csv(votes: Iterable[Vote]) -> str:
    """
    Write votes as a table with commas, a line of column names first.

    What was shown stands as JSON in one cell. A cell that a spreadsheet would take for a formula begins with ``'``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for vote in votes:
        row = _row(vote) | {"shown": json.dumps(list(vote.shown), ensure_ascii=False), "winner": vote.winner or ""}
        writer.writerow([VERSION, *(_guarded(row[name]) for name in _FIELDS)])
    return text.getvalue()


def write(path: str | PathLike[str], votes: Sequence[Vote]) -> None:
    """
    Write votes to a file, whole or not at all.

    Args:
        path: The file; see `as_csv` for one that ends in ``.csv``, `as_json` for all others. What is there is replaced.
        votes: All that it is to hold.

    Raises:
        OptionError: It cannot be written.
    """
    data = (as_csv(votes) if _is_table(path) else as_json(votes)).encode("utf-8", "backslashreplace")
    if len(votes) > _MOST or len(data) > LARGEST:
        what = f"{len(votes):,} votes are more than one file may hold."
        raise OptionError(what, hint=f"write {_MOST:,} at most, in {LARGEST // 1024**2} MB")
    try:
        replace_whole(Path(os.path.realpath(path)), data)  # what a link leads to is replaced, not the link
    except (OSError, ValueError) as problem:
        raise _unusable(path, "cannot be written", problem) from None


def read(path: str | PathLike[str]) -> list[Vote]:
    """
    Read a file of votes.

    Returns:
        Its votes, each once.

    Raises:
        OptionError: It is none, or something in it makes no sense; the message names the vote and the field.
    """
    return _parsed(path, _content(path))


def present(path: str | PathLike[str]) -> list[Vote]:
    """
    Say which votes are in a file that is to be replaced: none if it is not there, or is empty.

    Raises:
        OptionError: It is no file of votes, so that it must not be replaced.
    """
    try:
        if not os.path.lexists(path) or (os.path.isfile(path) and os.path.getsize(path) == 0):  # noqa: PTH113, PTH202 - takes any path
            return []
        return read(path)
    except (OptionError, OSError, ValueError) as problem:
        what = f"{_name(path)} is there already and no whole file of votes; it stays as it is."
        raise OptionError(what, hint="name another file, or a new one") from problem


def _row(vote: Vote) -> dict[str, Any]:
    row = {name: getattr(vote, name) for name in _FIELDS}
    return row | {"shown": list(vote.shown), "when": vote.when.isoformat()}


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_table(path: str | PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(".csv")


def _content(path: str | PathLike[str]) -> str:
    try:
        state = os.stat(path)  # noqa: PTH116 - takes any path
        if not stat.S_ISREG(state.st_mode):
            raise _refused(path, "it is no file")
        if state.st_size > LARGEST:
            raise _refused(path, f"it has more than {LARGEST // 1024**2} MB")
        with open(path, "rb") as file:  # noqa: PTH123 - takes any path
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        if isinstance(problem, OptionError):
            raise
        raise _unusable(path, "cannot be read", problem) from None
    if len(data) > LARGEST:
        raise _refused(path, f"it has more than {LARGEST // 1024**2} MB")
    try:
        return data.decode("utf-8-sig")  # a spreadsheet puts a mark before its tables
    except UnicodeDecodeError as problem:
        raise _refused(path, f"byte {problem.start:,} is not UTF-8") from None


def _parsed(path: str | PathLike[str], text: str) -> list[Vote]:
    rows = _table_rows(path, text) if _is_table(path) else _json_rows(path, text)
    if len(rows) > _MOST:
        raise _refused(path, f"it has {len(rows):,} votes, and {_MOST:,} is the most")
    votes: dict[str, Vote] = {}
    for number, row in enumerate(rows, 1):
        vote = _vote(row, partial(_refused_row, path, number))
        if votes.setdefault(vote.id, vote) != vote:
            raise _refused(path, f"vote {number:,}: id: another vote above has it too")
    return list(votes.values())


def _json_rows(path: str | PathLike[str], text: str) -> list[Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as problem:
        raise _refused(path, f"it is no JSON, or cut off: {problem.msg}, line {problem.lineno:,}") from None
    except (ValueError, RecursionError):
        raise _refused(path, "it is no JSON that can be read") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _refused(path, f'"format" is not "{FORMAT}"')
    _check_version(path, document.get("version"))
    rows = document.get("votes")
    if not isinstance(rows, list):
        raise _refused(path, '"votes" is no list')
    return rows


def _table_rows(path: str | PathLike[str], text: str) -> list[dict[str, Any]]:
    try:
        table = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
        head, *lines = [line for line in table if line] or [[]]
    except csv.Error as problem:
        raise _refused(path, f"it is no table with commas: {problem}") from None
    if missing := [name for name in _COLUMNS if name not in head]:
        raise _refused(path, f"it has no column {missing[0]}")
    rows = []
    for number, line in enumerate(lines, 1):
        if len(line) != len(head):
            raise _refused(path, f"vote {number:,}: it has {len(line)} cells, and there are {len(head)} columns")
        row: dict[str, Any] = {name: cell.removeprefix("'") for name, cell in zip(head, line, strict=True)}
        version = row["version"]
        _check_version(path, int(version) if version.isdecimal() and len(version) < 9 else version)
        with suppress(ValueError, RecursionError):  # what is no list is refused as a value
            row["shown"] = json.loads(row["shown"])
        rows.append(row | {"winner": row["winner"] or None})
    return rows


def _delimiter(text: str) -> str:
    """What stands between cells: spreadsheets write what their language has, and where a comma is decimal, another."""
    names = text[: len(",".join(_COLUMNS)) + 2]
    return next((sign for sign in (";", "\t") if sign in names and "," not in names), ",")


def _check_version(path: str | PathLike[str], version: object) -> None:
    if version != VERSION or isinstance(version, bool):
        raise _refused(
            path,
            f"its version is {visible(repr(version)[:40])}, and this package reads version {VERSION}",
            "install the version of byom_magics that wrote it, or export the votes there again",
        )


def _refused_row(path: str | PathLike[str], number: int, field: str, why: str) -> OptionError:
    return _refused(path, f"vote {number:,}: {field}: {why}")


def _vote(row: object, refuse: Callable[[str, str], OptionError]) -> Vote:
    if not isinstance(row, Mapping):
        raise refuse("all", "it is no object with fields")
    for name in _FIELDS:
        if name not in row and name not in ("winner", "voter"):
            raise refuse(name, "it is missing")
    shown, when = row["shown"], row["when"]
    if not isinstance(shown, list) or not all(isinstance(label, str) for label in shown):
        raise refuse("shown", "it is no list of texts")
    try:
        moment = datetime.fromisoformat(when.replace("Z", "+00:00") if isinstance(when, str) else "")
    except ValueError:
        raise refuse("when", "it is no date and time such as 2026-03-31T09:30:00+00:00") from None
    try:
        vote = Vote(
            row["prompt"], tuple(shown), row["outcome"], row.get("winner"), moment, row.get("voter", ""), row["id"]
        )
    except OptionError as problem:
        field, _, wanted = str(problem.hint).partition(" is ")
        raise refuse(field, f"it is to be {wanted}") from None
    # A vote keeps its texts as visible lines: one that is another text then was none.
    for name, text in (("shown", tuple(shown)), ("winner", row.get("winner")), ("voter", row.get("voter", ""))):
        if getattr(vote, name) != text:
            raise refuse(name, "it is too long, or has hidden or control characters in it")
    return vote


def _name(path: str | PathLike[str]) -> str:
    return visible(os.fspath(path))[:300]


def _unusable(path: str | PathLike[str], what: str, problem: Exception) -> OptionError:
    why = getattr(problem, "strerror", None) or type(problem).__name__
    return OptionError(f"{_name(path)} {what}: {why}.", hint="name a file that is there, in a folder that you may use")


def _refused(path: str | PathLike[str], why: str, hint: str = "") -> OptionError:
    what = f"{_name(path)} holds no votes that can be taken in: {why}. Nothing was taken in."
    return OptionError(what, hint=hint or "export it anew with %byom_leaderboard --export FILE, or leave it out")
