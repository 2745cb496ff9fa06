from __future__ import annotations

from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.study.wanted import models_wanted, samples_wanted, sweeps_wanted, systems_wanted


class Spec:
    key = "llama"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("llama", [("llama", {})]),
        (["llama", "gpt"], [("llama", {}), ("gpt", {})]),
        (("llama", "gpt"), [("llama", {}), ("gpt", {})]),
        ([("llama", {"seed": 1}), "gpt"], [("llama", {"seed": 1}), ("gpt", {})]),
        (Spec(), [("llama", {})]),
        ([Spec(), (Spec(), {"seed": 1})], [("llama", {}), ("llama", {"seed": 1})]),
        ([], []),
    ],
)
def test_models_are_keys_or_keys_with_arguments(given: Any, found: Any) -> None:
    assert models_wanted(given) == found


@pytest.mark.parametrize("given", [None, 3, [3], [("llama",)], [("llama", 3)], [("llama", {}, {})], [["llama", {}]]])
def test_what_is_no_model_is_refused_with_what_is_one(given: Any) -> None:
    with pytest.raises(OptionError, match=r"is no model[\s\S]*temperature"):
        models_wanted(given)


@pytest.mark.parametrize("given", [("seed", [1, 2]), ["seed", (1, 2)], {"seed": [1, 2]}, ("seed", range(1, 3))])
def test_a_sweep_is_a_name_with_values(given: Any) -> None:
    assert sweeps_wanted(given) == [("seed", [1, 2])]


def test_several_sweeps_are_a_mapping_and_none_are_none() -> None:
    assert sweeps_wanted({"seed": [1, 2], "temperature": (0, 1)}) == [("seed", [1, 2]), ("temperature", [0, 1])]
    assert sweeps_wanted(None) == []


@pytest.mark.parametrize(
    "given",
    [
        "seed=1,2",
        "ab",
        ("seed",),
        ("seed", 1),
        ("seed", []),
        ("seed", "12"),
        (1, [2]),
        {},
        {"a": 1},
        {"a": [1], "b": []},
    ],
)
def test_what_is_no_sweep_is_refused_with_how_it_is_given(given: Any) -> None:
    with pytest.raises(OptionError, match=r"sweep cannot be[\s\S]*temperature"):
        sweeps_wanted(given)


def test_system_messages_have_names_or_numbers() -> None:
    assert systems_wanted({"terse": "Be brief."}) == {"terse": "Be brief."}
    assert systems_wanted(["Be brief.", "Be kind."]) == {"1": "Be brief.", "2": "Be kind."}
    assert systems_wanted(None) is None


@pytest.mark.parametrize("given", ["Be brief.", 3, [], {}, ["a", 3], {"a": None}, {1: "a"}])
def test_what_are_no_system_messages_is_refused_with_how_they_are_given(given: Any) -> None:
    with pytest.raises(OptionError, match=r"systems cannot be[\s\S]*terse"):
        systems_wanted(given)


@pytest.mark.parametrize("given", [0, -1, True, "3", 2.0, None])
def test_what_is_no_number_of_answers_is_refused(given: Any) -> None:
    assert samples_wanted(3) == 3
    with pytest.raises(OptionError, match="n cannot be"):
        samples_wanted(given)
