from __future__ import annotations

import pytest

from byom_magics.errors import StatusError
from byom_magics.events import (
    Event,
    Held,
    ImageMade,
    Opened,
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
from byom_magics.messages import Image, ToolResult
from byom_magics.show.answer import reply_bundle
from tests.benchmarks.answers import in_json
from tests.show.safe import read, text_of
from tests.show.screen import Screen, bare, deltas, live, play

MARKDOWN = (
    "# Title\n\nSome *words* and `code`, [a link](https://a.example).\n\n```python\ndef f(x):\n    return x\n```\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n1. one\n2. two\n   - deep\n\n> quote\n\nEnd.\n\n"
)


def test_before_the_first_token_one_line_says_what_is_going_on() -> None:
    painter, screen = live(), Screen()
    screen.apply(painter.due(0.0))
    assert "gpt · 0 s · connecting to http://a.example/v1" in screen.text
    painter.event(Retrying(3.0, "429 <Too Many>", 1), 1.0)
    for now, said in ((1.0, "retrying in 3 s: 429 <Too Many>"), (2.5, "retrying in 2 s"), (4.5, "trying again")):
        screen.apply(painter.due(now))
        assert said in screen.text
    painter.event(Held("company takes 60 <requests> a minute", 9.0), 4.5)
    screen.apply(painter.due(4.5))
    assert "held back for 9 s: company takes 60 <requests> a minute" in screen.text
    painter.event(Progress("waiting", attempt=2), 5.0)
    painter.event(Opened(), 5.0)
    screen.apply(painter.due(7.2))
    assert "7 s · waiting for the first token (attempt 2)" in screen.text
    assert screen.most == 1
    assert painter.due(7.3) == []


def test_the_first_token_is_painted_at_once_and_the_others_at_the_refresh_rate() -> None:
    painter = live()
    painter.event(TextDelta("Hello"), 1.0)
    assert len(painter.due(1.0)) == 1
    painter.event(TextDelta(" you"), 1.01)
    assert painter.due(1.01) == []
    assert painter.due(1.12) == []
    assert "Hello you" in painter.due(1.13)[0].html
    assert painter.due(1.5) == [], "nothing new"


def test_silence_is_said() -> None:
    painter = live()
    painter.event(TextDelta("Hello"), 1.0)
    painter.due(1.0)
    assert "nothing new for 4 s" in text_of(painter.due(5.0)[0].html)


@pytest.mark.parametrize("size", [8_000, 84_000, 600_000])
@pytest.mark.parametrize("alone", [True, False])
def test_a_cell_never_has_more_than_forty_outputs(size: int, alone: bool) -> None:
    painter = live(alone=alone)
    text = (MARKDOWN * (size // len(MARKDOWN) + 1))[:size]
    screen = play(painter, deltas(text, max(4, size // 1_500)), rate=50)
    assert screen.most <= 40
    screen.apply(painter.finish(Reply(text, state=State.COMPLETE)))
    assert screen.most <= 40
    assert not alone or len(screen.outputs) == 1


def test_bytes_grow_in_proportion_to_the_answer() -> None:
    ratios = []
    for size in (8_000, 80_000):
        text = (MARKDOWN * 400)[:size]
        painter = live()
        screen = play(painter, deltas(text))
        screen.apply(painter.finish(Reply(text, state=State.COMPLETE)))
        ratios.append(screen.bytes / size)
    assert ratios[0] < 30
    assert ratios[1] < 40


@pytest.mark.parametrize("format_name", ["markdown", "text", "json"])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("size", [1, 7, 1_000, 100_000])
def test_all_text_is_on_the_screen_exactly_once(format_name: str, alone: bool, size: int) -> None:
    text = " ".join(f"word{number}" + ("\n\n" if number % 20 == 0 else "") for number in range(1_500))
    painter = live(format_name=format_name, alone=alone, refresh_rate=1_000.0)
    screen = play(painter, deltas(text, size)[: 3_000 if size == 1 else None])
    sent = text[: 3_000 if size == 1 else None]
    assert bare(screen.text) == bare(sent)
    screen.apply(painter.finish(Reply(sent, state=State.COMPLETE, model="gpt")))
    assert bare(screen.text) == bare(sent) + "gpt·complete"


EVENTS: list[Event] = [
    Progress("connecting"),
    Retrying(1.0, "503", 1),
    Progress("waiting", 2),
    Opened(),
    TextDelta("I think"),
    TextDelta(" hard"),
    Reclassified(),
    TextDelta("The **answer**\r"),
    TextDelta("\n\nis\x1b 4"),
    ReasoningDelta("wait"),
    TextDelta("2.\n\n```py\nx = 1\n"),
    ToolCallDelta(0, "1", "weather", '{"a":'),
    ToolCallDelta(0, arguments="1}"),
    TextDelta("```\n" + "More words. " * 300),
]


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("rate", [2.0, 1_000.0])
def test_wherever_a_stream_ends_the_cell_shows_the_whole_reply(alone: bool, rate: float) -> None:
    for end in range(len(EVENTS) + 1):
        events = EVENTS[:end]
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        reasoning = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
        if Reclassified() in events:
            text, reasoning = text.removeprefix("I think hard"), "I think hard" + reasoning
        reply = Reply(text, reasoning, state=State.CANCELLED, model="gpt")
        painter = live(alone=alone)
        screen = play(painter, events, rate=rate)
        read(screen.html)
        screen.apply(painter.finish(reply))
        last = list(screen.outputs.values())[-1]
        assert last.plain is not None
        assert last.plain.endswith("[gpt · cancelled]")
        assert "CANCELLED" in screen.text
        if alone:
            assert len(screen.outputs) == 1
            assert last.html == reply_bundle(reply, reasoning_s=painter.reasoning_s).html
        for part in (text, reasoning):
            words = bare(part).replace("\x1b", "\\x1b").translate(str.maketrans("", "", "*`"))
            assert words.replace("py", "") in bare(screen.text).replace("py", "")


def test_reasoning_is_folded_and_counted_while_it_comes() -> None:
    painter = live()
    screen = play(painter, [ReasoningDelta(f"thought {number}. ") for number in range(500)], rate=100)
    screen.apply(painter.due(6.5))
    assert screen.most == 2
    assert "<details" in screen.html
    assert "Thinking… 5 s · " in screen.text
    assert "thought 499" in screen.text
    assert "open" not in read(screen.html).tags
    painter.event(TextDelta("So: 42"), 10.0)
    screen.apply(painter.due(10.0))
    assert "Thinking" not in screen.text
    assert "thought 499" in screen.text
    assert "Reasoning · 5 s · about 1,598 tokens" in screen.text


def test_reasoning_costs_bytes_in_proportion() -> None:
    ratios = []
    for count in (2_000, 20_000):
        screen = play(live(), [ReasoningDelta("hmm ")] * count)
        ratios.append(screen.bytes / (4 * count))
    assert max(ratios) < 30


@pytest.mark.parametrize("alone", [True, False])
def test_text_that_turns_out_to_be_reasoning_is_folded(alone: bool) -> None:
    painter = live(alone=alone)
    thoughts = "I am thinking about it. \n\n" * 200
    screen = play(painter, [*deltas(thoughts, 30), Reclassified(), TextDelta("The answer")])
    screen.apply(painter.due(99.0))
    first, *_, last = screen.outputs.values()
    assert "<details" in first.html
    assert bare(screen.text).count("Iamthinking") == 200
    assert "The answer" in last.html
    assert "<details" not in last.html


def test_code_that_follows_prose_takes_its_place() -> None:
    painter = live(format_name="code")
    screen = play(painter, deltas("Sure, here it is:\n"), rate=5)
    assert "Sure" in screen.text
    play(painter, deltas("```python\nx = 1\ny = 2\n```\nDone."), rate=5, screen=screen)
    assert screen.text.split() == ["x", "=", "1", "y", "=", "2"]
    reply = Reply("Sure, here it is:\n```python\nx = 1\ny = 2\n```\nDone.", state=State.COMPLETE)
    screen.apply(painter.finish(reply))
    assert "Sure" not in screen.text
    assert next(iter(screen.outputs.values())).plain == "x = 1\ny = 2\n\n[complete]"


def test_a_tool_call_is_one_line() -> None:
    painter = live()
    screen = play(
        painter, [ToolCallDelta(0, "1", "weather", '{"place":'), ToolCallDelta(0, arguments='"<b>"}')], rate=1
    )
    assert "asks for weather" in screen.text
    call = ToolCall("1", "weather", '{"place":"<b>"}')
    screen.apply(painter.finish(Reply(tool_calls=(call,), state=State.TOOL_CALLS)))
    assert 'asks for weather({"place":"<b>"})' in screen.text


@pytest.mark.parametrize("rate", [1, 1_000])
def test_beside_other_outputs_the_answer_stands_below_what_its_tools_have_shown(rate: float) -> None:
    painter, screen = live(alone=False), Screen()
    call = ToolCall("1", "weather", '{"city": "Oslo"}')
    screen.apply(painter.due(0.0))
    painter.event(ToolAsked(call, 0), 0.1)
    screen.apply(painter.due(0.1))
    [first] = screen.outputs
    result = ToolResult(call, "rain")
    for event in (ToolEnded(result, 0), RoundEnded("tools", number=1), TextDelta("It rains.")):
        painter.event(event, 0.2)
        screen.apply(painter.due(0.2) if rate == 1_000 else [])
    screen.apply(painter.finish(Reply(text="It rains.", tool_results=(result,), rounds=2, state=State.COMPLETE)))
    tools, answer = screen.outputs.values()
    assert tools.display == first
    assert "→ rain" in text_of(tools.html)
    assert "It rains." not in text_of(tools.html)
    assert "It rains." in text_of(answer.html)
    assert "complete" in text_of(answer.html)


def test_a_failed_call_is_loud_and_says_what_to_do() -> None:
    painter, screen = live(), Screen()
    screen.apply(painter.due(0.0))
    error = StatusError("401: <b>bad</b> key\x1b[0m", hint="Set the key.")
    screen.apply(painter.finish(Reply(state=State.ERROR, reason="http", error=error, model="gpt")))
    assert "⚠ FAILED" in screen.text
    assert r"401: <b>bad</b> key\x1b[0m" in screen.text
    assert "Next: Set the key." in screen.text
    assert "gpt · error(http)" in screen.text
    plain = next(iter(screen.outputs.values())).plain
    assert plain == "[!] FAILED\n401: <b>bad</b> key\\x1b[0m\nNext: Set the key.\n[gpt · error(http)]"


def test_sec_10_a_huge_answer_is_bounded_live_and_at_the_end() -> None:
    text = "word " * 2_000_000
    for alone in (True, False):
        painter = live(alone=alone)
        screen = play(painter, deltas(text, 100_000), rate=20)
        screen.apply(painter.finish(Reply(text, state=State.COMPLETE)))
        assert len(screen.html) < 1_500_000
        assert "more characters are not shown here" in screen.text
        assert len(next(reversed(screen.outputs.values())).plain or "") < 1_000_000


@pytest.mark.parametrize(
    ("format_name", "text", "found"),
    [
        ("html", "Here:\n\n```html\n" + "<p>A line of the page.</p>\n" * 300 + "```\n", "<iframe"),
        ("math", "\\frac{a}{b}\n\n" + "Words about it, a whole line of them.\n\n" * 300, "</p>"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_what_is_seen_whole_only_is_there_at_the_end(format_name: str, text: str, found: str, alone: bool) -> None:
    painter = live(format_name=format_name, alone=alone)
    screen = play(painter, deltas(text))
    assert "<iframe" not in screen.html
    screen.apply(painter.finish(Reply(text, state=State.COMPLETE)))
    assert screen.html.count("<iframe") == (1 if format_name == "html" else 0)
    assert found in screen.html


def test_html_streams_as_the_code_in_its_fence() -> None:
    painter = live(format_name="html")
    screen = play(painter, deltas("Here it is:\n```html\n<b>word</b>\n<i>more</i>\n"))
    screen.apply(painter.due(9.0))
    assert "<b>word</b>" in screen.text
    assert "Here it is" not in screen.text


@pytest.mark.parametrize("size", [8_000, 84_000])
@pytest.mark.parametrize("alone", [True, False])
def test_json_is_painted_in_proportion_to_its_length_and_never_as_braces(size: int, alone: bool) -> None:
    text = in_json(size)
    painter, screen = live(format_name="json", alone=alone), Screen()
    events = deltas(text)
    for number, event in enumerate(events):
        painter.event(event, 1 + number / 200)
        screen.apply(painter.due(1 + number / 200))
        if number % (len(events) // 19) == 0:  # to read all that is shown takes far longer than to paint it
            assert not set('{}"') & set(screen.text)
    screen.apply(painter.finish(Reply(text, state=State.COMPLETE)))
    assert screen.bytes <= 40 * len(text)
    assert screen.most <= 40
    assert "Step 1" in screen.text


def test_pictures_are_numbered_on() -> None:
    painter, screen = live(), Screen()
    image = Image(b"\x89PNG\r\n\x1a\n")
    for number in range(2):
        painter.event(ImageMade(image), 1.0 + number)
        screen.apply(painter.due(1.0 + number))
    assert 'alt="image 1 by the model"' in screen.html
    assert 'alt="image 2 by the model"' in screen.html
