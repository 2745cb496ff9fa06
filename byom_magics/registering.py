"""Bringing models into the session of this process, and taking them out again, as Python functions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from byom_magics import session
from byom_magics.catalog.layers import Loaded  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.catalog.registration import cautions
from byom_magics.catalog.spec import (  # noqa: TC001 - get_type_hints of the public functions works
    Capabilities,
    Endpoint,
    KeyReference,
    Limits,
    ModelSpec,
    Prices,
    Quirks,
    Timeouts,
    Tls,
    Transformer,
)

__all__ = ["forget", "load", "register", "register_transformer"]


def load(path: str | PathLike[str], *, trust: bool = False) -> Loaded:
    """
    Bring all models of a file into the session. Nothing is sent.

    Args:
        path: A ``byom.toml``, or JSON of the same shape or of the widely used list form.
        trust: Whether the file may also run programs and read files for its keys, send a well-known service's key to
            another address, and weaken a connection. It is as if you had written it yourself then.

    Returns:
        What it brought, and which key goes where.

    Raises:
        RegistrationError: It cannot be read, something in it is wrong, or it asks for trust. Nothing of it is
            registered then.
        SecretError: A key stands in it as itself.
    """
    return session.current().layers.load(path, trust=trust)


def register(
    key: str,
    *,
    url: str | None = None,
    endpoint: str | Endpoint | None = None,
    preset: str | None = None,
    model: str | None = None,
    name: str | None = None,
    description: str | None = None,
    provider: str | None = None,
    dialect: str | None = None,
    api_key: KeyReference | None = None,
    headers: Mapping[str, str] | None = None,
    path: str | None = None,
    key_header: str | None = None,
    key_prefix: str | None = None,
    proxy: str | None = None,
    proxy_login: KeyReference | None = None,
    unix_socket: str | None = None,
    region: str | None = None,
    tls: Tls | Mapping[str, Any] | None = None,
    limits: Limits | Mapping[str, int | None] | None = None,
    quirks: Quirks | Mapping[str, Any] | None = None,
    allow_http_key: bool | None = None,
    max_event_bytes: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    system: str | None = None,
    extra_body: Mapping[str, Any] | None = None,
    context_window: int | None = None,
    prices: Prices | Mapping[str, Any] | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    price_cached_in: float | None = None,
    price_cached_out: float | None = None,
    currency: str | None = None,
    timeouts: Timeouts | Mapping[str, float | None] | None = None,
    capabilities: Capabilities | Mapping[str, bool | None] | None = None,
    tags: str | Sequence[str] | None = None,
    pinned: bool | None = None,
    request_transformer: Transformer | str | None = None,
    response_transformer: Transformer | str | None = None,
    save: bool = False,
) -> ModelSpec:
    """
    Bring a model into the session. Nothing is sent. What is left out is not known, or as the preset says.

    Args:
        key: The word by which it is called, as in ``%%byom KEY``.
        url: The base URL of its server, such as ``http://localhost:11434/v1``.
        endpoint: Without ``url`` and ``preset``: where it is served, by the name of an endpoint that is registered
            (``byom_magics.endpoints``), with its key, headers, TLS and limits. With one of them: the name of the
            endpoint that is made; the model's key if not given.
        preset: The name of a service or server that is known, such as ``anthropic`` or ``ollama``. All else that is
            given wins over it.
        model: The name that the server knows it by; the key if not given.
        name: A readable name.
        description: A sentence on it.
        provider: Who serves it.
        dialect: How the server speaks: ``openai_chat`` (if not given), ``openai_responses``, ``anthropic``, ``gemini``,
            ``ollama``, or one that a plug-in brings.
        api_key: Where its key comes from: ``env:NAME``, ``keyring:NAME``, ``file:PATH``, ``command:`` and its
            arguments, ``ask`` (typed at a prompt when first needed), or a callable that returns it. Never the key
            itself.
        headers: Further headers. A secret value is given as such a reference.
        path: The path below the base URL; the dialect's own if not given.
        key_header: The header that carries the key; the dialect's own if not given.
        key_prefix: What stands before the key there, such as ``Bearer``; if not given the dialect's own, or nothing
            where ``key_header`` is another than the dialect's.
        proxy: None for a direct connection, ``env`` for the environment's proxies, or ``http://host:port``.
        proxy_login: Where the proxy's ``user:password`` comes from.
        unix_socket: The path of a unix socket that is connected to in place of the host.
        region: Where it runs, such as ``eu``; a policy may ask for it.
        tls: Any of ``ca``, ``system_trust``, ``certificate``, ``key``, ``key_password``, ``minimum_version``,
            ``verify`` (see `Tls`).
        limits: Any of ``concurrent``, ``requests_per_minute``, ``tokens_per_minute``: what the endpoint can take.
        quirks: How the server differs from OpenAI's own (see `Quirks`).
        allow_http_key: Whether the key may be sent over plain http to another machine.
        max_event_bytes: The largest single event that is accepted, in bytes; 8 MiB if not given.
        temperature: The default temperature.
        top_p: The default of nucleus sampling, from 0 to 1.
        max_tokens: The default limit of an answer, in tokens.
        seed: The default seed.
        stop: The default text, or texts, at which an answer ends.
        system: The default system message.
        extra_body: Further fields of every request body; None as a value leaves one of ours out.
        context_window: In tokens.
        prices: Any of ``input``, ``output``, ``cached_input``, ``cached_output`` per million tokens, and ``currency``.
        price_in: Price of a million input tokens.
        price_out: Price of a million output tokens.
        price_cached_in: Price of a million input tokens that the server had in its cache.
        price_cached_out: Price of a million tokens that the server writes into its cache.
        currency: Of the prices, as three letters; USD if not given.
        timeouts: Any of ``connect``, ``first_byte``, ``first_token``, ``idle``, ``content_idle``, ``total``, in
            seconds; None switches one off.
        capabilities: Any of ``tools``, ``reasoning``, ``structured_output``, ``attachments``, ``image_generation``:
            True, False, or None where it is not known. A call that needs what it lacks is refused.
        tags: Words to find it by.
        pinned: Whether ``model`` names one version that never changes.
        request_transformer: A function ``body -> body`` that changes each request, or the name of one (see
            `register_transformer`).
        response_transformer: A function ``chunk -> chunk`` that changes each chunk of an answer, or the name of one.
        save: Whether the person's own ``byom.toml`` gets it too, so that the next session knows it. Never a key: where
            it is.

    Returns:
        The spec, which is now in `byom_magics.models`.

    Raises:
        RegistrationError: A value cannot be used, there is no such preset, or a file has locked the model; or it cannot
            be saved (it is registered then).
        UnknownEndpointError: There is no such endpoint.
        SecretError: A key was given as itself.
        OptionError: There is no such timer or dialect.
    """
    given = {name: value for name, value in locals().items() if value is not None and name not in ("key", "save")}
    spec = session.current().register(key, **given)
    if save:
        session.current().layers.save(key, given)
    for caution in cautions(spec):
        warnings.warn(caution, stacklevel=2)
    return spec


def register_transformer(name: str, transformer: Transformer) -> None:
    """
    Give a function a name, for models that name it: in files, and with ``--request-transformer`` of a cell.

    Args:
        name: One word.
        transformer: Takes the body of a request, or a chunk of an answer, as a dict, and returns what it makes of it.

    Raises:
        RegistrationError: The name is no word, or the other is no function.
    """
    session.current().transformers.register(name, transformer)


def forget(key: str) -> ModelSpec:
    """
    Take a model out of the session, and return its spec.

    Raises:
        UnknownModelError: There is no such model.
    """
    return session.current().models.forget(key)
