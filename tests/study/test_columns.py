from __future__ import annotations

import pytest

from byom_magics.errors import OptionError
from byom_magics.study.columns import MOST, columns_of
from byom_magics.talk.history import Conversation


def titles(*models: str, **more: object) -> list[str]:
    return [column.title for column in columns_of([(model, {}) for model in models], **more)]  # type: ignore[arg-type]


def test_each_model_is_a_column() -> None:
    assert titles("llama", "gpt") == ["llama", "gpt"]


def test_what_is_a_columns_own_is_in_its_title_and_its_options() -> None:
    cold, warm = columns_of([("llama", {"temperature": 0}), ("llama", {"temperature": 1.5, "system": "Be  brief."})])
    assert (cold.title, cold.options) == ("llama · temperature=0", {"temperature": 0})
    assert warm.title == "llama · temperature=1.5 · system=Be brief."


def test_a_sweep_makes_a_column_of_each_value() -> None:
    columns = columns_of([("llama", {})], sweeps=[("temperature", [0.0, 0.7, 1.4])])
    assert [column.options["temperature"] for column in columns] == [0.0, 0.7, 1.4]
    assert columns[1].title == "llama · temperature=0.7"


def test_several_sweeps_make_a_column_of_each_value_with_each() -> None:
    columns = columns_of([("llama", {})], sweeps=[("seed", [1, 2]), ("extra_body", [{"k": 1}, {"k": 2}])])
    assert [each.title for each in columns] == [f"llama · seed={seed} · k={k}" for seed in (1, 2) for k in (1, 2)]
    both = columns_of(
        [("a", {"extra_body": {"x": 0}})], sweeps=[("extra_body", [{"k": 1}, {"k": 2}]), ("extra_body", [{"m": 3}])]
    )
    assert both[1].options == {"extra_body": {"x": 0, "k": 2, "m": 3}}


def test_system_messages_are_named_not_told_in_titles() -> None:
    columns = columns_of([("a", {}), ("b", {})], systems={"terse": "Be brief.", "kind": "Be kind."})
    assert [column.title for column in columns] == [
        "a · system=terse",
        "a · system=kind",
        "b · system=terse",
        "b · system=kind",
    ]
    assert [column.options["system"] for column in columns] == ["Be brief.", "Be kind."] * 2


def test_samples_count_on_from_the_seed_and_compete_as_one() -> None:
    columns = columns_of([("llama", {})], samples=3, seed=7)
    assert [column.title for column in columns] == ["llama · #1", "llama · #2", "llama · #3"]
    assert {column.entrant for column in columns} == {"llama"}
    assert [column.options for column in columns] == [{}, {"sample": 1, "seed": 8}, {"sample": 2, "seed": 9}]
    assert "seed" not in columns_of([("llama", {})], samples=2)[1].options


def test_a_column_of_its_own_seed_counts_on_from_that() -> None:
    assert columns_of([("llama", {"seed": 3})], samples=2, seed=7)[1].options["seed"] == 4


@pytest.mark.parametrize("columns", [["llama"], []])
def test_fewer_than_two_are_no_comparison(columns: list[str]) -> None:
    with pytest.raises(OptionError, match=r"two answers or more[\s\S]*--sweep"):
        titles(*columns)


def test_the_same_twice_is_refused() -> None:
    with pytest.raises(OptionError, match="the same: llama"):
        titles("llama", "gpt", "llama")


def test_there_are_not_more_columns_than_can_be_compared() -> None:
    with pytest.raises(OptionError, match=f"{MOST} at most"):
        titles("a", "b", samples=MOST)


def test_conversations_of_columns_of_one_model_are_told_apart_by_one_word() -> None:
    columns = columns_of([("a", {"system": "Be: brief"})], sweeps=[("temperature", [0, 1])], samples=2)
    threads = [column.thread for column in columns]
    assert len(set(threads)) == 4
    assert all(thread.split() == [thread] and ":" not in thread for thread in threads)


def test_long_values_that_begin_alike_are_told_apart_wherever_they_stand() -> None:
    first, second = (f"Be a helpful assistant who answers in {number} sentence." for number in ("one", "two"))
    both = columns_of([("A", {"system": first}), ("A", {"system": second})])
    assert both[0].entrant != both[1].entrant
    assert both[1].entrant == columns_of([("B", {}), ("A", {"system": second})])[1].entrant
    assert all(len(column.title) < 60 for column in both)


def test_a_value_of_blanks_is_seen() -> None:
    assert [each.title for each in columns_of([("A", {"stop": "\n"}), ("A", {"system": ""})])] == [
        'A · stop="\\n"',
        'A · system=""',
    ]


def test_a_system_message_by_name_takes_the_place_of_a_models_own() -> None:
    found = columns_of([("A", {"system": "x", "seed": 1})], systems={"terse": "Be brief.", "kind": "Be kind."})
    assert [each.title for each in found] == ["A · seed=1 · system=terse", "A · seed=1 · system=kind"]
    assert [type(each.options["system"]) for each in found] == [str, str]


def test_conversations_of_columns_with_many_options_are_told_apart_by_short_words() -> None:
    own = {"system": "Be a helpful assistant who answers in one sentence.", "stop": "x" * 80, "temperature": 0.5}
    threads = {each.thread for each in columns_of([("A", own)], sweeps=[("seed", [1, 2])], samples=2)}
    assert len(threads) == 4
    assert all(len(thread) <= 60 and Conversation("A", thread) for thread in threads)
