from __future__ import annotations

import pytest

from byom_magics.demo.inline import as_code, inline, joined


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ('The "with" statement', "The `with` statement"),
        ('"try"…"except"', "`try`…`except`"),
        ('equal to "{"one": 1, "two": 2}":', 'equal to `{"one": 1, "two": 2}`:'),
        ('the strings ""False"" or ""True"" are', 'the strings `"False"` or `"True"` are'),
        ('double quotes (""").', 'double quotes (`"`).'),
        (r'example, ""\u00C7" == "\u0043"" is "False"', r'example, `"\u00C7" == "\u0043"` is `False`'),
        (r'"r"\""" is valid; "r"\"" is not.', r'`r"\""` is valid; `r"\"` is not.'),
        ('a brace (”"{"” or “"}"”)', "a brace (”`{`” or “`}`”)"),
        ('"d[key]" and "get()"', "`d[key]` and `get()`"),
        ('"TypeVar"s and "ParamSpec"s', "`TypeVar`s and `ParamSpec`s"),
        ('an opening " alone', 'an opening " alone'),
    ],
)
def test_literals_become_code(text: str, markdown: str) -> None:
    assert inline(text) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("the *mapping* object", "the *mapping* object"),
        ("*i*th item", "*i*th item"),
        ("**CPython detail:** x", "**CPython detail:** x"),
        ("2 * 3 * 4", r"2 \* 3 \* 4"),
        ("a <b> c", r"a \<b> c"),
        ("0 <= x < 256", "0 <= x < 256"),
        ("costs $5", r"costs \$5"),
        ("function.__doc__ of it", "`function.__doc__` of it"),
        ("some arg_names here", "some arg_names here"),
        ("one.  Two", "one. Two"),
    ],
)
def test_emphasis_is_kept_and_every_other_mark_is_escaped(text: str, markdown: str) -> None:
    assert inline(text) == markdown


def test_a_pep_becomes_a_link() -> None:
    assert inline("see **PEP 343** for more") == "see [PEP 343](https://peps.python.org/pep-0343/) for more"


def test_code_may_hold_backticks() -> None:
    assert as_code("a`b``c") == "``` a`b``c ```"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["one", "  two"], "one two"),
        (["built-", "in names"], "built-in names"),
        (["left-", "and right"], "left- and right"),
        (["a –", "b"], "a – b"),
        ([], ""),
    ],
)
def test_wrapped_lines_are_joined(lines: list[str], text: str) -> None:
    assert joined(lines) == text
