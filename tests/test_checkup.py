"""Whole examinations against real servers: what each step says, and that nothing hangs, leaks or is left behind."""

from __future__ import annotations

import contextlib
import getpass
import gzip
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.catalog.secrets import masking
from byom_magics.catalog.spec import Policy
from byom_magics.checkup import Checkup, checkup, checkup_all
from byom_magics.wire.doctor import STEPS, Diagnosis, Step
from tests.checking import ANSWER, answered, listed, model_server, respond_always, tool_called
from tests.wire.answers import CHUNKED, chunk, frame, refused, sized
from tests.wire.asking import eventually
from tests.wire.raw_server import PATIENCE, RawServer, forever, hold, never_accepts, nobody_listens, tell

KEY = "sk-canary-0123456789abcdef"
PAGE = b"<html><head><title>Sign in to Example Company</title></head><body>...</body></html>"


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CANARY_KEY", KEY)
    yield
    assert eventually(lambda: not [each for each in threading.enumerate() if each.name.startswith("byom-doctor")])
    client = session.current()._client
    assert client is None or eventually(lambda: client.active_connections() == 0)
    masking._seen.clear()


def register(where: RawServer | str, key: str = "it", **more: Any) -> str:
    url = where if isinstance(where, str) else where.url
    byom.register(key, url=url, model=more.pop("model", "m"), **more)
    return key


def examined(where: RawServer | str, *, quick: bool = False, **more: Any) -> dict[str, Step]:
    found = checkup(session.current(), register(where, **more), quick=quick)
    assert tuple(step.name for step in found.steps) == STEPS
    for step in found.steps:
        assert KEY not in f"{step.detail}{step.next_step}"
        assert step.next_step or step.verdict in ("ok", "skipped"), step
    return {step.name: step for step in found.steps}


def verdicts(found: dict[str, Step]) -> dict[str, str]:
    return {name: step.verdict for name, step in found.items() if step.verdict != "ok"}


# What is well, and what is not


def test_all_is_well() -> None:
    with model_server() as server:
        found = examined(server, api_key="env:CANARY_KEY")
        assert verdicts(found) == {"name": "skipped", "TLS": "skipped"}
        assert found["address"].detail == server.url
        assert found["key"].detail == "env:CANARY_KEY, sent as Authorization"
        assert found["model list"].detail == "2 models"
        assert found["answer"].detail == "complete by served: 1, 2, 3, 4, 5"
        assert found["streaming"].detail.startswith("3 pieces")
        assert found["usage"].detail == "tokens 9 in, 7 out"
        assert found["tools"].detail == 'it asked for get_weather({"city": "Oslo"})'
        assert [request.line.split()[0] for request in server.requests] == ["GET", "POST", "POST"]
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


def test_a_quick_examination_asks_no_model() -> None:
    with model_server() as server:
        found = examined(server, quick=True)
        assert {found[name].detail for name in STEPS[-4:]} == {"nothing was asked"}
        assert [request.line.split()[0] for request in server.requests] == ["GET"]


def test_the_built_in_models_are_examined_like_any_other() -> None:
    found = checkup(session.current(), "demo/bigram")
    assert found.ok
    assert found.worst is None


