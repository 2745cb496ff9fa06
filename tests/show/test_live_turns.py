"""Turns of several calls, as they are shown while they run."""

from __future__ import annotations

import pytest

from byom_magics.errors import ShapeError
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
    ToolAsked,
    ToolCall,
    ToolCallDelta,
    ToolEnded,
)
from byom_magics.messages import Image
from byom_magics.show.answer import reply_bundle
from tests.show.safe import read, text_of
from tests.show.screen import Screen, asked, bare, deltas, live, play, reply_of, result

OSLO = result("weather", '{"city": "Oslo"}', "3 degrees, rain")
BERGEN = result("weather", '{"city": "Bergen", "code": "a\\nb"}', "no such\ncity", outcome="failed")
TURN: list[Event] = [
    Progress("connecting"),
    ReasoningDelta("I should look"),
    TextDelta("Let me **look**."),
    *asked(OSLO, BERGEN),
    Progress("connecting"),
    TextDelta(" \n"),
    *asked(result("clock")),
    *deltas("It is raining. " * 100 + "\n\n", 40),
    TextDelta("One more:"),
    *asked(result("nothing", outcome="unknown", duration_s=None)),
    TextDelta("```py\nx = 1"),
]


def marks(text: str, *words: str) -> list[str]:
    """The words in the order in which they are first found."""
    return sorted((word for word in words if word in text), key=text.index)


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("rate", [2.0, 1_000.0])
def test_wherever_a_turn_ends_the_cell_reads_as_its_reply(alone: bool, rate: float) -> None:
    for end in range(len(TURN) + 1):
        painter = live(alone=alone)
        screen = play(painter, TURN[:end], rate=rate)
        read(screen.html)
        reply = reply_of(TURN[:end], State.CANCELLED)
        screen.apply(painter.finish(reply))
        whole = reply_bundle(reply, reasoning_s=painter.reasoning_s)
        assert bare(screen.text) == bare(text_of(whole.html))
        assert not alone or len(screen.outputs) == 1
        assert list(screen.outputs.values())[-1].plain is not None
        if not alone:
            plain = "".join(paint.plain or "" for paint in screen.outputs.values())
            assert bare(plain) == bare(whole.plain)


@pytest.mark.parametrize("rate", [2.0, 1_000.0])
def test_text_and_tools_stand_in_their_order_while_they_come(rate: float) -> None:
    painter = live()
    screen = play(painter, TURN, rate=rate)
    screen.apply(painter.due(1_000.0))
    words = ("I should look", "Let me look", 'weather(city="Oslo") → 3 degrees, rain · 200 ms', "failed: no such city",
             "clock() → fine", "It is raining.", "One more:", "nothing() → unknown tool", "x = 1")  # fmt: skip
    assert marks(screen.text, *words) == list(words)


def test_a_tool_is_seen_with_all_of_its_arguments_before_anything_is_done() -> None:
    painter, screen = live(), Screen()
    painter.event(TextDelta("Let me look."), 1.0)
    screen.apply(painter.due(1.0))
    painter.event(ToolAsked(BERGEN.call, 0), 1.001)
    screen.apply(painter.due(1.001))
    assert 'city = "Bergen"\ncode =\n    a\n    b' in screen.text
    assert "<details" not in screen.html
    screen.apply(painter.due(4.2))
    assert "running, 3 s" in screen.text
    painter.event(ToolEnded(BERGEN, 0), 4.3)
    screen.apply(painter.due(4.5))
    assert "running" not in screen.text
    assert "<details" in screen.html


def test_one_of_several_tools_says_which_it_is() -> None:
    painter = live()
    screen = play(painter, asked(OSLO, BERGEN)[:5], rate=1)
    assert 'weather(city="Oslo") · 1 of 2' in screen.text


def test_while_the_model_writes_a_call_its_size_grows() -> None:
    screen = play(
        live(), [ToolCallDelta(0, "1", "weather", "x" * 1_234), ToolCallDelta(0, arguments="x" * 100)], rate=1
    )
    assert "asks for weather · 1,334 characters of arguments" in screen.text


def test_the_next_call_of_a_turn_is_waited_for_in_words() -> None:
    painter = live()
    screen = play(painter, asked(OSLO), rate=10)
    painter.event(Retrying(9.0, "503 busy", 1), 2.0)
    screen.apply(painter.due(2.5))
    assert "retrying in 9 s: 503 busy" in screen.text
    painter.event(Held("one place", None), 3.0)
    screen.apply(painter.due(3.6))
    assert "3 s · one place" in screen.text
    painter.event(TextDelta("It rains."), 4.0)
    screen.apply(painter.due(5.0))
    assert "one place" not in screen.text


