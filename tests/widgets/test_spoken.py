from __future__ import annotations

import pytest

from byom_magics.widgets.spoken import Spoken
from tests.widgets.hands import heard, none_left


def told(*pieces: str, format_name: str = "markdown", name: str = "") -> list[str]:
    """What is said of an answer whose pieces come two seconds apart."""
    with none_left():
        spoken = Spoken(name)
        spoken.begin(format_name)
        said: list[str] = []
        spoken.box.observe(lambda _: said.extend(heard(spoken.box)), "value")
        for second, piece in enumerate(pieces):
            spoken.text(piece)
            spoken.tick(2.0 * second)
        spoken.end()
        spoken.close()
    return said


def test_a_sentence_is_said_when_it_is_whole_and_the_rest_at_the_end() -> None:
    assert told("One sen", "tence. And an", "other! Ye", "s") == ["One sentence.", "And another!", "Yes"]


def test_nothing_is_said_twice() -> None:
    words = [f"word{number}{'.' if number % 7 == 0 else ''} " for number in range(200)]
    assert " ".join(told(*words)).split() == "".join(words).split()


def test_it_is_silent_for_a_while_between_two_announcements() -> None:
    spoken = Spoken()
    spoken.begin()
    for now in (0.0, 0.5, 0.9):
        spoken.text(f"At {now}. Then ")
        spoken.tick(now)
    assert heard(spoken.box) == ["At 0.0."]
    spoken.tick(1.0)
    assert heard(spoken.box) == ["Then At 0.5. Then At 0.9."]
    spoken.close()


def test_a_long_text_without_the_end_of_a_sentence_is_said_all_the_same() -> None:
    first, *_ = told("word " * 100, "more")
    assert first.startswith("word word")


@pytest.mark.parametrize("text", [" " * 300_000 + "x", "x" + "*" * 300_000 + "y", "|" * 300_000 + "x"])
def test_a_line_of_nothing_but_blanks_or_marks_is_as_quick_as_any(text: str) -> None:
    assert told(f"Now.\n{text}", "z")[-1].endswith(text.strip()[-1] + "z")


def test_a_text_without_blanks_is_said_in_the_middle_too() -> None:
    assert [len(each) for each in told("x" * 5_000, "y" * 10)] == [5_000, 10]


def test_an_answer_that_comes_all_at_once_is_said_whole_and_without_marks() -> None:
    assert told("", "".join(f"- **one** and `two` {number}\n" for number in range(2_000)))[-1] == " ".join(
        f"one and two {number}" for number in range(2_000)
    )


def test_who_answers_is_said_first_where_several_do() -> None:
    assert told("Hello.\n", name="a<b") == ["a<b: Hello."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## A **title**\n", "A title"),
        ("- one\n- `two`\n", "one two"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |\n", "a ; b 1 ; 2"),
        ("```python\n__init__ = a * b\n```\nSo.\n", "__init__ = a * b So."),
        ("a [link](https://example.com/x)\n", "a link (example.com)"),
        ("*begun and not ended\n", "begun and not ended"),
        ("<script>alert(1)</script> & \u202e\n", "<script>alert(1)</script> & \\u202e"),
    ],
)
def test_marks_are_not_said_and_nothing_is_markup(text: str, said: str) -> None:
    assert told(text) == [said]


def test_code_that_comes_in_several_pieces_is_said_as_it_is() -> None:
    assert told("```\n__a__ = 1\n", "__b__ = 2\n", "```\n__c__\n") == ["__a__ = 1", "__b__ = 2", "c"]


def test_other_formats_are_said_as_they_are() -> None:
    assert told('{"a": "**b**"}\n', format_name="json") == ['{"a": "**b**"}']


def test_another_answer_begins_in_silence() -> None:
    spoken = Spoken()
    spoken.begin()
    spoken.text("Old. Never said")
    spoken.tick(0.0)
    spoken.begin()
    assert heard(spoken.box) == [""]
    spoken.text("New.\n")
    spoken.tick(0.1)
    assert heard(spoken.box) == ["New."]
    spoken.forget()
    spoken.end()
    assert heard(spoken.box) == ["New."]
    spoken.close()


def test_the_region_is_polite_has_a_name_and_is_there_before_anything_is_said() -> None:
    spoken = Spoken("llama")
    assert '<div role="log" aria-live="polite" aria-label="llama: the answer as it comes"' in spoken.box.value
    spoken.close()
    spoken.text("Too late.\n")
    spoken.tick(0.0)
    assert heard(spoken.box) == [""]


def test_how_it_ended_is_said_last() -> None:
    spoken = Spoken("llama")
    spoken.begin()
    spoken.text("Half a sen")
    spoken.end("(cancelled)")
    assert heard(spoken.box) == ["llama: Half a sen (cancelled)"]
    spoken.close()
