"""Functions and questions that the tests of tools share."""

from __future__ import annotations

from typing import Any

from byom_magics.demo.functions import Function


def function(title: str, about: str = "", required: list[str] | None = None, /, **properties: Any) -> Function:
    """A function with parameters by name: a JSON type, or a schema."""
    schemas = {name: {"type": each} if isinstance(each, str) else each for name, each in properties.items()}
    needed = list(schemas) if required is None else required
    return Function(title, about, {"type": "object", "properties": schemas, "required": needed})


WEATHER = function("get_weather", "Get the weather in a city.", city="string")
ADD = function("add", "Add two numbers.", a="number", b="number")
MULTIPLY = function("multiply", "Multiply two numbers.", a="number", b="number")
DIVIDE = function("divide", "Divide two numbers.", a="number", b="number")
TIME = function("current_time", "The time of day.")
COUNT = function("word_count", "Count the words of a text.", text="string")
