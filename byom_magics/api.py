"""What the magics do, as Python functions. All of them work on the session of this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from byom_magics import session
from byom_magics.catalog.spec import KeyReference, ModelSpec  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.events import Reply  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.messages import Message  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.talk.turn import Turn  # noqa: TC001 - get_type_hints of the public functions works

__all__ = ["ask", "forget", "register", "stream"]


def register(
    key: str,
    *,
    url: str,
    model: str | None = None,
    api_key: KeyReference | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "/chat/completions",
    proxy: str | None = None,
    allow_http_key: bool = False,
    max_event_bytes: int | None = None,
    name: str = "",
    description: str = "",
    temperature: float | None = None,
    max_tokens: int | None = None,
    extra_body: Mapping[str, Any] | None = None,
    context_window: int | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    currency: str = "USD",
    timeouts: Mapping[str, float | None] | None = None,
    capabilities: Mapping[str, bool | None] | None = None,
) -> ModelSpec:
    """
    Bring a model into the session. Nothing is sent.

    Args:
        key: The word by which it is called, as in ``%%byom KEY``.
        url: The base URL of an OpenAI-compatible server, such as ``http://localhost:11434/v1``.
        model: The name that the server knows it by; the key if not given.
        api_key: Where its key comes from: ``env:NAME``, ``ask`` (typed at a prompt when first needed), or a callable
            that returns it. Never the key itself.
        headers: Further headers. A secret value is given as ``env:NAME``.
        path: The path below the base URL.
        proxy: None for a direct connection, ``env`` for the environment's proxies, or ``http://host:port``.
        allow_http_key: Whether the key may be sent over plain http to another machine.
        max_event_bytes: The largest single event that is accepted, in bytes; 8 MiB if not given.
        name: A readable name.
        description: A sentence on it.
        temperature: The default temperature.
        max_tokens: The default limit of an answer, in tokens.
        extra_body: Further fields of every request body; None as a value leaves one of ours out.
        context_window: In tokens.
        price_in: Price of a million input tokens.
        price_out: Price of a million output tokens.
        currency: Of the prices, as three letters.
        timeouts: Any of ``connect``, ``first_byte``, ``first_token``, ``idle``, ``content_idle``, ``total``, in
            seconds; None switches one off.
        capabilities: Any of ``tools``, ``reasoning``, ``structured_output``, ``attachments``, ``image_generation``.

    Returns:
        The spec, which is now in `byom_magics.models`.

    Raises:
        RegistrationError: A value cannot be used.
        SecretError: A key was given as itself.
        OptionError: There is no such timer.
    """
    return session.current().register(
        key,
        url=url,
        model=model,
        api_key=api_key,
        headers=headers,
        path=path,
        proxy=proxy,
        allow_http_key=allow_http_key,
        max_event_bytes=max_event_bytes,
        name=name,
        description=description,
        temperature=temperature,
        max_tokens=max_tokens,
        extra_body=extra_body,
        context_window=context_window,
        price_in=price_in,
        price_out=price_out,
        currency=currency,
        timeouts=timeouts,
        capabilities=capabilities,
    )


def forget(key: str) -> ModelSpec:
    """
    Take a model out of the session, and return its spec.

    Raises:
        UnknownModelError: There is no such model.
    """
    return session.current().models.forget(key)


def stream(
    model: str | None,
    prompt: str | Sequence[Message | Mapping[str, str]],
    *,
    system: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    timeouts: Mapping[str, float | None] | None = None,
) -> Turn:
    """
    Ask a model, and get the answer event by event.

    ``with byom.stream("llama", "…") as events: for event in events: …`` - leaving the block hangs up, ``events.stop()``
    does from any thread, ``events.reply`` is what has come. The last event is an `Ended` that says how it ended; it is
    not raised.

    Args:
        model: The key of a registered model; None for the default.
        prompt: A text, or messages: `Message`, or mappings with ``role`` and ``content``.
        system: A system message before them.
        temperature: As the model takes it, usually 0 to 2.
        max_tokens: The longest answer, in tokens.
        top_p: Nucleus sampling, above 0 up to 1.
        seed: For servers that sample reproducibly.
        stop: A text at which the answer ends, or several.
        extra_body: Further fields of the request body.
        timeout: The timer ``total``, in seconds.
        timeouts: Timers by name, in seconds (see `register`).

    Raises:
        UnknownModelError: There is no such model.
        OptionError: A value cannot be used.
        SecretError: The model's key is not set (when the block is entered).
    """
    return session.current().stream(
        model,
        prompt,
        system=system,
        temperature=temperature,
        max_tokens=max_tokens,
        top_p=top_p,
        seed=seed,
        stop=stop,
        extra_body=extra_body,
        timeout=timeout,
        timeouts=timeouts,
    )


def ask(
    model: str | None,
    prompt: str | Sequence[Message | Mapping[str, str]],
    *,
    system: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    timeouts: Mapping[str, float | None] | None = None,
) -> Reply:
    """
    Ask a model, and wait for the whole answer. The arguments are those of `stream`.

    Returns:
        The reply. Its state may also be ``length``, ``content_filter`` or ``tool_calls``.

    Raises:
        CallError: The answer is incomplete, stalled or an error; ``reply`` has what had come.
        SetupError: Nothing was sent: an unknown model, a bad value, a key that is not set.
    """
    return session.current().ask(
        model,
        prompt,
        system=system,
        temperature=temperature,
        max_tokens=max_tokens,
        top_p=top_p,
        seed=seed,
        stop=stop,
        extra_body=extra_body,
        timeout=timeout,
        timeouts=timeouts,
    )
