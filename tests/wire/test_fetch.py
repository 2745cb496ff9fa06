"""One plain request: whatever comes back is given as it is, or raised as what it was; it never hangs."""

from __future__ import annotations

import gzip
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics import errors, session
from byom_magics.catalog.secrets import Secret
from byom_magics.catalog.spec import Endpoint
from tests.wire.answers import CHUNKED, LAST, frame, head, sized, until_close
from tests.wire.asking import eventually, fetched
from tests.wire.raw_server import (
    PATIENCE,
    Answer,
    RawServer,
    forever,
    hold,
    keep,
    never_accepts,
    nobody_listens,
    reset,
    slowly,
)

if TYPE_CHECKING:
    from byom_magics.wire.fetch import Fetched

BODY = b'{"object": "list", "data": []}'
JSON = "application/json"


def fetch(where: RawServer | str, path: str = "/models", **more: Any) -> Fetched:
    url = where if isinstance(where, str) else where.url
    return fetched(Endpoint(url, name="ours"), path, **more)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([sized(BODY, "200 OK", JSON)], id="content length"),
        pytest.param([until_close(BODY, JSON)], id="until close"),
        pytest.param([until_close(BODY, JSON, http="1.0")], id="http 1.0"),
        pytest.param([slowly(sized(BODY, "200 OK", JSON))], id="one byte at a time"),
        pytest.param([CHUNKED, frame(BODY[:3], BODY[3:]), LAST], id="chunked"),
        pytest.param([sized(gzip.compress(BODY), "200 OK", JSON, "Content-Encoding: gzip")], id="gzip"),
    ],
)
def test_the_body_comes_whole_however_it_is_wrapped(answer: Answer) -> None:
    with RawServer(answer) as server:
        found = fetch(server)
        assert (found.status, found.body) == (200, BODY)
        assert found.seconds > 0
        request = server.requests[0]
        assert request.line == "GET /v1/models HTTP/1.1"
        assert request.headers["accept"].startswith(JSON)


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "503 Service Unavailable"])
def test_a_status_is_no_error(status: str) -> None:
    with RawServer([sized(b"no", status, "text/plain", "X-Some: Value")]) as server:
        found = fetch(server)
        assert f"{found.status} {found.phrase}" == status
        assert found.body == b"no"
        assert found.headers["x-some"] == "Value"


def test_sec_32_a_redirect_is_given_back_and_not_followed() -> None:
    with (
        RawServer([sized(b"")]) as other,
        RawServer([sized(b"", "302 Found", None, f"Location: {other.url}")]) as server,
    ):
        assert fetch(server).status == 302
        assert other.peers == []


def test_a_body_is_sent_by_the_method_that_is_asked_for() -> None:
    with RawServer([sized(BODY, "200 OK", JSON)]) as server:
        fetch(server, "/api/show?a=b", method="POST", body=b'{"model": "m"}', headers={"X-More": "1"})
        request = server.requests[0]
        assert request.line == "POST /v1/api/show?a=b HTTP/1.1"
        assert request.json == {"model": "m"}
        assert request.headers["content-type"] == JSON
        assert request.headers["x-more"] == "1"


def test_the_connection_serves_the_next_request() -> None:
    with RawServer([sized(BODY, "200 OK", JSON), keep]) as server:
        assert fetch(server).body == fetch(server).body == BODY
        assert len(server.peers) == 1


def test_a_kept_connection_that_has_ended_meanwhile_is_no_news() -> None:
    with RawServer([sized(BODY, "200 OK", JSON), keep], [reset], [sized(BODY, "200 OK", JSON)]) as server:
        assert fetch(server).body == fetch(server).body == BODY
        assert len(server.peers) == 2


def test_nor_are_three_of_them() -> None:
    together = threading.Barrier(3)
    good = sized(BODY, "200 OK", JSON)
    at_once: Answer = [lambda _: together.wait(PATIENCE), good, keep]
    with RawServer(*[at_once] * 3, *[[reset]] * 3, [good]) as server:
        with ThreadPoolExecutor(3) as pool:
            assert {found.body for found in pool.map(fetch, [server] * 3)} == {BODY}
        assert fetch(server).body == BODY
        assert len(server.peers) == 4


