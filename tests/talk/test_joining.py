from __future__ import annotations

import pytest

from byom_magics.events import Cost, Reply, State, ToolCall, Usage
from byom_magics.messages import Image, Message, ToolResult
from byom_magics.talk.joining import Finished, joined

CALL = ToolCall("1", "look", "{}")


def test_one_call_is_the_turn() -> None:
    reply = Reply(text="Hi")
    assert joined([], reply, 0.0) is reply


def test_counts_and_costs_are_added_up_and_texts_stay_in_order() -> None:
    first = Reply(text="Look:", reasoning="Hm.", usage=Usage(10, 2, 12, reasoning_tokens=1), cost=Cost(0.5, "EUR"),
                  first_token_s=0.25, messages=(Message("assistant", "Look:"),), tool_results=(ToolResult(CALL, "sky"),),
                  warnings=("odd",), images=(Image(b"a"),), reasoning_s=1.0)  # fmt: skip
    last = Reply(text="Blue.", reasoning="So.", usage=Usage(20, 3, 23), cost=Cost(0.25, "EUR"), first_token_s=0.5,
                 messages=(Message("assistant", "Blue."),), warnings=("odd", "other"), state=State.COMPLETE)  # fmt: skip
    whole = joined([Finished(first)], last, 0.0)
    assert (whole.text, whole.reasoning, whole.state) == ("Blue.", "Hm.\n\nSo.", "complete")
    assert whole.usage == Usage(30, 5, 35, reasoning_tokens=1)
    assert whole.cost == pytest.approx(0.75)
    assert whole.first_token_s == 0.25
    assert (whole.warnings, whole.rounds, whole.reasoning_s) == (("odd", "other"), 2, 1.0)
    assert [each.text for each in whole.messages] == ["Look:", "Blue."]
    assert [each.text for each in whole.tool_results] == ["sky"]
    assert whole.images == (Image(b"a"),)


def test_what_one_call_does_not_tell_is_not_known_of_the_whole() -> None:
    whole = joined([Finished(Reply(usage=Usage(10, 2), cost=Cost(1.0)))], Reply(usage=Usage(5)), 0.0)
    assert whole.usage == Usage(15, None)
    assert whole.cost is None


def test_costs_in_two_currencies_are_no_sum() -> None:
    assert joined([Finished(Reply(cost=Cost(1.0, "EUR")))], Reply(cost=Cost(1.0, "USD")), 0.0).cost is None


def test_a_void_answer_costs_and_says_nothing() -> None:
    void = Reply(
        text="bad", reasoning="bad", messages=(Message("assistant", "bad"),), usage=Usage(1, 1), cost=Cost(1.0)
    )
    whole = joined([Finished(void, void=True)], Reply(text="good", usage=Usage(1, 1), cost=Cost(1.0)), 0.0)
    assert (whole.text, whole.reasoning, whole.messages, whole.usage, whole.cost) == ("good", "", (), Usage(2, 2), 2.0)


def test_only_what_was_kept_throughout_was_kept() -> None:
    assert joined([Finished(Reply(cached=True))], Reply(cached=True), 0.0).cached
    assert not joined([Finished(Reply(cached=True))], Reply(), 0.0).cached
