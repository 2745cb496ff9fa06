"""
Looking at one server: which requests tell who it is and what it offers. Steps without a network.

A look is a generator. It yields requests, is sent the answers that came, and returns what it found. Whoever drives it
may run out of time: it is then sent what there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Union
from urllib.parse import urlsplit

from byom_magics.catalog import details
from byom_magics.catalog.offers import joined, offers
from byom_magics.catalog.servers import LAST_PROBES, LIVELINESS, MODELS, PROBES, Answer, identify, is_list
from byom_magics.errors import ByomError

if TYPE_CHECKING:
    from byom_magics.catalog.preset import Preset
    from byom_magics.catalog.spec import Listed

__all__ = ["Ask", "Asked", "Known", "Lister", "Look", "Offered", "Place", "look_around", "look_at", "look_up"]

_MOST_PAGES = 50
_MOST_DETAILS = 64
_PROBE_S = 3.0
_LIST_S = 15.0

# Lists that say more than the usual one; below the base URL, or (with two slashes) below what stands before /v1.
_FURTHER = {
    "lmstudio": ("//api/v1/models", "//api/v0/models"),
    "litellm": ("/model/info",),
    "xai": ("/language-models",),
}


class Lister(Protocol):
    """What a look knows of a dialect: where its models are listed, and how the list is read."""

    @property
    def models_path(self) -> str:
        """Below the base URL; empty if nowhere."""

    def models(self, payload: object) -> list[Listed]:
        """The models of a list."""

    def next_page(self, payload: object) -> str | None:
        """The query of the next page, or None."""


@dataclass(frozen=True)
class Known:
    """
    What is known of servers beforehand.

    Attributes:
        presets: Services by their names.
        lister: Gives the lister of a dialect.
        ollama_details: A model of Ollama's with what ``/api/show`` says of it.
        ollama_running: The context of each model that ``/api/ps`` says is loaded, by name.
    """

    presets: Mapping[str, Preset]
    lister: Callable[[str], Lister]
    ollama_details: Callable[[Any, object], Any]
    ollama_running: Callable[[object], Mapping[str, int]]

    def place(self, server: str, root: str) -> Place:
        """Where the models of a server are, and how it speaks there."""
        preset = self.presets.get(server)
        if preset is not None and preset.dialect != "openai_chat":
            return Place(server, root, preset.dialect)
        base, question, query = root.partition("?")
        return Place(server, f"{base}/v1{question}{query}")


@dataclass(frozen=True)
class Ask:
    """
    One request.

    Attributes:
        base: The base URL.
        path: What is appended to it.
        dialect: Whose headers it has.
        body: JSON that is posted; None for a GET.
        seconds: How long it may take at most.
    """

    base: str
    path: str
    dialect: str = "openai_chat"
    body: bytes | None = None
    seconds: float = _PROBE_S


Asked = Mapping[Ask, Union[Answer, ByomError]]
"""What came of each request; one that is left out did not end in time."""


@dataclass(frozen=True)
class Place:
    """
    A server that is known by now.

    Attributes:
        server: The name of its preset, or of a server that has none; empty if it cannot be told.
        url: The base URL for models of it.
        dialect: How it speaks there.
    """

    server: str
    url: str
    dialect: str = "openai_chat"


@dataclass(frozen=True)
class Offered:
    """
    What a look found.

    Attributes:
        place: The server; None if there is none that serves models.
        models: What it offers.
        problem: Why there is no list: what a request failed with, or the answer that is none. None if there is one.
        complete: Whether everything was asked that says more.
    """

    place: Place | None
    models: tuple[Listed, ...] = ()
    problem: ByomError | Answer | None = None
    complete: bool = True


Look = Generator[list[Ask], Asked, Offered]


def look_around(root: str, known: Known) -> Look:
    """
    Look at what may listen at an address of this machine, which may be anything or nothing.

    Args:
        root: Scheme, host and port.
        known: What is known of servers.
    """
    ask = Ask(root, MODELS)
    first = (yield [ask]).get(ask)
    if not isinstance(first, Answer):
        return Offered(None, problem=first)
    server, in_time = yield from _server(root, first)
    if not server and not is_list(first) and not first.wants_key:
        return Offered(None, problem=first if in_time else None, complete=in_time)
    place = known.place(server, root)
    return (yield from look_at(place, known, {Ask(f"{root}/v1", "/models"): first}))


def look_up(url: str, known: Known) -> Look:
    """
    Look at an address that a person gave: its path may be missing.

    Args:
        url: The address.
        known: What is known of servers.
    """
    base, question, query = url.partition("?")
    root = base.removesuffix("/v1") + question + query
    longer = f"{base}/v1{question}{query}"
    bases = [url] if root != url else [longer, url] if not urlsplit(url).path else [url, longer]
    asks = [Ask(each, "/models", seconds=_LIST_S) for each in bases]
    asked = yield asks
    outcomes = [asked[ask] for ask in asks if ask in asked]
    answered = [(ask.base, answer) for ask in asks if isinstance(answer := asked.get(ask), Answer)]
    if not answered:
        return Offered(None, problem=outcomes[0] if outcomes else None, complete=False)
    best = [pair for pair in answered if is_list(pair[1])] or [pair for pair in answered if pair[1].wants_key]
    chosen, first = (best or answered)[0]
    server, _ = yield from _server(root, first)
    if not server and not best:
        return Offered(None, problem=first)
    place = known.place(server, root)
    if place.dialect == "openai_chat":
        place = Place(server, chosen if best else bases[0])
    return (yield from look_at(place, known, {Ask(ask.base, ask.path): answer for ask, answer in asked.items()}))


def look_at(place: Place, known: Known, before: Asked | None = None) -> Look:
    """
    List the models of a server that is known.

    Args:
        place: The server.
        known: What is known of servers.
        before: Answers that there are already.
    """
    lister = known.lister(place.dialect)
    if place.server == "mlflow" and not (before and any(is_list(each) for each in _answers(before))):
        pages = yield from _pages(_without_v1(place), "/api/2.0/endpoints/", lister, {})
    else:
        pages = yield from _pages(place, lister.models_path, lister, before or {})
    listed = [model for page in pages if isinstance(page, Answer) for model in lister.models(page.payload)]
    last = pages[-1] if pages else None
    problem = None if isinstance(last, Answer) and is_list(last) else last
    models = offers(listed)
    if not models:
        return Offered(place, problem=problem, complete=last is not None)
    offered = yield from _further(place, known, models)
    return replace(offered, problem=problem if len(pages) == 1 else None, complete=offered.complete and problem is None)


def _server(root: str, first: Answer) -> Generator[list[Ask], Asked, tuple[str, bool]]:
    """
    Which server it is, by its list and, as far as need be, by what else it answers; empty if it cannot be told.

    And whether all that was asked came to an end in time.
    """
    answers = {MODELS: first}
    server = identify(answers)
    for paths in (PROBES, LAST_PROBES):
        if server or (paths == LAST_PROBES and LIVELINESS not in answers):
            break
        asked = yield [Ask(root, path) for path in paths]
        if len(asked) < len(paths):
            return identify(answers | _by_path(asked)), False
        answers |= _by_path(asked)
        server = identify(answers)
    return server, True


def _by_path(asked: Asked) -> dict[str, Answer]:
    return {ask.path: answer for ask, answer in asked.items() if isinstance(answer, Answer)}


def _answers(asked: Asked) -> Iterator[Answer]:
    return (each for each in asked.values() if isinstance(each, Answer))


def _pages(
    place: Place, path: str, lister: Lister, before: Asked
) -> Generator[list[Ask], Asked, list[Answer | ByomError]]:
    """The answers that are the pages of a list; the last may be what went wrong."""
    pages: list[Answer | ByomError] = []
    query: str | None = ""
    while query is not None and len(pages) < _MOST_PAGES:
        joint = "&" if "?" in path else "?"
        ask = Ask(place.url, f"{path}{joint}{query}" if query else path, place.dialect, seconds=_LIST_S)
        answer = before.get(Ask(place.url, path)) if not query else None
        if answer is None:
            answer = (yield [ask]).get(ask)
        if answer is None:
            break
        pages.append(answer)
        asked = query
        query = lister.next_page(answer.payload) if isinstance(answer, Answer) and answer.ok else None
        if query == asked:
            break  # a server that sends the same page for ever
    return pages


def _further(place: Place, known: Known, models: list[Listed]) -> Look:
    lister = known.lister(place.dialect)
    if place.server == "ollama":
        return (yield from _ollama(place, known, models))
    complete = True
    for path in _FURTHER.get(place.server, ()):
        above = path.startswith("//")
        ask = Ask((_without_v1(place) if above else place).url, path[1:] if above else path, place.dialect)
        answer = (yield [ask]).get(ask)
        complete = complete and answer is not None
        more = offers(lister.models(answer.payload)) if isinstance(answer, Answer) and answer.ok else []
        if more:
            return Offered(place, tuple(joined(models, more)), complete=complete)
    if place.server == "llamacpp":
        ask = Ask(_without_v1(place).url, "/props", place.dialect)
        answer = (yield [ask]).get(ask)
        complete = answer is not None
        if isinstance(answer, Answer) and answer.ok:
            models = details.llamacpp_props(models, answer.payload)
    return Offered(place, tuple(models), complete=complete)


def _ollama(place: Place, known: Known, models: list[Listed]) -> Look:
    root = _without_v1(place).url
    shows = {
        Ask(root, "/api/show", place.dialect, json.dumps({"model": each.id}).encode()): each
        for each in models[:_MOST_DETAILS]
    }
    running = Ask(root, "/api/ps", place.dialect)
    asked = yield [*shows, running]
    told = {
        each.id: known.ollama_details(each, answer.payload)
        for ask, each in shows.items()
        if isinstance(answer := asked.get(ask), Answer) and answer.ok
    }
    models = [told.get(each.id, each) for each in models]
    answer = asked.get(running)
    if isinstance(answer, Answer) and answer.ok:
        in_use = known.ollama_running(answer.payload)
        models = [replace(each, context_window=in_use.get(each.id, each.context_window)) for each in models]
    return Offered(place, tuple(models), complete=len(asked) == len(shows) + 1 and len(models) <= _MOST_DETAILS)


def _without_v1(place: Place) -> Place:
    base, question, query = place.url.partition("?")
    return replace(place, url=base.removesuffix("/v1") + question + query)