@pytest.mark.parametrize(
    ("answer", "step", "says", "then"),
    [
        pytest.param(refused("401 Unauthorized", {"error": {"message": "bad key"}}), "model list", ("401", "bad key"), "env:CANARY_KEY", id="401"),
        pytest.param(refused("403 Forbidden", {"error": "not yours"}), "answer", ("403", "not yours"), "may not use", id="403"),
        pytest.param(refused("404 Not Found", {"detail": "Not Found"}), "answer", ("404",), "nothing answers at this path", id="404 path"),
        pytest.param(refused("404 Not Found", {"error": {"message": "The model `m` does not exist", "code": "model_not_found"}}), "answer", ("404", "does not exist"), "has no model 'm'", id="404 model"),
        pytest.param(sized(PAGE, "200 OK", "text/html"), "answer", ("Sign in to Example Company",), "address", id="sign-in page"),
        pytest.param(sized(PAGE, "502 Bad Gateway", "text/html"), "answer", ("502", "Sign in to Example Company"), "again", id="proxy's page"),
        pytest.param(sized(b"", "302 Found", None, "Location: https://other.test/login"), "answer", ("302", "other.test"), "--url", id="redirect"),
        pytest.param(refused("407 Proxy Authentication Required"), "model list", ("407",), "", id="407"),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_told_in_the_step_where_it_matters(
    answer: bytes, step: str, says: tuple[str, ...], then: str
) -> None:
    with respond_always(answer) as server:
        found = examined(server, api_key="env:CANARY_KEY")
        failed = [each for each in found.values() if each.verdict == "failed"]
        assert [each.name for each in failed] == [step]
        assert all(word in failed[0].detail for word in says), failed
        assert then in failed[0].next_step


def test_a_model_that_is_not_served_is_told_with_those_that_are() -> None:
    gone = refused("404 Not Found", {"error": {"message": "The model `large-2` does not exist"}})
    with model_server([listed("large-1", "tiny")], [gone]) as server:
        found = examined(server, model="large-2")
        assert found["model served"].verdict == "warning"
        assert "'large-1'" in found["model served"].next_step
        assert (found["answer"].verdict, "large-2" in found["answer"].next_step) == ("failed", True)


def test_a_server_without_a_list_answers_all_the_same() -> None:
    with model_server([refused("404 Not Found", {"detail": "Not Found"})]) as server:
        found = examined(server)
        assert verdicts(found) == {
            "name": "skipped",
            "TLS": "skipped",
            "model list": "warning",
            "model served": "skipped",
        }


def test_a_list_in_gzip_is_read() -> None:
    body = gzip.compress(json.dumps({"data": [{"id": "m"}]}).encode())
    with model_server([sized(body, "200 OK", "application/json", "Content-Encoding: gzip")]) as server:
        assert examined(server)["model served"].verdict == "ok"


def test_an_answer_that_does_not_stream_is_told() -> None:
    long = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
    with model_server(answer=[answered(long)]) as server:
        found = examined(server)["streaming"]
        assert (found.verdict, "one piece" in found.detail) == ("warning", True)


def test_usage_that_is_not_sent_and_tools_that_are_dropped_are_told() -> None:
    plain = [answered("It is sunny", " in Oslo.", usage=False)]
    with model_server(answer=plain, tools=plain) as server:
        found = examined(server)
        assert (found["usage"].verdict, found["tools"].verdict) == ("warning", "warning")
        assert "It is sunny in Oslo." in found["tools"].detail


def test_a_list_of_a_hundred_thousand_hostile_entries_does_no_harm() -> None:
    entries: list[Any] = [
        {"id": f"\x1b[2J<img src=x onerror=alert(1)>\u202e{number}" + "x" * (number % 300)} for number in range(99_990)
    ]
    entries += [None, 5, [], {}, {"id": None}, {"id": {"id": "m"}}, "m", {"id": "m"}, {"id": "x" * 100_000}]
    body = json.dumps({"object": "list", "data": entries}).encode()
    with model_server([sized(body, "200 OK", "application/json")]) as server:
        found = examined(server)
        assert found["model served"].verdict == "ok"
        assert found["tools"].verdict == "ok"
        said = "".join(f"{step.detail}{step.next_step}" for step in found.values())
        assert not set("\x1b\u202e") & set(said)
        assert len(said) < 5_000


def test_pages_of_a_list_that_never_end_are_left() -> None:
    page = {"data": [{"id": "m"}], "has_more": True, "last_id": "m"}
    with model_server([sized(json.dumps(page).encode(), "200 OK", "application/json")]) as server:
        examined(server, dialect="anthropic", quick=True)
        assert len(server.requests) < 50


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    with model_server(answer=[CHUNKED, frame(chunk("1, 2"))]) as server:
        found = examined(server)
        assert found["answer"].verdict == "failed"
        assert found["tools"].detail == "not reached"


def test_nobody_listens() -> None:
    with nobody_listens() as url:
        found = examined(url)
        assert (found["connection"].verdict, "refused" in found["connection"].detail) == ("failed", True)


# Keys and rules


def test_a_key_that_is_not_set_is_told_before_anything_is_sent() -> None:
    with model_server() as server:
        found = examined(server, api_key="env:NOT_SET_ANYWHERE")
        assert (found["key"].verdict, found["model list"].detail) == ("failed", "not reached")
        assert "NOT_SET_ANYWHERE" in found["key"].detail
        assert server.requests == []


def test_a_key_that_must_not_travel_is_told_before_anything_is_sent() -> None:
    with respond_always(ANSWER[0]) as proxy:
        key = register("http://localhost:1/v1", api_key="env:CANARY_KEY", allow_http_key=True, proxy=proxy.origin)
        spec = byom.models[key]
        byom.models.register(replace(spec, endpoint=replace(spec.endpoint, url="http://models.test/v1")))
        session.current().policy = Policy("the rules", keys_over_http=False)
        found = {step.name: step for step in checkup(session.current(), key).steps}
        assert (found["connection"].verdict, found["key"].verdict) == ("ok", "failed")
        assert "'keys_over_http' in the rules" in found["key"].detail
        assert proxy.requests == []


def test_a_key_is_asked_for_on_the_callers_thread_and_before_anything_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[threading.Thread] = []

    def type_it(_: str = "") -> str:
        asked.append(threading.current_thread())
        return KEY

    monkeypatch.setattr(getpass, "getpass", type_it)
    with model_server() as server:
        found = examined(server, api_key="ask")
        assert asked == [threading.current_thread()]
        assert found["key"].detail == "ask (typed in this session), sent as Authorization"
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_no_key_is_asked_for_where_a_rule_forbids_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda *_: pytest.fail("a key was asked for"))
    key = register("https://models.test/v1", api_key="ask")
    session.current().policy = Policy("/etc/byom.toml", air_gapped=True)
    found = checkup(session.current(), key)
    assert (found.steps[0].verdict, "/etc/byom.toml" in found.steps[0].detail) == ("failed", True)


def test_rules_that_allow_it_are_named() -> None:
    with model_server() as server:
        session.current().policy = Policy("/etc/byom.toml", regions=("eu",))
        found = examined(server, region="eu", quick=True)
        assert found["address"].detail == f"{server.url}, region eu, allowed by the rules in /etc/byom.toml"


def test_a_setting_that_cannot_be_used_fails_the_step_that_needs_it() -> None:
    key = register("https://models.test/v1", proxy="http://proxy.test:3128", proxy_login="env:NOT_SET_ANYWHERE")
    found = checkup(session.current(), key)
    assert (found.steps[0].verdict, "NOT_SET_ANYWHERE" in found.steps[0].detail) == ("failed", True)


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(lambda: respond_always(refused("401 Unauthorized", {"error": f"no such key: {KEY}"})), id="401"),
        pytest.param(lambda: respond_always(refused(f"403 {KEY}", {"error": KEY})), id="403"),
        pytest.param(lambda: respond_always(sized(PAGE.replace(b"Sign in", KEY.encode()), "200 OK", "text/html")), id="page"),
        pytest.param(lambda: model_server([listed(f"a-{KEY}", f"b{'x' * 50}{KEY}")], [answered(KEY)], [tool_called(f"{'x' * 30}{KEY}", KEY)]), id="everything"),
        pytest.param(lambda: model_server(answer=[chunked_model(KEY)], tools=[answered("a ", KEY)]), id="names"),
    ],
)  # fmt: skip
def test_a_key_that_the_server_sends_back_is_in_no_step(server: Callable[[], RawServer]) -> None:
    with server() as running:
        found = examined(running, api_key="env:CANARY_KEY")
        said = "".join(f"{step.detail}{step.next_step}" for step in found.values())
        assert "[key hidden]" in said
        assert KEY[:12] not in said


