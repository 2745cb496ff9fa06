"""The functions that a request offers as tools, and which of them may or must be called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from typing import Any

from byom_magics.demo.fields import Fields, RequestError, kind
from byom_magics.demo.tokens import split

__all__ = ["Function", "Offer", "read_offer"]

_MOST_TOOLS = 128
_LONGEST_NAME = 64
_NAME = re.compile(r"[a-zA-Z0-9_-]+")


@dataclass(frozen=True)
class Function:
    """A function that can be called: its name, what it does, and the JSON Schema of its arguments (an object)."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """
    What a request offers.

    Attributes:
        functions: What may be called, in the request's order; none if the request forbids all of them.
        must: Whether one of them has to be called.
        parallel: Whether several may be called at once.
        tokens: How long they are as they came, in tokens.
    """

    functions: tuple[Function, ...] = ()
    must: bool = False
    parallel: bool = True
    tokens: int = 0


def read_offer(fields: Fields) -> Offer:
    """
    Read ``tools``, ``tool_choice`` and ``parallel_tool_calls``.

    Raises:
        RequestError: They cannot be used as they are.
    """
    tools, choice = fields.fields.get("tools"), fields.fields.get("tool_choice")
    if not tools and (tools is None or isinstance(tools, list)):
        if choice not in (None, "none", "auto"):
            message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
            raise RequestError(400, message, param="tool_choice", code="invalid_value")
        return Offer()
    functions = _functions(fields, tools)
    parallel = fields.flag("parallel_tool_calls", otherwise=True)
    tokens = len(split(dumps(tools, ensure_ascii=False)))
    if choice in (None, "auto", "required"):
        return Offer(functions, choice == "required", parallel, tokens)
    if choice == "none":
        return Offer((), tokens=tokens)
    return Offer((_named(fields, functions),), must=True, parallel=parallel, tokens=tokens)


def _functions(fields: Fields, tools: object) -> tuple[Function, ...]:
    if not isinstance(tools, list):
        fields.refuse("tools", f"must be a list of tools, not {kind(tools)}")
    if len(tools) > _MOST_TOOLS:
        fields.refuse("tools", f"must be a list of at most {_MOST_TOOLS} tools, not {len(tools)}")
    functions: dict[str, Function] = {}
    for number, tool in enumerate(tools):
        function = _function(fields, number, tool)
        if function.name in functions:
            fields.refuse(f"tools[{number}].function.name", f"must not be that of another tool: '{function.name}'")
        functions[function.name] = function
    return tuple(functions.values())


def _function(fields: Fields, number: int, tool: object) -> Function:
    if not isinstance(tool, dict):
        fields.refuse(f"tools[{number}]", f"must be an object with type and function, not {kind(tool)}")
    where = Fields(tool, f"tools[{number}].")
    if where.text("type") != "function":
        where.refuse("type", "must be 'function': the built-in models know no other tools")
    function = where.object("function")
    name = function.text("name")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        param = f"{function.path}name"
        message = (
            f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern "
            f"'^[a-zA-Z0-9_-]{{1,{_LONGEST_NAME}}}$'."
        )
        raise RequestError(400, message, param=param, code="invalid_value")
    description = function.fields.get("description")
    if description is not None and not isinstance(description, str):
        function.refuse("description", f"must be a text, not {kind(description)}")
    return Function(name, description or "", _parameters(function, name))


def _parameters(function: Fields, name: str) -> Mapping[str, Any]:
    parameters = function.fields.get("parameters")
    if parameters is None or parameters == {}:
        return {"type": "object", "properties": {}}
    if isinstance(parameters, dict):
        found = parameters.get("type", "object" if "properties" in parameters else None)
        if found == "object":
            return parameters
    else:
        found = kind(parameters)
    message = (
        f"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', "
        f"got 'type: \"{found}\"'."
    )
    raise RequestError(400, message, param=f"{function.path}parameters", code="invalid_function_parameters")


def _named(fields: Fields, functions: Sequence[Function]) -> Function:
    choice = fields.fields["tool_choice"]
    if not isinstance(choice, dict):
        words = "must be 'none', 'auto', 'required' or {'type': 'function', 'function': {'name': …}}"
        fields.refuse("tool_choice", f"{words}, not {repr(choice)[:80]}")
    chosen = fields.object("tool_choice")
    if chosen.text("type") != "function":
        chosen.refuse("type", "must be 'function'")
    name = chosen.object("function").text("name")
    for function in functions:
        if function.name == name:
            return function
    message = f"Tool choice '{name}' not found in 'tools' parameter."
    raise RequestError(400, message, param="tool_choice", code="invalid_value")
