"""Code and what it raised, as a model can read it: functions as their source, modules as their help, tracebacks."""

from __future__ import annotations

import inspect
import traceback
import types
from collections.abc import Iterator

from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_middle
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.fence import fenced

__all__ = ["is_source", "module", "raised", "source"]

_OURS = ("byom_magics", "IPython")
_MOST_NAMES = 80
_SUMMARY = 2_000


def is_source(value: object) -> bool:
    """Whether this is a function, a method or a class."""
    return inspect.isroutine(value) or inspect.isclass(value)


def source(value: object, limit: int) -> Rendered:
    """A function or class as its source; as its signature and docstring where there is none."""
    kind = "class" if inspect.isclass(value) else "function"
    try:
        text = inspect.getsource(inspect.unwrap(value))  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        text = _outline(value)
    shown, missing = cut_middle(inspect.cleandoc(f"\n{text}") if text[:1].isspace() else text.rstrip("\n"), limit)
    note = f"{missing:,} characters of its source left out" if missing else ""
    return Rendered(kind, (Text(fenced(shown, "python")),), note=note, cut=bool(missing), block=True)


def module(value: types.ModuleType, limit: int) -> Rendered:
    """A module as its help: what it says of itself, and its public names."""
    name = value.__name__
    public = getattr(value, "__all__", None)
    names = [str(each) for each in public] if isinstance(public, (list, tuple)) else [
        each for each in vars(value) if each[:1] != "_" and not inspect.ismodule(vars(value)[each])
    ]  # fmt: skip
    lines = [f"Module {name}", "", (inspect.getdoc(value) or "")[:_SUMMARY], ""]
    lines += [_line(each, getattr(value, each, None)) for each in sorted(names)[:_MOST_NAMES]]
    left = len(names) - _MOST_NAMES
    note = f"{_MOST_NAMES} of {len(names):,} names" if left > 0 else ""
    shown, missing = cut_middle("\n".join(lines), limit)
    return Rendered("module", (Text(fenced(shown)),), note=note, cut=bool(note or missing), block=True)


def raised(problem: BaseException, limit: int) -> Rendered:
    """An exception as its traceback, chained ones included, without the frames of the notebook's own machinery."""
    told = traceback.TracebackException.from_exception(problem, capture_locals=False)
    for each in _chain(told):
        each.stack[:] = [frame for frame in each.stack if not _is_machinery(frame.filename)]
    shown, missing = cut_middle("".join(told.format()).rstrip("\n"), limit)
    note = f"{missing:,} characters of the traceback left out" if missing else ""
    return Rendered(type(problem).__name__, (Text(fenced(shown)),), note=note, cut=bool(missing), block=True)


def _chain(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    todo, seen = [told], 0
    while todo and seen < 100:
        each = todo.pop()
        seen += 1
        yield each
        todo += [other for other in (each.__cause__, each.__context__) if other is not None]


def _is_machinery(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    return "site-packages" in parts and any(part in parts for part in _OURS)


def _outline(value: object) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", repr(value))
    try:
        signature = str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        signature = "(…)"
    doc = inspect.getdoc(value) or ""
    return f"{name}{signature}" + (f'\n    """{doc}"""' if doc else "")


def _line(name: str, value: object) -> str:
    doc = (inspect.getdoc(value) or "").strip().split("\n")[0] if is_source(value) else type(value).__name__
    try:
        signature = str(inspect.signature(value)) if is_source(value) else ""  # type: ignore[arg-type]
    except (TypeError, ValueError):
        signature = "(…)"
    return f"{name}{signature}: {doc}"[:200]
