from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.errors import OptionError, PromptError, UnknownModelError
from byom_magics.magics.columns import columns_of_line, model_with_own, sweep
from byom_magics.magics.compare import COMPARE
from byom_magics.magics.question import Names

if TYPE_CHECKING:
    from byom_magics.study.columns import Column

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _models() -> None:
    for key in ("A", "B", "gpt", "org/llama"):
        byom.register(key, url=NOWHERE, model="m")


def columns(line: str, **names: Any) -> tuple[Column, ...]:
    return columns_of_line(session.current(), COMPARE.parse(line), Names(names))


def titles(line: str, **names: Any) -> list[str]:
    return [column.title for column in columns(line, **names)]


def own(word: str) -> dict[str, Any]:
    (token,) = COMPARE.parse(word).words
    return model_with_own(session.current(), token)[1]


# Models, and what is their own


def test_each_word_is_a_model() -> None:
    assert titles("A B org/llama") == ["A", "B", "org/llama"]


def test_brackets_give_one_column_options_of_its_own() -> None:
    first, second = columns("A[temperature=0] B")
    assert (first.model, first.options) == ("A", {"temperature": 0.0})
    assert (second.model, second.options) == ("B", {})


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ('gpt[system="Be brief.",max_tokens=5]', {"system": "Be brief.", "max_tokens": 5}),
        ("gpt[system='Be brief, and kind.',seed=3]", {"system": "Be brief, and kind.", "seed": 3}),
        ("gpt[system=Brief.]", {"system": "Brief."}),
        ("gpt[t=0.5]", {"temperature": 0.5}),
        ("gpt[max-tokens=5,top-p=0.5]", {"max_tokens": 5, "top_p": 0.5}),
        ("gpt[reasoning=low]", {"effort": "low"}),
        ("gpt[effort=low]", {"effort": "low"}),
        ("gpt[o.top_k=3]", {"extra_body": {"top_k": 3}}),
        ("gpt[o.top_k=3,o.min_p=0.1,temperature=1]", {"extra_body": {"top_k": 3, "min_p": 0.1}, "temperature": 1}),
        ('gpt[o.format={"type": "text"}]', {"extra_body": {"format": {"type": "text"}}}),
        ("gpt[o.user=me]", {"extra_body": {"user": "me"}}),
        ("gpt[temperature=0, seed=1]", {"temperature": 0, "seed": 1}),
        ('gpt[system="x, name=y"]', {"system": "x, name=y"}),
        ('gpt[system="x] B, t=1", t=0]', {"system": "x] B, t=1", "temperature": 0}),
        (r'gpt[system="say \"hi\", name=y"]', {"system": 'say "hi", name=y'}),
        ('gpt[stop="]"]', {"stop": "]"}),
        ("gpt[stop=]]", {"stop": "]"}),
        ("gpt[stop=[]", {"stop": "["}),
        (r'gpt[stop="\n"]', {"stop": "\n"}),
        ('gpt[stop=["a","]"]]', {"stop": ["a", "]"]}),
        ("gpt[stop=a,stop=b]", {"stop": ["a", "b"]}),
        ('gpt[o.user="5"]', {"extra_body": {"user": "5"}}),
    ],
)
def test_options_in_brackets_are_read_as_those_of_the_line(word: str, options: dict[str, Any]) -> None:
    assert own(word) == options


