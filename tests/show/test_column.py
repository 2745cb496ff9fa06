from __future__ import annotations

from dataclasses import replace

import pytest

from byom_magics.errors import StatusError
from byom_magics.events import Cost, Reply, State, Usage
from byom_magics.messages import Message
from byom_magics.show.column import (
    Column,
    compared,
    compared_words,
    figures,
    fitting,
    masked,
    words_so_far,
)
from tests.show.screen import asked, reply_of, result

QUICK = Reply("Short.", state=State.COMPLETE, model="llama", duration_s=1.0, first_token_s=0.1, cost=Cost(0.001))
SLOW = Reply(
    "A longer answer.",
    state=State.COMPLETE,
    model="gpt",
    duration_s=2.5,
    first_token_s=0.5,
    usage=Usage(1_200, 300),
    cost=Cost(0.02),
)
FAILED = Reply("The beg", state=State.ERROR, reason="http", error=StatusError("HTTP 401 from https://api.gpt.example"))


def test_what_is_masked_tells_what_was_said_and_how_it_ended_and_no_more() -> None:
    told = replace(
        SLOW,
        reasoning="I am gpt",
        served_model="gpt-5",
        system_fingerprint="fp_1",
        request_id="req_1",
        warnings=("from gpt",),
    )
    assert masked(told) == Reply("A longer answer.", state=State.COMPLETE)


def test_what_is_masked_keeps_what_was_said_before_tools_but_not_the_tools() -> None:
    turn = [*asked(result("gpt_search", text="gpt says")), *asked(result("other"))]
    reply = replace(reply_of(turn), text="So it is.", messages=())
    assert masked(reply).text == "So it is."
    before = Message("assistant", "I look it up.")
    assert masked(Reply("Found.", state=State.COMPLETE, messages=(before,))).text == "I look it up.\n\nFound."


@pytest.mark.parametrize("state", [State.ERROR, State.INCOMPLETE, State.STALLED])
def test_why_a_masked_reply_failed_is_not_told(state: State) -> None:
    reply = masked(replace(FAILED, state=state))
    assert reply.state == State.ERROR
    assert reply.reason is None
    assert "gpt" not in str(reply.error)
    assert "after the vote" in str(reply.error)


def test_an_answer_that_stands_among_many_is_cut_and_that_is_said() -> None:
    long = replace(SLOW, text="x" * 500_000, messages=(Message("assistant", "x" * 500_000),))
    shown, notes = fitting(Column("gpt", long, notes=("kept",)), 3)
    assert shown is not None
    assert len(shown.text) == len(shown.messages[0].text) == 200_000
    assert notes == ("kept", "200,000 of 500,000 characters are shown here; the reply holds the whole text")
    among, _ = fitting(Column("gpt", long), 32)
    assert among is not None
    assert len(among.text) == 50_000


def test_the_notes_of_a_hidden_column_are_hidden_too() -> None:
    assert fitting(Column("A", QUICK, hidden=True, notes=("llama said",)), 2) == (masked(QUICK), ())


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Column("a", running=True), "Still waiting for its answer."),
        (Column("a", replace(QUICK, text="one"), running=True), "Still answering: 1 word so far."),
        (Column("a", SLOW, running=True), "Still answering: 3 words so far."),
        (Column("a"), "Nothing came."),
    ],
)
def test_how_far_a_column_is_is_said(column: Column, said: str) -> None:
    assert words_so_far(column) == said


def test_what_differs_is_told_from_the_chosen_columns_side() -> None:
    old, new = Column("llama", QUICK), Column("gpt", replace(QUICK, text="Short and new."))
    pieces = compared(new, old)
    assert pieces is not None
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "Short and new."
    assert compared_words(pieces, new, old) == (
        "Compared with llama: 2 words only here, 0 only there, 1 in both · 50 % alike"
    )


def test_the_same_answer_is_called_the_same() -> None:
    one = Column("llama", QUICK)
    pieces = compared(one, one)
    assert pieces is not None
    assert compared_words(pieces, one, one) == "The same as llama, word for word"


def test_answers_that_differ_are_never_told_to_be_wholly_alike() -> None:
    words = " ".join(["word"] * 5_000)
    old, new = Column("a", replace(QUICK, text=words)), Column("b", replace(QUICK, text=f"{words} more"))
    pieces = compared(new, old)
    assert pieces is not None
    assert "99 % alike" in compared_words(pieces, new, old)


def test_what_is_left_out_of_a_comparison_is_said() -> None:
    old = Column("a", replace(QUICK, text="word " * 30_000))
    pieces = compared(old, old)
    assert pieces is not None
    assert "only the first 60,000 characters are compared" in compared_words(pieces, old, old)


@pytest.mark.parametrize("other", [Column("b"), Column("b", replace(FAILED, text=" \n"))])
def test_nothing_is_compared_with_an_answer_that_there_is_not(other: Column) -> None:
    assert compared(Column("a", QUICK), other) is None
    assert compared(other, Column("a", QUICK)) is None


def test_nothing_is_marked_before_all_have_ended_nor_while_names_are_hidden() -> None:
    done = [Column("llama", QUICK), Column("gpt", SLOW)]
    assert figures(done).marks == (("fastest", "first token", "cheapest", "shortest"), ())
    assert figures([done[0], replace(done[1], running=True)]).marks == ((), ())
    assert figures([done[0], replace(done[1], hidden=True)]).marks == ((), ())


def test_the_table_has_a_row_for_each_and_leaves_no_cell_to_guess() -> None:
    table = figures([Column("llama", QUICK), Column("gpt", SLOW), Column("bad", FAILED), Column("none")]).table
    assert table is not None
    assert table.columns[-1] == "marked"
    assert [row[:-1] for row in table.rows] == [
        ("llama", "complete", "100 ms", "1.0 s", "–", "–", "–", "0.001 USD", "1"),
        ("gpt", "complete", "500 ms", "2.5 s", "150.0", "1,200", "300", "0.02 USD", "3"),
        ("bad", "error(http)", "–", "–", "–", "–", "–", "–", "2"),
        ("none", "nothing came", "–", "–", "–", "–", "–", "–", "–"),
    ]


def test_the_table_says_what_came_from_the_cache_and_what_is_not_done() -> None:
    table = figures(
        [Column("a", replace(QUICK, cached=True)), Column("b", QUICK, running=True), Column("c", running=True)]
    ).table
    assert table is not None
    assert [row[1] for row in table.rows] == ["complete, from the cache", "still answering", "still waiting"]
    assert "marked" not in table.columns


def test_there_is_no_table_while_a_name_is_hidden() -> None:
    assert figures([Column("llama", QUICK), Column("B", SLOW, hidden=True)]).table is None