def test_many_tools_in_a_row_are_folded_together() -> None:
    tools = [result(f"tool{number}") for number in range(1_000)]
    for alone in (True, False):
        painter = live(alone=alone)
        screen = play(painter, [event for tool in tools for event in asked(tool)], rate=20)
        screen.apply(painter.due(1_000.0))
        assert "tool19()" in screen.text
        assert "tool20()" not in screen.text
        assert "980 more before this" in screen.text
        assert screen.most <= 40
        painter.event(TextDelta("Done."), 1_001.0)
        screen.apply(painter.due(1_001.0))
        reply = reply_of([*(event for tool in tools for event in asked(tool)), TextDelta("Done.")])
        screen.apply(painter.finish(reply))
        assert bare(screen.text) == bare(text_of(reply_bundle(reply).html))
        assert "980 more tool calls" in screen.text
        assert "600 more, all of them in the reply's tool_results" in screen.text
        assert len(screen.html) < 500_000


@pytest.mark.parametrize("between", ["", "Next: "])
def test_bytes_stay_in_proportion_with_many_tools(between: str) -> None:
    ratios = []
    for count in (5, 50, 200):
        events: list[Event] = []
        for number in range(count):
            tool = result("look_up", f'{{"word": "{number}", "text": "{"x" * 300}"}}', "A line of the result. " * 20)
            events += [*deltas(between), *asked(tool)]
        events += deltas("The end. " * 40)
        painter = live()
        screen = play(painter, events, rate=50)
        reply = reply_of(events)
        screen.apply(painter.finish(reply))
        ratios.append(screen.bytes / len(reply_bundle(reply).html))
    assert max(ratios) < 12
    assert ratios[-1] < 1.5 * ratios[0]


def test_hostile_tools_are_bounded_and_one_line_each() -> None:
    huge = "<script>\x1b[2J\u202e" * 700_000
    for arguments, text in (
        ("{" + huge, huge),
        ('{"a": ' * 50_000, huge),
        ('{"a\\n=1": "' + "b\\n" * 90_000 + '"}', ""),
    ):
        hostile = result("</summary><b>\x1b]0;x\x07\n" * 1_000, arguments, text)
        for alone in (True, False):
            painter = live(alone=alone)
            events = [TextDelta("x"), *asked(hostile)]
            screen = Screen()
            for number, event in enumerate(events):
                painter.event(event, 1.0 + number)
                screen.apply(painter.due(1.0 + number))
                read(screen.html)
            reply = reply_of(events)
            screen.apply(painter.finish(reply))
            assert len(screen.html) < 300_000
            assert screen.bytes < 2_000_000
            assert len(list(screen.outputs.values())[-1].plain or "") < 2_000
            assert not set(screen.text) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("rate", [2.0, 1_000.0])
def test_an_answer_that_did_not_fit_is_taken_away(alone: bool, rate: float) -> None:
    begin: list[Event] = [TextDelta("Let me look."), *asked(OSLO)]
    void: list[Event] = [ReasoningDelta("hmm"), *deltas("not a number. " * 300, 50), RoundEnded("shape", "1 is not\n2")]
    painter = live(alone=alone, tries=3)
    screen = play(painter, [*begin, *void], rate=rate)
    screen.apply(painter.due(500.0))
    assert "The answer did not fit: 1 is not 2. Asked again (2 of 3)." in screen.text
    assert "not a number" not in screen.text
    assert "hmm" not in screen.text
    assert marks(screen.text, "Let me look", "3 degrees, rain", "did not fit")[-1] == "did not fit"
    painter.event(TextDelta("42"), 501.0)
    screen.apply(painter.due(501.0))
    assert screen.text.rstrip().endswith("Asked again (2 of 3).42")
    screen.apply(painter.finish(reply_of([*begin, *void, TextDelta("42")])))
    assert "not a number" not in screen.text
    assert "gpt · complete · 3 calls" in screen.text


def test_text_that_turns_out_to_be_reasoning_takes_no_tool_away() -> None:
    painter = live()
    events = [
        *deltas("Look. " * 400, 30),
        *asked(OSLO),
        *deltas("I wonder. " * 400, 30),
        Reclassified(),
        TextDelta("42"),
    ]
    screen = play(painter, events, rate=100)
    screen.apply(painter.due(1.5 + len(events) / 100))
    assert screen.text.count("Look.") == 400
    assert screen.text.count("I wonder.") == 400
    assert "3 degrees, rain" in screen.text
    assert screen.text.split()[-1] == "42"


def test_reasoning_of_a_later_call_is_folded_below_the_tools() -> None:
    painter = live()
    screen = play(painter, [TextDelta("Let me look."), *asked(OSLO), ReasoningDelta("So it rains. " * 200)], rate=10)
    screen.apply(painter.due(50.0))
    assert marks(screen.text, "Let me look", "3 degrees, rain", "Reasoning ·", "Thinking…")[2] == "Reasoning ·"


