from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.events import State
from byom_magics.messages import Image, Message, Text, ToolCall
from byom_magics.talk.estimate import tokens_in
from byom_magics.talk.exchange import Exchange, exchange_of, grouped, sendable
from tests.talk.turns import LOOK, model, problems, reply, result, tool_turn, turn, user, words

OTHER = ToolCall("c2", "listen", "{}")


def test_a_whole_turn_is_sent_again_as_it_was_said() -> None:
    kept = turn("Why?", "Because.")
    assert kept.sent == (user("Why?"), model("Because."))


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        (State.CANCELLED, "[This answer was interrupted.]"),
        (State.INCOMPLETE, "[This answer broke off.]"),
        (State.STALLED, "[This answer broke off.]"),
        (State.ERROR, "[This answer broke off.]"),
        (State.LENGTH, "[This answer was cut off at its limit of tokens.]"),
        (State.CONTENT_FILTER, "[This answer was stopped by a content filter.]"),
    ],
)
def test_an_answer_that_is_not_whole_says_so_at_its_end(state: State, mark: str) -> None:
    assert words(turn("Why?", "Bec", state=state).sent) == ["Why?", f"Bec\n\n{mark}"]
    assert words(turn("Why?", state=state).sent) == ["Why?", mark]


def test_a_mark_stands_behind_the_parts_of_an_answer() -> None:
    said = Message("assistant", (Text("Look: "), Image(b"x")))
    sent = Exchange((user("Why?"),), (said,), State.CANCELLED).sent
    assert sent[-1].parts == (Text("Look: "), Image(b"x"), Text("[This answer was interrupted.]"))


def test_an_empty_answer_is_never_sent_as_an_empty_message() -> None:
    assert words(turn("Why?").sent) == ["Why?", "[This answer was empty.]"]
    drawn = Exchange((user("Draw."),), (model(""),), images=(Image(b"x"),))
    assert words(drawn.sent) == ["Draw.", "[This answer was made of images.]"]


def test_a_call_without_a_result_is_answered_before_it_is_sent() -> None:
    kept = Exchange((user("Look."),), (model("", LOOK, OTHER), result("blue")), State.TOOL_CALLS)
    assert [message.tool_call_id for message in kept.sent] == [None, None, "c1", "c2", None]
    assert kept.sent[3].text == "This tool was not run: the turn ended before."
    assert kept.sent[3].tool_name == "listen"
    assert kept.sent[4].text == "[This turn ended before an answer.]"
    assert kept.open_calls == (OTHER,)


def test_a_result_that_nobody_asked_for_is_not_sent() -> None:
    kept = Exchange((user("Look."),), (result("lost"), model("Blue."), result("late")))
    assert words(kept.sent) == ["Look.", "Blue."]
    twice = Exchange((user("Look."),), (model("", LOOK), result("blue"), result("red"), model("Blue.")))
    assert words(twice.sent) == ["Look.", "", "blue", "Blue."]


def test_an_interrupt_after_a_tool_is_told_in_words_of_the_model() -> None:
    kept = Exchange((user("Look."),), (model("I look.", LOOK), result("blue")), State.CANCELLED)
    assert words(kept.sent)[-1] == "[This answer was interrupted.]"
    assert problems(kept.sent) == []


def test_ids_that_come_again_in_a_later_round_are_no_confusion() -> None:
    rounds = (model("", LOOK), result("blue"), model("", LOOK), result("red"), model("Both."))
    assert words(Exchange((user("Look."),), rounds).sent) == ["Look.", "", "blue", "", "red", "Both."]


def test_calls_that_the_person_answers_stay_open_until_then() -> None:
    asking = Exchange((user("Look."),), (model("", LOOK, OTHER),), State.TOOL_CALLS)
    now = (result("blue"), result("a bird", OTHER))
    assert sendable([asking], now) == (*asking.asked, *asking.answered)
    assert [message.text for message in sendable([asking], now[:1])][-1].startswith("This tool was not run")
    answered = Exchange(now, (model("Blue, and a bird."),))
    later = turn("a", "b")
    assert grouped([asking, answered, later]) == [(asking, answered), (later,)]
    assert sendable([asking, answered]) == (*asking.asked, *asking.answered, *now, model("Blue, and a bird."))


def test_results_for_a_turn_that_has_no_open_call_are_left_out() -> None:
    lost = Exchange((result("blue"), user("And?")), (model("Yes."),))
    assert words(sendable([turn("a", "b"), lost])) == ["a", "b", "And?", "Yes."]


def test_a_turn_counts_at_least_the_tokens_that_it_sends() -> None:
    for kept in (turn("Why?", "Bec", state=State.CANCELLED), tool_turn("Look.", "Blue."), turn("a" * 1_001, "b")):
        assert tokens_in(kept.sent) < kept.tokens <= tokens_in(kept.sent) + 1


def test_what_failed_before_anything_came_makes_no_exchange() -> None:
    for state in (State.ERROR, State.INCOMPLETE, State.STALLED):
        assert exchange_of([user("Why?")], reply("", state)) is None
        kept = exchange_of([user("Why?")], reply("Bec", state))
        assert kept is not None
        assert kept.state is state


def test_what_was_interrupted_before_anything_came_is_a_question() -> None:
    kept = exchange_of([user("Why?")], reply("", State.CANCELLED))
    assert kept is not None
    assert (kept.asked, kept.answered, kept.state) == ((user("Why?"),), (), State.CANCELLED)


def test_an_exchange_has_the_messages_of_the_reply_and_else_its_text() -> None:
    said = (model("", LOOK), result("blue"), model("Blue."))
    whole = exchange_of([user("Look.")], reply("Blue.", messages=said))
    assert whole is not None
    assert whole.answered == said
    bare = exchange_of([user("Look.")], reply("Blue."))
    assert bare is not None
    assert bare.answered == (model("Blue."),)


_IDS = st.sampled_from(["c1", "c2", "c3"])
_CALLS = st.lists(st.builds(ToolCall, _IDS, st.just("look"), st.just("{}")), max_size=3, unique_by=lambda call: call.id)
_SAID = st.one_of(
    st.builds(lambda text, calls: model(text, *calls), st.sampled_from(["", "a"]), _CALLS),
    st.builds(lambda name: result("told", ToolCall(name, "look", "{}")), _IDS),
)
_TURNS = st.builds(
    lambda first, question, answered, state: Exchange((*first, user(question)), tuple(answered), state),
    st.lists(st.builds(lambda name: result("first", ToolCall(name, "look", "{}")), _IDS), max_size=2),
    st.sampled_from(["Why?", "How?"]),
    st.lists(_SAID, max_size=6),
    st.sampled_from(State),
)


@given(st.lists(_TURNS, max_size=5))
def test_whatever_a_history_holds_a_strict_service_takes_it(history: list[Exchange]) -> None:
    sent = sendable(history)
    # A person may go on with results and a further question at once; that is theirs to say.
    found = [each for each in problems(sent) if not each.startswith("a question after a result")]
    assert found == []
