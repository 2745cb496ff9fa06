from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.magics.bracketed import Given, closing, pairs, values


def read(inside: str) -> list[tuple[str, str]]:
    return [(name, text) for name, text, _ in pairs(inside)]


def refused(inside: str) -> tuple[str, str]:
    with pytest.raises(ValueError, match=r"\w") as caught:
        list(pairs(inside))
    what, hint = caught.value.args
    return what, hint


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("temperature=0", [("temperature", "0")]),
        ("temperature=0,seed=1", [("temperature", "0"), ("seed", "1")]),
        (" temperature = 0 , seed = 1 ", [("temperature", "0"), ("seed", "1")]),
        ('system="x, name=y"', [("system", "x, name=y")]),
        ("system='x, name=y',seed=1", [("system", "x, name=y"), ("seed", "1")]),
        (r'system="say \"hi\", a=b",seed=1', [("system", 'say "hi", a=b'), ("seed", "1")]),
        (r'system="C:\\new\table"', [("system", r"C:\new\table")]),
        ("system=Be brief, and kind, seed=3", [("system", "Be brief, and kind"), ("seed", "3")]),
        ('system=say "a, b=c" twice,seed=3', [("system", 'say "a, b=c" twice'), ("seed", "3")]),
        ("system=You're it, don't ask=1 or 2", [("system", "You're it, don't ask=1 or 2")]),
        ('stop="]"', [("stop", "]")]),
        ("stop=]", [("stop", "]")]),
        ('o.a={"b": [1, "x, c=d"]},t=1', [("o.a", '{"b": [1, "x, c=d"]}'), ("t", "1")]),
        ("o.a={b, c=1", [("o.a", "{b"), ("c", "1")]),
        ("system=", [("system", "")]),
        ('system=""', [("system", "")]),
    ],
)
def test_options_are_read_as_they_are_meant(inside: str, expected: list[tuple[str, str]]) -> None:
    assert read(inside) == expected


def test_a_value_in_quotes_is_told_from_one_without() -> None:
    assert list(pairs('a="x",b=x')) == [Given("a", "x", quoted=True), Given("b", "x")]


@pytest.mark.parametrize(
    ("inside", "what", "hint"),
    [
        ("", "NAME=VALUE", "A[temperature=0,seed=1]"),
        ("temperature", "NAME=VALUE", "A[temperature=0,seed=1]"),
        ("=0", "NAME=VALUE", "A[temperature=0,seed=1]"),
        ("system='tis", "not closed", 'system="…"'),
        ('system="open', "not closed", "system='…'"),
        ('system="a"b', "follows the value in quotes of system", '\\"'),
    ],
)
def test_what_cannot_be_read_is_told_with_the_next_step(inside: str, what: str, hint: str) -> None:
    told, step = refused(inside)
    assert what in told
    assert hint in step


@pytest.mark.parametrize(
    ("word", "inside"),
    [
        ("[a=1] B", "a=1"),
        ('[a="]"] B', 'a="]"'),
        ("[a='] b'] B", "a='] b'"),
        ('[a="x] y", b=[1, "]"]] B', 'a="x] y", b=[1, "]"]'),
        ("[a=Don't [do] it] B's", "a=Don't [do] it"),
        ('[a={"b]": 1}] B', 'a={"b]": 1}'),
        (r'[a="\"]"] B', r'a="\"]"'),
    ],
)
def test_the_end_of_brackets_is_not_one_within_a_value(word: str, inside: str) -> None:
    end = closing(word, 0)
    assert end is not None
    assert word[1:end] == inside


@pytest.mark.parametrize("word", ["[a=1", "[a=[1]", '[a="]" B'])
def test_brackets_that_are_not_closed_have_no_end(word: str) -> None:
    assert closing(word, 0) is None


@given(st.text(), st.sampled_from("'\""))
def test_any_text_in_quotes_comes_back_and_hides_what_is_in_it(text: str, quote: str) -> None:
    written = quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
    line = f"[system={written},seed=1] more] [x=1]"
    end = closing(line, 0)
    assert end is not None
    assert line[end:] == "] more] [x=1]"
    assert read(line[1:end]) == [("system", text), ("seed", "1")]


@given(st.text(alphabet="[]{}'\"=,\\ ab"))
def test_whatever_is_written_is_read_or_refused_and_never_goes_on_for_ever(text: str) -> None:
    with suppress(ValueError):
        assert all(name for name, _ in read(text))
    end = closing(f"[{text}", 0)
    assert end is None or f"[{text}"[end] == "]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,0.7", ["0", "0.7"]),
        ("Be brief.,Be kind.", ["Be brief.", "Be kind."]),
        ('"a, b","c"', ["a, b", "c"]),
        ('["a","b"],c', ['["a","b"]', "c"]),
        ('"a"b,c', ['"a"b', "c"]),
        (" , ", []),
    ],
)
def test_values_are_split_at_commas_that_are_not_within_one(text: str, expected: list[str]) -> None:
    assert [each.text for each in values(text)] == expected