@pytest.mark.parametrize(
    ("line", "told", "hint"),
    [
        ("A[temperature=0 B", "not closed", "close it: A[temperature=0]"),
        ("A[temperature=0]B gpt", "something behind its bracket", "a blank behind the bracket"),
        ("A [temperature=0] B", "stands alone", "A[temperature=0]"),
        ("[temperature=0] A B", "stands alone", "A[temperature=0]"),
        ("A[system='tis] B", "quote behind system= is not closed", 'system="…"'),
        ('A[system="a"b] B', "follows the value in quotes of system", "end the value with its quote"),
        ("A[temperature=0;seed=1] B", "cannot be '0;seed=1'", "behind a comma"),
        ("A[temperature=0,temperature=1] B", "temperature twice", "leave one of them out"),
        ("A[o.=1] B", "field of the request", "o.KEY=VALUE"),
    ],
)
def test_each_mistake_in_brackets_is_told_with_the_next_step(line: str, told: str, hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        columns(line)
    assert told in caught.value.what
    assert hint in str(caught.value.hint)


def test_a_system_message_in_brackets_may_be_the_name_of_a_text() -> None:
    first, second = columns("A[system=terse] A[system=kind]", terse="Be brief.", kind="Be kind.")
    assert (first.title, first.options) == ("A · system=terse", {"system": "Be brief."})
    assert (second.title, second.options) == ("A · system=kind", {"system": "Be kind."})
    assert titles("A --sweep system=terse,kind", terse="x", kind="y") == ["A · system=terse", "A · system=kind"]


def test_a_system_message_in_brackets_may_be_looked_up_in_something_of_the_notebook() -> None:
    prompts = {"a, b=c": "Be brief.", "kind": "Be kind."}
    first, second = columns('A[system=prompts["a, b=c"],seed=1] A[system=prompts["kind"]]', prompts=prompts)
    assert (first.title, first.options) == ('A · system=prompts["a, b=c"] · seed=1', {"system": "Be brief.", "seed": 1})
    assert second.options == {"system": "Be kind."}
    with pytest.raises(OptionError, match=r"KeyError[\s\S]*in quotes"):
        columns('A[system=prompts["rude"]] B', prompts=prompts)
    with pytest.raises(OptionError, match="no text"):
        columns("A[system=prompts.keys] B", prompts=prompts)
    assert columns('A[system=others["kind"]] B', prompts=prompts)[0].options == {"system": 'others["kind"]'}


def test_in_quotes_a_name_is_the_word_itself_and_so_is_a_word_that_is_no_name() -> None:
    assert columns('A[system="terse"] B', terse="Be brief.")[0].options == {"system": "terse"}
    assert columns("A[system=Brief] B", other="Be kind.")[0].options == {"system": "Brief"}


@pytest.mark.parametrize(
    ("word", "hint"), [("terze", "did you mean terse"), ("my_prompt", "define it"), ("number", "a system message is a")]
)
def test_a_name_that_is_no_text_is_refused_with_what_may_be_meant(word: str, hint: str) -> None:
    with pytest.raises(OptionError, match=f'{hint}[\\s\\S]*system="{word}"'):
        columns(f"A[system={word}] B", terse="Be brief.", number=3)


def test_values_of_the_notebook_are_filled_into_a_system_message_in_brackets_unless_it_is_raw() -> None:
    assert columns('A[system="Be {{ how }}."] B', how="brief")[0].options == {"system": "Be brief."}
    assert columns('A[system="Be {{ how }}."] B --raw', how="brief")[0].options == {"system": "Be {{ how }}."}
    with pytest.raises(PromptError, match="how"):
        columns('A[system="Be {{ how }}."] B')


def test_a_word_in_quotes_may_have_blanks_between_its_options() -> None:
    assert own("'gpt[temperature=0, system=Be brief.]'") == {"temperature": 0, "system": "Be brief."}


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("A[temprature=0]", "temperature"),
        ("A[max_token=5]", "max_tokens"),
        ("A[temp=0]", "temperature"),
        ("A[sistem=x]", "system"),
        ("A[temperature=0,sed=1]", "seed"),
    ],
)
def test_an_option_that_is_unknown_is_refused_with_what_may_be_meant(word: str, near: str) -> None:
    with pytest.raises(OptionError, match=f"did you mean {near}"):
        own(word)


def test_an_option_that_is_like_no_other_is_refused_with_all_there_are() -> None:
    with pytest.raises(OptionError, match=r"temperature[\s\S]*o\.FIELD"):
        own("A[xyzzy=0]")


