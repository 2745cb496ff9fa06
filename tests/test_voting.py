from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics import session, voting
from byom_magics.comparing import Comparison, Unseen
from byom_magics.errors import OptionError, StatusError
from byom_magics.events import Reply, State
from byom_magics.messages import Message
from byom_magics.study.columns import columns_of
from byom_magics.study.vote import MOST_SHOWN, Vote, prompt_hash

OPTIONS: dict[str, Any] = {}


def said(text: str) -> Reply:
    return Reply(text, state=State.COMPLETE)


FAILED = Reply("Half an", state=State.ERROR, error=StatusError("The server answered 500"))
CUT_OFF = Reply("Half an", state=State.INCOMPLETE)
EMPTY = Reply("  ", state=State.COMPLETE)
STOPPED = Reply("Half an", state=State.CANCELLED)


def answered(*replies: Reply | None, blind: bool = True, prompt: Any = "Why?", **more: Any) -> Comparison:
    """A comparison of A, B, C that has come as far as these replies; None for one that still comes."""
    models = more.pop("models", [(key, {}) for key in "ABCDEFGH"[: len(replies)]])
    columns = columns_of(models, samples=more.pop("samples", 1))
    comparison = Comparison(session.current(), prompt, columns, more, blind=blind)
    for number, reply in enumerate(replies):
        comparison._replies[number] = reply
        comparison._left -= reply is not None
    return comparison


def voted(comparison: Comparison, choice: int | str, **more: Any) -> Vote:
    return voting.vote(session.current(), comparison, choice, **more)


@pytest.fixture(autouse=True)
def _no_votes() -> Iterator[None]:
    session.current().votes.clear()
    yield
    session.current().votes.clear()


def test_a_vote_is_kept_with_the_prompts_hash_and_the_order_shown() -> None:
    comparison = answered(said("One."), said("Two."), said("Three."))
    vote = voted(comparison, 1, voter="Ada")
    assert list(session.current().votes) == [vote]
    assert vote.prompt == prompt_hash("Why?")
    assert vote.shown == tuple("ABC"[number] for number in comparison.order)
    assert (vote.outcome, vote.winner, vote.voter) == ("win", "B", "Ada")
    assert vote.shown[comparison.order.index(1)] == "B"
    assert (comparison.vote, comparison.winner, comparison.hidden) == (vote, 1, False)


@pytest.mark.parametrize("choice", [voting.TIE, voting.BAD])
def test_a_tie_and_all_bad_have_no_winner(choice: str) -> None:
    comparison = answered(said("One."), said("Two."))
    vote = voted(comparison, choice)
    assert (vote.outcome, vote.winner) == (choice, None)
    assert comparison.winner is None
    assert not comparison.hidden


def test_options_of_a_column_compete_and_samples_do_not() -> None:
    models: list[Any] = [("A", {"temperature": 0}), ("B", {})]
    comparison = answered(*[said(str(number)) for number in range(4)], models=models, samples=2)
    assert sorted(voted(comparison, 0).shown) == ["A · temperature=0", "A · temperature=0", "B", "B"]


@pytest.mark.parametrize("lost", [FAILED, CUT_OFF, EMPTY])
def test_a_column_without_an_answer_cannot_win_and_is_not_among_those_shown(lost: Reply) -> None:
    comparison = answered(lost, said("Two."), said("Three."))
    assert set(voting.candidates(comparison)) == {1, 2}
    with pytest.raises(OptionError, match="vote for one of"):
        voted(comparison, 0)
    assert not len(session.current().votes)
    assert comparison.hidden
    assert sorted(voted(comparison, 2).shown) == ["B", "C"]


def test_an_answer_that_was_stopped_can_be_voted_for() -> None:
    assert voted(answered(STOPPED, said("Two.")), 0).winner == "A"


@pytest.mark.parametrize(
    ("comparison", "why"),
    [
        (lambda: answered(FAILED, said("Two.")), r"Fewer than two[\s\S]*--vote none"),
        (lambda: answered(FAILED, FAILED), "Fewer than two"),
        (lambda: answered(None, said("Two."), said("Three.")), "still being answered"),
        (lambda: answered(said("One."), said("Two."), blind=False), "not blind"),
    ],
)
def test_there_is_no_vote_where_it_would_not_count(comparison: Any, why: str) -> None:
    made = comparison()
    assert why.split("[", maxsplit=1)[0] in voting.hindrance(made)
    with pytest.raises(OptionError, match=why):
        voted(made, 1)
    assert not len(session.current().votes)


def test_two_samples_of_one_model_are_no_rivals() -> None:
    models: list[Any] = [("A", {}), ("B", {})]
    one_of_each = answered(said("1"), FAILED, said("2"), FAILED, models=models, samples=2)
    assert voting.hindrance(one_of_each) == ""
    comparison = answered(said("1"), said("2"), FAILED, FAILED, models=models, samples=2)
    assert "Fewer than two models" in voting.hindrance(comparison)


def test_it_is_voted_on_once() -> None:
    comparison = answered(said("One."), said("Two."))
    voted(comparison, 0)
    with pytest.raises(OptionError, match="voted on already"):
        voted(comparison, 1)
    assert len(session.current().votes) == 1


# Whether it can be voted on at all


def test_one_model_with_the_same_options_cannot_be_blind() -> None:
    with pytest.raises(OptionError, match=r"same model[\s\S]*--blind"):
        voting.check_votable(answered(None, None, models=[("A", {})], samples=2))
    voting.check_votable(answered(None, None, models=[("A", {}), ("A", {"temperature": 0})]))


def test_more_columns_than_can_be_voted_on_cannot_be_blind() -> None:
    voting.check_votable(answered(*[None] * MOST_SHOWN))
    columns = columns_of([(f"m{number}", {}) for number in range(MOST_SHOWN + 1)])
    with pytest.raises(OptionError, match="fewer models"):
        voting.check_votable(Comparison(session.current(), "Why?", columns, blind=True))


# What was asked


def test_the_same_question_has_the_same_hash_and_another_system_message_another() -> None:
    def hash_of(prompt: Any, **options: Any) -> str:
        return voted(answered(said("One."), said("Two."), prompt=prompt, **options), 0).prompt

    assert hash_of("Why?") == hash_of("Why?", temperature=1)
    assert hash_of("Why?") != hash_of("Why not?")
    assert hash_of("Why?") != hash_of("Why?", system="Be brief.")
    assert hash_of([Message("user", "Why?")]) == hash_of([Message("user", "Why?")])
    assert hash_of([Message("user", "Why?")]) != hash_of([Message("user", "Why not?")])


def test_a_real_comparison_is_voted_on() -> None:
    columns = columns_of([("demo/bigram", {}), ("demo/5gram", {})])
    comparison = Comparison(session.current(), "The", columns, {"max_tokens": 5, "seed": 1}, blind=True)
    comparison.start([Unseen(), Unseen()])
    while not comparison.wait():
        pass
    assert voted(comparison, 0).winner == "demo/bigram"
