from __future__ import annotations

import pytest

from byom_magics.errors import ByomError
from byom_magics.events import Reply, State, Usage
from byom_magics.messages import Message
from byom_magics.show.chat import (
    CSS,
    announced,
    failed_html,
    folded,
    head_html,
    kept,
    line_shown,
    notice_html,
    question_html,
    turn_html,
)
from byom_magics.talk.history import Conversation
from tests.show.safe import read, text_of
from tests.talk.turns import reply, turn, user

EVIL = "<img src=x onerror=alert(1)>\u202e\x1b[31m $x$ <script>"


def conversation(*questions: str, model: str = "llama") -> Conversation:
    made = Conversation(model)
    for question in questions:
        made.record(question, [user(question)], reply(f"answer to {question}"))
    return made


def test_a_turn_has_its_question_its_answer_and_how_it_ended() -> None:
    html = turn_html(turn("Why **so**?", "It is **so**.", model="llama", usage=Usage(3, 5)), 2)
    text = text_of(html)
    assert "Why **so**?" in text
    assert "<strong>so</strong>" in html
    assert "llama · complete · tokens 3 in, 5 out" in text
    assert 'aria-label="Turn 2: your question"' in html


def test_a_turn_whose_reply_is_known_tells_its_reasoning_and_its_times() -> None:
    known = Reply("Yes.", reasoning="Let me see", state=State.COMPLETE, model="llama", first_token_s=0.25)
    text = text_of(turn_html(turn("Well?", "Yes."), 1, reply=known))
    assert "Let me see" in text
    assert "first token 250 ms" in text


def test_a_turn_that_is_stale_says_so_in_words() -> None:
    assert "before a turn above it changed" in text_of(turn_html(turn("Why?", "So."), 1, stale=True))
    assert "changed" not in text_of(turn_html(turn("Why?", "So."), 1))


@pytest.mark.parametrize("state", [State.CANCELLED, State.INCOMPLETE, State.STALLED])
def test_an_answer_that_is_not_whole_has_a_badge_and_a_next_step_that_can_be_done_here(state: State) -> None:
    text = text_of(turn_html(turn("Why?", "So", state=state), 1))
    assert state.value.upper() in text
    assert "Next: " in text
    assert "send it again" in text
    assert "run the cell" not in text


def test_what_a_model_says_of_running_cells_is_left_as_it_is() -> None:
    said = turn("How?", "Please run the cell again.", state=State.CANCELLED)
    assert "Please run the cell again." in text_of(turn_html(said, 1))


def test_a_question_of_which_nothing_came_keeps_its_words_and_says_that_the_model_does_not_know_it() -> None:
    error = ByomError("The key is not set.\nIt is wanted.", hint="set it, then run the cell again")
    failed = Reply(model="llama", state=State.ERROR, error=error)
    text = text_of(failed_html([Message("user", "Why?")], 4, failed))
    assert "Why?" in text
    assert "FAILED" in text
    assert "The key is not set." in text
    assert "Next: set it, then send it again" in text
    assert "not kept in the conversation" in text


def test_texts_of_others_are_shown_and_do_nothing() -> None:
    said = turn(EVIL, EVIL, model=EVIL)
    failed = Reply(model=EVIL, state=State.ERROR, error=ByomError(EVIL, hint=EVIL))
    for html in (
        turn_html(said, 1),
        failed_html(said.asked, 1, failed),
        head_html(EVIL, [EVIL]),
        notice_html(EVIL, wrong=True),
        notice_html(announced(failed)),
        line_shown(EVIL).html,
        question_html(said.asked, 1),
    ):
        found = read(html)
        assert "img" not in found.tags
        assert "script" not in found.tags
        assert "\u202e" not in html
        assert "\x1b" not in html


def test_a_notice_is_read_out_and_what_is_wrong_is_told_by_a_sign_too() -> None:
    assert 'role="status"' in notice_html("Sent.")
    assert "⚠ No." in text_of(notice_html("No.", wrong=True))
    assert notice_html("") == ""


def test_the_end_of_an_answer_is_told_in_a_line() -> None:
    assert announced(Reply("Yes.", state=State.COMPLETE, model="llama")) == "llama has answered: 4 characters."
    assert announced(Reply("Ye", state=State.CANCELLED, model="llama")) == "llama: CANCELLED."


def test_what_is_kept_has_all_conversations_and_how_each_goes_on() -> None:
    bundle = kept([conversation("one", "two"), conversation("one", model="gpt")], ["way a", "way b"])
    for text in (text_of(bundle.html), bundle.plain):
        assert text.index("answer to one") < text.index("answer to two") < text.index("way a") < text.index("way b")
        assert "Conversation with gpt" in text
    assert "\x1b" not in bundle.plain


def test_while_the_panel_shows_it_what_is_kept_is_one_line_and_nothing_before_the_first_turn() -> None:
    nothing, some = conversation(), conversation("one", "two")
    assert text_of(folded(kept([nothing], ["way"]), [nothing]).html) == ""
    assert folded(kept([nothing], ["way"]), [nothing]).plain == ""
    shown = folded(kept([some], ["way"]), [some])
    assert read(shown.html).tags[1:3] == ["details", "summary"]
    assert "keeps of this chat: 2 turns" in text_of(shown.html)
    assert "answer to two" in shown.plain


def test_the_looks_load_nothing_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
