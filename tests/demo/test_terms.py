from __future__ import annotations

import pytest

from byom_magics.demo.terms import code_terms, stem, text_terms, word_terms


@pytest.mark.parametrize(
    "words",
    [
        ("slice", "slices", "slicing", "sliced", "Slicings"),
        ("raise", "raises", "raising", "raised"),
        ("dictionary", "dictionaries"),
        ("map", "maps", "mapping", "mapped"),
        ("decorator", "decorators"),
    ],
)
def test_forms_of_a_word_are_one_term(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize(("one", "other"), [("string", "str"), ("class", "clas"), ("capital", "capitalize")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_words_of_little_meaning_and_keywords_are_left_out() -> None:
    assert word_terms("How does the with statement work for lists?") == ["statement", "list"]


def test_code_is_kept_as_it_is_and_by_its_parts() -> None:
    assert code_terms("str.split()") == ["`str.split`", "`split`", "str", "split"]
    assert code_terms("with") == ["`with`"]
    assert code_terms("==") == ["`==`"]


def test_a_keyword_counts_in_a_literal_and_not_in_an_example() -> None:
    assert "`with`" in text_terms("The `with` statement")
    assert "`with`" not in text_terms("```python\nwith open(name) as file:\n    pass\n```")
    assert "open" in text_terms("```python\nwith open(name) as file:\n    pass\n```")


def test_addresses_of_links_say_nothing() -> None:
    assert text_terms("[PEP 343](https://peps.python.org/pep-0343/)") == ["pep"]
