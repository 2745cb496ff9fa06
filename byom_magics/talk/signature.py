"""A tool out of a Python function: its name, what it does, and what it takes, from signature and docstring."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Union

from byom_magics.errors import OptionError
from byom_magics.messages import Tool
from byom_magics.plain import one_line
from byom_magics.talk.arguments import ArgumentsProblem
from byom_magics.talk.described import Described, Misfit, Undescribable, words_of

if TYPE_CHECKING:
    from byom_magics.talk.docstring import Documented
    from byom_magics.talk.json_schema import Json

__all__ = ["tool_of", "tools_of"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMES = "services take names of 1 to 64 letters a to z, digits, _ and -"
_HINT = "give functions of the notebook, each with a name"
_LONGEST_DEFAULT = 200


@dataclass(frozen=True)
class _Parameter:
    """A parameter as a model is told it. ``described`` is None where any value will do."""

    name: str
    kind: object
    default: object
    described: Described | None
    schema: Json

    @property
    def is_required(self) -> bool:
        return self.default is inspect.Parameter.empty and self.kind is not inspect.Parameter.VAR_KEYWORD


def tools_of(given: Iterable[object]) -> tuple[Tool, ...]:
    """
    The tools that a person names: functions, and ready tools.

    Raises:
        OptionError: One is neither, cannot be told to a model, or has the name of another.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        given = (given,)
    tools: dict[str, Tool] = {}
    for each in given:
        tool = _ready(each) if isinstance(each, Tool) else tool_of(each)
        if tool.name in tools:
            what = f"Two tools have the name '{tool.name}'."
            raise OptionError(
                what, hint="a model tells tools by their names: give one of them another, or leave it out"
            )
        tools[tool.name] = tool
    return tuple(tools.values())


def tool_of(function: object) -> Tool:
    """
    A function as a tool.

    Args:
        function: A function, ``async def`` or not, a bound method, or a partial one, whose bound arguments
            the model is not told.

    Returns:
        The tool. Its ``run`` takes the arguments as the model gave them, as keywords and plain JSON values, makes of
        them what the annotations say, and gives what the function gives: of an ``async def``, what is to be awaited.
        It raises `ArgumentsProblem` if an argument cannot be made.

    Raises:
        OptionError: It has no name, or parameters that cannot be told to a model.
    """
    from byom_magics.talk.docstring import documented  # noqa: PLC0415 - loaded with the first tool

    name = _name(function)
    assert callable(function)  # noqa: S101 - for the type checker: what has no name to be called by is refused
    told = documented(_innermost(function))
    parameters = [_parameter(each, function, name, told) for each in _signature(function, name)]
    return Tool(name, told.text, _schema(parameters), _runner(function, parameters))


def _ready(tool: Tool) -> Tool:
    from byom_magics.talk.json_schema import checked  # noqa: PLC0415 - with the first schema

    if not _NAME.fullmatch(tool.name):
        raise OptionError(f"A tool cannot have the name '{one_line(tool.name, 80)}'.", hint=_NAMES)
    what = f"The schema of the tool {tool.name}"
    schema = checked(tool.parameters, what)
    if schema and schema.get("type") != "object":
        raise OptionError(f"{what} is of no object.", hint='arguments have names: give {"type": "object", …}')
    return tool


def _name(function: object) -> str:
    if isinstance(function, type) or not callable(function):
        try:
            shown = one_line(repr(function), 60)
        except Exception:  # noqa: BLE001 - an object of the person's own
            shown = ""
        kind = "the class" if isinstance(function, type) else type(function).__name__
        hint = f"{_HINT}, not their names in quotes" if isinstance(function, str) else _HINT
        raise OptionError(f"A tool cannot be {kind} {shown}".rstrip() + ".", hint=hint)
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None)
    if not isinstance(name, str) or name == "<lambda>":
        kind = "A lambda" if name else f"An object of the class {type(function).__name__}"
        what = f"{kind} has no name that a model could call it by."
        raise OptionError(what, hint="write a function with def around it, and a docstring that says what it does")
    if not _NAME.fullmatch(name):
        raise OptionError(f"A tool cannot have the name '{one_line(name, 80)}'.", hint=_NAMES)
    return name


def _innermost(function: Any) -> Any:  # noqa: ANN401 - any callable
    """The function that was written, below partials and decorators that say what they wrap."""
    for _ in range(100):
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            break
    return function


