"""Repairs of keys that are spelled much like one that there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from byom_magics.demo.cell import Cell, Edit
from byom_magics.demo.failure import Failure, Repair
from byom_magics.demo.inline import as_code
from byom_magics.demo.spelling import near

__all__ = ["missing_key"]

_TEXT = re.compile(r"'([^'\\\n]{1,40})'|\"([^\"\\\n]{1,40})\"")
_COLUMNS = re.compile(r"\bcolumns ([^\n]{1,700})")
_COLUMN = re.compile(r"(?:^|, )([^,(]{1,40}?)(?: \([^()]{1,40}\))?(?=,|$| and )")


def missing_key(failure: Failure, cell: Cell) -> Repair | None:
    """``KeyError``: the key becomes one that can be seen in what is told of the notebook, or in the cell."""
    key = _key(failure.message)
    constants = [
        (node, edit)
        for node in cell.nodes
        if isinstance(node, ast.Constant) and node.value == key and (edit := _as_written(cell, node, key))
    ]
    indices = {id(node.slice) for node in cell.nodes if isinstance(node, ast.Subscript)}
    running = [each for each in constants if each[1].line in failure.lines]
    # Where it is an index it is what was looked for; elsewhere it may be something else of that name.
    found = [each for each in running if id(each[0]) in indices] or running
    if not found and len(constants) == 1:
        found = constants
    known = near(key, filter(_is_plain, _seen(failure, cell)), sure=True) if found else []
    if not known:
        return None
    meant = known[0]
    edits = [Edit(edit.line, edit.start, edit.end, edit.text[0] + meant + edit.text[0]) for _, edit in found]
    why = f"There is no key {as_code(repr(key))}. {as_code(repr(meant))} is there, and is spelled much like it."
    if len(known) > 1:
        why += f" Or was {as_code(repr(known[1]))} meant?"
    return Repair(why, cell.changed(edits))


def _key(message: str) -> str:
    """The key that is missing; empty if it is no text."""
    match = _TEXT.fullmatch(message.strip())
    return (match[1] or match[2]) if match else ""


def _as_written(cell: Cell, node: ast.Constant, key: str) -> Edit | None:
    """Where it stands, if it is written plainly."""
    edit = cell.written(node)
    return edit if edit is not None and edit.text in (f"'{key}'", f'"{key}"') else None


def _seen(failure: Failure, cell: Cell) -> Iterator[str]:
    """The keys and columns that can be seen, those of the variables first."""
    for what in failure.listed.values():
        yield from _texts(what)
        columns = _COLUMNS.search(what)
        if columns:
            yield from _COLUMN.findall(columns[1])
    keys = (key for node in cell.nodes if isinstance(node, ast.Dict) for key in node.keys)
    yield from _constants(keys)
    yield from _texts(failure.beside)
    yield from _constants(cell.nodes)


def _texts(text: str) -> Iterator[str]:
    yield from (one or two for one, two in _TEXT.findall(text))


def _constants(nodes: Iterable[ast.AST | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _is_plain(key: str) -> bool:
    """Whether it can be written between any quotes as it is."""
    return key.isprintable() and not any(mark in key for mark in "'\"\\")
