from __future__ import annotations

import pytest

from byom_magics.demo.conversation import Done
from byom_magics.demo.material import Material, name_words, plain_text, roots, sentences
from tests.demo.reading import WITH, material


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("max_items", ["max", "items"]),
        ("maxItems", ["max", "items"]),
        ("HTTPServer", ["http", "server"]),
        ("born-in", ["born", "in"]),
        ("", []),
    ],
)
def test_a_name_is_split_into_its_words(name: str, words: list[str]) -> None:
    assert name_words(name) == words


def test_forms_of_a_word_have_one_root() -> None:
    assert set(roots("add adding added adds")) == {"ad"}
    assert set(roots("city cities")) == {"city"}


def test_markdown_is_made_plain() -> None:
    assert (
        plain_text("> **Note:** see [PEP 8](https://x.y) and `a\\_b`, *now*.\n- one")
        == "Note: see PEP 8 and a_b, now. one"
    )
    assert sentences("One e.g. this. Two! “Three”?") == ["One e.g. this.", "Two!", "“Three”?"]


def test_a_passage_has_its_title_its_sentences_its_code_and_its_keywords() -> None:
    source = WITH.best
    assert source.title == "The with statement"
    assert source.summary.startswith("The with statement is used to wrap the execution of a block")
    assert source.codes[0] == "with EXPRESSION as TARGET:\n    SUITE"
    assert source.keywords[0] == "with"
    assert all("`" not in sentence for sentence in source.sentences)
    assert source.coverage == 1


def test_the_summary_is_what_a_passage_says_of_the_question() -> None:
    assert "decorator" in material("decorators").best.summary


def test_without_passages_the_question_is_all_there_is() -> None:
    nothing = material("Who is the king of Spain, if any?")
    assert nothing.sources == ()
    assert nothing.best.title == "Who is the king of Spain, if any?"
    assert nothing.best.summary == "The Python reference says nothing about that."


def test_facts_come_from_results_before_arguments() -> None:
    found = Material(
        "Go", (), (Done("f", {"city": "Oslo", "unit": "C"}, '{"city": "Bergen", "degrees": 3}'),), {"unit": "F"}
    )
    assert found.facts == {"unit": ("F", "C"), "city": ("Bergen", "Oslo"), "degrees": (3,)}


def test_what_is_said_of_several_is_split_by_their_names() -> None:
    parts = Material("We know Anna, who lives in Oslo, and Bob is 25.").split()
    assert [part.question for part in parts] == ["We know Anna, who lives in Oslo, and ", "Bob is 25."]
    assert len(Material("nobody").split()) == 1
