"""A key in memory: it does not print, copy or pickle itself, and belongs to one origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from byom_magics.errors import SecretError

__all__ = ["Password", "Secret", "Stopped", "StoppedError", "sendable"]

Stopped = Callable[[], bool]
"""Whether the call that waits for a key was stopped."""

_TAIL = 4
_LONG = 20  # of a shorter key nothing is shown


class StoppedError(SecretError):
    """The call that wanted the key was stopped while it was fetched."""


class Password(str):
    """A text that is handed on as it is. Its ``repr`` hides it, since lists, frames and objects show that one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<password>"

    def __reduce__(self) -> NoReturn:
        message = "a password cannot be pickled or copied"
        raise TypeError(message)


class Secret:
    """
    A key that will not print itself, bound to the origin it is for.

    Args:
        value: The key.
        source: Where it came from, such as ``env:NAME``.
        origin: Scheme, host and port that may receive it; empty if that is not known yet: then nobody may.
        prefix: What stands before it in the header, such as ``Bearer``.
        renew: Gives the newer one when this one was refused, or None; it is handed this one and what tells that
            nobody waits any more.
    """

    __slots__ = ("__renew", "__value", "origin", "prefix", "source")

    def __init__(
        self,
        value: str,
        *,
        source: str,
        origin: str,
        prefix: str = "",
        renew: Callable[[Secret, Stopped | None], Secret | None] | None = None,
    ) -> None:
        self.__value = value
        self.__renew = renew
        self.source = source
        self.origin = origin
        self.prefix = prefix

    def reveal(self) -> str:
        """The header's value, for the one request that carries it."""
        return f"{self.prefix} {self.__value}" if self.prefix else self.__value

    def bare(self) -> str:
        """The key without what stands before it."""
        return self.__value

    def renewed(self, stopped: Stopped | None = None) -> Secret | None:
        """
        The newer key, after a server said 401 to this one: a fresh token, or what was set meanwhile.

        Callable from any thread; of all threads that wait for the same token, one asks for it.

        Args:
            stopped: Whether the call was stopped meanwhile; a command is ended then.

        Returns:
            It, bound and prefixed like this one; None where there is no other.

        Raises:
            SecretError: The newer one could not be had.
        """
        return self.__renew(self, stopped) if self.__renew else None

    def same_as(self, other: Secret) -> bool:
        """Whether both hold the same key."""
        return self.__value == other.bare()

    @property
    def tail(self) -> str:
        """The last four characters, or nothing if it is so short that they would tell too much."""
        return self.__value[-_TAIL:] if len(self.__value) >= _LONG else ""

    def __repr__(self) -> str:
        return f"<key from {self.source} for {self.origin}>"

    def __reduce__(self) -> NoReturn:
        message = "a key cannot be pickled or copied"
        raise TypeError(message)


def sendable(value: object, source: str, model: str | None = None, *, in_header: bool = True) -> str:
    """
    A key without the blanks around it.

    Raises:
        SecretError: It is empty, or (``in_header``) has characters that no header can carry. It is not repeated.
    """
    if not isinstance(value, str) or not value.strip():
        message = f"There is no key in {source}."
        raise SecretError(message, model=model, hint="set it, or register the model with another --api-key")
    value = value.strip()
    if not value.isprintable() or (in_header and not value.isascii()):
        del value  # tracebacks may show what a frame holds
        message = f"The key from {source} has characters that no header can carry (a line end, or not ASCII)."
        raise SecretError(message, model=model, hint="copy it again, without what stands around it")
    return value
