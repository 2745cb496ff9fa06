from __future__ import annotations

import json

import pytest

import byom_magics as byom
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer


def look(place: str) -> str:
    """Look at a place."""
    return place


def test_what_would_be_sent_is_what_is_sent_but_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", "a-secret-of-mine-0123456789")
    with RawServer(GOOD) as server:
        byom.register("llama", url=server.url, api_key="env:LLAMA_KEY")
        seen = byom.preview("llama", "Hi", system="Be brief.", tools=[look], temperature=0)
        assert not server.requests
        byom.ask("llama", "Hi", system="Be brief.", tools=[look], temperature=0)
        assert json.loads(seen.body) == server.requests[-1].json
    assert (seen.method, seen.url) == ("POST", f"{server.url}/chat/completions")
    assert "a-secret-of-mine" not in str(seen)
    assert "tools" in seen.beside[0]


def test_a_conversation_is_previewed_and_stays_as_it_is() -> None:
    with RawServer(GOOD) as server:
        byom.register("llama", url=server.url)
        chat = byom.Conversation("llama")
        chat.ask("One?")
        seen = byom.preview("llama", "Two?", conversation=chat)
    assert [each["content"] for each in json.loads(seen.body)["messages"]] == ["One?", "Hello", "Two?"]
    assert len(chat) == 1


def test_an_argument_that_there_is_not_is_refused() -> None:
    with pytest.raises(byom.ByomError, match="did you mean temperature"):
        byom.preview("demo/pydoc", "Hi", temprature=0)  # type: ignore[call-arg]


def test_the_answers_that_are_kept_can_be_counted_and_taken_away() -> None:
    byom.cache.clear()
    byom.ask("demo/bigram", "The", max_tokens=2, cache=True, extra_body={"tokens_per_second": 0})
    assert byom.cache.size()[0] == 1
    assert byom.cache.clear()[0] == 1
    assert byom.cache.size()[0] == 0
