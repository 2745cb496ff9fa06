"""
Finding models: which servers run on this machine, and what a server offers.

How requests travel is not known here: they are begun by one callable and their answers come from another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from byom_magics.catalog.found import Found
from byom_magics.catalog.looking import Known, Offered, Place, look_around, look_at, look_up
from byom_magics.catalog.servers import Answer
from byom_magics.catalog.walking import Next, Start, drive
from byom_magics.errors import ByomError, PolicyError, ProtocolError, StalledError, StatusError
from byom_magics.plain import one_line

if TYPE_CHECKING:
    from byom_magics.catalog.preset import Preset

__all__ = ["found_at", "local_ports", "scanned"]

_UNKNOWN = "OpenAI-compatible server"


def local_ports(presets: Mapping[str, Preset]) -> tuple[int, ...]:
    """Where model servers listen unless they were told otherwise."""
    return tuple(dict.fromkeys(port for each in presets.values() for port in each.ports))


def scanned(
    ports: Sequence[int], known: Known, start: Start, next_: Next, seconds: float
) -> tuple[list[Found], list[str]]:
    """
    Ask ports of this machine, all at once.

    Args:
        ports: The ports.
        known: What is known of servers.
        start: Begins a request.
        next_: Gives what came of one.
        seconds: For everything.

    Returns:
        The servers, and what else there is to say on ports where something is.
    """
    looks = [look_around(f"http://localhost:{port}", known) for port in ports]
    found, silent, foreign, odd = [], [], [], []
    refused: dict[str, list[int]] = {}
    for port, offered in zip(ports, drive(looks, start, next_, seconds=seconds), strict=True):
        if offered.place is not None:
            found.append(_found(offered, known.presets, _likely(port, offered, known.presets)))
        elif isinstance(offered.problem, PolicyError):
            refused.setdefault(offered.problem.what, []).append(port)
        elif isinstance(offered.problem, ProtocolError):
            odd.append(port)  # it may well be one, with a list that is too large to be read in time
        elif isinstance(offered.problem, Answer):
            foreign.append(port)
        elif offered.problem is None or isinstance(offered.problem, StalledError):
            silent.append(port)
    notes = [f"Not asked: {_ports(those)}. {what}" for what, those in refused.items()]
    if silent:
        notes.append(f"No answer in time: {_ports(silent)}. %byom_discover http://localhost:{silent[0]} waits longer.")
    if foreign:
        notes.append(f"No model server: {_ports(foreign)}.")
    if odd:
        notes.append(f"No list that could be read: {_ports(odd)}. %byom_discover http://localhost:{odd[0]} says why.")
    return found, notes


def found_at(url: str, place: Place | None, known: Known, start: Start, next_: Next, *, seconds: float) -> Found:
    """
    Look at one server.

    Args:
        url: Its address; the path may be missing where there is no place.
        place: What is known of it, or None if that is to be found out.
        known: What is known of servers.
        start: Begins a request.
        next_: Gives what came of one.
        seconds: For everything.

    Raises:
        CallError: There is no server that serves models, or it gives no list.
    """
    look = look_up(url, known) if place is None else look_at(place, known)
    offered = drive([look], start, next_, seconds=seconds)[0]
    if offered.place is None or (offered.problem is not None and not offered.models):
        raise _problem(url, known.presets.get(place.server) if place is not None else None, offered)
    return _found(offered, known.presets)


def _found(offered: Offered, presets: Mapping[str, Preset], likely: str = "") -> Found:
    place = offered.place
    assert place is not None  # noqa: S101 - the caller has looked
    preset = presets.get(place.server)
    title = preset.title if preset is not None else place.server or _UNKNOWN
    note = ""
    if isinstance(offered.problem, Answer) and offered.problem.wants_key:
        note = f"wants a key: %byom_discover {place.url} --api-key env:NAME"
    elif isinstance(offered.problem, Answer):
        status = offered.problem.status
        note = f"gives no list ({status}); if it wants a key: %byom_discover {place.url} --api-key env:NAME"
    elif offered.problem is not None:
        note = f"its list did not come: %byom_discover {place.url} says why"
    elif not offered.complete:
        note = f"not all that it says came in time: %byom_discover {place.url} waits longer"
    elif not offered.models:
        note = "lists no models: name one with %byom_register KEY --url … --model NAME"
    return Found(place.server, title + likely, place.url, place.dialect, offered.models, note=note)


def _likely(port: int, offered: Offered, presets: Mapping[str, Preset]) -> str:
    """Who usually listens there, where the answers do not tell."""
    names = [each.title for each in presets.values() if port in each.ports]
    return f" ({names[0]}?)" if len(names) == 1 and offered.place is not None and not offered.place.server else ""


def _problem(url: str, preset: Preset | None, offered: Offered) -> ByomError:
    problem = offered.problem
    if isinstance(problem, ByomError):
        return problem
    if problem is None:
        what = "The server did not answer in time."
        return StalledError(what, address=url, hint="see whether it is busy or still starting, and try again")
    if problem.wants_key:
        usual = preset.api_key if preset is not None and isinstance(preset.api_key, str) else "env:NAME"
        what = f"The server answered {problem.status}: it wants a key, or another one."
        hint = f"give it as --api-key {usual} (that variable has to be set), or --api-key ask to type it"
        error = StatusError(what, address=url, hint=hint)
        error.status = problem.status
        return error
    there = _redirected(url, problem)
    if there:
        what = f"The server at {_place(url)} redirects to {there} ({problem.status}). Redirects are not followed."
        hint = "if you trust that address, ask it itself: %byom_discover with that address"
    elif offered.place is not None:
        what = f"{offered.place.server or 'The server'} gives no list of models ({problem.status})."
        hint = "if it wants a key, add --api-key env:NAME; or name a model: %byom_register KEY --url … --model NAME"
    else:
        kind = problem.headers.get("content-type", "nothing that it names").partition(";")[0]
        what = f"What answers there is no model server ({problem.status}, {one_line(kind, 60)})."
        hint = "check the address: it is that of an API, such as http://localhost:11434 or https://host/v1"
    if problem.ok:
        return ProtocolError(what, address=url, hint=hint)
    error = StatusError(what, address=url, hint=hint)
    error.status = problem.status
    return error


def _ports(ports: Sequence[int]) -> str:
    return f"port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}"


def _redirected(url: str, answer: Answer) -> str:
    """Where a redirect would lead to: scheme, host and port. Empty if it is none."""
    target = answer.headers.get("location", "")
    if not (300 <= answer.status < 400 and target):
        return ""
    try:
        return _place(urljoin(url, target))
    except ValueError:
        return "what is no address"


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "what is no address"
    host = parts.hostname or ""
    return one_line(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}", 200)
