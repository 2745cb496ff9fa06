"""A value at a glance: its kind, its size, its columns, and a little of it; never its secrets, never a long look."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

__all__ = ["glance", "kind_of", "module_version", "sounds_secret"]

# Their own code is not run, except for what these types have.
_PLAIN = (float, complex, bool, type(None), range, slice)
_PLAIN_MODULES = ("datetime", "decimal", "fractions", "uuid", "pathlib", "zoneinfo")
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("{", "}")}
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset)
_SECRET = re.compile(r"key|token|secret|passw|pwd|credential|auth(?!or)", re.IGNORECASE)

_ITEMS = 6
_DEPTH = 2
_LETTERS = 80
_COLUMNS = 30
_ATTRIBUTES = 15
_LONGEST = 600
_BIG = 256  # bits of a number that is not written out


def glance(value: object) -> str:
    """
    Describe a value in a line.

    Built-in values are shown in short. Of others only kind, shape, columns and types of their parts are told: what
    they print may be long, costly, or nobody's business. Nothing is raised, whatever the value does.

    Args:
        value: Any value.
    """
    return _quiet(lambda: _told(value), type(value))[:_LONGEST]


def _told(value: object) -> str:
    if isinstance(value, types.ModuleType):
        version = module_version(value)
        return f"module {value.__name__}{f' {version}' if version else ''}"
    if inspect.isclass(value):
        return f"class {kind_of(value)}"
    if inspect.isroutine(value) or (callable(value) and type(value).__module__ == "numpy"):
        return f"function {_name(value)}{_signature(value)}"
    short = _short(value, _DEPTH)
    shown = "" if short == f"<{kind_of(type(value))}>" else f" = {short}"
    return f"{', '.join((kind_of(type(value)), *_facts(value)))}{shown}"


def kind_of(kind: type) -> str:
    """The name of a type, with the package that it is from."""
    package = str(getattr(kind, "__module__", "")).partition(".")[0]
    name = str(getattr(kind, "__qualname__", kind.__name__))[:_LETTERS]
    return name if package in ("", "builtins", "__main__") else f"{package}.{name}"


def sounds_secret(name: str) -> bool:
    """Whether what has this name is likely a key or a password."""
    return _SECRET.search(name) is not None


def module_version(module: object) -> str:
    """The version of a module; empty if it tells none."""
    version = _read(module, "__version__")
    return version[:40] if isinstance(version, str) else ""


def _facts(value: object) -> Iterator[str]:
    if isinstance(value, _SIZED):
        yield f"len {_length(value):,}"
    shape = _read(value, "shape")
    if isinstance(shape, tuple):
        yield f"shape ({', '.join(str(each) if type(each) is int else '?' for each in shape[:10])})"
        yield from _array_facts(value)
    elif _is_own(type(value)):
        yield from _attributes(value)


def _array_facts(value: object) -> Iterator[str]:
    columns, dtypes, dtype = (_read(value, name) for name in ("columns", "dtypes", "dtype"))
    index, device, name = (_read(value, name) for name in ("index", "device", "name"))
    if columns is not None and not callable(columns):
        yield f"columns {_columns(columns, dtypes)}"
    elif dtype is not None:
        yield str(dtype)[:_LETTERS]
    if isinstance(name, str) and name:
        yield f"name {name[:_LETTERS]!r}"
    if index is not None and not callable(index):
        yield f"index {kind_of(type(index))}"
    if device is not None and str(device) != "cpu":
        yield f"on {str(device)[:40]}"


def _columns(columns: Any, dtypes: Any) -> str:  # noqa: ANN401 - whatever a table gives
    try:
        names = [str(each)[:_LETTERS] for each in islice(iter(columns), _COLUMNS)]
        kinds = [str(each)[:40] for each in islice(iter(dtypes), _COLUMNS)] if dtypes is not None else []
        more = len(columns) - len(names)
    except Exception:  # noqa: BLE001 - a value may answer in its own way
        return "unknown"
    if len(kinds) == len(names):
        names = [f"{name} ({kind})" for name, kind in zip(names, kinds, strict=True)]
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def _attributes(value: object) -> Iterator[str]:
    """The parts of an object of a class of the notebook's own, or of a dataclass."""
    try:
        names = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
        held = vars(value) if not names else {name: _read(value, name) for name in names}
        shown = [f"{name}: {_part(name, each)}" for name, each in islice(held.items(), _ATTRIBUTES)]
    except Exception:  # noqa: BLE001 - the same
        return
    if shown:
        more = len(held) - len(shown)
        yield f"with {', '.join(shown)}{f' and {more:,} more' if more > 0 else ''}"


