"""The shape that an answer has to have: its JSON Schema, and what checks an answer and builds the object from it."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from byom_magics.errors import OptionError
from byom_magics.messages import INSIDE, Schema
from byom_magics.plain import one_line
from byom_magics.talk.answers import json_values, why_not
from byom_magics.talk.described import Described, Misfit, Undescribable
from byom_magics.talk.json_values import JsonProblem, read_json
from byom_magics.talk.pydantic_types import is_adapter, is_loaded

if TYPE_CHECKING:
    from byom_magics.talk.json_schema import Json

__all__ = ["Shape", "ShapeProblem", "shape_of", "shown_as"]

_KINDS = "give a pydantic model, a dataclass, a TypedDict or a JSON Schema as a dict"
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class ShapeProblem(ValueError):  # noqa: N818 - it tells what an answer is
    """
    An answer is no JSON, or does not fit its shape.

    Args:
        problems: What does not fit, each with its path, such as ``at countries[2].population: …``.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Shape:
    """
    The shape of an answer.

    Attributes:
        name: What it is called, for services: letters, digits, ``_`` and ``-``, 64 at most.
        schema: Its JSON Schema, as a service is sent it.
        build: Makes the object from a JSON value; raises `byom_magics.talk.described.Misfit`.
        inside: The field of the answer that holds the value, or None if the answer is the value.
    """

    name: str
    schema: Mapping[str, Any]
    build: Callable[[Any], object] = field(repr=False, compare=False)
    inside: str | None = None

    @property
    def form(self) -> str:
        """How an answer is shown: as ``json``, or as the ``value`` inside of it."""
        return "json" if self.inside is None else "value"

    def parsed(self, text: str) -> object:
        """
        The object that an answer gives.

        Args:
            text: The answer. There may be words around the JSON, or a code fence, as from models that have
                no structured output; see `byom_magics.talk.answers`.

        Raises:
            ShapeProblem: There is no JSON in it, or it does not fit.
        """
        problems: list[Misfit] = []
        for value in json_values(text):
            try:
                return self.build(self._value(value))
            except Misfit as problem:  # noqa: PERF203 - there are few
                problems.append(problem)
        if problems:
            raise ShapeProblem(problems[0].problems)
        raise ShapeProblem((f"the answer is no JSON value that can be read: {why_not(text)}",))

    def _value(self, answer: object) -> object:
        if self.inside is not None and isinstance(answer, dict) and answer.keys() == {self.inside}:
            return answer[self.inside]
        return answer


def shape_of(given: object, name: str | None = None) -> Shape:
    """
    The shape that something of the notebook describes.

    Args:
        given: A pydantic model or ``TypeAdapter``; a dataclass, TypedDict, named tuple, enum, msgspec struct, or a
            type made of such, as ``list[Country]``; a JSON Schema as a dict, a `Schema`, or its JSON text.
        name: What to call it; by default its own name.

    Raises:
        OptionError: It describes no shape; the message says why.
    """
    if isinstance(given, Shape):
        return given if name is None else dataclasses.replace(given, name=_name(name))
    if isinstance(given, Schema):
        return _of_schema(given.schema, name or given.name)
    if isinstance(given, Mapping):
        return _of_schema(given, name)
    if isinstance(given, str):
        return _of_text(given, name)
    return _of_type(given, name)


def shown_as(format_name: str | None, shape: Shape | None) -> str:
    """
    How an answer is shown: one in a shape as what it is, unless the person says otherwise.

    Args:
        format_name: What the person says, as with ``--format``; None for nothing.
        shape: The shape that it has to have, if any.
    """
    if shape is not None and format_name in (None, "json"):
        return shape.form
    return format_name or "markdown"


def _of_schema(schema: Mapping[Any, Any], name: str | None) -> Shape:
    from byom_magics.talk.json_check import checker  # noqa: PLC0415 - with jsonschema
    from byom_magics.talk.json_schema import checked  # noqa: PLC0415 - with the first schema

    made = checked(schema)
    title = made.get("title")
    return Shape(_name(name or (title if isinstance(title, str) else "")), made, checker(made))


def _of_text(text: str, name: str | None) -> Shape:
    try:
        schema = read_json(text)
    except JsonProblem as problem:
        what = f"A schema cannot be the text '{one_line(text, 60)}': {problem}."
        raise OptionError(what, hint=f"{_KINDS}, not its name in quotes") from None
    if not isinstance(schema, dict):
        _refuse(schema)
    return _of_schema(schema, name)


def _of_type(given: Any, name: str | None) -> Shape:  # noqa: ANN401 - whatever the notebook holds
    from byom_magics.talk.typed import described, is_annotation  # noqa: PLC0415 - with the first schema

    if not is_annotation(given):
        _refuse(given)
    called = _title(given)
    try:
        made = described(given)
    except Undescribable as problem:
        what = f"There is no JSON Schema for '{one_line(called, 80)}': {problem}"
        hint = _KINDS if is_loaded() else f"{_KINDS}; with `import pydantic` first, more types are known"
        raise OptionError(what, hint=hint) from None
    return _named(made, name or called)


def _named(made: Described, name: str) -> Shape:
    from byom_magics.talk.json_schema import closed  # noqa: PLC0415 - with the first schema

    schema = closed(made.schema)
    if schema.get("type") == "object":
        return Shape(_name(name), schema, made.build)
    return Shape(_name(name), _wrapped(schema), made.build, INSIDE)


def _wrapped(schema: Json) -> Json:
    """An object that has the value as its one field."""
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    made = {"type": "object", "properties": {INSIDE: inner}, "required": [INSIDE], "additionalProperties": False}
    return {**made, "$defs": schema["$defs"]} if "$defs" in schema else made


def _title(given: Any) -> str:  # noqa: ANN401
    if typing.get_origin(given) is Annotated:
        return _title(typing.get_args(given)[0])
    if is_adapter(given):
        return _title(given._type)  # noqa: SLF001 - it has no public name for its type
    if isinstance(given, type) and not getattr(given, "__args__", ()):
        return given.__name__
    # typing.List[__main__.Country] without the modules.
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", str(given))


def _name(text: str) -> str:
    return _NO_NAME.sub("_", text).strip("_")[:64] or INSIDE


def _refuse(given: object) -> NoReturn:
    try:
        shown = one_line(repr(given), 60)
    except Exception:  # noqa: BLE001 - an object of the person's own
        shown = ""
    kind = type(given)
    what = f"A schema cannot be {kind.__name__} {shown}".rstrip() + "."
    if dataclasses.is_dataclass(kind) or hasattr(kind, "model_json_schema") or hasattr(kind, "__struct_fields__"):
        raise OptionError(what, hint=f"give the class itself: {kind.__name__}")
    raise OptionError(what, hint=_KINDS)
