from __future__ import annotations

from byom_magics.catalog.registration import spec_of
from byom_magics.widgets.choosing import Wish
from byom_magics.widgets.picker_text import about_html, found_html
from byom_magics.widgets.stock import Found
from tests.show.safe import read, text_of


def found(number: int, total: int, wish: Wish | None = None, **unsaid: int) -> str:
    keys = tuple(f"m{each}" for each in range(number))
    html = found_html(Found(keys, total, unsaid), 200, wish or Wish())
    assert 'role="status"' in html
    return text_of(html).strip()


def test_it_says_how_many_there_are() -> None:
    assert found(0, 0).startswith("No model is registered: %byom_register")
    assert found(0, 7) == "none of 7"
    assert found(1, 1) == "1 model"
    assert found(3, 7) == "3 of 7"
    assert found(1_500, 2_000) == "200 shown, and 1,300 more: type to narrow"


def test_it_says_which_filters_are_on_and_what_they_left_out_for_want_of_knowledge() -> None:
    said = found(3, 7, Wish(price=5.0, tags=frozenset({"<b>x"})), **{"price in USD": 2, "tools": 1})
    assert "Filters on: at most 5 USD per million output tokens, tag <b>x." in said
    assert "Left out because nobody said: price in USD (2 models), tools (1 model)." in said


def test_it_says_which_model_is_asked_where_it_runs_and_what_is_known_of_it() -> None:
    spec = spec_of("gpt<i>", url="http://gpu-7:8000/v1", description="On the desk", region="eu")
    html = about_html(spec, "temperature 0.2", "")
    said = text_of(html)
    assert "A bare %%byom now asks gpt<i>, with temperature 0.2." in said
    assert "private network" in said
    assert "On the desk" in said
    assert "i" not in read(html).tags


def test_without_a_model_it_says_what_choosing_does() -> None:
    said = text_of(about_html(None, "", "gpt is no longer registered."))
    assert "gpt is no longer registered." in said
    assert "becomes the default" in said