def _signature(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    """The parameters that are open: what a partial function was given is not."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        what = f"What the tool {name} takes is not known to Python."
        raise OptionError(what, hint="write a function with def around it that names its parameters") from None
    bound: set[str] = set()
    inner: Any = function
    while isinstance(inner, functools.partial):
        bound |= inner.keywords.keys()
        inner = inner.func
    for each in parameters:
        if each.kind is inspect.Parameter.VAR_POSITIONAL:
            what = f"The tool {name} takes any number of arguments without names (*{each.name}): a model gives names."
            hint = f"take a list instead, as {each.name}: list[str]; a decorator keeps names with functools.wraps"
            raise OptionError(what, hint=hint)
    return [each for each in parameters if each.name not in bound]


def _parameter(each: inspect.Parameter, function: Any, tool: str, told: Documented) -> _Parameter:  # noqa: ANN401
    annotation = _annotation(each, _innermost(function), tool)
    text = _text_of(annotation) or told.parameters.get(each.name, "")
    described = None
    if annotation not in (inspect.Parameter.empty, Any):
        described = _described(annotation, each.name, tool)
    schema = dict(described.schema) if described is not None else {}
    if text:
        schema["description"] = text
    if each.default is not inspect.Parameter.empty:
        schema |= _default(each.default)
    return _Parameter(each.name, each.kind, each.default, described, schema)


def _annotation(each: inspect.Parameter, function: Any, tool: str) -> Any:  # noqa: ANN401
    if each.annotation is inspect.Parameter.empty:
        return each.annotation

    def shim() -> None:
        """Carry one annotation, so that those of the others, and of the result, need not mean anything yet."""

    shim.__annotations__ = {each.name: each.annotation}
    names = _names_of(function)
    try:
        annotation = typing.get_type_hints(shim, globalns=names, include_extras=True)[each.name]
    except Exception as problem:  # noqa: BLE001 - an annotation may raise anything
        what = f"The annotation of {each.name} in the tool {tool} cannot be understood: {words_of(problem)}"
        raise OptionError(what, hint="run the cell that defines what it names, or mend it") from None
    # A default of None says that it may be None.
    return Union[annotation, None] if each.default is None and annotation is not Any else annotation


def _names_of(function: Any) -> dict[str, Any]:  # noqa: ANN401
    """The names that a function's annotations may use: those of its module, or of the function that it stands in."""
    called = getattr(function, "__func__", function)
    if not hasattr(called, "__globals__"):
        called = type(function).__call__  # an object that can be called
    names = dict(getattr(called, "__globals__", {}))
    with contextlib.suppress(TypeError, ValueError):  # a function without code of its own has none
        names |= inspect.getclosurevars(called).nonlocals
    return names


def _text_of(annotation: object) -> str:
    """What ``Annotated[..., "text"]`` says, or pydantic's ``Field(description=…)`` in its place."""
    if typing.get_origin(annotation) is not Annotated:
        inner = [each for each in typing.get_args(annotation) if typing.get_origin(each) is Annotated]
        return _text_of(inner[0]) if len(inner) == 1 and type(None) in typing.get_args(annotation) else ""
    for each in typing.get_args(annotation)[1:]:
        for text in (each, getattr(each, "documentation", None), getattr(each, "description", None)):
            if isinstance(text, str):
                return text
    return ""


def _described(annotation: object, name: str, tool: str) -> Described:
    from byom_magics.talk.typed import described  # noqa: PLC0415 - with the first schema

    try:
        return described(annotation)
    except Undescribable as problem:
        what = f"The model cannot be told what {name} in the tool {tool} is: {problem}"
        hint = f"annotate {name} with a type that JSON can express, such as str, float, list[str] or a dataclass"
        raise OptionError(what, hint=hint) from None


def _default(value: object) -> Json:
    """A default as it is told: nothing where JSON cannot express it, or it is long."""
    import msgspec  # noqa: PLC0415 - loaded with the first tool

    try:
        plain = str(value) if isinstance(value, PurePath) else msgspec.to_builtins(value, str_keys=True)
        text = json.dumps(plain, allow_nan=False)
    except Exception:  # noqa: BLE001 - a default may be any object of the person's own
        return {}
    return {"default": json.loads(text)} if len(text) <= _LONGEST_DEFAULT else {}


def _schema(parameters: list[_Parameter]) -> Json:
    from byom_magics.talk.json_schema import hoisted  # noqa: PLC0415 - with the first schema

    definitions: dict[str, Json] = {}
    others: Any = False
    properties: dict[str, Json] = {}
    for each in parameters:
        schema = hoisted(each.schema, definitions)
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            others = schema or True
        else:
            properties[each.name] = schema
    made: Json = {
        "type": "object",
        "properties": properties,
        "required": [each.name for each in parameters if each.is_required],
        "additionalProperties": others,
    }
    return {**made, "$defs": definitions} if definitions else made


def _runner(function: Callable[..., Any], parameters: list[_Parameter]) -> Callable[..., Any]:
    named = {each.name: each for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD}
    others = next((each for each in parameters if each.kind is inspect.Parameter.VAR_KEYWORD), None)
    first = [each for each in parameters if each.kind is inspect.Parameter.POSITIONAL_ONLY]

    def run(**given: Any) -> Any:  # noqa: ANN401 - whatever the function gives
        values = {name: _value(name, value, named.get(name, others)) for name, value in given.items()}
        missing = [each.name for each in parameters if each.is_required and each.name not in values]
        if missing:
            raise ArgumentsProblem((f"at the top: '{missing[0]}' is missing",))
        given_first = max((at + 1 for at, each in enumerate(first) if each.name in values), default=0)
        positional = [values.pop(each.name, each.default) for each in first[:given_first]]
        return function(*positional, **values)

    functools.update_wrapper(run, _innermost(function), assigned=("__module__", "__name__", "__doc__"), updated=())
    return run


def _value(name: str, value: object, parameter: _Parameter | None) -> object:
    if parameter is None or parameter.described is None:
        return value
    try:
        return parameter.described.build(value)
    except Misfit as problem:
        raise ArgumentsProblem(tuple(_below(name, each) for each in problem.problems)) from None


def _below(name: str, problem: str) -> str:
    """A problem of an argument's value, with the argument's name in its path."""
    if not problem.startswith("at "):
        return problem
    where, _, what = problem.removeprefix("at ").partition(": ")
    step = "" if where == "the top" else where if where.startswith("[") else f".{where}"
    return f"at {name}{step}: {what}"
