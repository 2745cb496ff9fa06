from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.errors import ConversationError, OptionError
from byom_magics.session import current
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        byom.register("llama", url=made.url)
        byom.register("gpt", url=made.url)
        yield made


def said(server: RawServer) -> list[Any]:
    return [(each["role"], each["content"]) for each in server.requests[-1].json["messages"]]


def test_what_was_said_goes_with_the_next_question(server: RawServer) -> None:
    chat = byom.Conversation("llama", system="Be brief.")
    chat.ask("One?")
    assert chat.ask("Two?").text == "Hello"
    assert said(server) == [("system", "Be brief."), ("user", "One?"), ("assistant", "Hello"), ("user", "Two?")]
    assert len(chat) == 2
    assert [each.role for each in chat.messages] == ["user", "assistant"] * 2
    assert "2 turns" in repr(chat)


def test_a_new_one_knows_nothing_of_others(server: RawServer) -> None:
    byom.Conversation("llama").ask("One?")
    byom.Conversation("llama").ask("Two?")
    assert said(server) == [("user", "Two?")]
    assert not list(current().conversations)


def test_a_name_is_that_of_the_session(server: RawServer) -> None:
    byom.ask("llama", "One?", conversation="work")
    chat = byom.Conversation("llama", "work")
    chat.ask("Two?")
    byom.ask("llama", "Three?", conversation="work")
    assert len(chat) == 3
    assert byom.ask("llama", "Four?", conversation=chat).text == "Hello"
    assert len(said(server)) == 7


def test_options_hold_for_all_questions_unless_one_says_otherwise(server: RawServer) -> None:
    chat = byom.Conversation("llama", temperature=0.5, max_tokens=9)
    chat.ask("One?", max_tokens=5)
    sent = server.requests[-1].json
    assert (sent["temperature"], sent["max_tokens"]) == (0.5, 5)


def test_models_do_not_mix_unless_asked(server: RawServer) -> None:
    chat = byom.Conversation("llama", "work")
    chat.ask("One?")
    with pytest.raises(ConversationError, match="fork"):
        byom.ask("gpt", "Two?", conversation=chat)
    copy = byom.Conversation("gpt", fork="work")
    copy.ask("Two?")
    assert said(server) == [("user", "One?"), ("assistant", "Hello"), ("user", "Two?")]
    assert len(chat) == 1


def test_a_turn_event_by_event_is_kept_too(server: RawServer) -> None:
    chat = byom.Conversation("llama")
    with chat.stream("One?") as events:
        assert "".join(event.text for event in events if event.kind == "text") == "Hello"
    assert len(chat) == 1


def test_it_goes_on_in_async_code(server: RawServer) -> None:
    async def scene() -> None:
        chat = byom.Conversation("llama")
        assert (await chat.ask_async("One?")).text == "Hello"
        async with chat.stream_async("Two?") as events:
            async for _ in events:
                pass
        assert len(chat) == 2

    asyncio.run(scene())


def test_forgetting_keeps_the_system_message(server: RawServer) -> None:
    chat = byom.Conversation("llama", "work", system="Be brief.")
    chat.ask("One?")
    chat.reset()
    assert len(chat) == 0
    byom.ask("llama", "Two?", conversation="work")
    assert said(server) == [("system", "Be brief."), ("user", "Two?")]
    assert len(chat) == 1


def test_it_can_be_read_elsewhere(server: RawServer) -> None:
    chat = byom.Conversation("llama")
    chat.ask("One?")
    assert "One?" in chat.as_markdown()
    assert json.loads(chat.as_json())["model"] == "llama"
    assert [each.model for each in chat] == ["llama"]


def test_a_conversation_that_grows_too_long_says_what_was_left_out(server: RawServer) -> None:
    byom.register("small", url=server.url, context_window=300, max_tokens=50)
    chat = byom.Conversation("small")
    replies = [chat.ask(f"{number} " + "word " * 20) for number in range(12)]
    assert "left out" in replies[-1].warnings[0]
    assert len(said(server)) < 23
    assert said(server)[-1][1].startswith("11")


def test_what_is_left_out_may_be_told_by_a_summary(server: RawServer) -> None:
    byom.register("small", url=server.url, context_window=2_000, max_tokens=50)
    chat = byom.Conversation("small", history="summarise:gpt")
    replies = [chat.ask(f"{number} " + "word " * 200) for number in range(12)]
    assert "summary" in replies[-1].warnings[0]
    assert any("Hello" in str(content) for _, content in said(server))
    assert "gpt" in {request.json["model"] for request in server.requests}


def test_what_was_written_as_json_goes_on(server: RawServer) -> None:
    chat = byom.Conversation("llama", system="Be brief.")
    chat.ask("One?")
    byom.Conversation.from_json(chat.as_json()).ask("Two?")
    assert said(server) == [("system", "Be brief."), ("user", "One?"), ("assistant", "Hello"), ("user", "Two?")]
    assert len(chat) == 1
    assert len(byom.Conversation("llama", "")) == 0


def test_what_is_read_back_may_be_named_and_go_on_with_another_model(server: RawServer) -> None:
    chat = byom.Conversation("llama")
    chat.ask("One?")
    byom.Conversation.from_json(chat.as_json(), "gpt", "lesson", temperature=0)
    byom.ask("gpt", "Two?", conversation="lesson")
    assert said(server) == [("user", "One?"), ("assistant", "Hello"), ("user", "Two?")]


def test_what_is_read_back_may_have_another_system_message(server: RawServer) -> None:
    written = byom.Conversation("llama", system="Be kind.").as_json()
    byom.Conversation.from_json(written, system="Be brief.").ask("One?")
    assert said(server) == [("system", "Be brief."), ("user", "One?")]
    byom.Conversation.from_json(written).ask("One?")
    assert said(server) == [("system", "Be kind."), ("user", "One?")]


@pytest.mark.parametrize("name", ["conversation", "fork"])
def test_another_conversation_is_refused_and_not_passed_over(server: RawServer, name: str) -> None:
    byom.ask("llama", "One?", conversation="other")
    chat = byom.Conversation("llama")
    other: dict[str, Any] = {name: "other"}
    for ask in (
        lambda: chat.ask("Two?", **other),
        lambda: chat.stream("Two?", **other),
        lambda: byom.Conversation.from_json(chat.as_json(), **other),
    ):
        with pytest.raises(OptionError, match=f"{name} names another one"):
            ask()
    assert len(server.requests) == 1


def test_what_is_no_conversation_is_not_read(server: RawServer) -> None:
    with pytest.raises(ConversationError, match="no conversation that was saved"):
        byom.Conversation.from_json("{}")
    with pytest.raises(byom.ByomError, match="nobody"):
        byom.Conversation.from_json(byom.Conversation("llama").as_json(), "nobody")


def test_a_question_of_it_has_one_answer_and_arguments_that_there_are(server: RawServer) -> None:
    chat = byom.Conversation("llama")
    with pytest.raises(byom.ByomError, match="one answer to each question"):
        chat.ask("One?", n=3)  # type: ignore[call-arg]
    with pytest.raises(byom.ByomError, match="did you mean temperature"):
        chat.ask("One?", temprature=0)  # type: ignore[call-arg]
    with pytest.raises(byom.ByomError, match="no argument 'tempo'"):
        byom.Conversation("llama", tempo=0)  # type: ignore[call-arg]
    assert not server.requests


def test_what_is_no_conversation_is_none(server: RawServer) -> None:
    with pytest.raises(byom.ByomError, match="A conversation cannot be int"):
        byom.ask("llama", "Hi", conversation=5)
