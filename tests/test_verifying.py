from __future__ import annotations

import pytest

from byom_magics import session
from byom_magics.catalog.secrets import Secret
from byom_magics.verifying import verify_key
from byom_magics.wire.policy import origin
from tests.wire.answers import GOOD, refused
from tests.wire.raw_server import RawServer


def test_a_key_is_taken_if_anything_of_an_answer_comes() -> None:
    with RawServer(GOOD) as server:
        here = session.current()
        here.register("llama", url=server.url, model="m", api_key="env:NOT_SET")
        assert verify_key(here, "llama", _key(server.url)) is None
    assert server.requests[0].headers["authorization"] == "Bearer a-new-key-for-this-test"
    assert here.last_reply is None


@pytest.mark.parametrize(("status", "taken"), [("401 Unauthorized", False), ("422 Unprocessable Entity", True)])
def test_what_a_server_refuses_tells_whether_it_was_the_key(status: str, taken: bool) -> None:
    no = refused(status, {"error": "who are you?"}, "application/json", "X-Should-Retry: false")
    with RawServer([no]) as server:
        here = session.current()
        here.register("llama", url=server.url, model="m", api_key="env:NOT_SET")
        said = verify_key(here, "llama", _key(server.url))
    assert (said is None) is taken
    assert taken or "who are you?" in str(said)


def _key(url: str) -> Secret:
    return Secret("a-new-key-for-this-test", source="typed", origin=origin(url))