def _part(name: object, value: object, depth: int = 0) -> str:
    """A part of a value by its name: of a key or a password only the kind."""
    if isinstance(name, str) and sounds_secret(name):
        return f"<{kind_of(type(value))}>"
    return _short(value, depth)


def _short(value: object, depth: int) -> str:
    """A little of a built-in value; of others the kind in angle brackets."""
    kind = type(value)
    if kind.__module__ == "numpy" and _read(value, "shape") == ():
        return _quiet(lambda: _short(value.item(), 0), kind)  # type: ignore[attr-defined]
    if kind is str or kind is bytes:
        text: Any = value
        return repr(text[:_LETTERS]) + ("…" if len(text) > _LETTERS else "")
    if kind is int:
        number: Any = value
        return repr(number) if number.bit_length() <= _BIG else f"<int of {number.bit_length():,} bits>"
    if kind in _PLAIN or kind.__module__ in _PLAIN_MODULES:
        return _quiet(lambda: repr(value)[:_LETTERS], kind)
    if kind is dict or kind in _BRACKETS:
        return _quiet(lambda: _container(value, depth), kind)
    return f"<{kind_of(kind)}>"


def _container(value: Any, depth: int) -> str:  # noqa: ANN401 - a dict, list, tuple or set
    opening, closing = _BRACKETS.get(type(value), ("{", "}"))
    if not value:
        return repr(value)
    if depth <= 0:
        return f"{opening}…{closing}"
    if isinstance(value, dict):
        items = [f"{_short(name, 0)}: {_part(name, each, depth - 1)}" for name, each in islice(value.items(), _ITEMS)]
    else:
        items = [_short(each, depth - 1) for each in islice(value, _ITEMS)]
    if len(value) > _ITEMS:
        items.append("…")
    return f"{opening}{', '.join(items)}{',' if isinstance(value, tuple) and len(value) == 1 else ''}{closing}"


def _quiet(shown: Callable[[], str], kind: type) -> str:
    try:
        return shown()
    except Exception:  # noqa: BLE001 - a list may change meanwhile, a subclass may lie
        return f"<{kind_of(kind)}>"


def _length(value: Any) -> int:  # noqa: ANN401 - something sized
    kind = next(each for each in _SIZED if isinstance(value, each))
    return int(kind.__len__(value))  # not a subclass's own


def _is_own(kind: type) -> bool:
    return kind.__module__ == "__main__" or dataclasses.is_dataclass(kind)


def _name(value: object) -> str:
    package = str(_read(value, "__module__") or "").partition(".")[0]
    name = str(_read(value, "__qualname__") or _read(value, "__name__") or "?")[:_LETTERS]
    return name if package in ("", "builtins", "__main__") else f"{package}.{name}"


def _signature(value: Any) -> str:  # noqa: ANN401 - something callable
    try:
        parameters: Iterable[inspect.Parameter] = inspect.signature(value).parameters.values()
        return f"({', '.join(_parameter(each) for each in islice(parameters, 30))})"
    except Exception:  # noqa: BLE001 - many have none
        return "(…)"


def _parameter(parameter: inspect.Parameter) -> str:
    """A parameter without its default, which is any value, and its annotation."""
    bare = parameter.replace(default=inspect.Parameter.empty, annotation=inspect.Parameter.empty)
    return f"{bare}{'' if parameter.default is inspect.Parameter.empty else '=…'}"


def _read(value: object, name: str) -> Any:  # noqa: ANN401 - whatever it has
    """An attribute; None if there is none, or reading it fails."""
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - properties may do anything
        return None