def test_sec_24_a_key_goes_to_its_own_origin_only() -> None:
    with RawServer([sized(BODY, "200 OK", JSON), keep]) as server:
        mine = Secret("sk-canary-0123456789abcdef", source="env:A_KEY", origin=server.origin, prefix="Bearer")
        fetch(server, headers={"Authorization": mine})
        assert server.requests[0].headers["authorization"] == "Bearer sk-canary-0123456789abcdef"
        other = Secret("sk-canary-0123456789abcdef", source="env:A_KEY", origin="https://other.test:443")
        with pytest.raises(errors.PolicyError, match=r"other\.test"):
            fetch(server, headers={"Authorization": other})
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        pytest.param([b"SSH-2.0-OpenSSH_9.6\r\n"], errors.ProtocolError, "no HTTP", id="no http"),
        pytest.param([reset], errors.IncompleteError, "broke off", id="reset"),
        pytest.param([], errors.IncompleteError, "broke off", id="closed at once"),
        pytest.param([head("200 OK", JSON, "Content-Length: 99"), BODY], errors.IncompleteError, "broke", id="cut"),
        pytest.param([sized(b"x", "200 OK", JSON, "Content-Encoding: br")], errors.ProtocolError, "'br'", id="coding"),
        pytest.param(
            [sized(b"plain", "200 OK", JSON, "Content-Encoding: gzip")], errors.ProtocolError, "gzip", id="no gzip"
        ),
    ],
)
def test_what_is_no_answer_is_raised_with_the_address_and_a_next_step(
    answer: Answer, kind: type[errors.ByomError], says: str
) -> None:
    with RawServer(answer) as server:
        with pytest.raises(kind, match=says) as caught:
            fetch(server)
        assert caught.value.address == f"{server.url}/models"
        assert caught.value.hint


def test_a_port_where_nobody_listens_is_said() -> None:
    with nobody_listens() as url, pytest.raises(errors.ConnectError, match="refused"):
        fetch(url)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param([hold], "sent nothing", id="silence"),
        pytest.param([head("200 OK", JSON), forever(b" ")], "did not end", id="slow drip"),
    ],
)
def test_the_time_limit_covers_everything_and_hangs_up(answer: Answer, says: str) -> None:
    with RawServer(answer) as server:
        with pytest.raises(errors.StalledError, match=says):
            fetch(server, timeout_s=0.3)
        server.wait_for_hang_up()


def test_a_host_that_drops_connections_costs_the_time_limit() -> None:
    with never_accepts() as url, pytest.raises(errors.StalledError, match="no connection"):
        fetch(url, timeout_s=0.3)


def test_an_endless_body_is_cut_at_the_limit() -> None:
    with RawServer([head("200 OK", JSON), forever(b"x" * 65536, every=0)]) as server:
        with pytest.raises(errors.ProtocolError, match="larger than 300,000 bytes"):
            fetch(server, max_bytes=300_000)
        server.wait_for_hang_up()


def test_a_body_that_unpacks_to_more_than_the_limit_is_cut_too() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = [sized(bomb, "200 OK", JSON, "Content-Encoding: gzip")]
    with RawServer(answer) as server, pytest.raises(errors.ProtocolError, match="larger than"):
        fetch(server, max_bytes=1_000_000)


def test_an_interrupt_hangs_up_at_once() -> None:
    with RawServer([hold]) as server:

        def interrupt() -> None:
            server.wait_for_requests(1)
            signal.pthread_kill(main, signal.SIGINT)

        main = threading.get_ident()
        thread = threading.Thread(target=interrupt)
        thread.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            fetch(server, timeout_s=PATIENCE)
        thread.join()
        hang_up = server.wait_for_hang_up()
        assert hang_up.at - began < PATIENCE / 2
        assert eventually(lambda: session.current().client.active_connections() == 0)
