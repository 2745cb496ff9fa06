"""
What a value is, by its type alone.

An instance may answer to every name that it is asked for, or fail at each; its type's own tables tell the truth.
"""

from __future__ import annotations

from typing import Any

__all__ = ["defines", "kind_of", "lineage", "method"]

# The slots of `type` itself: a metaclass may hide what it likes behind attributes of the same names.
_MRO = type.__dict__["__mro__"].__get__
_NAMESPACE = type.__dict__["__dict__"].__get__
_NAME = type.__dict__["__name__"].__get__
_MODULE = type.__dict__["__module__"].__get__


def lineage(value: object) -> frozenset[str]:
    """The value's types with their packages, such as ``pandas.DataFrame``; modules inside a package do not matter."""
    return frozenset(_qualified(each) for each in _MRO(type(value)))


def kind_of(value: object) -> str:
    """The name of the value's type."""
    return str(_NAME(type(value)))


def defines(value: object, name: str) -> bool:
    """Whether one of the value's types, `object` aside, defines this and does not take it back with None."""
    for each in _MRO(type(value)):
        if each is not object and name in _NAMESPACE(each):
            return _NAMESPACE(each)[name] is not None
    return False


def method(value: Any, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """The value's own method of that name, or None where its types define none."""
    return getattr(value, name, None) if defines(value, name) else None


def _qualified(each: type) -> str:
    module = _MODULE(each)
    return f"{module.partition('.')[0] if type(module) is str else ''}.{_NAME(each)}"
