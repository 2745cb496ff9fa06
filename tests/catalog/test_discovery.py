"""What is said about ports that were asked, and about a server that gives no list."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Union, cast

import pytest

from byom_magics.catalog import presets
from byom_magics.catalog.discovery import found_at, local_ports, scanned
from byom_magics.catalog.looking import Ask, Known, Place
from byom_magics.errors import ByomError, ConnectError, PolicyError, ProtocolError, StalledError, StatusError
from byom_magics.wire.dialects import known, ollama
from tests.catalog.model_servers import NOT_FOUND, OLLAMA, answer_of, made, recorded
from tests.wire.answers import refused, sized

if TYPE_CHECKING:
    from byom_magics.catalog.servers import Answer

PRESETS = presets.all()
KNOWN = Known(PRESETS, cast("Any", known.find), ollama.details, ollama.running)
Outcome = Union[Mapping[str, bytes], ByomError]


class World:
    """Servers by their addresses; what is no address refuses."""

    def __init__(self, servers: Mapping[str, Outcome | None]) -> None:
        self._servers = servers
        self._ready: deque[tuple[Hashable, Answer | ByomError]] = deque()

    def start(self, tag: Hashable, ask: Ask, _: float) -> None:
        root = next((root for root in self._servers if f"{ask.base}/".startswith(f"{root}/")), None)
        server: Outcome | None = self._servers[root] if root else ConnectError("refused")
        if isinstance(server, ByomError):
            self._ready.append((tag, server))
        elif server is not None:
            raw = server.get(f"{ask.base}{ask.path}".removeprefix(root or ""), NOT_FOUND)
            self._ready.append((tag, answer_of(raw)))

    def next(self, _: float) -> tuple[Hashable, Answer | ByomError] | None:
        return self._ready.popleft() if self._ready else None


def at(*servers: Outcome | None) -> World:
    return World({f"http://localhost:{port}": server for port, server in enumerate(servers, 1)})


def test_the_ports_are_those_of_the_presets_each_once() -> None:
    ports = local_ports(PRESETS)
    assert {11434, 1234, 8080, 8000, 1337, 4000, 5000, 8787, 9997, 8765} <= set(ports)
    assert len(set(ports)) == len(ports)


def test_servers_are_found_and_other_ports_are_said_or_passed_over() -> None:
    world = at(
        OLLAMA,
        ConnectError("refused"),
        None,
        StalledError("late"),
        made({"/": "It works!"}),
        PolicyError("Rule 'ports' of site.toml does not allow port 6."),
        ProtocolError("no HTTP"),
    )
    found, notes = scanned(range(1, 8), KNOWN, world.start, world.next, seconds=5)
    assert [(each.title, each.url, len(each.models)) for each in found] == [("Ollama", "http://localhost:1", 2)]
    assert notes == [
        "Not asked: port 6. Rule 'ports' of site.toml does not allow port 6.",
        "No answer in time: ports 3, 4. %byom_discover http://localhost:3 waits longer.",
        "No model server: port 5.",
        "No list that could be read: port 7. %byom_discover http://localhost:7 says why.",
    ]


def test_a_closed_server_at_a_port_of_one_kind_is_probably_of_that_kind() -> None:
    world = World({"http://localhost:1337": {"/v1/models": refused("401 Unauthorized", {"error": "no key"})}})
    found, _ = scanned([1337], KNOWN, world.start, world.next, seconds=5)
    assert found[0].title == "OpenAI-compatible server (Jan?)"
    assert "--api-key env:NAME" in found[0].note
    assert found[0].server == ""


def test_a_server_with_an_empty_list_says_how_to_go_on() -> None:
    world = at(recorded("transformers"))
    found = found_at("http://localhost:1", None, KNOWN, world.start, world.next, seconds=5)
    assert found.title == "transformers serve"
    assert "name one with %byom_register" in found.note


PROBLEMS = [
    pytest.param(made({"/": "hi"}), StatusError, "no model server", id="something else"),
    pytest.param({"/models": sized(b"<html>", "200 OK", "text/html"), "/v1/models": sized(b"<html>", "200 OK", "text/html")}, ProtocolError, "text/html", id="a page"),
    pytest.param({"/v1/models": refused("401 Unauthorized", {"error": "no key"})}, StatusError, "wants a key", id="a key is wanted"),
    pytest.param({**made({"/": "AI Gateway says hey!"}), "/v1/models": refused("400 Bad Request", {"status": "failure"})}, StatusError, "no list", id="a gateway without a list"),
    pytest.param(ConnectError("refused", hint="x"), ConnectError, "refused", id="nobody"),
    pytest.param(None, StalledError, "in time", id="silence"),
]  # fmt: skip


@pytest.mark.parametrize(("server", "kind", "says"), PROBLEMS)
def test_a_server_that_gives_no_list_is_an_error_that_says_why(
    server: Outcome | None, kind: type[ByomError], says: str
) -> None:
    world = at(server)
    with pytest.raises(kind, match=says) as caught:
        found_at("http://localhost:1", None, KNOWN, world.start, world.next, seconds=5)
    assert caught.value.hint


def test_a_service_that_wants_a_key_names_its_usual_variable() -> None:
    world = at({"/models": refused("401 Unauthorized", {"error": "no key"})})
    with pytest.raises(StatusError, match="OPENAI_API_KEY") as caught:
        found_at("http://localhost:1", Place("openai", "http://localhost:1"), KNOWN, world.start, world.next, seconds=5)
    assert caught.value.status == 401


def test_a_service_is_listed_in_its_own_dialect() -> None:
    page = {
        "models": [
            {"name": "models/gemini-x", "inputTokenLimit": 1000, "supportedGenerationMethods": ["generateContent"]}
        ]
    }
    world = World({"http://localhost:1": made({"/models": page, "/models?pageSize=1000": page})})
    found = found_at(
        "http://localhost:1", Place("gemini", "http://localhost:1", "gemini"), KNOWN, world.start, world.next, seconds=5
    )
    assert (found.dialect, [(each.id, each.context_window) for each in found.models]) == (
        "gemini",
        [("gemini-x", 1000)],
    )


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://evil.example/v1?from=you", "https://evil.example "),
        ("//user:word@evil.example:8443/", "http://evil.example:8443 "),
        ("http://[::1]:1/", "http://\\[::1\\]:1 "),
        ("http://[", "what is no address "),
        ("http://a:99999/", "what is no address "),
        ("/login", "http://localhost:1 "),
    ],
)
def test_sec_32_a_redirect_of_a_list_is_not_followed_and_names_where_it_leads(location: str, named: str) -> None:
    moved = refused("307 Temporary Redirect", b"", "text/plain", f"Location: {location}")
    world = at({"/models": moved, "/v1/models": moved})
    with pytest.raises(StatusError, match=f"redirects to {named}") as caught:
        found_at("http://localhost:1", None, KNOWN, world.start, world.next, seconds=5)
    assert "word" not in str(caught.value)
