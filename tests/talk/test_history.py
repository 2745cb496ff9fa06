from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.errors import ConversationError
from byom_magics.events import State
from byom_magics.messages import Message
from byom_magics.talk import exchange as exchanges
from byom_magics.talk.estimate import tokens_in
from byom_magics.talk.history import Conversation, Conversations, sendable
from byom_magics.talk.summaries import Summary
from byom_magics.talk.window import fitted
from tests.talk.turns import model, reply, result, tool_turn, user, words

if TYPE_CHECKING:
    from byom_magics.talk.exchange import Exchange


def say(conversation: Conversation, place: object, question: str, answer: str = "yes", **more: Any) -> Exchange | None:
    return conversation.record(place, [user(question)], reply(answer, **more))


def said(conversation: Conversation) -> list[str]:
    return [each.asked[0].text for each in conversation.exchanges]


@pytest.fixture
def three() -> Conversation:
    """A conversation of three cells."""
    made = Conversation("llama")
    for place in "abc":
        say(made, place, f"question {place}")
    return made


@pytest.fixture
def known() -> Conversations:
    """Two models, with two conversations of the same name and one that has none."""
    made = Conversations()
    for number, (key, name) in enumerate([("llama", "work"), ("gpt", "work"), ("gpt", "")]):
        say(made.of(key, name), f"cell {number}", f"asked {key} {name}")
    return made


def test_turns_are_kept_in_the_order_in_which_they_came(three: Conversation) -> None:
    assert said(three) == ["question a", "question b", "question c"]
    assert len(three) == 3
    assert three.stale == (False, False, False)


def test_a_cell_that_runs_again_replaces_its_turn_in_its_place(three: Conversation) -> None:
    say(three, "b", "another question")
    assert said(three) == ["question a", "another question", "question c"]


def test_a_cell_that_runs_again_sees_what_stood_before_it(three: Conversation) -> None:
    assert [each.asked[0].text for each in three.before("b")] == ["question a"]
    assert three.before("a") == ()
    assert three.before("new") == three.before(None) == three.before() == three.exchanges


def test_turns_below_a_change_are_marked_until_they_run_again(three: Conversation) -> None:
    say(three, "a", "another question")
    assert three.stale == (False, True, True)
    say(three, "b", "question b")
    assert three.stale == (False, False, True)
    say(three, "c", "question c")
    assert three.stale == (False, False, False)


def test_the_same_question_and_answer_again_leave_what_is_below_as_it_is(three: Conversation) -> None:
    say(three, "a", "question a")
    assert three.stale == (False, False, False)
    say(three, "a", "question a", "no")
    assert three.stale == (False, True, True)


def test_runs_that_belong_to_no_cell_are_appended() -> None:
    made = Conversation("llama")
    for _ in range(2):
        say(made, None, "Why?")
    assert said(made) == ["Why?", "Why?"]


@pytest.mark.parametrize("state", [State.ERROR, State.INCOMPLETE, State.STALLED, State.CANCELLED])
def test_a_run_that_brings_nothing_leaves_the_turn_that_was_there(three: Conversation, state: State) -> None:
    assert say(three, "b", "another question", "", state=state) is None
    assert said(three) == ["question a", "question b", "question c"]
    assert three.stale == (False, False, False)


@pytest.mark.parametrize("state", [State.ERROR, State.INCOMPLETE, State.STALLED])
def test_a_new_turn_that_fails_is_not_kept(three: Conversation, state: State) -> None:
    assert say(three, "d", "question d", "", state=state) is None
    assert len(three) == 3


def test_a_new_turn_that_is_interrupted_is_kept_as_what_it_is(three: Conversation) -> None:
    say(three, "d", "question d", "", state=State.CANCELLED)
    say(three, "e", "question e", "Half an ans", state=State.CANCELLED)
    assert [each.state for each in three.exchanges[3:]] == [State.CANCELLED, State.CANCELLED]
    assert words(sendable(three.exchanges))[6:] == [
        "question d",
        "[This answer was interrupted.]",
        "question e",
        "Half an ans\n\n[This answer was interrupted.]",
    ]


