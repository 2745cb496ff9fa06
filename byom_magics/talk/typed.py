"""A Python type as JSON Schema, and its values built from JSON: by msgspec, or by pydantic where it has to be."""

from __future__ import annotations

import collections.abc
import json
import types
import typing
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from byom_magics.talk import pydantic_types
from byom_magics.talk.described import Described, Misfit, Undescribable, words_of
from byom_magics.talk.json_check import checker
from byom_magics.talk.json_schema import closed, rooted

if TYPE_CHECKING:
    from byom_magics.talk.json_schema import Json

__all__ = ["described", "is_annotation"]

_REFERENCES = "#/$defs/{name}"
_ITERABLES = (
    collections.abc.Iterable,
    collections.abc.Iterator,
    collections.abc.Generator,
    collections.abc.Container,
    collections.abc.Reversible,
)
_UNIONS = (Union, types.UnionType)


def described(annotation: object) -> Described:
    """
    The JSON Schema of a type, and what builds its values.

    Args:
        annotation: A class, or whatever else may stand in an annotation.

    Raises:
        Undescribable: Neither msgspec nor, where the notebook has imported it, pydantic knows how.
    """
    if pydantic_types.is_needed(annotation):
        return pydantic_types.described(annotation)
    try:
        return _by_msgspec(annotation)
    except Undescribable as problem:
        if not pydantic_types.is_loaded():
            raise
        try:
            return pydantic_types.described(annotation)
        except Undescribable:
            raise problem from None


def is_annotation(given: object) -> bool:
    """Whether something is a type, or may stand for one in an annotation."""
    if isinstance(given, type) or given is Any or typing.get_origin(given) is not None:
        return True
    if pydantic_types.is_adapter(given):
        return True
    return hasattr(given, "__supertype__") or type(given).__name__ == "TypeAliasType"


# msgspec


def _by_msgspec(annotation: object) -> Described:
    import msgspec  # noqa: PLC0415 - loaded with the first schema

    try:
        plain, stand_ins = _plain(annotation)
        (root,), definitions = msgspec.json.schema_components(
            [plain], schema_hook=_schema_of_path, ref_template=_REFERENCES
        )
        decoder = msgspec.json.Decoder(plain, dec_hook=lambda kind, value: kind(value))
    except RecursionError:
        raise Undescribable("it refers to itself without end") from None
    except Exception as problem:  # noqa: BLE001 - msgspec evaluates annotations, which may raise anything
        raise Undescribable(_reason(problem)) from None
    schema: Json = json.loads(json.dumps({**root, "$defs": definitions} if definitions else root))
    schema = closed(rooted(schema))

    check = checker(schema)

    def build(value: object) -> Any:  # noqa: ANN401 - a value of the type
        try:
            return _restored(decoder.decode(json.dumps(check(value))), stand_ins)
        except Misfit:
            raise
        except Exception as problem:  # noqa: BLE001 - classes of the person's own may raise anything
            raise Misfit((_misfit(problem),)) from None

    return Described(schema, build)


def _schema_of_path(kind: type) -> Json:
    if issubclass(kind, PurePath):
        return {"type": "string", "format": "path"}
    raise NotImplementedError


def _plain(annotation: object) -> tuple[Any, dict[type, type]]:
    """
    The annotation in the words that msgspec has.

    A named tuple becomes a struct, so that the model reads and writes its fields' names; the second result
    tells which struct stands for which.
    """
    stand_ins: dict[type, type] = {}

    def plain(each: Any) -> Any:  # noqa: ANN401 - anything that may stand in an annotation
        if each is object:
            return Any
        if _is_kind(each, tuple) and hasattr(each, "_fields"):
            return _struct(each, plain, stand_ins)
        origin, arguments = typing.get_origin(each), typing.get_args(each)
        if origin in _ITERABLES:
            return list[plain(arguments[0])] if arguments else list  # type: ignore[misc]
        if each in _ITERABLES:
            return list
        if origin is None or origin is Literal or not arguments:
            return each
        if origin is Annotated:
            return Annotated[(plain(arguments[0]), *arguments[1:])]
        return _again(each, origin, tuple(plain(argument) for argument in arguments))

    return plain(annotation), stand_ins


def _again(annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """An annotation with other arguments."""
    if origin in _UNIONS:
        if str in arguments:
            # A path is written as a text: where a text will do, it stays one.
            arguments = tuple(each for each in arguments if not _is_kind(each, PurePath))
        return Union[arguments]
    if arguments == typing.get_args(annotation):
        return annotation
    return origin[arguments]


def _is_kind(annotation: object, kind: type) -> bool:
    # On Python 3.10, list[int] passes for a class.
    return isinstance(annotation, type) and typing.get_origin(annotation) is None and issubclass(annotation, kind)


def _struct(kind: Any, plain: Callable[[Any], Any], stand_ins: dict[type, type]) -> type:  # noqa: ANN401
    import msgspec  # noqa: PLC0415 - loaded with the first schema

    known = next((struct for struct, each in stand_ins.items() if each is kind), None)
    if known is not None:
        return known
    hints = typing.get_type_hints(kind, include_extras=True)
    defaults = kind._field_defaults
    fields: list[Any] = []
    for name in kind._fields:
        hint = plain(hints.get(name, Any))
        fields.append((name, hint, defaults[name]) if name in defaults else (name, hint))
    made = msgspec.defstruct(kind.__name__, fields, kw_only=True)
    if kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("):
        made.__doc__ = kind.__doc__
    stand_ins[made] = kind
    return made


def _restored(value: Any, stand_ins: dict[type, type]) -> Any:  # noqa: ANN401
    """The value with named tuples where structs stand for them."""
    if not stand_ins:
        return value
    if type(value) in stand_ins:
        kind: Any = stand_ins[type(value)]
        return kind(*(_restored(getattr(value, name), stand_ins) for name in kind._fields))
    if type(value) is dict:
        return {name: _restored(each, stand_ins) for name, each in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_restored(each, stand_ins) for each in value)
    return value


def _misfit(problem: Exception) -> str:
    """An error of building as a problem with its path: msgspec says ``… - at `$.a[1].x```."""
    import msgspec  # noqa: PLC0415 - loaded with the first schema

    said = words_of(problem)
    if not isinstance(problem, msgspec.ValidationError):
        return f"at the top: {type(problem).__name__}: {said}"
    text, _, place = said.rpartition(" - at `$")
    if not text:
        return f"at the top: {said}"
    where = place.rstrip("`").lstrip(".")
    return f"at {where or 'the top'}: {text}"


def _reason(problem: Exception) -> str:
    text = words_of(problem)
    first, _, rest = text.partition("Generating JSON schema for custom types requires")
    if rest:
        return f"there is no JSON for {rest.rpartition(chr(10))[2].removesuffix(' is not supported')}"
    return first
