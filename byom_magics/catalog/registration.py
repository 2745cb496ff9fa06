"""From what a person says about a model to its spec: every value checked, every message with the way out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.catalog import checks
from byom_magics.catalog.checks import shown
from byom_magics.catalog.endpoint import endpoint_of
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Prices, Timeouts, Transformer
from byom_magics.errors import OptionError, RegistrationError

if TYPE_CHECKING:
    from byom_magics.catalog.preset import Preset

__all__ = ["cautions", "checked_fields", "checked_timeouts", "spec_of"]

_NAME = re.compile(r"[\w.:/@+-]{1,100}")
_PRICES = {
    "price_in": "input",
    "price_out": "output",
    "price_cached_in": "cached_input",
    "price_cached_out": "cached_output",
    "currency": "currency",
}
_NO_PRICES, _NO_CAPABILITIES = Prices(), Capabilities()


def spec_of(
    key: str,
    *,
    url: str | None = None,
    endpoint: Endpoint | None = None,
    preset: Preset | None = None,
    model: str | None = None,
    name: str | None = None,
    description: str | None = None,
    provider: str | None = None,
    dialect: str | None = None,
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
    source: str = "",
    locked: str = "",
    builtin: bool = False,
    endpoint_name: str = "",
    **address: Any,
) -> ModelSpec:
    """
    The spec of a model. None is what the preset says, or else what is not known.

    ``url`` is a base URL that was checked already, and ``endpoint`` one that is taken as it is: one of the two is
    given. ``endpoint_name`` is what the endpoint that is made of ``url`` is called (the model's key if empty), and
    ``address`` is what else `endpoint_of` takes for it. The others are as `ModelSpec` and `byom_magics.register` say.

    Raises:
        RegistrationError: A value cannot be used.
        SecretError: A key was given as itself.
        OptionError: A timer, or the name of a field of the body, cannot be used.
    """
    if not checks.word(key):
        message = (
            "A model's key is one word: no blanks, quotes, braces, '$' or backslashes, and no '-' or '%' in front."
        )
        raise RegistrationError(message, hint="choose one such as llama or openai/gpt-4o")
    if endpoint is None:
        if url is None:
            message = "The model has no address."
            raise RegistrationError(message, model=key, hint="give --url URL, --preset NAME or --endpoint NAME")
        endpoint = endpoint_of(url, name=endpoint_name or key, preset=preset, source=source, locked=locked, **address)
    else:
        _nothing_else(key, endpoint, url, address)
    given = (prices, price_in, price_out, price_cached_in, price_cached_out, currency)
    return ModelSpec(
        key=key,
        model=checks.one_line("model", key if model is None else model),
        endpoint=endpoint,
        name=checks.one_line("name", name or key),
        description="" if description is None else checks.text("description", description),
        provider=_first("provider", provider, preset.provider if preset is not None else None),
        dialect=_dialect(dialect, preset, endpoint.url),
        temperature=checks.number("temperature", temperature),
        top_p=checks.number("top_p", top_p, most=1),
        max_tokens=checks.whole("max_tokens", max_tokens, least=1),
        seed=checks.whole("seed", seed),
        stop=() if stop is None else checks.texts("stop", stop, lines=False),
        system=None if system is None else checks.text("system", system),
        extra_body={} if extra_body is None else checked_fields(extra_body),
        context_window=checks.whole("context_window", context_window, least=1),
        prices=_NO_PRICES if not any(each is not None for each in given) else _prices(*given),
        timeouts={} if timeouts is None else checked_timeouts(timeouts),
        capabilities=_NO_CAPABILITIES if capabilities is None else _capabilities(capabilities),
        tags=() if tags is None else tuple(dict.fromkeys(checks.texts("tags", tags))),
        pinned=None if pinned is None else checks.flag("pinned", pinned),
        request_transformer=_transformer("request_transformer", request_transformer),
        response_transformer=_transformer("response_transformer", response_transformer),
        source=source,
        locked=locked,
        builtin=builtin,
    )


def cautions(spec: ModelSpec) -> tuple[str, ...]:
    """What a person should be told when this model is registered: each a sentence or two."""
    said = []
    if not spec.endpoint.tls.verify:
        said.append(
            f"{spec.key}: the certificate of {spec.url} is not verified, so anyone in between can read and change "
            "what is said, the key included. Better: leave --insecure out, and give the server's authority with --ca."
        )
    return tuple(said)


def checked_timeouts(timeouts: object) -> dict[str, float | None]:
    """
    Timers by name, in seconds; None switches one off.

    Raises:
        OptionError: There is no such timer, or its value is no number of seconds above zero.
    """
    checked: dict[str, float | None] = {}
    for name, value in checks.mapping("timeouts", timeouts, OptionError, kind=Timeouts).items():
        if name not in Timeouts.names():
            message = f"There is no timer '{shown(name)}'."
            raise OptionError(message, hint=f"the timers are {', '.join(Timeouts.names())}")
        if value is not None and not (checks.is_number(value) and 0 < value < math.inf):
            message = f"The timer '{name}' cannot be {shown(value, quoted=True)}."
            raise OptionError(message, hint="give seconds above 0, or None to switch it off")
        checked[name] = None if value is None else float(value)
    return checked


def checked_fields(extra_body: object) -> dict[str, Any]:
    """
    Further fields of a request's body.

    Raises:
        OptionError: It is no mapping of names to values.
    """
    given = checks.mapping("extra_body", extra_body, OptionError)
    for name in given:
        if not isinstance(name, str):
            message = f"A field of extra_body cannot have the name {shown(name, quoted=True)}."
            raise OptionError(message, hint="names of fields are texts")
    return given


def _nothing_else(key: str, endpoint: Endpoint, url: str | None, address: Mapping[str, Any]) -> None:
    further = [name for name, value in {"url": url, **address}.items() if value is not None]
    if further:
        message = f"{further[0]} belongs to the endpoint, and '{endpoint.name}' has its own."
        hint = f"leave {further[0]} out, or give --url too: that makes another endpoint"
        raise RegistrationError(message, model=key, hint=hint)


def _first(what: str, given: object, known: str | None) -> str | None:
    return known if given is None else checks.one_line(what, given)


def _dialect(dialect: object, preset: Preset | None, url: str) -> str:
    if dialect is None:
        return ModelSpec.dialect if preset is None else preset.dialect_at(url)
    if not isinstance(dialect, str) or not _NAME.fullmatch(dialect):
        message = f"There is no dialect {shown(dialect, quoted=True)}."
        raise RegistrationError(message, hint="give a name such as openai_chat, anthropic, gemini or ollama")
    return dialect


def _prices(prices: object, *flat: object) -> Prices:
    given = checks.mapping("prices", prices, kind=Prices)
    for name in given:
        if name not in _PRICES.values():
            message = f"There is no price '{shown(name)}'."
            raise RegistrationError(message, hint=checks.nearest("prices", name, _PRICES.values()))
    words = {name: name for name in given}
    for (word, name), value in zip(_PRICES.items(), flat, strict=True):
        if value is not None:
            given[name], words[name] = value, word
    currency = given.pop("currency", None)
    currency = Prices.currency if currency is None else currency
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        message = f"'{shown(currency)}' is no currency."
        raise RegistrationError(message, hint="give three capital letters, such as USD or EUR")
    return Prices(**{name: checks.number(words[name], value) for name, value in given.items()}, currency=currency)


def _capabilities(capabilities: object) -> Capabilities:
    given, names = checks.mapping("capabilities", capabilities, kind=Capabilities), Capabilities.names()
    for name, value in given.items():
        if name not in names or not (value is None or isinstance(value, bool)):
            message = f"There is no capability '{shown(name)}' that can be {shown(value, quoted=True)}."
            raise RegistrationError(message, hint=f"the capabilities are {', '.join(names)}, each True, False or None")
    return Capabilities(**given)


def _transformer(what: str, given: object) -> Callable[..., Any] | str | None:
    if given is None or callable(given):
        return given
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        message = f"The {what} cannot be {shown(given, quoted=True)}."
        raise RegistrationError(message, hint="give a function, or the name of one that was registered")
    return given
