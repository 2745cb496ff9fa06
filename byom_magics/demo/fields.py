"""The fields of a request's body, checked as they are taken out, and the refusal of those that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

__all__ = ["Fields", "RequestError", "kind"]


class RequestError(Exception):
    """
    A request that is refused.

    Args:
        status: The HTTP status.
        message: What is wrong, and what would be right.
        param: The field of the body that it is about.
        code: A word for programs.
    """

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


class Fields:
    """
    The fields of an object.

    Args:
        fields: The object.
        path: What stands before their names in a refusal, such as ``tools[0].``.
    """

    def __init__(self, fields: Mapping[str, Any], path: str = "") -> None:
        self.fields = fields
        self.path = path

    def refuse(self, param: str, problem: str) -> NoReturn:
        """Refuse a field for a problem, told as what the field must be."""
        param = f"{self.path}{param}"
        raise RequestError(400, f"'{param}' {problem}.", param=param, code="invalid_value")

    def miss(self, param: str) -> NoReturn:
        """Refuse the object for a field that it lacks, as OpenAI does."""
        param = f"{self.path}{param}"
        message = f"Missing required parameter: '{param}'."
        raise RequestError(400, message, param=param, code="missing_required_parameter")

    def flag(self, param: str, *, otherwise: bool = False) -> bool:
        """A field that is true or false; ``otherwise`` if it is not given."""
        value = self.fields.get(param)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            self.refuse(param, f"must be true or false, not {kind(value)}")
        return value

    def integer(self, param: str, lowest: int | None = None, highest: int | None = None) -> int | None:
        """A field that is a whole number within limits; None if it is not given."""
        value = self.fields.get(param)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(param, f"must be a whole number, not {kind(value)}")
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            self.refuse(param, f"must be {lowest} or more" if highest is None else f"must be {lowest} to {highest}")
        return value

    def number(self, param: str, lowest: int, highest: int, *, above: bool = False) -> float | None:
        """A field that is a number within limits, the lowest itself excluded if ``above``; None if it is not given."""
        value = self.fields.get(param)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(param, f"must be a number, not {kind(value)}")
        if not lowest <= value <= highest or (above and value == lowest):
            self.refuse(param, f"must be {f'above {lowest}' if above else f'{lowest} or more'}, and {highest} at most")
        return float(value)

    def object(self, param: str) -> Fields:
        """
        A field that is an object, with its own fields.

        Raises:
            RequestError: It is missing or something else.
        """
        value = self.fields.get(param)
        if value is None:
            self.miss(param)
        if not isinstance(value, dict):
            self.refuse(param, f"must be an object, not {kind(value)}")
        return Fields(value, f"{self.path}{param}.")

    def text(self, param: str) -> str:
        """
        A field that is a text and not empty.

        Raises:
            RequestError: It is missing or something else.
        """
        value = self.fields.get(param)
        if value is None:
            self.miss(param)
        if not isinstance(value, str) or not value:
            self.refuse(param, f"must be a text, not {'an empty one' if value == '' else kind(value)}")
        return value


def kind(value: object) -> str:
    """What kind of JSON a value is, in words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    for each, name in ((dict, "an object"), (list, "a list"), (str, "a text")):
        if isinstance(value, each):
            return name
    return "null"
