"""What a cell needs of the notebook: the names that it uses, each described, with the source of own functions."""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import linecache
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byom_magics.talk.glance import glance, kind_of, module_version, sounds_secret

__all__ = ["Named", "Needed", "names_needed", "names_used", "versions_of"]

_READ = 200_000  # characters of a cell that are looked at
_MOST_NAMES = 40
_SOURCE = 4_000  # characters of one source
_SOURCES = 16_000  # of all

_PYTHON_CELLS = {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "debug"}
_MAGIC_LINE = re.compile(r"^([ \t]*)[%!?](?:(\w+)[ \t]+)?(.*)$", re.MULTILINE)
_EXPRESSION = re.compile(r"\{\{([^{}]{1,300})\}\}")
_NO_NAME = re.compile(r"#[^\n]*|(['\"])(?:\\.|(?!\1)[^\\\n])*\1?")
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")


@dataclass(frozen=True)
class Named:
    """
    A name that a cell uses.

    Attributes:
        name: As it is written.
        what: What it stands for, in a line.
        source: The source of a function or class that the notebook defines; empty for all else.
    """

    name: str
    what: str
    source: str = ""


@dataclass(frozen=True)
class Needed:
    """
    What a cell needs of the notebook.

    Attributes:
        names: Those that it uses and the notebook has, in order.
        left_out: How many more there are.
    """

    names: tuple[Named, ...] = ()
    left_out: int = 0


def names_used(source: str) -> tuple[str, ...]:
    """
    The names that a cell uses, built-in ones left out, in the order of their first use.

    What is no Python is read word by word. Of the text below a magic that is no Python, such as a prompt, only what
    stands in double braces counts.

    Args:
        source: The cell as typed, magics included; it may be broken.
    """
    found = dict.fromkeys(_all_names(source[:_READ]))
    return tuple(name for name in found if not hasattr(builtins, name) and not _is_keyword(name))


def names_needed(
    names: Iterable[str],
    namespace: Mapping[str, Any],
    source_of: Callable[[Any], str] | None = None,
) -> Needed:
    """
    Describe names by what they stand for.

    Functions and classes of the notebook are given with their source, and so are those that they use in turn, up to a
    bound. Of what sounds like a key or a password, by its name, only the kind is told.

    Args:
        names: Which ones; those that the namespace lacks are left out.
        namespace: What each stands for.
        source_of: Gives the source of a function or class of the notebook; empty if it has none there.
    """
    source_of = source_of or own_source
    waiting = [name for name in dict.fromkeys(names) if name in namespace]
    known = set(waiting)
    found: list[Named] = []
    room = _SOURCES
    while waiting and len(found) < _MOST_NAMES:
        name = waiting.pop(0)
        value = namespace[name]
        what, source = _what(name, value), source_of(value)
        if source:
            if len(source) > min(_SOURCE, room):
                what, source = f"{what}; its {len(source):,} characters of source are left out", ""
            room -= len(source)
            further = [each for each in _names_inside(value) if each in namespace and each not in known]
            known.update(further)
            waiting += further
        found.append(Named(name, what, source))
    return Needed(tuple(found), len(waiting))


def versions_of(modules: Iterable[str], loaded: Mapping[str, Any]) -> dict[str, str]:
    """
    The versions of packages, where they tell one.

    Args:
        modules: Names of modules, such as ``pandas.core.frame``.
        loaded: All modules that are loaded.
    """
    packages = dict.fromkeys(name.partition(".")[0] for name in modules)
    told = {name: module_version(loaded.get(name)) for name in packages if name != "__main__"}
    return {name: version for name, version in told.items() if version}


def own_source(value: object) -> str:
    """The source of a function or class of the notebook; empty for all else."""
    try:
        if getattr(value, "__module__", None) != "__main__":
            return ""
        if inspect.isclass(value):
            return _class_source(value)
        return inspect.getsource(value).rstrip("\n") if isinstance(value, types.FunctionType) else ""
    except Exception:  # noqa: BLE001 - many values have no source, and say so in many ways
        return ""


def _what(name: str, value: object) -> str:
    code = inspect.isroutine(value) or inspect.isclass(value) or isinstance(value, types.ModuleType)
    return glance(value) if code or not sounds_secret(name) else kind_of(type(value))


def _all_names(source: str) -> Iterator[str]:
    if not source.lstrip().startswith("%%"):
        yield from _names_of_code(source)
        return
    head, _, body = source.lstrip().partition("\n")
    yield from _names_of_words(head.partition(" ")[2])
    if re.split(r"\s", head[2:], maxsplit=1)[0] in _PYTHON_CELLS:
        yield from _names_of_code(body)
        return
    for expression in _EXPRESSION.findall(body):
        yield from _names_of_code(expression.strip())


def _names_of_code(code: str) -> Iterator[str]:
    bare = _MAGIC_LINE.sub(r"\1pass", code)
    try:
        tree = ast.parse(bare)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _names_of_words(code)
        return
    # In the order in which they stand; walking goes level by level.
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    for node in sorted(names, key=lambda node: (node.lineno, node.col_offset)):
        yield node.id
    for _, magic, words in _MAGIC_LINE.findall(code):
        if magic in _PYTHON_CELLS:
            yield from _names_of_words(words)


def _names_of_words(text: str) -> Iterator[str]:
    yield from _NAME.findall(_NO_NAME.sub(" ", text))


def _names_inside(value: Any) -> Iterator[str]:  # noqa: ANN401 - a function or class
    """The global names that a function uses, or that the methods of a class do."""
    functions = vars(value).values() if inspect.isclass(value) else [inspect.unwrap(value)]
    codes = [each.__code__ for each in functions if isinstance(each, types.FunctionType)]
    while codes:
        code = codes.pop(0)
        yield from code.co_names
        codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]


def _class_source(kind: type) -> str:
    """A class of a cell: its file is found by one of its functions, since the notebook itself is no file."""
    for function in vars(kind).values():
        code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
        lines = linecache.getlines(code.co_filename) if code is not None else []
        if lines:
            text = "".join(lines)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
                    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                    return "".join(lines[first - 1 : node.end_lineno]).rstrip("\n")
    return ""


def _is_keyword(name: str) -> bool:
    return keyword.iskeyword(name) or name in ("self", "cls")
