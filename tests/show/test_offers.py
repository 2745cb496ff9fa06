"""What servers offer, as a table and as lines."""

from __future__ import annotations

from byom_magics.catalog.found import Found
from byom_magics.catalog.spec import Capabilities, Listed, Prices
from byom_magics.show.offers import offer_table, server_line
from tests.show.safe import text_of

ONE = Found("vllm", "vLLM", "http://localhost:8000/v1")
OTHER = Found("ollama", "Ollama", "http://localhost:11434", note="wants a key")


def test_only_columns_that_say_something_are_shown() -> None:
    assert offer_table([(1, ONE, Listed("a")), (2, ONE, Listed("b"))]).columns == ("#", "model")
    both = offer_table([(1, ONE, Listed("a")), (2, OTHER, Listed("b", context_window=1000))])
    assert both.columns == ("#", "model", "context", "server")
    assert both.rows[1] == ("2", "b", "1,000", "Ollama, http://localhost:11434")


def test_prices_and_abilities_are_in_words_and_what_is_not_said_is_not_guessed() -> None:
    can = Capabilities(tools=True, reasoning=False, structured_output=True)
    offer = Listed("a", "A", prices=Prices(0.15, 0.6), capabilities=can, tags=("deprecated",))
    half = Listed("b", prices=Prices(output=2, currency="EUR"))
    rows = offer_table([(1, ONE, offer), (2, ONE, half)]).rows
    assert rows[0] == ("1", "a", "0.15 / 0.6 USD", "deprecated, tools, structured output", "A")
    assert rows[1] == ("2", "b", "? / 2 EUR", "", "")


def test_a_free_model_has_a_price_of_zero() -> None:
    assert offer_table([(1, ONE, Listed("a", prices=Prices(0, 0)))]).rows[0][2] == "0 / 0 USD"


def test_texts_of_a_server_are_shown_and_do_nothing() -> None:
    evil = "<img src=x onerror=alert(1)>\x1b[31m"
    table = offer_table([(1, ONE, Listed(evil, evil, evil, tags=(evil,))), (2, OTHER, Listed("b"))])
    assert "<img src=x" in text_of(table.html)
    assert "\x1b" not in table.plain


def test_a_server_in_a_line() -> None:
    assert server_line(ONE, [Listed("a")]) == "vLLM at http://localhost:8000/v1: 1 model"
    assert server_line(OTHER, []) == "Ollama at http://localhost:11434: 0 models; wants a key"
