"""Where discovery meets the session: the requests go through its client, and what is chosen into its registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from byom_magics.catalog import presets, secrets
from byom_magics.catalog.discovery import found_at, local_ports, scanned
from byom_magics.catalog.looking import Known, Place
from byom_magics.catalog.offers import key_for, key_of
from byom_magics.catalog.spec import Endpoint, Prices
from byom_magics.errors import ByomError, OptionError, RegistrationError
from byom_magics.wire import rules
from byom_magics.wire.dialects import known as dialects
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.found import Found
    from byom_magics.catalog.looking import Ask
    from byom_magics.catalog.preset import Preset
    from byom_magics.catalog.spec import KeyReference, Listed, ModelSpec
    from byom_magics.session import Session
    from byom_magics.wire.fetch import Fetches

__all__ = ["discover", "facts", "look", "register", "wanted"]

_SCAN_S = 0.75  # "under a second in all", the loading of the client included
_LEAST_S = 0.3
_LOOK_S = 30.0
_MOST_SCANNED = 4 * 1024 * 1024
_NAME = "discovery"

# Services whose requests need a limit, or take a large one as it is. Others count it against the person's allowance,
# or refuse one that does not fit beside the prompt.
_LIMIT_WANTED = frozenset({"anthropic", "gemini"})


def discover(
    session: Session, *, ports: Sequence[int] | None = None, seconds: float = _SCAN_S
) -> tuple[list[Found], list[str]]:
    """
    Ask this machine's known ports, all at once.

    Args:
        session: Whose client and rules are used.
        ports: The ports; None for those of all known servers.
        seconds: For everything. Servers that are slower are named in the notes.

    Returns:
        The servers with their models, and notes on ports that gave none.
    """
    until = time.monotonic() + seconds
    services = presets.all()
    client = session.client

    with _fetches() as fetches:

        def start(tag: Hashable, ask: Ask, limit: float) -> None:
            client.start_fetch(
                fetches,
                tag,
                Endpoint(ask.base),
                ask.path,
                **_content(ask),
                timeout_s=limit,
                max_bytes=_MOST_SCANNED,
            )

        wanted = local_ports(services) if ports is None else ports
        known = _known(services)
        left = max(_LEAST_S, until - time.monotonic())  # what the loading of the client took counts too
        found, notes = scanned(wanted, known, start, fetches.next, seconds=left)
    return [_with_session(session, each) for each in found], notes


def look(
    session: Session,
    url: str | None = None,
    *,
    preset: str | None = None,
    endpoint: str | None = None,
    api_key: KeyReference | None = None,
    seconds: float = _LOOK_S,
    **address: Any,
) -> Found:
    """
    Ask one server what it offers.

    Args:
        session: Whose client and rules are used.
        url: Its address; the path may be missing. None for the preset's own.
        preset: The name of its preset; None to find out who it is.
        endpoint: The name of an endpoint that is registered, in place of an address.
        api_key: The reference of its key; None for the preset's usual one, where that is set.
        seconds: For everything.
        address: What else an endpoint can have, such as ``headers`` and ``proxy``.

    Raises:
        CallError: Nothing there serves models, or it gives no list.
        SetupError: An argument cannot be used.
    """
    services = presets.all()
    service = presets.find(preset) if preset is not None else None
    if service is None and url is not None:
        service = _service_at(url, services)
        if service is not None and urlsplit(url).path in ("", "/"):
            url = service.url
    named = {"endpoint": endpoint} if endpoint is not None and service is None and url is None else {}
    spec = _described(session, url, service, api_key, {**address, **named})
    rules.check_endpoint(spec.endpoint, session.policies)  # no key is asked for in vain
    asked = replace(spec.endpoint, name="")
    if api_key is None and secrets.describe(asked.api_key).is_set is False and not named:
        asked = replace(asked, api_key=None)  # some lists are open to all
    place: Place | None = Place(spec.endpoint.preset, spec.url, spec.dialect)
    if not named and (service is None or (service.is_local and not urlsplit(spec.url).path)):
        place = None
    client = session.client
    password = session.key_password(spec)
    headers: dict[str, Mapping[str, str | secrets.Secret]] = {}
    proxy = secrets.call_proxy(asked, origin_of=origin, model="")

    with _fetches() as fetches:

        def start(tag: Hashable, ask: Ask, limit: float) -> None:
            if ask.dialect not in headers:
                headers[ask.dialect] = _headers(asked, ask.dialect)
            client.start_fetch(
                fetches,
                tag,
                replace(asked, url=ask.base),
                ask.path,
                **_content(ask),
                headers=headers[ask.dialect],
                timeout_s=limit,
                proxy=proxy,
                key_password=password,
            )

        def next_(wait_s: float) -> tuple[Hashable, Any] | None:
            ended = fetches.next(wait_s)
            if ended is None or isinstance(ended[1], ByomError):
                return ended
            # A server may send the key back.
            body = secrets.mask(ended[1].body.decode("utf-8", "replace")).encode("utf-8", "replace")
            return ended[0], replace(ended[1], body=body)

        found = found_at(asked.url, place, _known(services), start, next_, seconds=seconds)
    if service is not None and not found.server:
        found = replace(found, server=service.name, title=service.title)
    return _with_session(session, replace(found, api_key=asked.api_key), address)


def wanted(
    session: Session,
    *,
    url: str | None,
    preset: str | None,
    endpoint: str | None,
    api_key: KeyReference | None,
    ports: Sequence[int] | None,
    timeout: float | None,
) -> list[Found]:
    """
    One server if one is named, else those of this machine; the arguments are those of `byom_magics.discover`.

    Raises:
        CallError: The server that is named does not serve models, or gives no list.
        SetupError: An argument cannot be used, or does not go with the others.
    """
    limit: dict[str, Any] = {} if timeout is None else {"seconds": timeout}
    if timeout is not None and not timeout > 0:
        what = f"The timeout cannot be {timeout}."
        raise OptionError(what, hint="give seconds above 0")
    named = url is not None or preset is not None
    if named and endpoint is not None:
        what = "An endpoint has its own address."
        raise OptionError(what, hint="leave out endpoint, or url and preset")
    if ports is not None and (named or endpoint is not None):
        what = "ports are those of this machine, and one server is named."
        raise OptionError(what, hint="leave out ports, and give the port in url")
    if named or endpoint is not None:
        return [look(session, url, preset=preset, endpoint=endpoint, api_key=api_key, **limit)]
    if api_key is not None:
        what = "A key is for one server, and none is named."
        raise OptionError(what, hint="give url, preset or endpoint too")
    return discover(session, ports=ports, **limit)[0]


def register(
    session: Session, found: Found, offers: Sequence[Listed], *, replaces: bool, address: Mapping[str, Any]
) -> list[ModelSpec]:
    """
    Bring models of a server into the session, all served at one endpoint.

    Args:
        session: Where they are registered.
        found: The server.
        offers: Its models.
        replaces: Whether models of the same keys are replaced.
        address: What else its endpoint has.

    Returns:
        The specs, those included that were registered before. One that cannot be registered is left out.

    Raises:
        RegistrationError: None of them can be registered.
    """
    made: dict[str, ModelSpec] = {}
    specs: list[ModelSpec] = []
    problem: RegistrationError | None = None
    endpoint = _endpoint_there(session, found)
    for offer in offers:
        plain = key_of(offer.id)
        there = session.models.get(plain)
        if there is not None and not replaces and (there.url, there.model) == (found.url, offer.id):
            specs.append(there)
            continue
        key = plain if replaces and plain not in made else key_for(offer.id, found.server, _Taken(session, made))
        try:
            spec = _spec(session, found, offer, key, endpoint=endpoint, address=address)
        except RegistrationError as error:
            problem = error
            continue
        endpoint = spec.endpoint
        made[key] = spec
        specs.append(spec)
    if problem is not None and not specs:
        raise problem
    session.models.register_all(made.values())
    return specs


def facts(found: Found, offer: Listed) -> dict[str, Any]:
    """What a server says of one of its models, as arguments of a registration; None where it does not say."""
    known: dict[str, Any] = {
        "model": offer.id,
        "name": offer.name or None,
        "description": offer.description or None,
        "context_window": offer.context_window,
        "max_tokens": offer.max_tokens if found.dialect in _LIMIT_WANTED else None,
        "capabilities": {
            name: value
            for name in offer.capabilities.names()
            if (value := getattr(offer.capabilities, name)) is not None
        },
        "tags": offer.tags or None,
        "dialect": found.dialect,
    }
    if offer.prices != Prices():
        known["prices"] = {each.name: getattr(offer.prices, each.name) for each in fields(Prices)}
    return known


class _Taken:
    """The keys that a new model cannot have."""

    def __init__(self, session: Session, made: Mapping[str, ModelSpec]) -> None:
        self._places = (session.models, made)

    def __contains__(self, key: object) -> bool:
        return any(key in place for place in self._places)


def _fetches() -> Fetches:
    from byom_magics.wire.fetch import Fetches  # noqa: PLC0415 - with the client

    return Fetches()


def _known(services: Mapping[str, Preset]) -> Known:
    from byom_magics.wire.dialects import ollama  # noqa: PLC0415 - with the client

    return Known(services, cast("Callable[[str], Any]", dialects.find), ollama.details, ollama.running)


def _content(ask: Ask) -> dict[str, Any]:
    return {"method": "GET"} if ask.body is None else {"method": "POST", "body": ask.body}


def _headers(endpoint: Endpoint, name: str) -> dict[str, str | secrets.Secret]:
    dialect = dialects.find(name)
    own = secrets.call_headers(
        endpoint, origin=origin(endpoint.url), header=dialect.key_header, prefix=dialect.key_prefix, model=""
    )
    return {**dialect.headers, **own}


def _service_at(url: str, services: Mapping[str, Preset]) -> Preset | None:
    """The service of others whose address that is."""
    try:
        place = origin(url if "://" in url else f"https://{url}")
    except ValueError:
        return None
    path = urlsplit(url).path.rstrip("/")
    for preset in services.values():
        same = not preset.is_local and not preset.gaps and origin(preset.url) == place
        if same and (not path or path.startswith(urlsplit(preset.url).path)):
            return preset
    return None


def _described(
    session: Session, url: str | None, service: Preset | None, api_key: KeyReference | None, address: Mapping[str, Any]
) -> ModelSpec:
    name = service.name if service is not None else None
    try:
        given = {} if api_key is None else {"api_key": api_key}
        return session.described(_NAME, url=url, preset=name, **given, **address)
    except RegistrationError as problem:
        problem.model = None  # what is asked here is no model yet
        raise


def _with_session(session: Session, found: Found, address: Mapping[str, Any] | None = None) -> Found:
    def register_with(found: Found, offers: Sequence[Listed], replaces: bool) -> list[ModelSpec]:  # noqa: FBT001 - a callback
        return register(session, found, offers, replaces=replaces, address=address or {})

    return replace(found, register_with=register_with)


def _endpoint_there(session: Session, found: Found) -> Endpoint | None:
    """The endpoint that other models of this server have already."""
    same = (each for each in session.models.endpoints.values() if each.url == found.url)
    return next((each for each in same if each.api_key == found.api_key), None)


def _spec(
    session: Session,
    found: Found,
    offer: Listed,
    key: str,
    *,
    endpoint: Endpoint | None,
    address: Mapping[str, Any],
) -> ModelSpec:
    known = facts(found, offer)
    if endpoint is not None:
        return session.described(key, endpoint=endpoint, **known)
    preset = found.server if found.server in presets.all() else None
    name = key_for(found.server or urlsplit(found.url).netloc, "", session.models.endpoints)
    provider = None if preset else found.server or None
    return session.described(
        key,
        url=found.url,
        endpoint=name,
        preset=preset,
        provider=provider,
        api_key=found.api_key,
        **known,
        **address,
    )
