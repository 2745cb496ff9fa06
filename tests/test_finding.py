"""Discovery through the session: real sockets, whatever listens at the ports; and what is chosen, registered."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

import byom_magics as byom
from byom_magics import errors, finding, session
from byom_magics.catalog.found import Found
from byom_magics.catalog.spec import Capabilities, Listed, Policy, Prices
from tests.catalog.model_servers import LMSTUDIO, OLLAMA, RECORDED, made, recorded, serving
from tests.wire.answers import head, refused, sized
from tests.wire.raw_server import PATIENCE, RawServer, forever, hold, never_accepts, nobody_listens, slowly

SECONDS = 8.0
KEY = "sk-canary-0123456789abcdef"


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made_stack:
        yield made_stack


def test_all_recorded_servers_are_found_at_once_each_for_what_it_is(stack: ExitStack) -> None:
    servers = [stack.enter_context(serving(recorded(folder))) for folder in RECORDED]
    servers += [stack.enter_context(serving(OLLAMA)), stack.enter_context(serving(LMSTUDIO))]
    ports = [server.port for server in servers]
    found, notes = finding.discover(session.current(), ports=ports, seconds=SECONDS)
    assert [each.server for each in found] == [*RECORDED.values(), "ollama", "lmstudio"]
    assert notes == []
    assert all(port_of(each.url) == port for each, port in zip(found, ports, strict=True))


def test_ports_that_swallow_or_talk_nonsense_keep_nothing_from_being_found(stack: ExitStack) -> None:
    swallows = [
        stack.enter_context(RawServer([hold])),
        stack.enter_context(RawServer([hold], on_connect=[hold])),
        stack.enter_context(RawServer([head("200 OK", "application/json"), forever(b" ")])),
        stack.enter_context(RawServer([slowly(sized(b" " * 100_000)), hold])),
    ]
    drops = port_of(stack.enter_context(never_accepts()))
    refuses = port_of(stack.enter_context(nobody_listens()))
    nonsense = [
        stack.enter_context(RawServer([sized(b"<html>Hello</html>", "200 OK", "text/html")])),
        stack.enter_context(RawServer([b"SSH-2.0-OpenSSH_9.6\r\n"])),
        stack.enter_context(RawServer([head("200 OK", "application/json"), forever(b"[" * 65536, every=0)])),
    ]
    good = stack.enter_context(serving(OLLAMA))
    ports = [*(each.port for each in swallows), drops, refuses, *(each.port for each in nonsense), good.port]
    began = time.monotonic()
    found, notes = finding.discover(session.current(), ports=ports, seconds=1.5)
    assert time.monotonic() - began < PATIENCE / 2
    assert [each.server for each in found] == ["ollama"]
    assert all(str(each.port) in notes[0] for each in swallows[:3])
    assert str(drops) in notes[0]
    assert str(nonsense[0].port) in notes[1]
    assert all(str(each.port) in notes[2] for each in nonsense[1:])
    assert str(refuses) not in "".join(notes)
    assert all(each.wait_for_hang_up() for each in swallows)


def test_an_interrupt_ends_a_search_at_once_and_hangs_up() -> None:
    with RawServer([hold]) as server:
        main = threading.get_ident()

        def interrupt() -> None:
            server.wait_for_requests(1)
            signal.pthread_kill(main, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            finding.discover(session.current(), ports=[server.port], seconds=PATIENCE)
        thread.join()
        assert server.wait_for_hang_up().at - began < PATIENCE / 2


def test_python_asks_ports_and_endpoints_like_the_magic_does() -> None:
    with serving(OLLAMA) as server, serving(recorded("vllm")) as other:
        found = byom.discover(ports=[server.port, other.port], timeout=SECONDS)
        assert [each.server for each in found] == ["ollama", "vllm"]
        byom.register("a", url=other.url, endpoint="ours")
        (ours,) = byom.discover(endpoint="ours", timeout=SECONDS)
        assert (ours.url, ours.models) == (other.url, found[1].models)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"api_key": "env:A_KEY"}, "none is named"),
        ({"url": "http://localhost:1", "ports": [1]}, "one server is named"),
        ({"url": "http://localhost:1", "endpoint": "ours"}, "its own address"),
        ({"timeout": 0}, "timeout cannot be 0"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(errors.OptionError, match=says):
        byom.discover(**given)


def test_what_is_chosen_is_registered_with_all_that_the_server_says() -> None:
    with serving(OLLAMA) as server:
        found = byom.discover(server.origin)[0]
        assert byom.models.default is None
        assert "gemma3:4b" not in byom.models
        specs = found.register("gemma3:4b", "llama3.2:latest")
    assert [spec.key for spec in specs] == ["gemma3:4b", "llama3.2:latest"]
    first, second = specs
    assert first is byom.models["gemma3:4b"]
    assert first.endpoint is second.endpoint
    assert (first.url, first.dialect, first.provider) == (server.origin, "ollama", "ollama")
    assert (first.endpoint.name, first.endpoint.preset) == ("ollama", "ollama")
    assert (first.context_window, second.context_window) == (8192, 131072)
    assert second.capabilities.tools is True


def test_prices_capabilities_and_texts_come_along_and_limits_only_where_they_are_wanted() -> None:
    offer = Listed(
        "m", "Model M", "A text.", 100, 50, Prices(1, 2, cached_input=0.5), Capabilities(tools=True), ("new",)
    )
    for dialect, limit in (("openai_chat", None), ("anthropic", 50)):
        found = Found("", "server", "https://llm.test/v1", dialect, (offer,))
        spec = finding.register(session.current(), found, [offer], replaces=True, address={})[0]
        assert (spec.name, spec.description, spec.context_window, spec.tags) == ("Model M", "A text.", 100, ("new",))
        assert (spec.prices, spec.capabilities, spec.max_tokens) == (offer.prices, offer.capabilities, limit)
        assert spec.dialect == dialect


def test_a_key_that_is_taken_is_never_taken_over_unless_it_is_said() -> None:
    byom.register("tiny", url="http://localhost:1/v1", model="mine")
    with serving(recorded("vllm")) as server:
        found = byom.discover(server.url)[0]
        assert [spec.key for spec in found.register("tiny")] == ["vllm/tiny"]
        assert byom.models["tiny"].model == "mine"
        assert [spec.key for spec in found.register("tiny", replace=True)] == ["tiny"]
        assert byom.models["tiny"].url == server.url
        assert [spec.key for spec in found.register("tiny")] == ["tiny"]


def test_two_servers_of_one_kind_have_an_endpoint_each() -> None:
    with serving(recorded("vllm")) as one, serving(recorded("vllm")) as other:
        first = byom.discover(one.url)[0].register("all")[0]
        second = byom.discover(other.url)[0].register("all")[0]
    assert (first.key, second.key) == ("tiny", "vllm/tiny")
    assert (first.endpoint.name, second.endpoint.name) == ("vllm", "vllm-2")


def test_a_key_is_sent_for_the_list_and_for_the_models_and_an_echo_of_it_is_masked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_KEY", KEY)
    echo = {"data": [{"id": f"model-{KEY}", "description": KEY}]}
    with serving(made({"/v1/models": echo})) as server:
        found = byom.discover(server.url, api_key="env:A_KEY")[0]
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in str(found.models)
        assert found.register("all")[0].api_key == "env:A_KEY"


def test_headers_of_a_dialect_go_along() -> None:
    models = {"data": [{"id": "claude", "display_name": "Claude", "max_input_tokens": 200_000, "max_tokens": 64_000}]}
    with serving(made({"/v1/models": models})) as server:
        found = finding.look(session.current(), server.url, preset="anthropic", api_key=lambda: KEY)
        assert server.requests[0].headers["x-api-key"] == KEY
        assert "anthropic-version" in server.requests[0].headers
    spec = found.register("claude")[0]
    assert (spec.dialect, spec.max_tokens, spec.context_window) == ("anthropic", 64_000, 200_000)


def test_a_key_that_is_not_set_is_left_out_where_it_is_only_the_usual_one() -> None:
    with serving(made({"/v1/models": {"data": [{"id": "a"}]}})) as server:
        found = finding.look(session.current(), server.url, preset="openrouter")
        assert "authorization" not in server.requests[0].headers
        assert found.models[0].id == "a"
        with pytest.raises(errors.SecretError, match="NOT_SET"):
            finding.look(session.current(), server.url, preset="openrouter", api_key="env:NOT_SET")


def test_a_service_is_known_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def found_at(url: str, place: object, *_: object, **__: object) -> Found:
        asked.append((url, getattr(place, "server", None)))
        return Found("", "", url)

    monkeypatch.setattr(finding, "found_at", found_at)
    for url in (
        "https://api.openai.com",
        "https://openrouter.ai/api/v1/",
        "https://openrouter.ai/other",
        "http://localhost:8000",
    ):
        finding.look(session.current(), url)
    assert asked == [
        ("https://api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://openrouter.ai/other", None),
        ("http://localhost:8000", None),
    ]


def test_an_address_that_cannot_be_used_is_refused_without_a_models_name() -> None:
    with pytest.raises(errors.RegistrationError) as caught:
        byom.discover("ftp://localhost/v1")
    assert "Model:" not in str(caught.value)


def test_a_closed_server_says_that_it_wants_a_key() -> None:
    routes = {"/v1/models": refused("401 Unauthorized", {"error": "Unauthorized"})}
    with serving(routes) as server, pytest.raises(errors.StatusError, match="--api-key"):
        byom.discover(server.url)


def test_sec_44_a_hundred_thousand_hostile_entries_do_no_harm() -> None:
    nasty = [
        "<script>alert(1)</script>",
        "\x1b]0;owned\x07",
        "\u202egnp.exe",
        "a'b\"c",
        "{{ 1 }}",
        "-rf",
        "%magic",
        "раураl",
        "",
        " ",
    ]
    entries: list[object] = [
        {"id": f"{nasty[number % 10]}{number}", "name": nasty[number % 7]} for number in range(99_000)
    ]
    entries += [{"id": "same"}] * 900 + [None, 1, [], {"id": 5}, {"id": ["x"]}, {"id": "x" * 10_000}, {}] * 15
    body = json.dumps({"data": entries}).encode()
    before = set(byom.models)
    with serving({"/v1/models": sized(body, "200 OK", "application/json")}) as server:
        found = byom.discover(server.url)[0]
        assert set(byom.models) == before
        assert len(found.models) > 50_000
        assert len({offer.id for offer in found.models}) == len(found.models)
        with pytest.raises(errors.OptionError, match="at once"):
            found.register("all")
        specs = found.register(*(offer.id for offer in found.models[:500]))
    keys = [spec.key for spec in specs]
    assert len(set(keys)) == 500
    assert not before & set(keys)
    assert all(key.isprintable() and not set(key) & set(" '\"{}`$\\") and key[0] not in "-%" for key in keys)


def test_an_endpoint_that_is_registered_is_asked_as_it_is_and_serves_what_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_KEY", KEY)
    with serving(made({"/v1/models": {"data": [{"id": "a"}, {"id": "b"}]}})) as server:
        byom.register("a", url=server.url, endpoint="ours", api_key="env:A_KEY", headers={"X-Tenant": "t"})
        found = finding.look(session.current(), endpoint="ours")
        headers = server.requests[0].headers
        assert (headers["authorization"], headers["x-tenant"]) == (f"Bearer {KEY}", "t")
        assert len(server.requests) == 1
    assert found.register("b")[0].endpoint is byom.models["a"].endpoint


def test_sec_30_ports_and_hosts_that_a_rule_forbids_are_not_asked(stack: ExitStack) -> None:
    allowed, forbidden = (stack.enter_context(serving(OLLAMA)) for _ in range(2))
    current = session.current()
    current.policy = Policy(source="site.toml", ports=(allowed.port,))
    found, notes = finding.discover(current, ports=[allowed.port, forbidden.port], seconds=SECONDS)
    assert [port_of(each.url) for each in found] == [allowed.port]
    assert len(notes) == 1
    assert f"Not asked: port {forbidden.port}." in notes[0]
    with pytest.raises(errors.PolicyError, match=r"site\.toml"):
        finding.look(current, forbidden.origin, api_key=lambda: pytest.fail("no key is asked for in vain"))
    assert forbidden.peers == []


def test_a_preset_of_a_local_server_completes_an_address_without_a_path() -> None:
    with serving(made({"/v1/models": {"data": [{"id": "a"}]}})) as server:
        found = finding.look(session.current(), server.origin, preset="vllm")
    assert (found.server, found.title, found.url) == ("vllm", "vLLM", server.url)
