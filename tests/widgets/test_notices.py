from __future__ import annotations

from byom_magics.catalog import secrets
from byom_magics.errors import OptionError
from byom_magics.widgets.notices import problem_html, said_html
from tests.show.safe import read, text_of

EVIL = "<img src=x onerror=alert(1)>\u202e$x$"


def test_a_problem_is_told_at_once_with_its_next_step() -> None:
    html = problem_html(OptionError("It is wrong.", hint="mend it"), "%byom_key set NAME")
    assert 'role="alert"' in html
    assert "⚠ It is wrong." in text_of(html)
    assert "Next: mend it" in text_of(html)
    assert "%byom_key set NAME" in text_of(html)


def test_texts_from_outside_are_shown_and_do_nothing() -> None:
    for html in (problem_html(OptionError(EVIL, hint=EVIL), EVIL), said_html(EVIL, command=EVIL)):
        assert "img" not in read(html).tags
        assert "<img src=x onerror=alert(1)>" in text_of(html)
        assert r"\u202e" in text_of(html)
        assert "mathjax_ignore" in html


def test_nothing_is_said_in_no_words() -> None:
    assert said_html("", "") == ""
    assert 'role="status"' in said_html("", "Well.")
    assert "<pre" not in said_html("Well.")


def test_a_key_in_an_error_is_hidden() -> None:
    secrets.hold("canary", "sk-canary-0123456789", "https://llm.example")
    assert "canary-0123456789" not in problem_html(OptionError("It said sk-canary-0123456789."))
