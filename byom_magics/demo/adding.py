"""Repairs of sums of texts and numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from byom_magics.demo.cell import Cell, Edit
from byom_magics.demo.failure import Failure, Repair
from byom_magics.demo.inline import as_code

__all__ = ["added_text"]

_ONLY_TEXT = re.compile(r"can only concatenate str \(not \"(?P<kind>[\w.]{1,100})\"\) to str")
_NO_SUM = re.compile(r"unsupported operand type\(s\) for \+=?: '(?P<kind>[\w.]{1,100})' and 'str'")
_KIND = re.compile(r"[\w.]+")
_SHOWN_TEXT = re.compile(r"'([^'\\]*)'")
_WHOLE = re.compile(r"\s*[-+]?\d{1,30}\s*")
_NUMBER = re.compile(r"\s*[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:e[-+]?\d{1,3})?\s*", re.IGNORECASE)


def added_text(failure: Failure, cell: Cell) -> Repair | None:
    """``TypeError`` of ``+``: the number becomes text, or the text a number where it is seen to be one."""
    said = _ONLY_TEXT.search(failure.message) or _NO_SUM.search(failure.message)
    if said is None or not failure.here:
        return None
    kind = said["kind"].rpartition(".")[2]
    line = failure.lines[0] if failure.lines else 0
    chains = [chain for chain in _chains(cell) if not line or _at(chain, line)]
    for chain in chains:
        texts = [node for node in chain if _is_text(node, failure)]
        if not texts and len(chains) == 1 and len(chain) == 2 and said.re is _ONLY_TEXT:
            texts = [chain[0]]  # Python says so
        others = [node for node in chain if node not in texts]
        known = [node for node in others if _kind(node, failure) == kind]
        if not known and len(others) == 1 and not _kind(others[0], failure):
            known = others  # whatever it is, it is what is no text
        if texts and known:
            return _read_as_number(chain, texts[0], failure, cell) or _as_text(known, cell)
    return _summed(failure, cell, line) if said.re is _NO_SUM else None


def _read_as_number(chain: Sequence[ast.expr], text: ast.expr, failure: Failure, cell: Cell) -> Repair | None:
    """A variable of which is told that it is a number written as text."""
    if not isinstance(text, ast.Name) or not isinstance(text.ctx, ast.Load) or len(chain) != 2:
        return None
    number = _number_type(_SHOWN_TEXT.findall(failure.listed.get(text.id, ""))[:1])
    if not number:
        return None
    why = (
        f"Text and numbers cannot be added, and {as_code(text.id)} is text. It reads as a number: "
        f"{as_code(number)} makes it one. (To write one behind the other, make text of the number with `str`.)"
    )
    return _repair(why, _wrapped([text], number, cell))


def _as_text(nodes: Sequence[ast.expr], cell: Cell) -> Repair | None:
    names = dict.fromkeys(as_code(edit.text) for node in nodes if (edit := cell.written(node)))
    is_are, it_them = ("is", "it") if len(names) == 1 else ("are", "them")
    why = f"Only text can be added to text, and {' and '.join(names)} {is_are} not text. `str` makes text of {it_them}."
    return _repair(why, _wrapped(nodes, "str", cell))


def _repair(why: str, cell: str) -> Repair | None:
    return Repair(why, cell) if cell else None


def _summed(failure: Failure, cell: Cell, line: int) -> Repair | None:
    """``sum(prices)`` where what is in the list is seen to be numbers written as text."""
    for node in cell.nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum"):
            continue
        if len(node.args) != 1 or node.keywords or (line and not _at([node], line)):
            continue
        texts = _texts_in(node.args[0], failure)
        number = _number_type(texts)
        repair = _wrapped(node.args, f"map({number}, ", cell) if number else ""
        if repair:
            what = cell.written(node.args[0])
            where = f"in {as_code(what.text)}" if what and len(what.text) <= 40 else "that is summed"
            why = f"`sum` adds numbers, and what is {where} is text, such as {as_code(repr(texts[0]))}."
            return Repair(f"{why} {as_code(number)} makes a number of each.", repair)
    return None


def _chains(cell: Cell) -> Iterator[list[ast.expr]]:
    """What is added, in the order in which it stands: of ``a + b + c`` all three."""
    inner = set()
    for node in cell.nodes:  # those outside come before those inside
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            yield [node.target, node.value]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and id(node) not in inner:
            chain: list[ast.expr] = []
            left: ast.expr = node
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
                inner.add(id(left))
                chain.append(left.right)
                left = left.left
            yield [left, *reversed(chain)]


def _at(nodes: Sequence[ast.expr], line: int) -> bool:
    return nodes[0].lineno <= line <= (nodes[-1].end_lineno or 0)


def _is_text(node: ast.expr, failure: Failure) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("str", "input", "repr")
    return isinstance(node, ast.JoinedStr) or _kind(node, failure) == "str"


def _kind(node: ast.expr, failure: Failure) -> str:
    """The class of a name or a literal, as far as it is told; empty if it is not, or for all else."""
    if isinstance(node, ast.UnaryOp):
        return _kind(node.operand, failure) if isinstance(node.operand, ast.Constant) else ""
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    match = _KIND.match(failure.listed.get(node.id, "")) if isinstance(node, ast.Name) else None
    return match[0].rpartition(".")[2] if match else ""


def _texts_in(node: ast.expr, failure: Failure) -> list[str]:
    """The texts in a list, as far as they are told; none if it has anything else."""
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [each.value for each in node.elts if isinstance(each, ast.Constant)]
        texts = [each for each in values if isinstance(each, str)]
        return texts if len(texts) == len(node.elts) else []
    shown = failure.listed.get(node.id, "") if isinstance(node, ast.Name) else ""
    return _SHOWN_TEXT.findall(shown.partition(" = ")[2])


def _number_type(texts: Sequence[str]) -> str:
    """What makes numbers of texts; empty if not all are numbers."""
    if texts and all(map(_WHOLE.fullmatch, texts)):
        return "int"
    return "float" if texts and all(map(_NUMBER.fullmatch, texts)) else ""


def _wrapped(nodes: Sequence[ast.expr], function: str, cell: Cell) -> str:
    """The cell with calls around some of what it has; empty if that cannot be done in a line."""
    opening = function if "(" in function else f"{function}("
    closing = ")" * opening.count("(")
    edits = [cell.written(node) for node in nodes]
    if not all(edits):
        return ""
    return cell.changed(
        Edit(edit.line, edit.start, edit.end, f"{opening}{edit.text}{closing}") for edit in edits if edit is not None
    )