def test_an_interrupted_answer_with_content_replaces_the_one_before(three: Conversation) -> None:
    say(three, "c", "question c", "Ye", state=State.CANCELLED)
    assert three.exchanges[-1].state is State.CANCELLED
    assert len(three) == 3


def test_the_last_system_message_holds() -> None:
    made = Conversation("llama")
    made.record(None, [user("a")], reply("b"), system="Be brief.")
    assert made.system == "Be brief."
    made.record(None, [user("a")], reply("b"))
    assert made.system == "Be brief."
    made.record(None, [Message("system", "Be long."), user("a")], reply("b"), system="Be brief.")
    assert made.system == "Be long."
    assert all(message.role != "system" for message in sendable(made.exchanges))


def test_a_conversation_tells_when_it_was_last_answered() -> None:
    made = Conversation("llama")
    assert made.used is None
    for year in (2024, 2026, 2025):
        made.record(None, [user("a")], reply("b"), when=datetime(year, 1, 1, tzinfo=timezone.utc))
    assert made.used == datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_a_conversation_is_named_beyond_doubt(three: Conversation) -> None:
    assert three.written == "llama:"
    assert Conversation("llama", "work").written == "llama:work"
    assert repr(three) == "<conversation with llama: 3 turns, about 12 tokens>"


@pytest.mark.parametrize("name", ["a b", "a:b", "-c", "a\x1b[31m", "x" * 101, " a", "\n"])
def test_a_name_is_one_plain_word(name: str) -> None:
    with pytest.raises(ConversationError) as caught:
        Conversations().of("llama", name)
    assert "\x1b" not in str(caught.value)


def test_conversations_of_different_models_never_mix(known: Conversations) -> None:
    assert said(known.of("llama", "work")) == ["asked llama work"]
    assert said(known.of("gpt", "work")) == ["asked gpt work"]
    assert said(known.of("llama")) == []


def test_a_conversation_in_which_nothing_was_said_is_not_listed(known: Conversations) -> None:
    known.of("llama", "empty")
    assert [each.written for each in known] == ["llama:work", "gpt:work", "gpt:"]


@pytest.mark.parametrize(
    ("word", "model_key", "found"),
    [
        ("work", None, ["llama:work", "gpt:work"]),
        ("work", "gpt", ["gpt:work"]),
        ("gpt:work", None, ["gpt:work"]),
        ("gpt", None, ["gpt:"]),
        ("gpt:", None, ["gpt:"]),
        ("llama", None, []),
        ("wor", None, []),
    ],
)
def test_a_word_finds_conversations(known: Conversations, word: str, model_key: str | None, found: list[str]) -> None:
    assert [each.written for each in known.find(word, model_key)] == found


def test_without_a_word_it_is_the_only_one_or_the_models_own(known: Conversations) -> None:
    assert known.one(None, "gpt").written == "gpt:"
    assert known.one(None, "llama").written == "llama:work"
    with pytest.raises(ConversationError, match="There are several conversations") as caught:
        known.one()
    assert caught.value.hint == "say which: llama:work, gpt:work, gpt:"


def test_what_is_not_there_is_told_with_what_was_probably_meant(known: Conversations) -> None:
    with pytest.raises(ConversationError, match="There is no conversation 'wrok'") as caught:
        known.one("wrok")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean work")
    with pytest.raises(ConversationError) as caught:
        known.one("zzz\x1b")
    assert caught.value.hint == "there are llama:work, gpt:work, gpt:"
    assert "\x1b" not in str(caught.value)
    with pytest.raises(ConversationError) as caught:
        Conversations().one("work")
    assert caught.value.hint == "begin one: %%byom MODEL -c, or %%byom MODEL -c NAME"


