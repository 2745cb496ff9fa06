"""The arguments that a model gives a tool: read, checked, and where they do not fit, told so that it can mend them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.plain import one_line
from byom_magics.talk.json_values import JsonProblem, read_json

if TYPE_CHECKING:
    from byom_magics.messages import Tool

__all__ = ["ArgumentsProblem", "arguments_of"]

_MOST_NAMES = 30


class ArgumentsProblem(ValueError):  # noqa: N818 - it tells what arguments are
    """
    Arguments are no JSON object, or not what the tool takes.

    Args:
        problems: What does not fit, each with its path.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def arguments_of(tool: Tool, text: str) -> dict[str, Any]:
    """
    The arguments of one call of a tool, checked against its schema.

    Args:
        tool: The tool.
        text: The JSON text as the model wrote it. An empty one, or null, is no arguments; a JSON text
            inside a JSON string is read as well, since some models write so.

    Returns:
        The arguments by name, as plain JSON values.

    Raises:
        ArgumentsProblem: They are no JSON object, or do not fit.
    """
    arguments = _read(text)
    if not isinstance(arguments, dict):
        what = f"the arguments have to be one JSON object, not {one_line(text, 60)}"
        raise ArgumentsProblem((f"{what}{_names(tool)}",))
    from byom_magics.talk.json_check import misfits  # noqa: PLC0415 - with jsonschema

    problems = misfits(tool.parameters, arguments)
    if problems:
        raise ArgumentsProblem(problems)
    return arguments


def _read(text: str) -> Any:  # noqa: ANN401 - any JSON value
    if not text.strip():
        return {}
    try:
        value = read_json(text)
    except JsonProblem as problem:
        raise ArgumentsProblem((f"the arguments are no JSON that can be read: {problem}",)) from None
    if isinstance(value, str):
        try:
            value = read_json(value)
        except JsonProblem:
            return value
    return {} if value is None else value


def _names(tool: Tool) -> str:
    properties = tool.parameters.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return ""
    return f", with the names {', '.join(list(properties)[:_MOST_NAMES])}"
