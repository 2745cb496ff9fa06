"""
What can go wrong, as one tree:

    ByomError
    ├── SetupError                 the person asked for something that cannot be done as written
    │   ├── UnknownModelError      no model of that key is registered
    │   ├── UnknownEndpointError   no endpoint of that name is registered
    │   ├── RegistrationError      a model cannot be registered as described
    │   ├── OptionError            an option of a cell or a call is wrong
    │   ├── PromptError            an expression in the prompt could not be filled in
    │   ├── ConversationError      there is no such conversation, or it cannot be changed so
    │   ├── SecretError            a key is a literal, is not set, or cannot be sent
    │   └── MissingPackageError    an optional package is needed and not installed
    └── CallError                  a call was made and did not end well; ``reply`` has the partial answer
        ├── IncompleteError        the answer broke off: the server never said that it was complete
        │   └── ConnectError       no connection came about: name, address, TLS
        ├── StalledError           one of the six timers ran out
        ├── ShapeError             the answer is whole, and does not fit the schema that was asked for
        └── ServerError            the server, or what stands before it, said no
            ├── StatusError        by an HTTP status
            ├── InBandError        by an error inside an answer that had begun
            ├── ProtocolError      by sending something that is no answer
            └── PolicyError        our own rules forbid the call

Every message says what happened, to which model and address, and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.events import Reply

__all__ = [
    "ByomError",
    "CallError",
    "ConnectError",
    "ConversationError",
    "InBandError",
    "IncompleteError",
    "MissingPackageError",
    "OptionError",
    "PolicyError",
    "PromptError",
    "ProtocolError",
    "RegistrationError",
    "SecretError",
    "ServerError",
    "SetupError",
    "ShapeError",
    "StalledError",
    "StatusError",
    "UnknownEndpointError",
    "UnknownModelError",
]


class ByomError(Exception):
    """
    The root of everything that this package raises on purpose.

    Args:
        what: What happened, in one sentence or a few lines.
        model: The key of the model that it happened to, if any.
        address: The URL that was called, if any. It never holds a secret.
        hint: What to do next.
    """

    def __init__(
        self, what: str, *, model: str | None = None, address: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.model = model
        self.address = address
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.what]
        place = " at ".join(part for part in (self.model, self.address) if part)
        if place:
            lines.append(f"Model: {place}")
        if self.hint:
            lines.append(f"Next: {self.hint}")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines instead of a traceback: the frames are ours, and no news to the person.
        return f"{type(self).__name__}: {self}".splitlines()


class SetupError(ByomError):
    """What the person asked for cannot be done as written; nothing was sent."""


class UnknownModelError(SetupError, KeyError):
    """No model of that key is registered."""


class UnknownEndpointError(SetupError, KeyError):
    """No endpoint of that name is registered."""


class RegistrationError(SetupError, ValueError):
    """A model cannot be registered as described."""


class OptionError(SetupError, ValueError):
    """An option of a cell or a call is unknown or has a value that cannot be used."""


class PromptError(SetupError):
    """An expression in the prompt could not be filled in."""


class ConversationError(SetupError, LookupError):
    """There is no such conversation, or it cannot be changed so."""


class SecretError(SetupError):
    """A key was given as a literal, is not set, or cannot be sent."""


class MissingPackageError(SetupError, ImportError):
    """An optional package is needed for this and is not installed."""


class CallError(ByomError):
    """
    A call was made and did not end well.

    Attributes:
        reply: What had arrived; None if nothing was begun.
        replies: The answers before it, where several were asked for.
    """

    reply: Reply | None = None
    replies: tuple[Reply, ...] = ()


class IncompleteError(CallError):
    """The answer broke off: the server never said that it was complete."""


class ConnectError(IncompleteError):
    """No connection came about: the name, the address, the proxy or TLS."""


class StalledError(CallError):
    """One of the six timers ran out."""


class ShapeError(CallError):
    """The answer is whole, and does not fit the schema that was asked for. ``reply.text`` has it as it came."""


class ServerError(CallError):
    """The server, or what stands before it, said no."""


class StatusError(ServerError):
    """The server answered with an HTTP status that is not a success. ``status`` is its number."""

    status: int | None = None


class InBandError(ServerError):
    """The server reported an error inside an answer with a successful status."""


class ProtocolError(ServerError):
    """What came is not an answer: HTML, broken JSON, an unknown coding, something too large."""


class PolicyError(ServerError):
    """Our own rules forbid this call: where it goes, or what it would carry there."""