def chunked_model(name: str) -> bytes:
    body = chunk("1, 2", model=name) + chunk("", "stop", model=name)
    return CHUNKED + frame(body, b"data: [DONE]\n\n") + b"0\r\n\r\n"


# Stopping


def waits() -> Iterator[tuple[str, Callable[[threading.Event], RawServer]]]:
    yield "list", lambda reached: model_server([tell(reached), hold])
    yield "answer", lambda reached: model_server(answer=[tell(reached), hold])
    yield "middle of an answer", lambda reached: model_server(answer=[CHUNKED, frame(chunk("1")), tell(reached), hold])
    yield "tools", lambda reached: model_server(tools=[tell(reached), hold])
    yield "endless answer", lambda reached: model_server(answer=[CHUNKED, tell(reached), forever(frame(chunk("1")))])


@pytest.mark.parametrize("served", [pytest.param(make, id=name) for name, make in waits()])
def test_leaving_hangs_up_whatever_step_is_being_taken(served: Callable[[threading.Event], RawServer]) -> None:
    reached = threading.Event()
    with served(reached) as server:
        spec = session.current().spec(register(server))
        before = len(server.hang_ups)
        with Checkup(session.current(), spec) as running:
            assert reached.wait(PATIENCE)
        assert eventually(lambda: len(server.hang_ups) > before)
        assert [step.verdict for step in running] != []  # it ends


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_interrupt_hangs_up_at_once(scheme: str) -> None:
    main = threading.get_ident()

    def interrupt(_: object) -> None:
        signal.pthread_kill(main, signal.SIGINT)

    server = model_server(answer=[interrupt, hold]) if scheme == "http" else RawServer(on_connect=[interrupt, hold])
    with server:
        register(server.url.replace("http", scheme, 1))
        with pytest.raises(KeyboardInterrupt):
            byom.doctor("it")
        server.wait_for_hang_up()


