"""The code of a cell: read as Python around its magics, and changed in places. It is never run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Cell", "Edit", "as_tree"]

_PYTHON_CELLS = ("time", "timeit", "capture", "prun", "python", "debug")
_LINE_MAGIC = re.compile(r"(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)")
_ASSIGNED_MAGIC = re.compile(r"([\w.,\[\]'\"\t ]{1,200}=\s*)[%!].*")
_MOST_NODES = 20_000


@dataclass(frozen=True)
class Edit:
    """
    A change in a line.

    Attributes:
        line: The line, from 1.
        start: Where it begins, in characters from 0.
        end: Where it ends.
        text: What stands there instead.
    """

    line: int
    start: int
    end: int
    text: str


class Cell:
    """
    A cell.

    Args:
        text: Its code, magics included.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")

    @cached_property
    def tree(self) -> ast.Module | None:
        """Its code; None if it is not Python."""
        return as_tree(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that it is made of; nothing if it is not Python, or more than can be looked at."""
        nodes = tuple(_walked(self.tree)) if self.tree is not None else ()
        return nodes if len(nodes) <= _MOST_NODES else ()

    def written(self, node: ast.expr | ast.stmt | ast.alias) -> Edit | None:
        """Where something of one line stands, as an edit that changes nothing; None if it takes several lines."""
        if node.end_lineno != node.lineno or node.end_col_offset is None or node.lineno > len(self.lines):
            return None
        line = self.lines[node.lineno - 1].encode(errors="replace")
        start = len(line[: node.col_offset].decode(errors="replace"))
        end = len(line[: node.end_col_offset].decode(errors="replace"))
        return Edit(node.lineno, start, end, self.lines[node.lineno - 1][start:end])

    def named(self, name: str) -> Iterator[Edit]:
        """Where a name is read, ``name += 1`` and ``del name`` included."""
        for node in self.nodes:
            if isinstance(node, ast.Name) and node.id == name and self.is_read(node):
                edit = self.written(node)
                # Before Python 3.12 the places of what stands inside an f-string may be wrong.
                if edit is not None and edit.text == name:
                    yield edit

    @cached_property
    def _added_to(self) -> frozenset[int]:
        return frozenset(id(node.target) for node in self.nodes if isinstance(node, ast.AugAssign))

    def is_read(self, node: ast.Name) -> bool:
        """Whether a name has to be there already where it stands."""
        return isinstance(node.ctx, (ast.Load, ast.Del)) or id(node) in self._added_to

    def changed(self, edits: Iterable[Edit]) -> str:
        """The text with changes, none of which may overlap."""
        lines = list(self.lines)
        for edit in sorted(edits, key=lambda edit: (edit.line, edit.start), reverse=True):
            line = lines[edit.line - 1]
            lines[edit.line - 1] = line[: edit.start] + edit.text + line[edit.end :]
        return "\n".join(lines)

    def with_import(self, statement: str) -> str:
        """The text with an import before all else, but behind a magic, a docstring and imports of the future."""
        first = 0
        body = self.tree.body if self.tree is not None else []
        for node in body:
            text = node is body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            masked = isinstance(node, ast.Pass) and _LINE_MAGIC.fullmatch(self.lines[node.lineno - 1])
            if not (future or masked or text):
                break
            first = node.end_lineno or first
        return "\n".join([*self.lines[:first], statement, *self.lines[first:]])


def as_tree(text: str) -> ast.Module | None:
    """
    Read a cell as Python, its magics as statements that do nothing.

    Args:
        text: The code.

    Returns:
        The tree; None if it is not Python.
    """
    if text.startswith("%%"):
        head, _, body = text.partition("\n")
        if head[2:].split(" ", 1)[0] not in _PYTHON_CELLS:
            return None
        text = f"pass\n{body}"
    return _parsed(text) or _parsed("\n".join(map(_without_magic, text.split("\n"))))


def _without_magic(line: str) -> str:
    if match := _LINE_MAGIC.fullmatch(line):
        return f"{match[1]}pass"
    match = _ASSIGNED_MAGIC.fullmatch(line)
    return f"{match[1]}None" if match else line


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that of "\d", which is the person's to see when the cell is run
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _walked(tree: ast.AST) -> Iterator[ast.AST]:
    for count, node in enumerate(ast.walk(tree)):
        yield node
        if count > _MOST_NODES:
            return
