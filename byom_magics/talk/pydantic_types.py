"""
Types that pydantic describes and builds: its models, its fields, and what has them inside.

It is asked only where the notebook has imported it, and says in its own words what does not fit.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from byom_magics.plain import visible
from byom_magics.talk.described import Described, Misfit, Undescribable, words_of
from byom_magics.talk.json_check import told
from byom_magics.talk.json_schema import rooted
from byom_magics.talk.json_values import path_of

if TYPE_CHECKING:
    from byom_magics.talk.json_schema import Json

__all__ = ["described", "is_adapter", "is_loaded", "is_needed"]

_MARKS = ("__pydantic_validator__", "__get_pydantic_core_schema__")
_PACKAGES = ("pydantic", "pydantic_core", "annotated_types")
_VISITS = 50_000  # of parts of a value, each as often as it is tried: more than that
_VISITS_OF_EACH = 10  # and this many for each of its parts is too much
_REQUIREMENTS = ("Required", "NotRequired")
_TOO_MUCH = "at the top: it would take too long to check: unions inside one another, each tried with each"


def is_loaded() -> bool:
    """Whether the notebook has imported pydantic, 2 or later."""
    return hasattr(sys.modules.get("pydantic"), "TypeAdapter")


def is_adapter(given: object) -> bool:
    """Whether something is a ``TypeAdapter`` of pydantic, which stands for a type."""
    return is_loaded() and isinstance(given, sys.modules["pydantic"].TypeAdapter)


def is_needed(annotation: object) -> bool:
    """Whether there is something of pydantic's in a type: a model, one of its types, a field's constraints."""
    return is_loaded() and any(_is_pydantics(part) for part in _parts(annotation, []))


def described(annotation: object) -> Described:
    """
    What pydantic makes of a type, a model or a ``TypeAdapter``.

    Raises:
        Undescribable: pydantic cannot tell its JSON Schema.
    """
    pydantic: Any = sys.modules["pydantic"]
    try:
        adapter: Any = annotation if is_adapter(annotation) else _adapter(annotation, pydantic)
        schema: Json = rooted(json.loads(json.dumps(adapter.json_schema())))
    except RecursionError:
        raise Undescribable("it refers to itself without end") from None
    except Exception as problem:  # noqa: BLE001 - it evaluates annotations, which may raise anything
        raise Undescribable(words_of(problem).partition("\n\n")[0]) from None

    def build(value: object) -> Any:  # noqa: ANN401 - a value of the type
        if _is_too_much(schema, value):
            raise Misfit((_TOO_MUCH,))
        try:
            # From JSON, not from objects: strict models take a date or a tuple only from there.
            return adapter.validate_json(json.dumps(value))
        except pydantic.ValidationError as problem:
            errors = problem.errors(include_url=False, include_context=False, include_input=False)
            raise Misfit(told([_words(error) for error in errors[:50]])) from None
        except Exception as problem:  # noqa: BLE001 - validators of the person's own may raise anything
            raise Misfit((f"at the top: {type(problem).__name__}: {words_of(problem)}",)) from None

    return Described(schema, build)


def _adapter(annotation: Any, pydantic: Any) -> Any:  # noqa: ANN401
    if getattr(annotation, "__pydantic_complete__", True) is False and hasattr(annotation, "model_rebuild"):
        # It named a class that was defined in a later cell.
        annotation.model_rebuild(raise_errors=True)
    return pydantic.TypeAdapter(_extended(annotation, ()))


def _words(error: Any) -> str:  # noqa: ANN401 - what pydantic tells of one problem
    text = visible(str(error["msg"])[:300])
    return f"at {path_of(error['loc']) or 'the top'}: {text}"


# What is in a type


def _parts(annotation: Any, seen: list[object]) -> Iterator[object]:  # noqa: ANN401
    """The type, the types and constraints in it, and those of its fields."""
    if any(annotation is each for each in seen):
        return
    seen.append(annotation)
    yield annotation
    if typing.get_origin(annotation) is not Literal:
        for argument in typing.get_args(annotation):
            yield from _parts(argument, seen)
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        for hint in _hints(annotation):
            yield from _parts(hint, seen)


def _hints(kind: type) -> Iterable[object]:
    """The annotations of a class with fields, and the defaults of a dataclass, where pydantic's fields may stand."""
    if not (dataclasses.is_dataclass(kind) or issubclass(kind, (dict, tuple)) or hasattr(kind, "__struct_fields__")):
        return ()
    defaults = [field.default for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []
    try:
        return (*typing.get_type_hints(kind, include_extras=True).values(), *defaults)
    except Exception:  # noqa: BLE001 - an annotation may raise anything; whoever describes the type says what
        return defaults


def _is_pydantics(part: Any) -> bool:  # noqa: ANN401
    if isinstance(part, type) and typing.get_origin(part) is None:
        return any(hasattr(part, mark) for mark in _MARKS)
    return type(part).__module__.partition(".")[0] in _PACKAGES


# Typed dictionaries


def _extended(annotation: Any, above: tuple[object, ...]) -> Any:  # noqa: ANN401
    """
    The annotation with the typed dictionaries of typing as those of typing_extensions.

    Before Python 3.12 pydantic takes no others. One that holds itself stays as it is, and pydantic says so.
    """
    origin: Any = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is None or origin is Literal or not arguments:
        is_typings = type(annotation).__name__ == "_TypedDictMeta" and type(annotation).__module__ == "typing"
        return _extended_dictionary(annotation, above) if is_typings and annotation not in above else annotation
    if origin is Annotated:
        return Annotated[(_extended(arguments[0], above), *arguments[1:])]
    made = tuple(_extended(argument, above) for argument in arguments)
    if made == arguments:
        return annotation
    return Union[made] if origin in (Union, types.UnionType) else origin[made]


def _extended_dictionary(kind: Any, above: tuple[object, ...]) -> Any:  # noqa: ANN401
    extensions: Any = sys.modules["typing_extensions"]  # pydantic has imported it
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {}
    for name, hint in hints.items():
        around = getattr(typing.get_origin(hint), "_name", None)  # Python 3.10 does not look at it
        made = _extended(typing.get_args(hint)[0] if around in _REQUIREMENTS else hint, (*above, kind))
        is_required = name in kind.__required_keys__ and around != "NotRequired"
        fields[name] = made if is_required else extensions.NotRequired[made]
    dictionary = extensions.TypedDict(kind.__name__, fields)
    dictionary.__doc__ = kind.__doc__
    dictionary.__pydantic_config__ = getattr(kind, "__pydantic_config__", {})
    return dictionary


# How long it would take


def _is_too_much(schema: Json, value: object) -> bool:
    """
    Whether pydantic would try too much.

    It tries each member of a union, whatever comes of the others: with unions inside one another,
    that is twice as much for each level, and nothing interrupts it.
    """
    left = _VISITS + _VISITS_OF_EACH * _size(value)
    waiting: list[tuple[Any, object]] = [(schema, value)]
    definitions = schema.get("$defs", {})
    unions = 0
    while waiting:
        each, at = waiting.pop()
        # What is without unions is tried once, however much of it there is.
        left -= bool(unions)
        if left < 0:
            return True
        if not isinstance(each, dict):
            continue
        if "$ref" in each:
            waiting.append((definitions.get(str(each["$ref"]).removeprefix("#/$defs/")), at))
            continue
        members = _members(each, at)
        unions += len(members) > 1
        waiting += [(member, at) for member in members]
        waiting += _inside(each, at)
    return False


def _size(value: object) -> int:
    """How many values there are in a value."""
    size, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        size += 1
        if isinstance(each, (dict, list)):
            waiting += each.values() if isinstance(each, dict) else each
    return size


def _members(schema: Json, value: object) -> list[Any]:
    members: list[Any] = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    discriminator = schema.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(value, dict):
        tag = value.get(discriminator.get("propertyName"))
        chosen = discriminator.get("mapping", {}).get(tag) if isinstance(tag, str) else None
        return [] if chosen is None else [{"$ref": chosen}]
    return members


def _inside(schema: Json, value: object) -> list[tuple[Any, object]]:
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        return [(properties.get(name, others), each) for name, each in value.items()]
    if isinstance(value, list):
        first, others = schema.get("prefixItems", []), schema.get("items")
        return [(first[at] if at < len(first) else others, each) for at, each in enumerate(value)]
    return []