def test_what_is_said_before_sending_is_shown_until_something_comes_and_at_the_end() -> None:
    note = "sending about 12,000 tokens: df (40 of 2,000 rows), <fig>.png (34 kB)\x1b"
    for alone in (True, False):
        painter, screen = live(notes=[note], alone=alone), Screen()
        screen.apply(painter.due(0.0))
        assert "connecting" in screen.text
        assert "<fig>.png (34 kB)\\x1b" in screen.text
        painter.event(TextDelta("Hello. " * 800), 1.0)
        screen.apply(painter.due(1.0))
        assert "sending" not in screen.text
        painter.event(TextDelta("Hello. " * 800), 2.0)
        screen.apply(painter.due(2.0))
        screen.apply(painter.finish(Reply("Hello. " * 1_600, state=State.COMPLETE, model="gpt")))
        assert screen.text.count("sending about 12,000 tokens") == 1
        assert screen.text.index("gpt · complete") < screen.text.index("sending about")


def test_a_wrong_shape_is_loud_and_keeps_its_text() -> None:
    error = ShapeError("It does not fit 'City': no name.", hint="ask again")
    painter = live()
    screen = play(painter, [TextDelta('{"town": 1}')])
    screen.apply(painter.finish(Reply('{"town": 1}', state=State.COMPLETE, error=error, model="gpt")))
    assert "⚠ WRONG SHAPE: the answer does not fit" in screen.text
    assert "It does not fit 'City': no name." in screen.text
    assert "Next: ask again" in screen.text
    assert '{"town": 1}' in screen.text


def test_reasoning_without_an_end_is_bounded_and_counted() -> None:
    painter = live()
    screen = play(painter, [ReasoningDelta("hmm " * 250_000)] * 50, rate=5)
    screen.apply(painter.due(11.5))
    assert "Thinking… 10 s · about 12,500,000 tokens" in screen.text
    assert "more characters are not shown here" in screen.text
    assert len(screen.html) < 300_000
    assert screen.bytes < 10_000_000


def test_a_call_that_nobody_runs_stays_as_it_was_asked() -> None:
    call = ToolCall("1", "weather", '{"city": "Oslo"}')
    painter = live()
    screen = play(painter, [TextDelta("Let me look."), ToolCallDelta(0, "1", "weather", call.arguments)], rate=1)
    reply = Reply("Let me look.", tool_calls=(call,), state=State.TOOL_CALLS, model="gpt")
    screen.apply(painter.finish(reply))
    assert 'asks for weather({"city": "Oslo"})' in screen.text


@pytest.mark.parametrize("alone", [True, False])
def test_an_image_is_shown_when_it_comes_and_not_painted_again(alone: bool) -> None:
    images = [ImageMade(Image(b"\x89PNG\r\n\x1a\n" + bytes([number]) * 9_000)) for number in range(3)]
    events: list[Event] = [TextDelta("Here: "), images[0], *deltas("And then. " * 400, 20), *images[1:]]
    painter, screen, painted = live(alone=alone), Screen(), 0
    for number, event in enumerate(events):
        painter.event(event, 1.0 + number)
        paints = painter.due(1.0 + number)
        painted += sum(paint.html.count("<img") for paint in paints)
        screen.apply(paints)
        read(screen.html)
    assert painted == 3
    assert screen.html.count("<img") == 3
    assert marks(screen.html, "Here:", images[0].image.base64, "And then.", images[2].image.base64)[1:3] == [
        images[0].image.base64,
        "And then.",
    ]
    screen.apply(painter.finish(reply_of(events)))
    assert screen.html.count("<img") == 3
    assert (len(screen.outputs) == 1) is alone


def test_no_more_images_are_shown_while_they_come_than_a_cell_can_hold() -> None:
    events: list[Event] = [ImageMade(Image(b"\x89PNG\r\n\x1a\n"))] * 100
    for alone in (True, False):
        painter = live(alone=alone)
        screen = play(painter, events, rate=5)
        assert screen.most <= 40
        screen.apply(painter.finish(reply_of(events)))
        assert screen.most <= 40
        assert screen.html.count("<img") >= 50


@pytest.mark.parametrize("alone", [True, False])
def test_tokens_are_shown_at_the_end_if_that_was_asked_for(alone: bool) -> None:
    tokens = ({"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Ho", "logprob": -1.5}]},)
    reply = Reply("Hi", state=State.COMPLETE, logprobs=tokens)
    texts = []
    for wanted in (True, False):
        painter = live(alone=alone, logprobs=wanted)
        screen = play(painter, [TextDelta("Hi")])
        screen.apply(painter.finish(reply))
        texts.append(screen.html)
    assert "Ho" in texts[0]
    assert "Ho" not in texts[1]
