from __future__ import annotations

import re

import pytest

from byom_magics.demo.topics import Passage, passages, shipped

CODE = re.compile(r"^[> ]*```.*?^[> ]*```$|(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL | re.MULTILINE)

TOPICS = {
    "with": 'The "with" statement\n****\n\nThe statement.\n',
    "compound": 'Compound\n****\n\nAll of them.\n\n\nThe "with" statement\n====\n\nThe statement.\n',
}
TOPICS = {name: text.replace("****", "*" * 20).replace("====", "=" * 20) for name, text in TOPICS.items()}


def test_a_text_that_stands_in_two_topics_is_one_passage_of_the_shorter() -> None:
    assert passages(TOPICS) == (
        Passage("compound", "Compound", "", ("All of them.",)),
        Passage("with", "The `with` statement", "", ("The statement.",)),
    )


def test_a_definition_is_a_passage_that_knows_its_section() -> None:
    text = "String Methods\n**************\n\nMany.\n\nstr.upper()\n\n   Return a copy.\n"
    assert passages({"string-methods": text})[1] == Passage(
        "string-methods", "`str.upper()`", "String Methods", ("Return a copy.",)
    )


def test_a_passage_as_markdown_has_its_heading() -> None:
    assert Passage("t", "Title", "", ("One.", "Two.")).markdown == "## Title\n\nOne.\n\nTwo."
    assert Passage("t", "`f()`", "Title", ("One.",)).markdown == "### `f()`\n\nOne."


@pytest.mark.parametrize("topic", ["with", "for", "try", "lambda", "comparisons", "typesmapping", "string-methods"])
def test_the_shipped_reference_has_the_topics_that_people_ask_for(topic: str) -> None:
    assert any(passage.topic == topic for passage in shipped())


def test_every_block_of_the_shipped_reference_is_clean_markdown() -> None:
    assert len(shipped()) > 300
    for passage in shipped():
        for block in passage.blocks:
            assert block == block.strip("\n")
            assert block.count("```") % 2 == 0
            prose = CODE.sub("", block)
            assert not re.search(r"^\s*\.\. |::\s*$|:\w+:`|\|\w+\|_|^[-=*~]{5,}$", prose, re.MULTILINE), block
            assert not re.search(r'(?<![\w"])"\w[^"]*"', prose), block
            assert not re.search(r"^ *(Note|See also|Warning):|^ *(Changed|New|Added) in version", prose, re.MULTILINE)


def test_the_with_statement_has_its_grammar_and_its_example_as_code() -> None:
    (statement,) = (passage for passage in shipped() if passage.title == "The `with` statement")
    fenced = [block for block in statement.blocks if block.startswith("```")]
    assert any(block.startswith("```text\nwith_stmt") for block in fenced)
    assert "```python\nwith EXPRESSION as TARGET:\n    SUITE\n```" in fenced
