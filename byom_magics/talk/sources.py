"""Functions, classes and modules as their source, or what they say of themselves; exceptions as their tracebacks."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

from byom_magics.catalog.secrets import mask
from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.fence import fenced
from byom_magics.talk.lineage import kind_of
from byom_magics.talk.passwords import hide_passwords
from byom_magics.talk.trace import traced

__all__ = ["has_source", "raised", "source"]

_FUNCTIONS = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
)
_DOC = 4_000
_WHOLE_TRACEBACK = 6_000  # what is longer has lost its middle already

# How IPython names the code of a cell: with a hash, or as a file that no person has made.
_CELL = re.compile(r"<ipython-input-(\d+)-[^>]*>|.*[/\\]ipykernel_\d+[/\\]\d+\.py")


def has_source(value: object) -> bool:
    """Whether this is a function, a method, a class or a module."""
    kind = type(value)
    return issubclass(kind, (*_FUNCTIONS, type)) or issubclass(kind, types.ModuleType)


def source(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - a function, class or module
    """
    The source where there is one, else the signature and the docstring; of a module its documentation.

    Args:
        value: One that `has_source`.
        limit: How many characters may be sent. A class that is longer is told by its methods.
    """
    if issubclass(type(value), types.ModuleType):
        return _help("module", _of_module(value), limit)
    kind = "class" if issubclass(type(value), type) else "function"
    text = _source(value)
    if text is None:
        return _help(kind, _of_callable(value, ""), limit)
    if len(text) <= limit:
        return Rendered(kind, (Text(fenced(text, "python")),), block=True)
    if kind == "class":
        told = _help(kind, _of_class(value), limit)
        return Rendered(told.kind, told.parts, f"its source left out: {len(text):,} characters", True, True)
    text, missing = cut_end(text, limit)
    note = f"{missing:,} characters left out"
    return Rendered(kind, (Text(fenced(text, "python")),), note, cut=True, block=True)


def raised(error: BaseException) -> Rendered:
    """
    An exception as its traceback, with those that led to it; keys and passwords are hidden in it.

    Args:
        error: Any exception, raised or not.
    """
    text = traced(error, _cell).text
    return Rendered(
        kind_of(error),
        (Text(fenced(hide_passwords(mask(text)))),),
        note="the middle of the traceback left out" if len(text) > _WHOLE_TRACEBACK else "",
        cut=len(text) > _WHOLE_TRACEBACK,
        block=True,
    )


def _cell(file: str) -> str | None:
    known = _CELL.fullmatch(file)
    if known is None:
        return None
    return f"Cell In[{known[1]}]" if known[1] else "Cell"


def _help(kind: str, lines: Iterator[str], limit: int) -> Rendered:
    pieces: list[str] = []
    length = more = 0
    for line in lines:
        if length <= limit:
            pieces.append(line)
            length += len(line) + 1
        else:
            more += 1
    text, missing = cut_end("\n".join(pieces), limit)
    if more:
        text += f"\n… ({more:,} more entries were left out)"
    note = f"{more:,} entries left out" if more else f"{missing:,} characters left out" if missing else ""
    return Rendered(kind, (Text(fenced(text)),), note, cut=bool(note), block=True)


def _source(value: Any) -> str | None:  # noqa: ANN401 - a function or class
    try:
        return textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError, IndentationError, SyntaxError):
        return _source_in_cell(value) if isinstance(value, type) else None


def _source_in_cell(value: type) -> str | None:
    """
    The source of a class of a cell, found by its methods.

    Python looks for it in the file of its module, and a cell has none.
    """
    for member in vars(value).values():
        code = getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None)
        if code is None:
            continue
        lines = linecache.getlines(code.co_filename)
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == value.__name__:
                first, last = _lines_of(node)
                if first <= code.co_firstlineno <= last:
                    return textwrap.dedent("".join(lines[first - 1 : last]))
    return _source_by_name(value)


def _source_by_name(value: type) -> str | None:
    """The source of a class without methods: the last one of its name in a cell that has the same attributes."""
    says = set(vars(value)) - set(vars(type("", (), {}))) or value.__bases__ != (object,)
    if value.__module__ != "__main__" or value.__qualname__ != value.__name__ or not says:
        return None  # what has no attributes is told by its docstring
    has = {*vars(value), *vars(value).get("__annotations__", ())}
    for file in reversed([name for name in tuple(linecache.cache) if _CELL.fullmatch(name)]):
        lines = linecache.getlines(file)
        if not any(value.__name__ in line for line in lines):
            continue
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in reversed(tree.body):
            if isinstance(node, ast.ClassDef) and node.name == value.__name__ and _sets(node) <= has:
                first, last = _lines_of(node)
                return "".join(lines[first - 1 : last])
    return None


def _lines_of(node: ast.ClassDef) -> tuple[int, int]:
    """From the first line, that of decorators, to the last one."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.end_lineno or node.lineno


def _sets(node: ast.ClassDef) -> set[str]:
    """The names that the body of a class sets."""
    found: set[str] = set()
    for each in node.body:
        targets = (
            each.targets if isinstance(each, ast.Assign) else [each.target] if isinstance(each, ast.AnnAssign) else []
        )
        found.update(target.id for target in targets if isinstance(target, ast.Name))
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(each.name)
    return found


def _of_callable(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - a function or class
    yield f"{indent}{_signature(value, getattr(value, '__name__', kind_of(value)))}"
    doc = _doc(value)
    if doc:
        yield textwrap.indent(doc, f"{indent}    ")


def _of_class(value: type) -> Iterator[str]:
    yield f"class {_signature(value, value.__name__)}"
    yield textwrap.indent(_doc(value), "    ")
    for name, member in vars(value).items():
        if not name.startswith("_"):
            yield f"    {_entry(name, getattr(member, '__func__', member))}"


def _of_module(value: types.ModuleType) -> Iterator[str]:
    # What a module makes of names that are asked for may be an import of its own: only what is there is looked at.
    members = vars(value)
    yield f"Module {members.get('__name__', '')}"
    yield f"{_doc(value)}\n"
    listed = members.get("__all__")
    if isinstance(listed, (list, tuple)):
        names = [str(name) for name in listed]
    else:
        names = [name for name, member in members.items() if _is_public(name, member, str(members.get("__name__")))]
    for name in names:
        yield _entry(name, members[name]) if name in members else name


def _is_public(name: str, member: object, module: str) -> bool:
    if name.startswith("_") or isinstance(member, types.ModuleType):
        return False
    home = getattr(member, "__module__", None) if has_source(member) else module
    return not isinstance(home, str) or home.partition(".")[0] == module.partition(".")[0]


def _entry(name: str, member: Any) -> str:  # noqa: ANN401 - whatever stands there
    if isinstance(member, property):
        member = member.fget
        words = name
    elif not has_source(member) or isinstance(member, types.ModuleType):
        return f"{name}: {kind_of(member)}"
    else:
        words = f"{'class ' if isinstance(member, type) else ''}{_signature(member, name)}"
    first = _doc(member).strip().partition("\n")[0]
    return f"{words}  # {first}" if first else words


def _signature(value: Callable[..., Any], name: str) -> str:
    try:
        return f"{name}{inspect.signature(value)}"
    except Exception:  # noqa: BLE001 - defaults of a person's own are written by their own repr
        return f"{name}(…)"


def _doc(value: object) -> str:
    try:
        doc = inspect.getdoc(value)
    except Exception:  # noqa: BLE001 - it may be a property of anybody's
        return ""
    return cut_end(doc, _DOC)[0] if isinstance(doc, str) else ""
