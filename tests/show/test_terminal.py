from __future__ import annotations

import io

import pytest

from byom_magics.events import (
    Event,
    Held,
    Progress,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    State,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from byom_magics.show.terminal import TerminalView


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def play(out: io.StringIO, events: list[Event], reply: Reply, *, format_name: str = "markdown") -> str:
    times = iter(float(second) for second in range(1_000))
    view = TerminalView(
        out, model="gpt", address="http://a.example", format_name=format_name, clock=lambda: next(times)
    )
    for event in events:
        view.event(event)
        view.tick()
    view.finish(reply)
    return out.getvalue()


def test_text_is_written_as_it_comes_and_one_line_follows() -> None:
    written = play(
        io.StringIO(),
        [Progress("waiting"), TextDelta("Hel"), TextDelta("lo")],
        Reply("Hello", state=State.COMPLETE, model="gpt"),
    )
    assert written == "Hello\n[gpt · complete]\n"


def test_a_sequence_that_is_cut_over_two_deltas_stays_visible() -> None:
    events: list[Event] = [TextDelta("a\x1b"), TextDelta("[2J\r"), TextDelta("\nb\x9b"), ReasoningDelta("\x1b]0;x\x07")]
    written = play(io.StringIO(), events, Reply("x", state=State.COMPLETE))
    assert "a\\x1b[2J\nb\\x9b\n[reasoning]\n\\x1b]0;x\\x07\n[end of reasoning · 1 s · about 2 tokens]\n" in written
    assert not set(written) & set("\x1b\x9b\x07\r")


def test_on_a_terminal_one_line_waits_and_is_wiped() -> None:
    written = play(
        Terminal(),
        [Progress("connecting"), Held("waiting for the one place"), Retrying(9.0, "429", 1), TextDelta("Hi")],
        Reply("Hi", state=State.COMPLETE),
    )
    assert "waiting for the one place" in written
    assert "\r\x1b[K\x1b[2mgpt · 2 s · connecting to http://a.example\x1b[0m\r\x1b[K" in written
    assert "retrying in 8 s: 429" in written
    assert "\r\x1b[KHi\n" in written


def test_reasoning_is_dimmed_on_a_terminal_and_marked_elsewhere() -> None:
    events: list[Event] = [ReasoningDelta("hmm"), TextDelta("42")]
    reply = Reply("42", "hmm", state=State.COMPLETE)
    assert play(Terminal(), events, reply).startswith(
        "\x1b[2mhmm\x1b[0m\n\x1b[2m[reasoning · 1 s · about 1 token]\x1b[0m\n42\n"
    )
    assert play(io.StringIO(), events, reply).startswith(
        "[reasoning]\nhmm\n[end of reasoning · 1 s · about 1 token]\n42\n"
    )


def test_text_that_turns_out_to_be_reasoning_is_said_to_be() -> None:
    written = play(
        io.StringIO(), [TextDelta("hmm"), Reclassified(), TextDelta("42")], Reply("42", "hmm", state=State.COMPLETE)
    )
    assert written == "hmm\n[the text above was reasoning]\n42\n[complete]\n"


def test_only_the_code_is_written_if_asked_for() -> None:
    text = "```py\nx = 1\n```\nDone."
    written = play(
        io.StringIO(), [TextDelta(letter) for letter in text], Reply(text, state=State.COMPLETE), format_name="code"
    )
    assert written == "x = 1\n[complete]\n"


def test_an_answer_that_came_in_one_piece_is_written() -> None:
    assert play(io.StringIO(), [], Reply("Hi\x1b", state=State.COMPLETE)) == "Hi\\x1b\n[complete]\n"


def test_tools_are_named() -> None:
    reply = Reply(tool_calls=(ToolCall("1", "weather\x1b", "{}"),), state=State.TOOL_CALLS)
    written = play(io.StringIO(), [ToolCallDelta(0, "1", "weather\x1b", "{}")], reply)
    assert written == "[asks for weather\\x1b({})]\n[tool_calls]\n"


def test_a_broken_answer_is_loud() -> None:
    written = play(io.StringIO(), [TextDelta("Hel")], Reply("Hel", state=State.INCOMPLETE, reason="eof"))
    assert written.startswith("Hel\n[!] INCOMPLETE: the answer broke off\n")
    assert "Next: " in written


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_terminal_without_the_letters_shows_their_numbers(encoding: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    view = TerminalView(out, model="gpt", address="")
    view.event(TextDelta("日本"))
    view.finish(Reply("日本", state=State.COMPLETE, model="gpt"))
    out.seek(0)
    assert out.read().startswith("\\u65e5\\u672c\n[gpt ")
