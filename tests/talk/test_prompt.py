from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.errors import MissingPackageError, OptionError, PromptError
from byom_magics.messages import Image, Text
from byom_magics.talk.prompt import expand

NAMES: dict[str, Any] = {
    "question": "Why is the sky blue?",
    "number": 3,
    "table": {"a": {"b": 1}},
    "hostile": "{{ secret }} {question} {{ 1/0 }}",
    "secret": "do not tell",
    "braces": "}}",
    "nothing": None,
}


def evaluated(text: str, names: dict[str, Any] = NAMES) -> str:
    return expand(text, lambda expression: eval(f"({expression}\n)", names), names).text


def refused(text: str) -> str:
    with pytest.raises(PromptError) as caught:
        evaluated(text)
    assert "--raw" in str(caught.value)
    return str(caught.value)


# What is sent as typed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        '{"question": {"a": [1, {"b": {}}]}, "c": {}}',
        '{"a":{"b":{"c":1}}}',
        r"\frac{a}{b} + \sum_{i=1}^{n} x_{i}^{2}",
        r"\mathbb{R}^{n}, \text{\textbf{x}}",
        'f"{name!r:>{width}} {value:.2f}"',
        "f'{a}{b}'",
        "for (;;) { if (x) { y(); } }",
        "$question ${question} %s %(question)s {question} { question }",
        "{ { question } }",
        "a }} b",
        "{{ never closed",
        "{{",
        "{{}",
        "css { a: b }\n{{ open\n\nnext paragraph }}",
        "!ls $HOME",
        "{% if x %} {# y #}",
        "\\{\\{ question \\}\\}",
    ],
)
def test_sec_40_braces_of_json_latex_and_code_are_sent_as_typed(text: str) -> None:
    assert evaluated(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="{")))
def test_a_text_without_an_opening_brace_is_sent_as_typed(text: str) -> None:
    assert evaluated(text) == text


@given(st.text(alphabet="{}ab \n\"'"))
def test_a_text_is_sent_filled_in_or_refused_and_nothing_else(text: str) -> None:
    try:
        filled = expand(text, lambda expression: "v", {}).text
    except PromptError:
        assert "{{" in text
        assert "}}" in text
    else:
        assert filled == text or "v" in filled


# What is filled in


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{question}}", "Why is the sky blue?"),
        ("a {{ question }} b", "a Why is the sky blue? b"),
        ("{{number}}{{number}}", "33"),
        ("{{ number + 1 }} and {{ number * 2 }}", "4 and 6"),
        ("{{ {'a': 1} }}", "{'a': 1}"),
        ("{{{'a': 1}}}", "{'a': 1}"),
        ("{{ {'a': {'b': {'c': 1}}} }}", "{'a': {'b': {'c': 1}}}"),
        ("{{ {'a': {'b': 1}}['a']['b'] }}", "1"),
        ("{{ table['a'] }} {{ table }}", "{'b': 1} {'a': {'b': 1}}"),
        ('{{ "}}" }}', "}}"),
        ("{{ '{{' }}x", "{{x"),
        ("{{ f'{number:>{number}}' }}", "  3"),
        ("{{ f'{{{number}}}' }}", "{3}"),
        ('{{ "a" if number else "b" }}', "a"),
        ("{{ [each for each in 'ab'] }}", "['a', 'b']"),
        ("{{ (lambda x: {x})(1) }}", "{1}"),
        ("{{ 1,\n2 }}", "(1, 2)"),
        ("{{ number  # how many\n + 1 }}", "4"),
        ("{{ number # how many }}", "3"),
        ("{{ {number} }}", "{3}"),
        ("{{ nothing }}", "None"),
        ("{{ braces }}", "}}"),
        (r"\frac{ {{number}} }{2}", r"\frac{ 3 }{2}"),
        ('{"n": {{ number }}}', '{"n": 3}'),
        ("{ {{ number }} }", "{ 3 }"),
        ("{{ '''a\nb''' }}", "a\nb"),
        ("{{ question }}\n\n}}", "Why is the sky blue?\n\n}}"),
    ],
)
def test_an_expression_is_filled_in_with_its_value(text: str, filled: str) -> None:
    assert evaluated(text) == filled


def test_a_text_is_filled_in_as_it_is_and_anything_else_by_its_str() -> None:
    class Thing:
        def __str__(self) -> str:
            return "a thing"

    assert evaluated("{{ thing }}: {{ text }}", {"thing": Thing(), "text": "a\n'b'"}) == "a thing: a\n'b'"


def test_sec_40_a_value_is_never_expanded_again() -> None:
    assert evaluated("{{ hostile }}") == NAMES["hostile"]
    assert evaluated("{{ '{' }}{ secret }}") == "{{ secret }}"


def test_an_expression_is_evaluated_once() -> None:
    seen: list[str] = []

    def evaluate(expression: str) -> str:
        seen.append(expression)
        return ""

    expand("{{ one }} {{ two() }}", evaluate, {})
    assert seen == ["one", "two()"]


# What cannot be filled in


def test_an_unknown_name_is_told_with_its_nearest_neighbours() -> None:
    message = refused("Answer {{ qestion }}")
    assert "'{{ qestion }}'" in message
    assert "'qestion', which is not defined" in message
    assert "did you mean question" in message


def test_an_unknown_name_with_no_neighbour_is_told_with_how_to_go_on() -> None:
    message = refused("{{ zzz }}")
    assert "did you mean" not in message
    assert "run the cell that defines it first" in message


def test_a_name_that_is_unknown_inside_a_function_is_told_as_well() -> None:
    assert "'missing', which is not defined" in refused("{{ (lambda: missing)() }}")


