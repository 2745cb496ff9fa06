from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest

from byom_magics.events import (
    Event,
    Held,
    ImageMade,
    Progress,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    RoundEnded,
    State,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from byom_magics.messages import Image
from byom_magics.show.terminal import TerminalView
from tests.show.screen import asked, reply_of, result


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def play(
    out: io.StringIO,
    events: list[Event],
    reply: Reply,
    *,
    format_name: str = "markdown",
    notes: Sequence[str] = (),
    logprobs: bool = False,
    tries: int | None = None,
) -> str:
    times = iter(float(second) for second in range(1_000))
    view = TerminalView(
        out,
        model="gpt",
        address="http://a.example",
        format_name=format_name,
        clock=lambda: next(times),
        notes=notes,
        logprobs=logprobs,
        tries=tries,
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


OSLO = result("weather", '{"city": "Oslo"}', "3 degrees,\nrain\x1b")
WRITES = result("write", '{"path": "a.py", "text": "x = 1\\ny = 2"}', "no", outcome="refused", duration_s=None)


def test_tools_stand_between_the_texts_with_what_came_of_them() -> None:
    events = [TextDelta("Let me look."), *asked(OSLO, WRITES), TextDelta("It rains.")]
    assert play(io.StringIO(), events, reply_of(events)) == (
        "Let me look.\n"
        '▸ weather(city="Oslo")\n'
        "  → 3 degrees, rain\\x1b · 200 ms\n"
        '▸ write(path="a.py", text="x = 1\\ny = 2")\n'
        '    path = "a.py"\n    text =\n        x = 1\n        y = 2\n'
        "  → refused\n"
        "It rains.\n"
        "[gpt · complete · 2 calls]\n"
    )


def test_a_tool_that_was_interrupted_or_never_begun_is_told_at_the_end() -> None:
    events = asked(OSLO)[:3]
    reply = replace(reply_of(events, State.CANCELLED), tool_results=(replace(OSLO, outcome="interrupted"), WRITES))
    written = play(io.StringIO(), events, reply)
    assert '▸ weather(city="Oslo")\n  → interrupted · 200 ms\n▸ write(' in written
    assert written.count("weather(") == 1
    assert "→ refused\n[!] CANCELLED" in written


def test_on_a_terminal_a_call_that_is_being_written_is_one_line_that_grows() -> None:
    written = play(Terminal(), [ToolCallDelta(0, "1", "weather", "x" * 1_200)], Reply(state=State.CANCELLED))
    assert "\x1b[2masks for weather · 1,200 characters of arguments\x1b[0m\r\x1b[K" in written


def test_an_answer_that_did_not_fit_is_followed_by_why() -> None:
    events: list[Event] = [TextDelta("{}"), RoundEnded("shape", "no name"), TextDelta("[1]")]
    written = play(io.StringIO(), events, Reply("[1]", state=State.COMPLETE, rounds=2), tries=3)
    assert written == "{}\n[The answer did not fit: no name. Asked again (2 of 3).]\n[1]\n[complete · 2 calls]\n"


def test_what_is_said_before_sending_comes_first_and_once() -> None:
    written = play(io.StringIO(), [TextDelta("Hi")], Reply("Hi", state=State.COMPLETE), notes=["sending\x1b much"])
    assert written == "[sending\\x1b much]\nHi\n[complete]\n"


def test_an_image_is_named_with_the_place_where_it_is() -> None:
    events: list[Event] = [TextDelta("Here:"), ImageMade(Image(b"x" * 33_100)), ImageMade(Image(b"", "image/webp\x1b"))]
    assert play(io.StringIO(), events, reply_of(events)) == (
        "Here:\n[image 1: png, 34 kB, in _byom.images[0]]\n[image 2: webp\\x1b, 0 kB, in _byom.images[1]]\n"
        "[gpt · complete]\n"
    )


def test_a_turn_of_which_nothing_was_written_is_written_whole() -> None:
    reply = reply_of([TextDelta("Look."), *asked(OSLO), TextDelta("Rain.")], State.INCOMPLETE)
    written = play(io.StringIO(), [], reply)
    assert written.startswith(
        'Look.\n\n[weather(city="Oslo") → 3 degrees, rain\\x1b · 200 ms]\n\nRain.\n[!] INCOMPLETE'
    )


def test_reasoning_is_written_as_far_as_anybody_reads_and_counted_whole() -> None:
    written = play(io.StringIO(), [ReasoningDelta("x" * 150_000)] * 4, Reply(state=State.COMPLETE))
    assert written.count("x") == 200_000
    assert "about 150,000 tokens]" in written


def test_a_terminal_without_arrows_gets_plainer_ones() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", write_through=True)
    view = TerminalView(out, model="gpt", address="")
    for event in asked(OSLO):
        view.event(event)
    out.seek(0)
    assert out.read() == '> weather(city="Oslo")\n  -> 3 degrees, rain\\x1b · 200 ms\n'


def test_tokens_are_written_below_the_answer_if_that_was_asked_for() -> None:
    tokens = ({"token": "Hi\x1b", "logprob": 0.0, "top_logprobs": []},)
    reply = Reply("Hi", state=State.COMPLETE, logprobs=tokens)
    assert play(io.StringIO(), [TextDelta("Hi")], reply) == "Hi\n[complete]\n"
    written = play(io.StringIO(), [TextDelta("Hi")], reply, logprobs=True)
    assert written.startswith("Hi\n")
    assert "Hi\\x1b" in written
    assert written.endswith("\n[complete]\n")


JSON = '{"title": "with", "tags": ["a", "b"]}'


def test_in_a_terminal_json_is_an_outline_and_for_programs_it_stays_json() -> None:
    events: list[Event] = [TextDelta(JSON[:15]), TextDelta(JSON[15:])]
    reply = Reply(text=JSON, state=State.COMPLETE)
    shown = play(Terminal(), events, reply, format_name="json")
    assert "title: with\ntags:\n  - a\n  - b\n" in shown
    assert "{" not in shown
    assert JSON in play(io.StringIO(), events, reply, format_name="json")


def test_an_answer_that_is_asked_anew_begins_a_new_outline() -> None:
    events: list[Event] = [TextDelta('{"n": ["x'), RoundEnded("shape", "n is no number", 1), TextDelta('{"n": 1}')]
    shown = play(Terminal(), events, Reply(text='{"n": 1}', state=State.COMPLETE), format_name="json")
    assert shown.index("- x") < shown.index("n is no number") < shown.index("n: 1")
