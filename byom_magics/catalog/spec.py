"""What a model is: an endpoint, the name sent to it, and what is known about it. Unknown is None, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

__all__ = [
    "Capabilities",
    "Endpoint",
    "KeyReference",
    "Limits",
    "Listed",
    "ModelSpec",
    "Policy",
    "Prices",
    "Quirks",
    "Timeouts",
    "Tls",
    "Transformer",
]

KeyReference = Union[str, tuple[str, ...], Callable[[], Any]]
"""
Where a key comes from, never the key itself: ``env:NAME``, ``keyring:NAME``, ``file:PATH``, ``ask``, ``command:`` and
its arguments (a tuple whose first item is ``command:``, or one text that is split like a shell's line), or a callable.
"""

Transformer = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Changes the body of a request, or a chunk of an answer."""


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
        return tuple(cls.__dataclass_fields__)


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
        return tuple(cls.__dataclass_fields__)


@dataclass(frozen=True)
class Prices:
    """
    Money per million tokens, in ``currency`` (an ISO 4217 code).

    Attributes:
        input: For what is sent.
        output: For what is answered, reasoning included.
        currency: Three capital letters.
        cached_input: For what of the input the server had in its cache; the price of ``input`` where it is None.
        cached_output: For what the server writes into its cache; the price of ``input`` where it is None.
    """

    input: float | None = None
    output: float | None = None
    currency: str = "USD"
    cached_input: float | None = None
    cached_output: float | None = None


@dataclass(frozen=True)
class Listed:
    """
    A model as its server lists it. What the server does not say is None, or empty; texts come as they are.

    Attributes:
        id: The name that is sent to the server.
        name: A readable name.
        description: A text on it.
        context_window: In tokens.
        max_tokens: The longest answer, in tokens.
        prices: Money per million tokens.
        capabilities: What it can do.
        tags: Words to find it by.
    """

    id: str
    name: str = ""
    description: str = ""
    context_window: int | None = None
    max_tokens: int | None = None
    prices: Prices = Prices()
    capabilities: Capabilities = Capabilities()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tls:
    """
    How connections to an https endpoint are made safe. Paths are of PEM files.

    Attributes:
        ca: A file of further authorities, such as a company's own.
        system_trust: Whether the system's (and certifi's) authorities are trusted too.
        certificate: The client's certificate, for servers that want one (mutual TLS).
        key: Its private key; None if it stands in the same file.
        key_password: The reference of the private key's password.
        minimum_version: The oldest version of TLS that is spoken.
        verify: Whether the server's certificate is checked at all. Off is shown wherever the model is.
    """

    ca: str | None = None
    system_trust: bool = True
    certificate: str | None = None
    key: str | None = None
    key_password: KeyReference | None = None
    minimum_version: Literal["1.2", "1.3"] = "1.2"
    verify: bool = True


@dataclass(frozen=True)
class Limits:
    """What an endpoint can take; None is no limit."""

    concurrent: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True)
class Quirks:
    """
    How an OpenAI-compatible service differs from OpenAI's own.

    Attributes:
        token_limit_field: What the limit of the answer is called.
        stream_usage: Whether it takes ``stream_options: {include_usage: true}``.
        system_role: Who says the system message.
        seed_field: What the seed is called.
        stop_field: What the stop texts are called.
        content: Whether a message's content is a plain text, or always a list of parts.
        schema: How it is told the shape of the answer; ``none``: by instructions in the system message.
        effort_field: Where the effort of reasoning stands; dots go down into objects. ``budget`` for models of
            Anthropic and Google that know no levels of effort, only a budget of tokens.
        without: Fields that are never sent.
    """

    token_limit_field: str = "max_tokens"  # noqa: S105 - a field's name
    stream_usage: bool = True
    system_role: Literal["system", "developer", "user"] = "system"
    seed_field: str = "seed"
    stop_field: str = "stop"
    content: Literal["text", "parts"] = "text"
    schema: Literal["json_schema", "json_object", "none"] = "json_schema"
    effort_field: str = "reasoning_effort"
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """
    Rules that every request keeps; each that is set has to hold. None sets no rule.

    Attributes:
        source: The file, or the setting, that they stand in: a refusal names it.
        hosts: Names and addresses that may be called; ``*.example.com`` stands for all names below.
        networks: Networks (CIDR) that the address connected to has to be in.
        ports: Ports that may be called.
        regions: Regions that an endpoint has to declare one of.
        air_gapped: Nothing is looked up or connected to but ``hosts``, literal addresses in ``networks``, and this
            machine itself.
        keys_over_http: Whether a key may travel unencrypted; None leaves it to each endpoint's own flag.
        require_prices: Whether a model without prices for input and output may not be called.
        broken: Why the rules of ``source`` are not known; then nothing may be called until it is mended.
        only_forbids: It came with a project: what is refused without it, it does not allow either.
    """

    source: str
    hosts: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    ports: tuple[int, ...] | None = None
    regions: tuple[str, ...] | None = None
    air_gapped: bool = False
    keys_over_http: bool | None = None
    require_prices: bool = False
    broken: str = ""
    only_forbids: bool = False

    @property
    def lets_keys_over_http(self) -> bool:
        """Whether it allows that keys travel unencrypted."""
        return bool(self.keys_over_http) and not self.only_forbids


