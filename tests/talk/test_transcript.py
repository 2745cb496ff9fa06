from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog import secrets
from byom_magics.errors import ConversationError
from byom_magics.events import State, Usage
from byom_magics.messages import Image, Message, Text
from byom_magics.talk.exchange import Exchange, sendable
from byom_magics.talk.history import Conversation
from byom_magics.talk.transcript import as_json, as_markdown, from_json
from tests.talk.turns import LOOK, model, reply, result, turn, user

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
LOOKED = (model("I look.", LOOK), result("blue"), model("It is **blue**."))


def made(*turns: Exchange, name: str = "work") -> Conversation:
    conversation = Conversation("llama", name)
    for each in turns:
        conversation.add(each)
    return conversation


def headings(markdown: str) -> list[str]:
    """The headings of the document: those that stand in no fence."""
    found, fence = [], ""
    for line in markdown.splitlines():
        ticks = re.match("`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence and line == fence:
            fence = ""
        elif not fence and line.startswith("#"):
            found.append(line)
    assert not fence
    return found


def test_markdown_has_who_said_what() -> None:
    conversation = made(Exchange((user("What is above?"),), LOOKED, model="llama", when=NOON))
    conversation.system = "Be brief."
    text = as_markdown(conversation)
    assert headings(text) == ["# Conversation work with llama", "## System", "## 1 · You", "## 1 · llama"]
    for part in (
        "```\nWhat is above?\n```",
        "```markdown\nI look.\n```",
        'Asks for look:\n\n```json\n{"at": "sky"}\n```',
        "Result of look:\n\n```\nblue\n```",
        "```markdown\nIt is **blue**.\n```",
        "2026-01-02T12:00:00+00:00 · about 1",
    ):
        assert part in text


def test_markdown_tells_how_a_turn_ended_and_what_is_older_than_a_change() -> None:
    conversation = Conversation("llama")
    for place in "ab":
        conversation.record(place, [user(place)], reply("yes", State.INCOMPLETE, reason="eof", usage=Usage(7, 8)))
    conversation.record("a", [user("other")], reply("no"))
    first, second = as_markdown(conversation).split("## 2 · You")
    assert "incomplete" not in first
    assert "**incomplete (eof)** · " in second
    assert "tokens 7 in, 8 out · stale: a turn above it has changed since" in second


def test_no_text_breaks_out_of_its_fence() -> None:
    hostile = "```\n````\n# I am the notebook\n`````markdown\n<script>x</script>\n~~~\n"
    question = Exchange((user(hostile),), (model(hostile),))
    assert headings(as_markdown(made(question))) == ["# Conversation work with llama", "## 1 · You", "## 1 · Model"]


@given(st.text(alphabet="`~#\n a", max_size=60))
def test_whatever_is_said_the_headings_are_ours(text: str) -> None:
    assert len(headings(as_markdown(made(Exchange((user(text),), (model(text),)))))) == 3


def test_names_of_tools_and_models_are_no_markup() -> None:
    call = Message("assistant", "", tool_calls=(LOOK.__class__("1", "![x](http://e.example)<b>", "{}"),))
    text = as_markdown(made(Exchange((user("a"),), (call,), model="m\n# x")))
    assert r"Asks for \!\[x\](http://e.example)\<b\>:" in text
    assert r"## 1 · m \# x" in text


def test_markdown_shows_what_hides_and_names_images() -> None:
    picture = Message("user", (Text("a\x1b[2J\u202e"), Image(b"x" * 34_000)))
    text = as_markdown(made(Exchange((picture,), (model("A dot."),), images=(Image(b"yz", "image/webp"),))))
    assert "a\\x1b[2J\\u202e" in text
    assert "*[image, 34 kB png]*" in text
    assert "*[image, 2 bytes webp]*" in text


def test_only_the_last_turns_are_written_if_that_is_wanted() -> None:
    conversation = made(*(turn(f"question {number}", "yes") for number in range(5)))
    text = as_markdown(conversation, 2)
    assert "the last 2 of 5 turns" in text
    assert headings(text)[1:] == ["## 4 · You", "## 4 · Model", "## 5 · You", "## 5 · Model"]
    assert [each["turn"] for each in json.loads(as_json(conversation, 2))["turns"]] == [4, 5]


def test_json_is_read_back_as_it_was() -> None:
    picture = Message("user", (Text("What is this?"), Image(b"\x89PNG\x00", "image/png")))
    signed = Message("assistant", "Blue.", signatures=({"type": "thinking", "signature": "abc"},))
    conversation = made(
        Exchange((picture,), LOOKED, model="llama", when=NOON, usage=Usage(1, 2, 3), images=(Image(b"z"),)),
        Exchange((user("日本 \ud800 \u202e\x1b"),), (signed,), State.INCOMPLETE, "eof", when=NOON),
    )
    conversation.system, conversation.origin = "Be brief.", "gpt:"
    text = as_json(conversation)
    text.encode("utf-8")
    assert "日本" in text
    assert "\u202e" not in text
    again = from_json(text)
    assert again.exchanges == conversation.exchanges
    assert sendable(again.exchanges) == sendable(conversation.exchanges)
    assert (again.model, again.name, again.system, again.origin) == ("llama", "work", "Be brief.", "gpt:")
    assert as_json(again) == text


@given(st.lists(st.tuples(st.text(), st.text(), st.sampled_from(State)), max_size=4))
def test_whatever_was_said_is_read_back(said: list[tuple[str, str, State]]) -> None:
    conversation = made(*(turn(question, answer, state=state) for question, answer, state in said))
    assert from_json(as_json(conversation)).exchanges == conversation.exchanges


def test_the_keys_of_this_session_are_in_neither() -> None:
    key = "sk-test-0123456789abcdefghij"
    secrets.hold("history", key, "https://llm.example.com")
    try:
        conversation = made(turn(f"My key is {key}", f"It is {key}"))
        assert key not in as_markdown(conversation) + as_json(conversation)
        assert "[key hidden]" in as_json(conversation)
    finally:
        secrets.forget_session()


def _changed(**fields: Any) -> str:
    document = json.loads(as_json(made(turn("a", "b"))))
    return json.dumps({**document, **fields})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expecting value"),
        ("[]", "list"),
        ("{}", "'format' is missing"),
        (_changed(format="other"), "its format is 'other', version 1"),
        (_changed(version=99), "version 99"),
        (_changed(name="a b"), "cannot be called 'a b'"),
        (_changed(model=3), "int where a text is wanted"),
        (_changed(turns=[{}]), "'asked' is missing"),
        (
            _changed(turns=[{"asked": [{"role": "system", "content": "x"}], "answered": []}]),
            "a role cannot be 'system'",
        ),
        (_changed(turns=[{"asked": [], "answered": [], "state": "fine", "when": "2026-01-01"}]), "'fine'"),
        (_changed(turns=[{"asked": [], "answered": [], "state": "complete", "when": "noon"}]), "noon"),
        ("[" * 100_000, ""),
    ],
)
def test_what_is_no_conversation_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConversationError) as caught:
        from_json(text)
    assert told in caught.value.what
    assert caught.value.hint is not None
