"""What a model is: an endpoint, the name sent to it, and what is known about it. Unknown is None, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Union

__all__ = ["Capabilities", "Endpoint", "KeyReference", "ModelSpec", "Prices", "Timeouts"]

KeyReference = Union[str, Callable[[], str]]
"""Where a key comes from: ``env:NAME``, ``ask``, or a callable that returns it. Never the key itself."""


@dataclass(frozen=True)
class Timeouts:
    """
    The six timers of a call, in seconds; None switches one off.

    Attributes:
        connect: From the start of an attempt to an open connection (name look-up, TCP, TLS).
        first_byte: From the request to the first byte of the response.
        first_token: From the request to the first piece of content, reasoning included.
        idle: Between any two bytes, comments included.
        content_idle: Between any two pieces of content.
        total: The whole call, retries included.
    """

    connect: float | None = 10.0
    first_byte: float | None = 60.0
    first_token: float | None = 300.0
    idle: float | None = 120.0
    content_idle: float | None = 600.0
    total: float | None = None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The six names, in order."""
        return tuple(each.name for each in fields(cls))


@dataclass(frozen=True)
class Capabilities:
    """What the model can do: True, False, or None where nobody said."""

    tools: bool | None = None
    reasoning: bool | None = None
    structured_output: bool | None = None
    attachments: bool | None = None
    image_generation: bool | None = None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all flags, in order."""
        return tuple(each.name for each in fields(cls))


@dataclass(frozen=True)
class Prices:
    """Money per million tokens, in ``currency`` (an ISO 4217 code)."""

    input: float | None = None
    output: float | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Endpoint:
    """
    Where requests go, and how.

    Attributes:
        url: The base URL, such as ``http://localhost:11434/v1``.
        path: What is appended to it for chat completions.
        headers: Further headers; a value ``env:NAME`` is a reference that is resolved when a call starts.
        api_key: The reference of the key that is sent as ``Authorization: Bearer``, or None.
        proxy: None for a direct connection, ``env`` for the environment's proxies, or a proxy's URL.
        allow_http_key: Whether the key may travel over plain http to a host that is not loopback.
        max_event_bytes: The largest single event or body that is accepted, in bytes.
    """

    url: str
    path: str = "/chat/completions"
    headers: Mapping[str, str] = field(default_factory=dict)
    api_key: KeyReference | None = None
    proxy: str | None = None
    allow_http_key: bool = False
    max_event_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True)
class ModelSpec:
    """
    One model that can be called by its key.

    Attributes:
        key: What the person types: ``%%byom KEY``.
        model: The name that is sent to the server.
        endpoint: Where it is served.
        name: A readable name; the key if none was given.
        description: A sentence on it.
        dialect: How the server speaks; ``openai_chat``.
        temperature: The default temperature.
        max_tokens: The default limit of the answer, in tokens.
        extra_body: Further fields of every request body.
        context_window: In tokens.
        prices: Money per million tokens.
        timeouts: The timers that this model sets for itself, in seconds by name (see `Timeouts`).
        capabilities: What it can do.
        builtin: Whether it is one of the models that come with this package.
    """

    key: str
    model: str
    endpoint: Endpoint
    name: str = ""
    description: str = ""
    dialect: str = "openai_chat"
    temperature: float | None = None
    max_tokens: int | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    context_window: int | None = None
    prices: Prices = Prices()
    timeouts: Mapping[str, float | None] = field(default_factory=dict)
    capabilities: Capabilities = Capabilities()
    builtin: bool = False

    @property
    def url(self) -> str:
        """The base URL of the endpoint."""
        return self.endpoint.url

    @property
    def api_key(self) -> KeyReference | None:
        """The reference of the key (never the key)."""
        return self.endpoint.api_key