def test_an_interrupt_while_nothing_answers_ends_the_wait() -> None:
    with never_accepts() as url:
        register(url)
        main = threading.get_ident()
        timer = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            byom.doctor("it")
        timer.join()
        assert time.monotonic() - began < PATIENCE / 2


def test_what_is_stopped_before_it_begins_connects_to_nothing() -> None:
    with model_server() as server:
        running = Checkup(session.current(), session.current().spec(register(server)))
        running._probes.stop()
        with running:
            steps = list(running)
        assert server.requests == []
        assert "failed" in {step.verdict for step in steps}


def test_a_fault_of_our_own_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        message = "a bug"
        raise RuntimeError(message)

    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    monkeypatch.setattr("byom_magics.checkup._Probes.key", broken)
    with model_server() as server:
        found = checkup(session.current(), register(server))
        assert not found.ok
        assert (found.steps[-1].name, found.steps[-1].verdict) == ("examination", "failed")
        assert found.steps[-1].next_step
        assert eventually(lambda: len(told) == 1)


# All of them


def test_many_are_examined_at_once_and_one_that_hangs_holds_up_no_other() -> None:
    hung = threading.Event()
    with model_server() as good, model_server(answer=[tell(hung), hold]) as bad, nobody_listens() as dead:
        register(bad, "hangs")
        for number in range(12):
            register(good, f"good{number}")
        register(dead, "dead")
        wanted = ["hangs", "dead", *(f"good{number}" for number in range(12))]
        found: dict[str, Diagnosis] = {}
        with contextlib.closing(checkup_all(session.current(), wanted)) as diagnoses:
            for diagnosis in diagnoses:
                if diagnosis is not None:
                    found[diagnosis.model] = diagnosis
                if len(found) == 13:
                    break
        assert set(found) == {*wanted} - {"hangs"}
        assert hung.is_set()
        assert {key for key, each in found.items() if not each.ok} == {"dead"}
        bad.wait_for_hang_up(2)  # of the list, and of the question


def test_all_keys_are_asked_for_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server() as one, model_server() as two:
        sent: list[int] = []

        def type_it(_: str = "") -> str:
            sent.append(len(one.requests) + len(two.requests))
            return KEY

        monkeypatch.setattr(getpass, "getpass", type_it)
        register(one, "one", api_key="ask")
        register(two, "two", api_key="ask")
        found = byom.doctor_all(quick=True)
        assert sent == [0, 0]
        assert found["one"].ok
        assert found["two"].ok
        assert list(found) == list(byom.models)


def test_one_that_cannot_even_begin_does_not_stop_the_others() -> None:
    with model_server() as server:
        register(server, "good")
        register(server, "bad", api_key="env:NOT_SET_ANYWHERE")
        found = byom.doctor_all(quick=True)
        assert (found["good"].ok, found["bad"].ok) == (True, False)


# Words


def test_answers_that_are_held_back_on_the_way_are_told() -> None:
    pieces = [f"{number}, " for number in range(30)]

    def late(_: object) -> None:
        threading.Event().wait(1.1)

    with model_server(answer=[late, answered(*pieces)]) as server:
        found = examined(server)["streaming"]
        assert (found.verdict, "all at once" in found.detail) == ("warning", True)
        assert "buffering" in found.next_step