def test_a_fork_begins_with_a_copy_and_goes_its_own_way(known: Conversations) -> None:
    known.of("llama", "work").system = "Be brief."
    made = known.fork("llama:work", "mistral", "alt", "cell 9")
    say(made, "cell 9", "And now?")
    assert said(made) == ["asked llama work", "And now?"]
    assert said(known.of("llama", "work")) == ["asked llama work"]
    assert made.system == "Be brief."
    assert made.origin == "llama:work"


def test_the_models_own_conversation_is_the_one_that_is_forked(known: Conversations) -> None:
    assert known.source("work", "gpt").written == "gpt:work"
    assert known.source("gpt", "llama").written == "gpt:"


def test_a_word_that_may_mean_several_is_not_guessed(known: Conversations) -> None:
    with pytest.raises(ConversationError, match="may be meant by 'work'") as caught:
        known.fork("work", "mistral")
    assert caught.value.hint == "say which: llama:work, gpt:work"


def test_a_cell_that_forks_again_copies_anew_and_keeps_what_came_after_it(known: Conversations) -> None:
    made = known.fork("llama:work", "mistral", "", "fork")
    say(made, "fork", "first")
    say(made, "later", "second")
    say(known.of("llama", "work"), "cell 7", "more")
    assert known.fork("llama:work", "mistral", "", "fork") is made
    assert said(made) == ["asked llama work", "more", "first", "second"]
    assert made.stale == (False, False, True, True)
    assert [each.asked[0].text for each in made.before("fork")] == ["asked llama work", "more"]
    say(made, "fork", "first, again")
    assert said(made) == ["asked llama work", "more", "first, again", "second"]
    assert made.stale == (False, False, False, True)


def test_a_copy_that_is_the_same_as_before_makes_nothing_stale(known: Conversations) -> None:
    made = known.fork("llama:work", "mistral", "", "fork")
    say(made, "fork", "first")
    known.fork("llama:work", "mistral", "", "fork")
    assert made.stale == (False, False)


def test_a_fork_of_the_same_name_is_made_again_by_its_cell(known: Conversations) -> None:
    known.reset("gpt:work")
    for _ in range(2):
        say(known.fork("work", "gpt", "work", "fork"), "fork", "first")
    assert said(known.of("gpt", "work")) == ["asked llama work", "first"]


def test_a_fork_copies_what_stood_before_its_cell(three: Conversation) -> None:
    known = Conversations()
    known.put(three)
    made = known.fork("llama", "gpt", "", "b")
    assert said(made) == ["question a"]


def test_the_copy_of_a_turn_belongs_to_no_cell(three: Conversation) -> None:
    known = Conversations()
    known.put(three)
    made = known.fork("llama", "gpt", "", "new")
    say(made, "a", "asked of the copy")
    assert said(made) == ["question a", "question b", "question c", "asked of the copy"]


def test_a_fork_never_takes_the_place_of_turns_that_are_there(known: Conversations) -> None:
    for place in (None, "cell 9"):
        with pytest.raises(ConversationError, match="has turns of its own") as caught:
            known.fork("llama:work", "gpt", "work", place)
        assert caught.value.hint is not None
        assert "-c NAME" in caught.value.hint
    assert said(known.of("gpt", "work")) == ["asked gpt work"]


def test_a_copy_that_nothing_followed_yet_is_made_again_from_anywhere(known: Conversations) -> None:
    for word in ("llama:work", "gpt:", "gpt:"):
        known.fork(word, "mistral")
    assert said(known.of("mistral")) == ["asked gpt "]


def test_a_conversation_is_no_fork_of_itself(known: Conversations) -> None:
    with pytest.raises(ConversationError, match="cannot begin with a copy of itself"):
        known.fork("llama:work", "llama", "work")


def test_a_fork_has_the_summaries_of_what_it_copies(three: Conversation) -> None:
    three.summaries.keep(Summary("small", three.exchanges[:2], "notes"))
    made = Conversation("gpt")
    made.begin_with(three)
    assert made.summaries.find("small", made.exchanges).text == "notes"


