from __future__ import annotations

import pytest

import byom_magics as byom
from byom_magics import sending
from byom_magics.catalog.spec import Endpoint, ModelSpec, Policy, Timeouts, Tls
from byom_magics.errors import ConnectError, PolicyError, SecretError
from byom_magics.messages import Call, Message
from byom_magics.wire.client import Client
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer

CALL = Call((Message("user", "Hi"),))


def test_a_call_leaves_with_its_key_looked_up_now(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as server:
        spec = ModelSpec("llama", "m", Endpoint(server.url, api_key="env:SENDING_KEY"))
        client = Client(user_agent="test")
        with pytest.raises(SecretError):
            sending.send(client, (), spec, CALL, timeouts=Timeouts())
        monkeypatch.setenv("SENDING_KEY", "a-key-for-this-test")
        stream = sending.send(client, (), spec, CALL, timeouts=Timeouts())
        events = [event for batch in stream.batches() for event in batch]
        stream.close()
        client.close()
    assert events[-1].kind == "ended"
    assert server.requests[0].headers["authorization"] == "Bearer a-key-for-this-test"


def test_no_key_is_asked_for_in_vain() -> None:
    spec = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1", api_key="env:NO_SUCH_KEY"))
    with pytest.raises(PolicyError):
        sending.send(Client(user_agent="t"), (Policy("test", hosts=("other",)),), spec, CALL, timeouts=Timeouts())


def test_a_private_key_may_have_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sending.key_password(ModelSpec("a", "m", Endpoint("https://localhost:1/v1"))) is None
    monkeypatch.setenv("PEM_PASSWORD", "open sesame")
    tls = Tls(key_password="env:PEM_PASSWORD")
    found = sending.key_password(ModelSpec("a", "m", Endpoint("https://localhost:1/v1", tls=tls)))
    assert found is not None
    assert "sesame" not in repr(found)


def test_what_another_transport_says_of_an_address_is_said_to_the_person() -> None:
    byom.register("nowhere", url="demo://models/v1")
    with pytest.raises(ConnectError, match="there is no models: the built-in models are at demo://builtin/v1"):
        byom.ask("nowhere", "Hi")
