from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone

import pytest

from byom_magics.catalog import secrets
from byom_magics.events import State, Usage
from byom_magics.messages import Image, Message, Text, ToolCall
from byom_magics.show.history import overview, past_shown
from tests.show.safe import read, text_of

LOOK = ToolCall("call_1", "look", '{"at": "sky"}')
DOT = Image(b"\x89PNG")


@dataclass
class Said:
    """A turn, made of plain words."""

    asked: tuple[Message, ...]
    answered: tuple[Message, ...]
    state: State = State.COMPLETE
    reason: str | None = None
    model: str = "llama"
    usage: Usage = field(default_factory=Usage)
    tokens: int = 12
    images: tuple[Image, ...] = ()


@dataclass
class Talk:
    """A conversation, made of turns."""

    exchanges: list[Said]
    stale: tuple[bool, ...]
    model: str = "llama"
    name: str = "work"
    system: str | None = None
    origin: str = ""
    tokens: int = 1_234
    used: datetime | None = None

    @property
    def title(self) -> str:
        return f"conversation {self.name} with {self.model}"


def said(question: str, answer: str, **more: object) -> Said:
    return Said((Message("user", question),), (Message("assistant", answer),), **more)  # type: ignore[arg-type]


def talk(*turns: Said, stale: tuple[bool, ...] = (), **more: object) -> Talk:
    return Talk(list(turns), stale or (False,) * len(turns), **more)  # type: ignore[arg-type]


def test_both_forms_tell_who_said_what() -> None:
    shown = past_shown(talk(said("What is *this*?", "It is **blue**."), system="Be brief.", origin="gpt:"))
    assert "strong" in read(shown.html).tags
    for text in (text_of(shown.html), shown.plain):
        assert "Conversation work with llama · 1 turn · about 1,234 tokens · begun with a copy of gpt:" in text
        assert "System: Be brief." in text
        assert "What is *this*?" in text
        assert "1 · about 12 tokens" in text
    assert "It is blue." in text_of(shown.html)
    assert "[You]\nWhat is *this*?\n[llama]\nIt is **blue**." in shown.plain


def test_the_last_turns_are_open_and_those_before_them_folded() -> None:
    shown = past_shown(talk(*(said(f"question {number}", "yes") for number in range(8))))
    assert read(shown.html).tags.count("details") == 5
    assert "1 · question 0 · about 12 tokens" in text_of(shown.html)


def test_what_is_not_as_it_should_be_says_so() -> None:
    broken = said("a", "b", state=State.INCOMPLETE, reason="eof")
    cancelled = Said((Message("user", "c"),), (), State.CANCELLED)
    shown = past_shown(talk(broken, cancelled, said("d", "e"), stale=(False, False, True)))
    for text in (text_of(shown.html), shown.plain):
        assert "INCOMPLETE: the answer broke off (eof)" in text
        assert "CANCELLED" in text
        assert text.count("stale: a turn above it has changed since") == 1


def test_a_tool_is_one_line_with_its_result_folded() -> None:
    rounds = (
        Message("assistant", "", tool_calls=(LOOK,)),
        Message("tool", "blue", tool_call_id="call_1", tool_name="look"),
        Message("assistant", "And again.", tool_calls=(LOOK,)),
        Message("tool", "red", tool_call_id="call_1", tool_name="look"),
        Message("assistant", "Both."),
    )
    shown = past_shown(talk(Said((Message("user", "Look."),), rounds)))
    assert read(shown.html).tags.count("details") == 2
    for text in (text_of(shown.html), shown.plain):
        assert 'look({"at": "sky"}) → blue' in text
        assert 'look({"at": "sky"}) → red' in text
    assert shown.plain.endswith('[look({"at": "sky"}) → red]\nBoth.')


def test_a_call_without_a_result_is_shown_as_that() -> None:
    shown = past_shown(talk(Said((Message("user", "Look."),), (Message("assistant", "", tool_calls=(LOOK,)),))))
    assert shown.plain.endswith('[look({"at": "sky"})]')