def test_what_is_reset_is_told_and_begins_anew(known: Conversations) -> None:
    gone = known.reset("gpt:work")
    assert [(each.written, len(each)) for each in gone] == [("gpt:work", 1)]
    assert said(known.of("gpt", "work")) == []
    with pytest.raises(ConversationError, match="There is no conversation 'gpt:work'"):
        known.reset("gpt:work")


def test_all_are_reset_or_all_of_one_model(known: Conversations) -> None:
    assert [each.written for each in known.reset(None, "gpt")] == ["gpt:work", "gpt:"]
    assert [each.written for each in known.reset()] == ["llama:work"]
    assert known.reset() == []


def test_results_that_the_person_gives_go_on_with_the_turn_that_asked() -> None:
    made = Conversation("llama")
    asking = tool_turn("Look.", "").answered[:1]
    made.record("a", [user("Look.")], reply("", State.TOOL_CALLS, messages=asking))
    found = fitted(made.before("b"), None, asked=[result("blue")])
    assert found.messages == (user("Look."), *asking)
    made.record("b", [result("blue")], reply("Blue."))
    assert sendable(made.exchanges) == (user("Look."), *asking, result("blue"), model("Blue."))


def test_threads_may_record_at_once() -> None:
    known = Conversations()

    def work(number: int) -> None:
        for turn in range(50):
            say(known.of("llama"), (number, turn), f"{number} {turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = known.of("llama")
    assert len(made) == 200
    assert sorted(each.number for each in made.exchanges) == list(range(1, 201))


def test_the_two_hundredth_turn_is_counted_and_mended_once_as_the_first_was(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"tokens": 0, "mended": 0}

    def counted(name: str, function: Any) -> Any:
        def call(*given: Any) -> Any:
            counts[name] += 1
            return function(*given)

        return call

    monkeypatch.setattr(exchanges, "tokens_in", counted("tokens", tokens_in))
    monkeypatch.setattr(exchanges, "_mended", counted("mended", exchanges._mended))
    made, per_turn = Conversation("llama"), []
    for number in range(200):
        fitted(made.before(number), 100_000)
        say(made, number, f"question {number}")
        per_turn.append(dict(counts))
        counts.update(tokens=0, mended=0)
    assert per_turn[0] == {"tokens": 0, "mended": 0}
    assert per_turn[1:] == [{"tokens": 1, "mended": 1}] * 199


def test_a_turn_without_a_place_gets_one_so_that_it_can_be_asked_anew(three: Conversation) -> None:
    copy = Conversation("gpt")
    copy.begin_with(three)
    first, second, _ = copy.exchanges
    assert copy.placed(second, "mine") == "mine"
    say(copy, "mine", "another question")
    assert said(copy) == ["question a", "another question", "question c"]
    assert copy.stale == (False, False, True)
    assert copy.exchanges[0] is first
    assert said(three)[1] == "question b"


def test_a_turn_that_has_a_place_keeps_it_and_one_that_is_gone_gets_none(three: Conversation) -> None:
    first = three.exchanges[0]
    assert three.placed(first, "mine") == "a"
    assert three.exchanges[0] is first
    assert Conversation("llama").placed(tool_turn("Why?", "So."), "mine") is None


_RUNS = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from(["q", "r"]), st.sampled_from(["", "x", "y"]), st.sampled_from(State)
    ),
    max_size=30,
)


@given(_RUNS)
def test_however_cells_run_each_has_one_turn_where_it_first_stood(runs: list[tuple[str, str, str, State]]) -> None:
    made, order, last = Conversation("llama"), list[str](), dict[str, tuple[str, str]]()
    for place, question, answer, state in runs:
        brings = bool(answer) or not (state.failed or (state is State.CANCELLED and place in last))
        if brings:
            order += [place] if place not in last else []
            last[place] = (question, answer)
        assert (say(made, place, question, answer, state=state) is not None) == brings
    assert [each.place for each in made.exchanges] == order
    kept = {each.place: (each.asked[0].text, each.answered[0].text if each.answered else "") for each in made.exchanges}
    assert kept == last
    assert len({each.number for each in made.exchanges}) == len(made)
