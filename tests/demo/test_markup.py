from __future__ import annotations

from textwrap import dedent

import pytest

from byom_magics.demo.markup import Definition, Heading, Prose, parse


def markdown(text: str) -> list[str]:
    nodes = parse(dedent(text).strip("\n"))
    assert all(isinstance(node, Prose) for node in nodes)
    return [node.markdown for node in nodes if isinstance(node, Prose)]


@pytest.mark.parametrize("mark", ["*", "=", "-", "~"])
def test_an_underlined_line_is_a_heading(mark: str) -> None:
    assert parse('The "with" statement\n' + mark * 20 + "\n\nText.") == [
        Heading("The `with` statement"),
        Prose("Text."),
    ]


def test_paragraphs_are_unwrapped() -> None:
    assert markdown("One\ntwo.\n\nThree.") == ["One two.", "Three."]


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("with A() as a:\n    pass", "python"),
        ('with_stmt ::= "with" suite', "text"),
        ('with_stmt: "with" suite', "text"),
        (">>> 1 + 1\n2", "pycon"),
        ("(Pdb) p x\n3", "text"),
        ("python -m pdb myscript.py", "text"),
        ("False      await      else", "text"),
    ],
)
def test_an_indented_block_is_fenced_code_in_its_language(code: str, language: str) -> None:
    indented = "\n".join(f"   {line}" for line in code.split("\n"))
    assert markdown(f"For example:\n\n{indented}\n\nAfter.") == [
        "For example:",
        f"```{language}\n{code}\n```",
        "After.",
    ]


def test_code_keeps_its_blank_lines_and_its_own_indentation() -> None:
    assert markdown("So:\n\n   class A:\n\n       x = 1\n")[1] == "```python\nclass A:\n\n    x = 1\n```"


def test_a_doctest_at_the_border_is_code() -> None:
    assert markdown(">>> 'a'\n'a'") == ["```pycon\n>>> 'a'\n'a'\n```"]


def test_lists_nest_and_keep_their_code() -> None:
    text = """
        * One
          more.

        * Two:

             x = 1

          * inner
        """
    assert markdown(text) == ["- One more.\n\n- Two:\n\n  ```python\n  x = 1\n  ```\n\n  - inner"]


def test_numbered_items_keep_their_numbers_and_footnotes_their_marks() -> None:
    assert markdown("1. First\n\n2. Second") == ["1. First\n2. Second"]
    assert markdown("[1] A note\n    that goes on.") == ["- [1] A note that goes on."]


def test_notes_are_quoted() -> None:
    assert markdown("Note:\n\n  Mind the gap.\n\nAfter.") == ["> **Note:** Mind the gap.", "After."]
    assert markdown("Note: Mind the gap.") == ["> **Note:** Mind the gap."]


def test_see_also_is_a_quoted_list_with_links() -> None:
    text = 'See also:\n\n  **PEP 343** - The “with” statement\n     For the "with" statement.\n'
    (block,) = markdown(text)
    assert block.startswith("> **See also:**\n>\n> - **[PEP 343](https://peps.python.org/pep-0343/) - The “with”")
    assert block.endswith("For the `with` statement.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Changed in version 3.1: Support for "x".', "*Changed in version 3.1:* Support for `x`."),
        ("Added in version 3.5.", "*Added in version 3.5.*"),
        ("New in version 3.5.", "*New in version 3.5.*"),
        ("Deprecated since version 3.9: Gone.", "*Deprecated since version 3.9:* Gone."),
    ],
)
def test_version_notes_are_in_italics(text: str, said: str) -> None:
    assert markdown(text) == [said]


def test_signatures_over_indented_prose_are_a_definition() -> None:
    nodes = parse("str.lower()\nstr.upper()\n\n   Return a copy.\n\n   Example:\n\n      >>> 'a'.upper()\n")
    assert nodes == [
        Definition(
            "`str.lower()`, `str.upper()`",
            (Prose("Return a copy."), Prose("Example:"), Prose("```pycon\n>>> 'a'.upper()\n```", code=True)),
        )
    ]


def test_definitions_nest() -> None:
    (outer,) = parse("class dict(**kwargs)\n\n   Return a dictionary.\n\n   len(d)\n\n      Return the number.\n")
    assert isinstance(outer, Definition)
    assert outer.body == (Prose("Return a dictionary."), Definition("`len(d)`", (Prose("Return the number."),)))


def test_a_term_is_a_definition_of_its_own_and_a_term_with_a_colon_a_list_item() -> None:
    assert parse('Integers ("int")\n   These are numbers.') != []
    assert parse("Tuples\n   The items are objects.") == [Definition("Tuples", (Prose("The items are objects."),))]
    assert markdown("a class object:\n   An instance is returned.") == [
        "- **a class object**: An instance is returned."
    ]


@pytest.mark.parametrize("text", ["# no heading", "> no quotation", "- no list"])
def test_a_paragraph_never_turns_into_another_block(text: str) -> None:
    assert markdown(text) == [f"\\{text}"]


def test_rules_are_dropped() -> None:
    assert markdown("Above\n\n" + "=" * 70 + "\n\nBelow") == ["Above", "Below"]
