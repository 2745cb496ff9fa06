"""What an examination found, as HTML and as lines: next steps are easy to see, nothing is told by colour alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from byom_magics.show.diagnosis import all_shown, count, model_lines, step_lines, steps_shown, summary
from tests.show.safe import read, text_of


@dataclass(frozen=True)
class Step:
    name: str
    verdict: str
    detail: str = ""
    next_step: str = ""
    seconds: float | None = None


WELL = Step("address", "ok", "https://llm.example.com/v1", seconds=0.0123)
ANSWERED = Step("answer", "ok", "complete: 1, 2, 3", seconds=1.25)
ODD = Step("usage", "warning", "it does not count", "costs stay unknown")
BAD = Step("connection", "failed", "Nothing answers.", "start the server there", 2.0)
REST = [Step(name, "skipped", "not reached") for name in ("TLS", "key", "tools")]


def words_of(html: str) -> str:
    return " ".join(text_of(html.replace("</td>", " </td>")).split())


def test_each_step_has_a_row_with_its_verdict_in_words() -> None:
    shown = steps_shown("llama", [WELL, ODD])
    for text in (words_of(shown.html), shown.plain):
        assert "✓ ok" in text
        assert "! warning" in text
        assert "it does not count" in text
        assert "Next: costs stay unknown" in text
    assert "12 ms" in words_of(shown.html)
    read(shown.html)


def test_the_next_step_stands_under_what_was_found() -> None:
    lines = step_lines([BAD], 80).splitlines()
    assert lines[0].startswith("✗ FAILED   connection    Nothing answers.")
    assert lines[1].strip() == "Next: start the server there"
    assert lines[1].index("Next") == lines[0].index("Nothing")


def test_steps_that_were_not_reached_share_a_row() -> None:
    shown = steps_shown("llama", [BAD, *REST])
    assert shown.html.count("<tr>") == 2
    assert "the rest" in shown.plain
    assert "not reached: TLS, key, tools" in shown.plain


def test_steps_that_were_skipped_for_reasons_of_their_own_keep_their_rows() -> None:
    steps = [Step("name", "skipped", "there is none"), WELL, Step("TLS", "skipped", "it is http")]
    assert steps_shown("llama", steps).html.count("<tr>") == 3


def test_the_step_that_is_being_taken_is_named() -> None:
    shown = steps_shown("llama", [WELL], now="model list")
    assert "… now model list" in words_of(shown.html)
    assert shown.plain.endswith("Examining llama …")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([WELL, ANSWERED], "All is well: %%byom llama"),
        ([WELL, ANSWERED, ODD], "(1 warning): %%byom llama"),
        ([WELL, ANSWERED, ODD, ODD], "(2 warnings)"),
        ([WELL, BAD, *REST], "see the step 'connection'"),
        ([WELL, Step("answer", "skipped", "nothing was asked")], "it was not asked anything"),
    ],
)
def test_what_came_of_it_is_said_in_a_line(steps: list[Step], says: str) -> None:
    assert says in summary("llama", steps)
    assert steps_shown("llama", steps).plain.endswith(summary("llama", steps))


def test_an_examination_that_was_stopped_does_not_say_that_all_is_well() -> None:
    for steps in ([], [WELL], [WELL, ANSWERED]):
        said = steps_shown("llama", steps, stopped=True).plain
        assert "Stopped" in said
        assert "well" not in said


def test_long_texts_are_wrapped_under_their_beginning() -> None:
    long = Step("answer", "failed", "word " * 60, "step " * 60)
    lines = step_lines([long], 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert {line[:25] for line in lines[1:]} == {" " * 25}
    assert "word " * 59 + "word" in " ".join(" ".join(lines).split())


def test_a_terminal_that_is_too_narrow_is_written_over() -> None:
    assert "Nothing answers." in step_lines([BAD], 5)


def test_without_anything_found_the_line_has_its_verdict_all_the_same() -> None:
    assert step_lines([Step("TLS", "ok")], 80) == "✓ ok       TLS"


def test_what_a_server_said_is_neither_markup_nor_control() -> None:
    nasty = "<img src=x onerror=alert(1)>\x1b[2J\u202e\n\n" * 200
    steps = [Step(nasty, "failed", nasty, nasty)]
    shown, all_ = steps_shown(nasty, steps), all_shown({nasty: tuple(steps), "b": None})
    for html in (shown.html, all_.html):
        read(html)
        assert "<img" not in html
    for plain in (shown.plain, all_.plain, model_lines(nasty, steps, 80)):
        assert not set("\x1b\u202e") & set(plain)


def test_of_many_models_those_that_failed_come_first() -> None:
    found = {"good": (WELL,), "odd": (WELL, ODD), "slow": None, "bad": (WELL, BAD)}
    lines = all_shown(found).plain.splitlines()
    rows = [line.split()[2] for line in lines[:-1] if not line.startswith(" ")]
    assert rows == ["bad", "odd", "slow", "good"]
    assert "connection: Nothing answers." in lines[0]
    assert "Next: start the server there" in lines[1]
    assert lines[-1] == "1 well, 1 with warnings, 1 failed, 1 still examined. %byom_doctor KEY shows all steps of one."
    read(all_shown(found).html)


def test_further_warnings_of_a_model_are_counted() -> None:
    assert "usage: it does not count (and 1 more)" in model_lines("odd", [WELL, ODD, ODD], 80)


def test_what_took_no_time_says_none() -> None:
    assert "ms" not in steps_shown("llama", [Step("key", "ok", "none is sent", seconds=0.0001)]).html


def test_models_that_were_not_looked_at_are_said_to_be() -> None:
    assert count({"a": None, "b": (WELL,)}, stopped=True).startswith("1 well, 1 not looked at.")


def test_thousands_of_models_are_cut_with_their_count() -> None:
    shown = all_shown({f"m{number}": (WELL,) for number in range(5_000)})
    assert shown.html.count("<tr>") == 200
    assert "and 4,800 more. 5,000 well" in shown.plain