def test_small_images_are_shown_and_large_or_foreign_ones_named() -> None:
    large, foreign = Image(b"x" * 3_000_000), Image(b"<svg>", "image/svg+xml")
    asked = Message("user", (Text("What is this?"), DOT, large, foreign))
    shown = past_shown(talk(Said((asked,), (Message("assistant", ""),), images=(DOT,))))
    assert read(shown.html).tags.count("img") == 2
    assert "[image, 3,000 kB png]" in text_of(shown.html)
    assert "[image, 5 bytes svg+xml]" in text_of(shown.html)
    assert "[image, 4 bytes png]" in shown.plain


def test_many_images_do_not_make_the_output_grow_without_end() -> None:
    asked = Message("user", (Image(b"x" * 150_000),) * 100)
    assert len(past_shown(talk(*[Said((asked,), ())] * 50)).html) < 5_000_000


def test_tokens_that_the_server_counted_are_told_before_an_estimate() -> None:
    shown = past_shown(talk(said("a", "b", usage=Usage(input_tokens=1_500, output_tokens=7))))
    assert "1 · tokens 1,500 in, 7 out" in shown.plain


def test_ten_thousand_turns_are_shown_as_the_last_ones_and_that_is_said() -> None:
    long = talk(*(said(f"question {number}", "yes") for number in range(10_000)))
    for text in (text_of(past_shown(long).html), past_shown(long).plain):
        assert "9,900 earlier turns are not shown. %byom_history --last N shows more" in text
        assert "question 9999" in text
        assert "question 9899" not in text
    assert past_shown(long, 5).plain.count("question") == 5
    assert "9,995 earlier turns are not shown" in past_shown(long, 5).plain


def test_long_turns_are_cut_and_the_output_stays_bounded() -> None:
    huge = said("q" * 300_000, "word " * 80_000)
    shown = past_shown(talk(*[huge] * 100), 100)
    assert len(shown.html) < 5_000_000
    assert len(shown.plain) < 1_000_000
    assert "280,000 more characters" in text_of(shown.html)
    assert "earlier turns are not shown" in text_of(shown.html)


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        '"><img src=x onerror=y>',
        "$\\href{javascript:x}{y}$",
        "a\x1b[2J\u202e",
        "</div></details>",
        "[" * 20_000,
        "> " * 20_000,
    ],
)
def test_nothing_that_is_said_is_more_than_text(text: str) -> None:
    call = ToolCall(text, text, text)
    answered = (Message("assistant", text, tool_calls=(call,)), Message("tool", text, tool_call_id=text))
    turn = Said((Message("user", text),), answered, State.ERROR, reason=text, model=text)
    hostile = talk(*[turn] * 5, name=text, model=text, system=text, origin=text)
    shown = past_shown(hostile)
    assert set(read(shown.html).tags) <= {
        "div",
        "p",
        "tt",
        "strong",
        "details",
        "summary",
        "pre",
        "span",
        "blockquote",
        "code",
        "a",
        "small",
    }
    assert "\x1b" not in shown.html + shown.plain
    assert "\x1b" not in overview([hostile]).plain


def test_the_keys_of_this_session_are_in_neither_form() -> None:
    key = "sk-test-0123456789abcdefghij"
    secrets.hold("history", key, "https://llm.example.com")
    try:
        call = ToolCall("1", "look", f'{{"key": "{key}"}}')
        answered = (Message("assistant", key, tool_calls=(call,)), Message("tool", key, tool_call_id="1"))
        shown = past_shown(talk(*[Said((Message("user", key),), answered)] * 5, system=key))
        assert key not in shown.html + shown.plain
        assert "[key hidden]" in shown.plain
    finally:
        secrets.forget_session()


def test_all_conversations_are_a_table_with_the_last_one_first() -> None:
    old, new = (datetime(year, 5, 6, 12, tzinfo=timezone.utc) for year in (2024, 2026))
    table = overview(
        [talk(said("a", "b"), used=old), talk(used=new, name="", model="gpt", origin="llama:work"), talk()]
    )
    assert [row[:4] for row in table.rows] == [
        ("(none)", "gpt", "0", "1,234"),
        ("work", "llama", "1", "1,234"),
        ("work", "llama", "0", "1,234"),
    ]
    assert [row[4][:4] for row in table.rows] == ["2026", "2024", ""]
    assert [row[5] for row in table.rows] == ["a copy of llama:work", "", ""]
    assert "%byom_history NAME" in table.note
