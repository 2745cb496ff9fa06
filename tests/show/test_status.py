from __future__ import annotations

import pytest

from byom_magics.errors import ShapeError, StalledError
from byom_magics.events import Cost, Held, Progress, Reply, Retrying, State, Usage
from byom_magics.show.answer import reply_bundle
from byom_magics.show.status import (
    BAD,
    Wait,
    asked_again,
    badge,
    facts,
    problem_html,
    problem_plain,
    status_html,
    status_plain,
    waiting,
)
from tests.show.safe import text_of


def test_the_status_line_has_what_is_known_and_nothing_else() -> None:
    reply = Reply(
        "Hi",
        state=State.COMPLETE,
        model="gpt",
        served_model="gpt-5",
        usage=Usage(1_200, 34),
        first_token_s=0.25,
        duration_s=2.25,
        cost=Cost(0.0012, "EUR"),
        attempts=2,
    )
    line = "gpt (gpt-5) · complete · tokens 1,200 in, 34 out · first token 250 ms · 17.0 tokens/s · 0.0012 EUR · 2 attempts"
    assert reply_bundle(reply).plain == f"Hi\n\n[{line}]"
    assert reply_bundle(Reply("Hi", state=State.COMPLETE)).plain == "Hi\n\n[complete]"
    assert "0" not in text_of(reply_bundle(Reply("Hi", state=State.COMPLETE, model="m")).html)


@pytest.mark.parametrize("state", list(State))
def test_whatever_is_not_complete_has_a_badge_in_words(state: State) -> None:
    reply = Reply("x", state=state)
    fine = state in {State.COMPLETE, State.TOOL_CALLS}
    assert bool(badge(reply)) is not fine
    assert badge(reply) in text_of(problem_html(reply))
    assert badge(reply) in problem_plain(reply)
    assert fine or "Next: " in problem_plain(reply)


def test_the_words_of_an_error_are_shown_with_its_next_step() -> None:
    error = StalledError("No token in 60 s.", hint="Raise --timeouts first_token.")
    reply = Reply(state=State.STALLED, reason="first_token", error=error)
    assert problem_plain(reply).endswith("No token in 60 s.\nNext: Raise --timeouts first_token.\n")


def test_a_total_is_named_where_there_is_no_better_figure() -> None:
    assert facts(Reply(state=State.COMPLETE, duration_s=0.5)) == ["complete", "total 500 ms"]
    assert "tokens 7" in facts(Reply(usage=Usage(total_tokens=7)))


def test_a_wait_counts_down() -> None:
    wait = Wait("gpt", "", 10.0)
    assert waiting(wait, 11.5) == "gpt · 1 s · connecting"
    wait.heard(Retrying(3.0, "429", 1), 12.0)
    assert waiting(wait, 13.5) == "gpt · 3 s · retrying in 2 s: 429"
    assert waiting(wait, 15.5) == "gpt · 5 s · trying again"
    wait.heard(Progress("waiting", 2), 16.0)
    assert waiting(wait, 16.0) == "gpt · 6 s · waiting for the first token (attempt 2)"


def test_a_call_that_is_held_back_says_why_and_for_how_long() -> None:
    wait = Wait("gpt", "", 10.0)
    wait.heard(Held("waiting for one of 2 places at company"), 11.0)
    assert waiting(wait, 30.0) == "gpt · 20 s · waiting for one of 2 places at company"
    wait.heard(Held("429 Too Many\nRequests", 12.0), 31.0)
    assert waiting(wait, 31.5) == "gpt · 21 s · held back for 12 s: 429 Too Many Requests"
    assert waiting(wait, 44.0) == "gpt · 34 s · held back: 429 Too Many Requests"


def test_a_turn_of_several_calls_says_how_many_and_what_of_the_tokens_was_cached() -> None:
    usage = Usage(1_200, 340, cached_input_tokens=1_000, reasoning_tokens=120)
    line = facts(Reply(state=State.COMPLETE, rounds=3, usage=usage))
    assert line == ["complete", "3 calls", "tokens 1,200 in (1,000 cached), 340 out (120 reasoning)"]
    assert facts(Reply(usage=Usage(7, 5, cached_input_tokens=0)))[-1] == "tokens 7 in, 5 out"


def test_an_answer_from_the_cache_is_marked_and_costs_nothing() -> None:
    line = facts(Reply(state=State.COMPLETE, cached=True, cost=Cost(0.0)))
    assert line == ["complete", "from the cache, nothing was sent"]
    assert "0 USD" in facts(Reply(cost=Cost(0.0)))


def test_an_answer_that_is_complete_and_does_not_fit_is_loud() -> None:
    reply = Reply("{}", state=State.COMPLETE, error=ShapeError("No 'name'.", hint="ask again"))
    assert badge(reply) == "WRONG SHAPE: the answer does not fit"
    assert problem_plain(reply) == "[!] WRONG SHAPE: the answer does not fit\nNo 'name'.\nNext: ask again\n"
    assert BAD in problem_html(reply)
    other = Reply(state=State.TOOL_CALLS, error=StalledError("x", hint="y"))
    assert badge(other) == "FAILED"


def test_what_was_said_before_sending_stands_below_the_line() -> None:
    notes = ["sending about 12,000 tokens:\ndf", "<b>"]
    reply = Reply(state=State.COMPLETE, warnings=("w",))
    assert status_plain(reply, notes) == "[complete]\n[sending about 12,000 tokens: df]\n[<b>]\n[note: w]\n"
    assert text_of(status_html(reply, notes)) == "completesending about 12,000 tokens: df<b>Note: w\n"


def test_an_answer_that_is_asked_for_again_says_why_and_how_often() -> None:
    assert asked_again("no\nname", 2) == "The answer did not fit: no name. Asked again (2)."
    assert asked_again("no name.", 2, 3) == "The answer did not fit: no name. Asked again (2 of 3)."
