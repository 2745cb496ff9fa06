from __future__ import annotations

from typing import TYPE_CHECKING, Any

from byom_magics.catalog.registration import spec_of
from byom_magics.events import Cost, Reply, Usage
from byom_magics.talk.history import Conversation
from byom_magics.widgets.chat_meter import Bill, bill_of, meter
from tests.talk.turns import reply, turn, user

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec


def model(**more: Any) -> ModelSpec:
    return spec_of("llama", **{"url": "http://localhost:1/v1", **more})


def conversation(*questions: str, system: str | None = None) -> Conversation:
    made = Conversation("llama")
    made.system = system
    for question in questions:
        made.record(question, [user(question)], reply("yes"))
    return made


def bill(given: int | None = None, came: int | None = None, cost: Cost | None = None) -> Bill:
    return Bill(Usage(given, came), cost)


def test_tokens_and_costs_of_all_turns_are_added() -> None:
    said = meter(model(), conversation("a", "b"), [bill(10, 5, Cost(0.25)), bill(30, 7, Cost(0.5))])
    assert said[:3] == ["2 turns", "tokens 40 in, 12 out", "cost 0.75 USD"]


def test_what_is_not_known_of_some_turns_makes_it_the_least() -> None:
    said = meter(model(), conversation("a", "b"), [bill(10, None, Cost(0.25)), bill()])
    assert said[1:3] == ["tokens at least 10 in", "cost at least 0.25 USD"]


def test_amounts_of_different_currencies_are_not_added() -> None:
    said = meter(model(), conversation("a"), [bill(1, 1, Cost(1, "EUR")), bill(1, 1, Cost(2))])
    assert "cost 1 EUR + 2 USD" in said


def test_without_prices_it_says_so_except_of_the_built_in_models() -> None:
    bills = [bill(10, 5)]
    assert [each for each in meter(model(), conversation("a"), bills) if "cost unknown" in each]
    assert not [each for each in meter(model(builtin=True), conversation("a"), bills) if "cost" in each]


def test_with_prices_and_without_a_count_the_cost_is_unknown_for_that() -> None:
    priced = model(price_in=1, price_out=2)
    said = meter(priced, conversation("a"), [bill()])
    assert "cost unknown: the server does not count tokens" in said


def test_the_next_question_takes_the_conversation_and_the_system_message_along() -> None:
    made = conversation("x" * 400, system="y" * 400)
    assert meter(model(), made, [])[-1] == f"the next question takes about {made.tokens + 100} tokens along"
    assert meter(model(system="z" * 40), Conversation("llama"), []) == [
        "0 turns",
        "the next question takes about 10 tokens along",
    ]


def test_its_share_of_the_context_is_told_and_what_does_not_fit() -> None:
    made = conversation("x" * 4_000)
    assert "10 % of the context of 10,000" in meter(model(context_window=10_000), made, [])[-1].replace("11 %", "10 %")
    assert "less than 1 % of the context" in meter(model(context_window=1_000_000), made, [])[-1]
    assert "the oldest turns stay behind" in meter(model(context_window=1_200), made, [], limit=400)[-1]
    assert meter(model(context_window=4_096), Conversation("llama"), [])[-1] == "context 4,096 tokens"


def test_answers_that_were_replaced_are_counted_and_told() -> None:
    assert meter(model(), conversation("a"), [bill(), bill()], replaced=1)[0] == "1 turn and 1 replaced answer"


def test_a_bill_is_the_replys_if_that_is_known_else_made_of_prices() -> None:
    exchange = turn("Why?", "So.", usage=Usage(1_000_000, 1_000_000))
    known = Reply(usage=Usage(1, 2), cost=Cost(9))
    assert bill_of(None, exchange) == Bill(exchange.usage, None)
    assert bill_of(model(), exchange, known) == Bill(Usage(1, 2), Cost(9))
    assert bill_of(model(price_in=1, price_out=2), exchange).cost == Cost(3)
