from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest

from byom_magics.errors import StatusError
from byom_magics.events import (
    Ended,
    Event,
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
)
from byom_magics.show.columns import Column
from byom_magics.show.columns_text import ColumnsTerminal, columns_plain, rule

LLAMA = Reply("The **sky** is blue.", state=State.COMPLETE, model="llama", duration_s=1.0, first_token_s=0.1)
GPT = Reply("The sky is grey.", state=State.COMPLETE, model="gpt", duration_s=2.0, first_token_s=0.5)
FAILED = Reply("", state=State.ERROR, model="bad", error=StatusError("HTTP 500", hint="try again"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Ascii(io.StringIO):
    encoding = "ascii"


def live(out: io.StringIO, titles: Sequence[str] = ("llama", "gpt"), **options: object) -> ColumnsTerminal:
    return ColumnsTerminal(out, titles, clock=lambda: 5.0, width=120, **options)  # type: ignore[arg-type]


# Whole


def test_answers_stand_one_below_the_other_and_the_table_comes_last() -> None:
    columns = [Column("llama", LLAMA, subtitle="system: terse"), Column("gpt", GPT)]
    assert columns_plain(columns, prompt="Why?", note="A note.") == (
        "Prompt: Why?\n\nA note.\n\n"
        f"{rule('llama')}\nsystem: terse\nMarked: fastest, first token\nThe **sky** is blue.\n\n"
        "[llama · complete · first token 100 ms · total 1.0 s]\n\n"
        f"{rule('gpt')}\nThe sky is grey.\n\n[gpt · complete · first token 500 ms · total 2.0 s]\n\n"
        f"{rule('summary')}\n"
        "model  state     first token  total  tokens/s  tokens in  tokens out  cost  words  marked\n"
        "─────  ────────  ───────────  ─────  ────────  ─────────  ──────────  ────  ─────  ────────────────────\n"
        "llama  complete  100 ms       1.0 s  –         –          –           –     4      fastest, first token\n"
        "gpt    complete  500 ms       2.0 s  –         –          –           –     4\n"
    )


def test_what_is_not_done_and_what_never_came_is_said() -> None:
    text = columns_plain(
        [Column("a", replace(LLAMA, text="So far"), running=True), Column("b", notes=("n",)), Column("c", FAILED)]
    )
    assert "So far\n\n[Still answering: 2 words so far.]" in text
    assert "[Nothing came.]\n[n]" in text
    assert "[!] FAILED\nHTTP 500\nNext: try again" in text


def test_what_differs_is_told_with_marks_of_its_own() -> None:
    text = columns_plain([Column("llama", LLAMA), Column("gpt", GPT)], against=0)
    assert "The [-**-]sky[-**-] is [-blue-]{+grey+}.\n\n[Compared with llama: 1 word only here" in text


def test_a_long_prompt_is_cut() -> None:
    assert len(columns_plain([Column("a", LLAMA)], prompt="x" * 100_000)) < 2_000


def test_nothing_names_a_hidden_answer() -> None:
    text = columns_plain([Column("A", GPT, hidden=True), Column("B", replace(FAILED, model="gpt"), hidden=True)])
    assert "gpt" not in text
    assert "HTTP 500" not in text
    assert "summary" not in text


# As they arrive


def test_the_first_streams_and_the_others_follow_when_it_is_their_turn() -> None:
    out = io.StringIO()
    view = live(out)
    view.event(1, TextDelta("The sky "))
    view.event(0, TextDelta("The "))
    view.tick()
    assert out.getvalue() == f"{rule('llama')}\nThe "
    view.event(1, TextDelta("is grey."))
    view.event(0, TextDelta("**sky** is blue."))
    view.finish(0, LLAMA)
    assert out.getvalue().endswith(f"total 1.0 s]\n\n{rule('gpt')}\nThe sky is grey.")
    view.finish(1, GPT)
    assert "The sky is grey.\n[gpt · complete" in out.getvalue()
    assert out.getvalue().endswith("gpt    complete  500 ms       2.0 s  –         –          –           –     4\n")


def test_those_that_ended_early_are_written_at_once_when_it_is_their_turn() -> None:
    out = io.StringIO()
    view = live(out, ("a", "b", "c"))
    view.event(2, TextDelta("Third."))
    view.finish(2, replace(LLAMA, text="Third."))
    view.finish(1, replace(LLAMA, text="Second, all at once."))
    assert "Second" not in out.getvalue()
    view.event(0, TextDelta("First."))
    view.finish(0, replace(LLAMA, text="First."))
    written = out.getvalue()
    places = [written.index(part) for part in ("First.", "Second, all at once.", "Third.", "summary")]
    assert places == sorted(places)
    assert written.count("Third.") == 1


def test_written_as_it_came_or_afterwards_an_answer_looks_the_same() -> None:
    events: list[Event] = [
        Progress("connecting"),
        Opened(),
        ReasoningDelta("Hm."),
        ToolAsked(ToolCall("1", "look", "{}")),
        RoundEnded("tools"),
        TextDelta("Yes"),
        TextDelta("."),
        Ended(State.COMPLETE),
    ]
    reply = Reply("Yes.", state=State.COMPLETE, model="m")
    first, second = io.StringIO(), io.StringIO()
    view = live(first, ("m", "n"))
    for event in events:
        view.event(0, event)
    view.finish(0, reply)
    view.finish(1, LLAMA)
    view = live(second, ("n", "m"))
    for event in events:
        view.event(1, event)
    view.finish(1, reply)
    view.finish(0, LLAMA)
    body = first.getvalue()[first.getvalue().index("[reasoning]") :].partition("\n\n──")[0]
    assert "look" in body
    assert "Yes." in body
    assert body in second.getvalue()


def test_on_a_terminal_one_line_says_how_far_all_are_and_is_wiped() -> None:
    out = Terminal()
    view = live(out, ("llama", "gpt", "mistral"), addresses=("http://a.example", "", ""))
    view.event(1, TextDelta("so "))
    view.event(1, TextDelta("it"))
    view.event(1, TextDelta("self is"))
    view.tick()
    line = "3 of 3 still answering · gpt 3 words, mistral waiting · llama · 0 s · connecting to http://a.example"
    assert out.getvalue().endswith(f"\r\x1b[K\x1b[2m{line}\x1b[0m")
    view.event(0, Progress("waiting"))
    view.finish(1, GPT)
    view.tick()
    assert "2 of 3 still answering · mistral waiting · llama · 0 s · waiting for the first token" in out.getvalue()
    view.event(0, TextDelta("Blue."))
    assert out.getvalue().endswith("\r\x1b[KBlue.")


def test_the_line_is_not_written_again_while_nothing_changes_nor_while_text_streams() -> None:
    out = Terminal()
    view = live(out)
    view.tick()
    before = out.getvalue()
    view.tick()
    assert out.getvalue() == before
    view.event(0, TextDelta("Text"))
    view.tick()
    assert out.getvalue().endswith("Text")


def test_the_line_is_cut_to_what_can_be_wiped() -> None:
    out = Terminal()
    view = ColumnsTerminal(out, ["a" * 30] * 3, clock=lambda: 5.0, width=60)
    view.tick()
    line = out.getvalue().rpartition("\x1b[2m")[2].removesuffix("\x1b[0m")
    assert len(line) == 59


def test_where_nobody_watches_no_line_waits() -> None:
    out = io.StringIO()
    view = live(out)
    view.event(0, Retrying(3, "busy", 1))
    view.tick()
    assert out.getvalue() == f"{rule('llama')}\n"


def test_words_are_counted_anew_when_the_text_turns_out_to_be_reasoning() -> None:
    out = Terminal()
    view = live(out)
    view.event(1, TextDelta("one two three"))
    view.event(1, Reclassified())
    view.event(1, TextDelta("four"))
    view.tick()
    assert "gpt 1 word ·" in out.getvalue()


def test_answers_that_failed_before_anything_came_say_why() -> None:
    out = io.StringIO()
    view = live(out, ("bad", "llama"), subtitles=("system: terse", ""))
    view.finish(0, FAILED)
    view.finish(1, LLAMA)
    assert out.getvalue().startswith(f"{rule('bad')}\nsystem: terse\n[!] FAILED\nHTTP 500\nNext: try again\n")
    assert "The **sky** is blue." in out.getvalue()


def test_an_end_that_is_told_twice_counts_once() -> None:
    out = io.StringIO()
    view = live(out, ("llama",))
    view.finish(0, LLAMA)
    before = out.getvalue()
    view.finish(0, GPT)
    view.tick()
    assert out.getvalue() == before
    assert before.count("summary") == 1


def test_nothing_that_is_written_names_a_hidden_answer() -> None:
    out = Terminal()
    view = live(out, ("A", "B"), hidden=True, addresses=("http://gpt.example", "http://gpt.example"))
    view.tick()
    view.event(0, Retrying(1, "gpt is busy", 1))
    view.event(0, ReasoningDelta("I am gpt"))
    view.tick()
    view.event(0, TextDelta("The sky is grey."))
    view.finish(0, GPT)
    view.finish(1, replace(FAILED, model="gpt", error=StatusError("gpt is down")))
    assert "The sky is grey." in out.getvalue()
    assert "gpt" not in out.getvalue()
    assert "after the vote" in out.getvalue()
    assert "summary" not in out.getvalue()


def test_a_terminal_without_such_letters_gets_others() -> None:
    out = Ascii()
    view = live(out, ("llama ☂",))
    view.event(0, TextDelta("x"))
    view.finish(0, LLAMA)
    assert out.getvalue().isascii()
    assert out.getvalue().startswith("-- llama \\u2602 ---")


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_sec_08_titles_and_texts_cannot_steer_the_terminal(out: io.StringIO) -> None:
    hostile = "x\x1b[2J\u202e\x9b"
    view = live(out, (hostile, "b"), subtitles=(hostile, hostile))
    view.event(1, TextDelta(hostile))
    view.tick()
    view.event(0, TextDelta(hostile))
    view.finish(0, replace(LLAMA, text=hostile, model=hostile))
    view.finish(1, replace(LLAMA, text=hostile))
    assert "\x1b[2J" not in out.getvalue()
    assert not set(out.getvalue()) & set("\u202e\x9b")
