"""Repairs of names: those that are misspelled, and those that nobody has imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from byom_magics.demo.cell import Cell, Edit
from byom_magics.demo.failure import Failure, Repair
from byom_magics.demo.inline import as_code
from byom_magics.demo.library import (
    ALIASES,
    attributes,
    built_in,
    home,
    is_meant,
    is_module,
    members,
    modules,
    value,
)
from byom_magics.demo.spelling import near

__all__ = ["attribute", "imported_name", "missing_module", "missing_name"]

_UNKNOWN = re.compile(r"name '(?P<name>[^\W\d]\w*)' is not defined")
_NO_ATTRIBUTE = re.compile(
    r"(?:(?P<module>module) '(?P<owner>[\w.]+)'|(?:type object )?'(?P<kind>[\w.]+)'(?: object)?)"
    r" has no attribute '(?P<name>\w+)'"
)
_NO_NAME = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")
_NO_MODULE = re.compile(r"No module named '(?P<name>\w+)(?:\.[\w.]*)?'")
_HINT = re.compile(r"Did you mean: '(?:self\.)?(?P<name>\w+)'\?")
_FORGOTTEN = re.compile(r"did you forget to import '(?P<module>\w+)'", re.IGNORECASE)
_ALIKE = re.compile(r"^Names of the notebook that look like the missing one: (?P<names>[^\n]+)\.$", re.MULTILINE)
_TOLD_PART = re.compile(r"(?:\.|\bdef +|\bwith |, (?!with ))([^\W\d]\w*)")
_COLUMN = re.compile(r"(?:columns|,) ([^\W\d]\w*)(?: \()")

_CONSTANTS = ("True", "False", "None")  # keywords, so that no list of names has them

# What other languages, or other types, call it.
_ELSEWHERE = {
    ("list", "push"): "append", ("list", "add"): "append", ("list", "push_back"): "append",
    ("set", "append"): "add", ("set", "push"): "add", ("dict", "append"): "update",
    ("str", "trim"): "strip", ("str", "toUpperCase"): "upper", ("str", "toLowerCase"): "lower",
    ("str", "indexOf"): "find", ("str", "startsWith"): "startswith", ("str", "endsWith"): "endswith",
}  # fmt: skip


def missing_name(failure: Failure, cell: Cell) -> Repair | None:
    """``NameError``: what was not imported is imported, what is misspelled becomes what it looks like."""
    said = _UNKNOWN.search(failure.message)
    if said is None or not failure.here:
        return None
    name = said["name"]
    if not any(cell.named(name)):
        return None
    forgotten = _FORGOTTEN.search(failure.message)
    statement = _import_of(name, cell, told=forgotten is not None and forgotten["module"] == name)
    if statement:
        return _with_import(name, statement, cell)
    own = list(_own(failure, cell))
    if name in own:
        return None  # the cell makes it, but elsewhere or later
    hint = _HINT.search(failure.message)
    called = _is_called(cell, name)
    if hint and is_meant(hint["name"], called=called):
        return _renamed(name, [hint["name"]], "Python itself suggests it", cell)
    if near(name, own):
        return _renamed(name, near(name, own), "is a name of yours", cell)
    module = home(name)
    if module and (called or _needs_no_call(module, name)):
        return _with_import(name, f"from {module} import {name}", cell)
    known = ["None"] if name == "null" else near(name, [*_CONSTANTS, *built_in(called=called)])
    return _renamed(name, known, "is built into Python", cell) if known else None


def missing_module(failure: Failure, cell: Cell) -> Repair | None:
    """``ModuleNotFoundError``: a module that is spelled much like one of the standard library."""
    said = _NO_MODULE.match(failure.message)
    if said is None or not failure.here:
        return None
    name = said["name"]
    known = near(name, modules()) if not is_module(name) else []
    if not known:
        return None
    edits: list[Edit] = []
    kept = False  # whether the cell goes on to use the wrong name
    for node in cell.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == name and (edit := _beginning(cell, alias, name)):
                    edits.append(Edit(edit.line, edit.start, edit.end, known[0]))
                    kept = kept or alias.asname is None
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] == name:
            edits += _after_from(cell, node, name, known[0])
    if kept:
        edits += [Edit(each.line, each.start, each.end, known[0]) for each in cell.named(name)]
    if not edits:
        return None
    standard = is_module(known[0])
    of = "of the standard library" if standard else "that many notebooks import, if it is installed"
    why = f"There is no module {as_code(name)}. {as_code(known[0])} is one {of}, and is spelled much like it."
    return Repair(why, cell.changed(edits))


def imported_name(failure: Failure, cell: Cell) -> Repair | None:
    """``ImportError``: a name that a module does not have."""
    said = _NO_NAME.match(failure.message)
    if said is None or not failure.here:
        return None
    name, module = said["name"], said["module"]
    hint = _HINT.search(failure.message)
    known = [hint["name"]] if hint else near(name, members(module), sure=True)
    if not known:
        return None
    edits = []
    kept = False
    for node in cell.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == module:
            for alias in node.names:
                if alias.name == name and (edit := _beginning(cell, alias, name)):
                    edits.append(Edit(edit.line, edit.start, edit.end, known[0]))
                    kept = kept or alias.asname is None
    if not edits:
        return None
    if kept:
        edits += [Edit(each.line, each.start, each.end, known[0]) for each in cell.named(name)]
    why = f"The module {as_code(module)} has no {as_code(name)}; it has {as_code(known[0])}."
    return Repair(why, cell.changed(edits))


def attribute(failure: Failure, cell: Cell) -> Repair | None:
    """``AttributeError``: an attribute that is spelled much like one that there is."""
    said = _NO_ATTRIBUTE.search(failure.message)
    if said is None or said["kind"] == "NoneType":
        return None  # of None nothing is meant: what should have been there is missing
    name, owner = said["name"], said["owner"] or said["kind"]
    hint = _HINT.search(failure.message)
    why = f"{as_code(owner)} has no {as_code(name)}"
    if hint:
        known, reason = [hint["name"]], "Python itself suggests"
    elif (owner, name) in _ELSEWHERE:
        known, reason = [_ELSEWHERE[owner, name]], "what does this is called"
    else:
        has = members(owner) if said["module"] else attributes(owner.rpartition(".")[2])
        known, reason = near(name, has or _told_parts(failure, cell), sure=bool(has)), "there is"
    if not known:
        return None
    all_edits = [
        Edit(node.end_lineno, end - len(name), end, known[0])
        for node in cell.nodes
        if isinstance(node, ast.Attribute) and node.attr == name and node.end_lineno
        for end in _end(cell, node, name)
    ]
    edits = [edit for edit in all_edits if edit.line in failure.lines] or (all_edits if failure.here else [])
    return Repair(f"{why}; {reason} {as_code(known[0])}.", cell.changed(edits)) if edits else None


def _import_of(name: str, cell: Cell, *, told: bool) -> str:
    """The import that a name lacks; empty if it is not the name of a module."""
    if name in ALIASES:
        return f"import {ALIASES[name]} as {name}"
    if not is_module(name):
        return ""
    used = {
        node.attr
        for node in cell.nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    own = value(name, name)
    if own is not None and (_is_called(cell, name) or (used and all(hasattr(own, each) for each in used))):
        return f"from {name} import {name}"
    return f"import {name}" if used or told else ""


def _with_import(name: str, statement: str, cell: Cell) -> Repair:
    why = f"Nothing here is called {as_code(name)} when that line runs. It has to be imported first: "
    installed = " (if the package is installed)" if name in ALIASES else ""
    return Repair(f"{why}{as_code(statement)}{installed}.", cell.with_import(statement))


def _renamed(name: str, known: list[str], reason: str, cell: Cell) -> Repair:
    nothing = f"Nothing here is called {as_code(name)} when that line runs."
    why = f"{nothing} {as_code(known[0])} is spelled much like it, and {reason}."
    if len(known) > 1:
        why += f" Or was {as_code(known[1])} meant?"
    return Repair(why, cell.changed(Edit(each.line, each.start, each.end, known[0]) for each in cell.named(name)))


def _own(failure: Failure, cell: Cell) -> Iterator[str]:
    """The names of the notebook that are told, and those that the cell itself makes."""
    alike = _ALIKE.search(failure.beside)
    if alike:
        yield from alike["names"].split(", ")
    for node in cell.nodes:
        if isinstance(node, ast.Name) and not cell.is_read(node):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
    yield from failure.listed


def _is_called(cell: Cell, name: str) -> bool:
    """Whether a name is called anywhere, as a decorator too."""
    called: list[ast.expr] = []
    for node in cell.nodes:
        if isinstance(node, ast.Call):
            called.append(node.func)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            called += node.decorator_list
    return any(isinstance(each, ast.Name) and each.id == name for each in called)


def _needs_no_call(module: str, name: str) -> bool:
    found = value(module, name)
    return isinstance(found, type) or module == "typing" or (module == "math" and not callable(found))


def _beginning(cell: Cell, alias: ast.alias, name: str) -> Edit | None:
    edit = cell.written(alias)
    if edit is None or not edit.text.startswith(name):
        return None
    return Edit(edit.line, edit.start, edit.start + len(name), name)


def _after_from(cell: Cell, node: ast.ImportFrom, name: str, meant: str) -> Iterator[Edit]:
    line = cell.lines[node.lineno - 1]
    match = re.search(rf"\bfrom\s+({re.escape(name)})\b", line)
    if match:
        yield Edit(node.lineno, match.start(1), match.end(1), meant)


def _told_parts(failure: Failure, cell: Cell) -> list[str]:
    """What the code and the variables that are told have as attributes."""
    text = f"{cell.text}\n{failure.beside}"
    return [*_TOLD_PART.findall(text), *_COLUMN.findall(text)]


def _end(cell: Cell, node: ast.Attribute, name: str) -> Iterator[int]:
    """Where the name of an attribute ends, if it is where it should be."""
    line = cell.lines[(node.end_lineno or 1) - 1].encode(errors="replace")
    end = len(line[: node.end_col_offset].decode(errors="replace"))
    if cell.lines[(node.end_lineno or 1) - 1][:end].endswith(name):
        yield end
