from __future__ import annotations

import math
from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.messages import Sampling
from byom_magics.talk.sampling import sampling_of


def refused(**options: Any) -> str:
    with pytest.raises(OptionError) as caught:
        sampling_of(**options)
    assert caught.value.hint
    return str(caught.value)


def test_nothing_said_is_left_to_the_model() -> None:
    assert sampling_of() == Sampling()


def test_everything_that_is_said_is_kept() -> None:
    assert sampling_of(
        temperature=0, top_p=1, max_tokens=5, seed=-3, stop=["\n", "END"], extra_body={"a": None}
    ) == Sampling(0, 1, 5, -3, ("\n", "END"), {"a": None})


def test_the_fields_that_were_passed_are_not_shared() -> None:
    fields: dict[str, Any] = {"a": 1}
    made = sampling_of(extra_body=fields)
    fields["a"] = 2
    assert made.extra_body == {"a": 1}


@pytest.mark.parametrize(
    ("stop", "stops"),
    [("\n", ("\n",)), ("END", ("END",)), (["a", "b"], ("a", "b")), (("a",), ("a",)), ([], ()), (None, ())],
)
def test_stops_are_one_text_or_several(stop: Any, stops: tuple[str, ...]) -> None:
    assert sampling_of(stop=stop).stop == stops


@pytest.mark.parametrize("stop", ["", ["a", ""], [None], ["a", 5], 5, b"a", {"a": 1}, True])
def test_what_is_no_text_to_stop_at_is_refused(stop: Any) -> None:
    assert "stop" in refused(stop=stop)


@pytest.mark.parametrize("name", ["temperature", "top_p"])
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, -math.inf, True, "0.5", [0.5]])
def test_a_number_out_of_every_servers_range_is_refused_by_its_name(name: str, value: Any) -> None:
    assert f"The option {name} cannot be" in refused(**{name: value})


def test_a_temperature_may_be_high_but_a_probability_is_one_at_most() -> None:
    assert sampling_of(temperature=5).temperature == 5
    assert "from 0 to 1" in refused(top_p=1.01)


@pytest.mark.parametrize("value", [0, -1, 1.0, 1.5, math.nan, True, "5"])
def test_the_longest_answer_is_a_whole_number_of_tokens(value: Any) -> None:
    assert "1 or more" in refused(max_tokens=value)


@pytest.mark.parametrize("value", [1.0, math.nan, True, "5"])
def test_a_seed_is_a_whole_number(value: Any) -> None:
    assert "seed" in refused(seed=value)


@pytest.mark.parametrize("fields", ["a=1", 5, [("a", 1)], {1: 2}, {None: 1}])
def test_fields_of_the_body_have_texts_as_names(fields: Any) -> None:
    assert "extra_body" in refused(extra_body=fields)


def test_sec_08_what_a_message_repeats_is_visible_and_short() -> None:
    message = refused(stop=["\x1b[2J" * 1000, ""])
    assert "\x1b" not in message
    assert len(message) < 300