@pytest.mark.parametrize("word", ["A[temperature=hot]", "A[max_tokens=many]", "A[temperature=-1]", "A[seed=1.5]"])
def test_a_value_that_cannot_be_used_is_refused_with_what_is_wanted(word: str) -> None:
    with pytest.raises(OptionError, match="number"):
        own(word)


@pytest.mark.parametrize("word", ["A[temperature]", "A[]", "A[=0]", "A[temperature=0,,]"])
def test_brackets_without_name_and_value_are_refused_with_how_they_are_written(word: str) -> None:
    with pytest.raises(OptionError, match=r"NAME=VALUE|number"):
        own(word)


def test_a_model_that_is_unknown_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(UnknownModelError, match="org/llama"):
        columns("A org/lama")
    with pytest.raises(UnknownModelError, match="org/llama"):
        columns("A org/lama[temperature=0]")


@pytest.mark.parametrize("line", ["A,B", "A, B", "A ,B", "A,org/llama B"])
def test_commas_between_models_are_told_to_be_blanks(line: str) -> None:
    with pytest.raises(OptionError, match="put blanks between them: %%byom_compare"):
        columns(line)


def test_keys_may_have_brackets_and_slashes() -> None:
    byom.register("m/x[2]", url=NOWHERE, model="m")
    byom.register("hf.co/a/b", url=NOWHERE, model="m")
    assert titles("m/x[2] hf.co/a/b[temperature=0]") == ["m/x[2]", "hf.co/a/b · temperature=0"]
    found = columns("m/x[2][temperature=0] A")
    assert (found[0].model, found[0].options) == ("m/x[2]", {"temperature": 0})


# Columns of one model


def test_a_sweep_makes_a_column_of_each_value() -> None:
    found = columns("A --sweep temperature=0,0.7,1.4")
    assert [column.model for column in found] == ["A"] * 3
    assert [column.options for column in found] == [{"temperature": each} for each in (0, 0.7, 1.4)]


def test_a_sweep_may_be_over_any_field_of_the_request() -> None:
    found = columns("A --sweep o.top_k=1,5")
    assert [column.options for column in found] == [{"extra_body": {"top_k": each}} for each in (1, 5)]
    assert [column.title for column in found] == ["A · top_k=1", "A · top_k=5"]
    assert len(columns("A --sweep o.echo=1,true")) == 2
    assert titles('A --sweep o.x=[1,2],{"y":[3,4]}') == ["A · x=[1, 2]", 'A · x={"y": [3, 4]}']


def test_several_sweeps_make_a_column_of_each_value_with_each() -> None:
    found = columns("A --sweep temperature=0,1 --sweep o.top_k=1,5 --sweep o.min_p=0.1,0.2")
    assert len(found) == 8
    assert found[-1].options == {"temperature": 1, "extra_body": {"top_k": 5, "min_p": 0.2}}
    assert titles("A --sweep seed=1,2 --sweep temperature=0,1")[1] == "A · seed=1 · temperature=1"


def test_values_of_a_sweep_that_have_commas_stand_in_quotes() -> None:
    found = columns('A --sweep system="Be brief, please.","Be kind." B')
    assert [column.options["system"] for column in found] == ["Be brief, please.", "Be kind."] * 2


def test_a_sweep_is_laid_over_what_is_a_models_own() -> None:
    first, second = columns("A[seed=1,o.min_p=0.1] --sweep o.top_k=1,5")
    assert first.options == {"seed": 1, "extra_body": {"min_p": 0.1, "top_k": 1}}
    assert second.options == {"seed": 1, "extra_body": {"min_p": 0.1, "top_k": 5}}


def test_a_value_of_a_sweep_takes_the_place_of_a_models_own() -> None:
    found = columns("A[temperature=0.5,seed=1] --sweep temperature=0,1")
    assert [column.options for column in found] == [{"temperature": each, "seed": 1} for each in (0, 1)]
    assert [column.title for column in found] == ["A · temperature=0 · seed=1", "A · temperature=1 · seed=1"]