def test_names_of_pythons_own_are_not_suggested() -> None:
    with pytest.raises(PromptError) as caught:
        expand("{{ name }}", lambda expression: eval(expression, {}), {"__name__": "x"})
    assert "__name__" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
        ("{{ table['x'] }}", "KeyError: 'x'"),
        ("{{ number.x }}", "AttributeError"),
        ("{{ int('x') }}", "ValueError"),
        ("{{ [][1] }}", "IndexError"),
        ("{{ (yield) }}", "SyntaxError"),
    ],
)
def test_an_expression_that_fails_is_told_with_its_error(text: str, words: str) -> None:
    message = refused(text)
    assert words in message
    assert "failed" in message


@pytest.mark.parametrize("text", ["{{ a b }}", "{{ }}", "{{}}", "{{ if }}", "{{ x = 1 }}", "{{#if x}}", "{{/each}}", "{{ import os }}", "{{ 'a }}", "{{ x }, y }}", "{{ \x00 }}", "{{ \ud800 }}"])  # fmt: skip
def test_what_is_no_expression_is_told(text: str) -> None:
    assert "is no Python expression" in refused(text)


def test_a_value_whose_str_fails_is_told() -> None:
    class Thing:
        def __str__(self) -> str:
            raise OSError("no text")

    with pytest.raises(PromptError, match="OSError: no text"):
        evaluated("{{ thing }}", {"thing": Thing()})


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_no_failed_expression(stop: type[BaseException]) -> None:
    def interrupted(expression: str) -> object:
        raise stop

    with pytest.raises(stop):
        expand("{{ question }}", interrupted, NAMES)


def test_sec_08_what_a_message_repeats_is_visible_and_short() -> None:
    message = refused("{{ '\x1b[2J' + " + "x" * 5000 + " }}")
    assert "\x1b" not in message
    assert len(message) < 1000
    with pytest.raises(PromptError) as caught:
        expand("{{ x }}", lambda expression: 1 / 0 if expression == "" else int("\x1b[2J" * 1000), {})
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_braces_nested_very_deep_end_in_our_words() -> None:
    refused("{{ " + "(" * 10_000 + ")" * 10_000 + " }}")


def test_many_expressions_in_a_long_text_are_filled_in() -> None:
    assert evaluated("{{ number }} { " * 3000) == "3 { " * 3000


# Values that are more than a text


def parts(text: str, names: dict[str, Any]) -> tuple[Any, ...]:
    return expand(text, lambda expression: eval(f"({expression}\n)", names), names).parts


def test_a_picture_stands_where_its_expression_stood() -> None:
    picture = Image(b"\x89PNG\r\n\x1a\n")
    assert parts("What is {{ p }} and {{ n }}, {{ n }}?", {"p": picture, "n": 3}) == (
        Text("What is "),
        picture,
        Text(" and 3, 3?"),
    )


def test_a_table_stands_on_lines_of_its_own_wherever_it_was_typed() -> None:
    names = {"f": pd.DataFrame({"a": [1]})}
    table = "DataFrame: 1 row × 1 column\n\n| a (int64) |\n| --- |\n| 1 |"
    assert evaluated("Explain {{ f }} please", names) == f"Explain \n\n{table}\n\n please"
    assert evaluated("Explain:\n{{ f }}\nplease", names) == f"Explain:\n{table}\nplease"
    assert evaluated("{{ f }}", names) == table


def test_each_value_is_listed_with_its_size() -> None:
    names = {"f": pd.DataFrame({"a": range(2_000)}), "n": 3}
    items = expand("{{ n }} {{ f }} {{ 'x' * 50 }}", lambda expression: eval(expression, names), names).items
    assert [(item.name, item.kind, item.note, item.cut) for item in items] == [
        ("n", "int", "", False),
        ("f", "DataFrame", "40 of 2,000 rows", True),
        ("'x' * 50", "text", "", False),
    ]
    assert items[2].characters == 50


def test_a_value_that_brings_braces_along_is_not_expanded_whatever_it_is() -> None:
    names = {"data": ["{{ secret }}"], "frame": pd.DataFrame({"a": ["{{ secret }}"]}), "secret": "do not tell"}
    filled = evaluated("{{ data }} {{ frame }}", names)
    assert filled.count("{{ secret }}") == 2
    assert "do not tell" not in filled


def test_a_path_that_leads_nowhere_is_told_with_near_names(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    assert "words" in evaluated("{{ p }}", {"p": tmp_path / "notes.txt"})
    with pytest.raises(PromptError, match=r"did you mean notes\.txt") as caught:
        evaluated("{{ p }}", {"p": tmp_path / "note.txt"})
    assert "--raw" in str(caught.value)


def test_an_error_that_has_no_words_is_told_all_the_same() -> None:
    class Broken(Exception):  # noqa: N818 - it is no error of anybody's
        def __str__(self) -> str:
            raise OSError

    def fail() -> None:
        raise Broken

    with pytest.raises(PromptError, match=r"Broken: \(without words\)"):
        evaluated("{{ fail() }}", {"fail": fail})


def test_an_option_that_an_expression_itself_gets_wrong_is_its_own_failure() -> None:
    def fail() -> None:
        raise OptionError("no such option", hint="another")

    with pytest.raises(PromptError, match="failed: OptionError: no such option"):
        evaluated("{{ fail() }}", {"fail": fail})


def test_a_missing_package_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(MissingPackageError, match="pip install"):
        evaluated("{{ p }}", {"p": tmp_path / "a.pdf"})
