"""A key in memory: it does not print, copy or pickle itself, and belongs to one origin."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Secret"]


class Secret:
    """
    A key that will not print itself, bound to the origin it is for.

    Args:
        value: The key.
        source: Where it came from, such as ``env:NAME``.
        origin: Scheme, host and port that may receive it.
        prefix: What stands before it in the header, such as ``Bearer``.
    """

    __slots__ = ("__value", "origin", "prefix", "source")

    def __init__(self, value: str, *, source: str, origin: str, prefix: str = "") -> None:
        self.__value = value
        self.source = source
        self.origin = origin
        self.prefix = prefix

    def reveal(self) -> str:
        """The header's value, for the one request that carries it."""
        return f"{self.prefix} {self.__value}" if self.prefix else self.__value

    def __repr__(self) -> str:
        return f"<key from {self.source} for {self.origin}>"

    def __reduce__(self) -> NoReturn:
        message = "a key cannot be pickled or copied"
        raise TypeError(message)