def test_a_sweep_of_several_models_asks_each_with_all_values() -> None:
    assert len(titles("A B --sweep temperature=0,1")) == 4


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("t=0,1", ("temperature", [0, 1])),
        ("max-tokens=5,50", ("max_tokens", [5, 50])),
        ("max_tokens=5, 50", ("max_tokens", [5, 50])),
        ("system=Be brief.,Be kind.", ("system", ["Be brief.", "Be kind."])),
        ("reasoning=low,high", ("effort", ["low", "high"])),
    ],
)
def test_the_values_of_a_sweep_are_read_as_those_of_the_option(text: str, read: tuple[str, list[Any]]) -> None:
    assert sweep(text) == read


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("A --sweep temperature=0", "two different values"),
        ("A --sweep temperature=0, 0.7", "no blanks"),
        ("A --sweep temperature=0,0", "two different values"),
        ("A --sweep temperature=0,0.0", "two different values"),
        ("A --sweep temperature", "NAME=VALUE"),
        ("A --sweep temprature=0,1", "temperature"),
        ("A --sweep temperature=0,hot", "number"),
        ("A --sweep o.=1,2", "NAME=VALUE|KEY=VALUE"),
    ],
)
def test_a_sweep_that_cannot_be_made_says_what_is_wanted(line: str, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        columns(line)


def test_samples_are_answers_to_one_question() -> None:
    assert titles("A --n 3") == ["A · #1", "A · #2", "A · #3"]
    assert not any("seed" in column.options for column in columns("A --n 3"))


def test_samples_count_on_from_the_seed() -> None:
    assert [column.options.get("seed") for column in columns("A --n 3 --seed 5")] == [None, 6, 7]
    assert [column.options.get("seed") for column in columns("A[seed=9] --n 2 --seed 5")] == [9, 10]


def test_samples_of_a_sweep_of_two_models_are_all_of_them() -> None:
    assert len(titles("A B --n 2 --sweep temperature=0,1")) == 8


def test_system_messages_are_texts_of_the_notebook() -> None:
    found = columns("A --systems terse,kind", terse="Be brief.", kind="Be kind.")
    assert [column.title for column in found] == ["A · system=terse", "A · system=kind"]
    assert [column.options["system"] for column in found] == ["Be brief.", "Be kind."]


def test_a_system_message_that_is_not_there_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(OptionError, match=r"terze[\s\S]*did you mean terse"):
        columns("A --systems terze,kind", terse="Be brief.", kind="Be kind.")
    with pytest.raises(OptionError, match="define it in a cell"):
        columns("A --systems nothing_like_it,kind", kind="Be kind.")


@pytest.mark.parametrize("value", [3, None, ["Be brief."], "", "   "])
def test_a_system_message_is_a_text(value: object) -> None:
    with pytest.raises(OptionError, match="no text"):
        columns("A --systems terse,kind", terse=value, kind="Be kind.")


def test_without_a_model_the_default_is_swept() -> None:
    byom.models.set_default("gpt")
    assert titles("--sweep temperature=0,1") == ["gpt · temperature=0", "gpt · temperature=1"]
    assert titles("--n 2") == ["gpt · #1", "gpt · #2"]


# What is no comparison


@pytest.mark.parametrize("line", ["", "A", "A --n 1"])
def test_fewer_than_two_columns_are_refused_with_what_makes_more(line: str) -> None:
    with pytest.raises(OptionError, match=r"--sweep[\s\S]*--n 3[\s\S]*--systems"):
        columns(line)


def test_the_same_twice_is_refused_with_the_way_to_ask_twice() -> None:
    with pytest.raises(OptionError, match=r"the same: A[\s\S]*--n 2"):
        columns("A B A")
    with pytest.raises(OptionError, match="the same"):
        columns("A[temperature=0] A[temperature=0]")


def test_the_same_model_with_other_options_is_another_column() -> None:
    assert len(titles("A A[temperature=0] A[temperature=1]")) == 3


def test_there_are_64_columns_at_most() -> None:
    assert len(titles("A --n 64")) == 64
    with pytest.raises(OptionError, match="64 at most"):
        columns("A --n 65")