@dataclass(frozen=True)
class Endpoint:
    """
    Where requests go, and how. One endpoint carries many models.

    Attributes:
        url: The base URL, such as ``http://localhost:11434/v1``.
        name: What ``--endpoint`` calls it.
        preset: The preset that it was made from, or empty.
        path: What is appended to the base URL; None for the dialect's own.
        headers: Further headers; a value that is a reference (``env:NAME`` …) is resolved when a call starts.
        api_key: The reference of the key, or None.
        key_header: The header that carries the key; None for the dialect's own.
        key_prefix: What stands before it there, such as ``Bearer``; None for the dialect's own, or for nothing where
            ``key_header`` is another than the dialect's (``Bearer`` in ``Authorization``).
        proxy: None for a direct connection, ``env`` for the environment's proxies, or a proxy's URL.
        proxy_login: The reference of the proxy's ``user:password``.
        unix_socket: The path of a unix socket that is connected to in place of the host.
        region: Where it runs, such as ``eu``; policies may ask for it.
        tls: For https.
        limits: What it can take.
        quirks: How it differs from OpenAI's own service.
        allow_http_key: Whether the key may travel over plain http to a host that is not loopback.
        max_event_bytes: The largest single event or body that is accepted, in bytes.
        source: The file that it came from; empty for this session.
        locked: The file that forbids to change it, or empty.
    """

    url: str
    name: str = ""
    preset: str = ""
    path: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    api_key: KeyReference | None = None
    key_header: str | None = None
    key_prefix: str | None = None
    proxy: str | None = None
    proxy_login: KeyReference | None = None
    unix_socket: str | None = None
    region: str | None = None
    tls: Tls = Tls()
    limits: Limits = Limits()
    quirks: Quirks = Quirks()
    allow_http_key: bool = False
    max_event_bytes: int = 8 * 1024 * 1024
    source: str = ""
    locked: str = ""


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
        provider: Who serves it.
        dialect: How the server speaks: ``openai_chat``, ``openai_responses``, ``anthropic``, ``gemini``, ``ollama``,
            or the name that a plug-in gives.
        temperature: The default temperature.
        top_p: The default of nucleus sampling.
        max_tokens: The default limit of the answer, in tokens.
        seed: The default seed.
        stop: The default stop texts.
        system: The default system message.
        extra_body: Further fields of every request body.
        context_window: In tokens.
        prices: Money per million tokens.
        timeouts: The timers that this model sets for itself, in seconds by name (see `Timeouts`).
        capabilities: What it can do.
        tags: Words to find it by.
        pinned: Whether ``model`` names one version that never changes.
        request_transformer: Changes the body before it is sent; a text names one that was registered.
        response_transformer: Changes each chunk before it is read; a text names one that was registered.
        source: The file that it came from; empty for this session.
        locked: The file that forbids to change it, or empty.
        builtin: Whether it is one of the models that come with this package.
    """

    key: str
    model: str
    endpoint: Endpoint
    name: str = ""
    description: str = ""
    provider: str | None = None
    dialect: str = "openai_chat"
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    system: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    context_window: int | None = None
    prices: Prices = Prices()
    timeouts: Mapping[str, float | None] = field(default_factory=dict)
    capabilities: Capabilities = Capabilities()
    tags: tuple[str, ...] = ()
    pinned: bool | None = None
    request_transformer: Transformer | str | None = None
    response_transformer: Transformer | str | None = None
    source: str = ""
    locked: str = ""
    builtin: bool = False

    @property
    def url(self) -> str:
        """The base URL of the endpoint."""
        return self.endpoint.url

    @property
    def api_key(self) -> KeyReference | None:
        """The reference of the key (never the key)."""
        return self.endpoint.api_key
