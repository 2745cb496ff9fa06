from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from byom_magics.events import ToolCall
from byom_magics.show.tool_lines import (
    IN_A_ROW,
    ToolLines,
    arguments_block,
    asked_html,
    asks_html,
    asks_plain,
    being_written,
    fits_line,
    outcome,
    signature,
)
from tests.show.safe import read, text_of
from tests.show.screen import result

if TYPE_CHECKING:
    from typing import Literal


def call(arguments: str, name: str = "f") -> ToolCall:
    return ToolCall("1", name, arguments)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("", "f()"),
        ("{}", "f()"),
        (
            '{"city": "Oslo", "days": 3, "deep": {"a": [true, null]}}',
            "f(city=\"Oslo\", days=3, deep={'a': [True, None]})",
        ),
        ('{"text": "a\\nb\\u202e"}', 'f(text="a\\nb\\u202e")'),
        ('{"text": "' + "x" * 99 + '"}', f'f(text="{"x" * 38}…)'),
        ("not\nJSON\x1b", "f(not JSON\\x1b)"),
        ("[1, 2]", "f([1, 2])"),
        ('{"a": ' * 9_999, "f(" + '{"a": ' * 9 + '{"a":' + "…)"),
    ],
)
def test_a_call_is_written_as_python_would(arguments: str, line: str) -> None:
    assert signature(call(arguments))[:60] == line[:60]
    assert len(signature(call(arguments))) < 70


def test_a_name_of_a_tool_shows_what_hides_in_it() -> None:
    assert signature(call("{}", "a\x1b\nb")) == "a\\x1b b()"
    assert signature(call("{}", "")) == "(no name)()"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("done", "3 degrees,\nrain", "3 degrees, rain"),
        ("done", "", "(nothing)"),
        ("failed", "ValueError: no", "failed: ValueError: no"),
        ("refused", "The person said no.", "refused"),
        ("unknown", "There is no such tool.", "unknown tool"),
        ("interrupted", "", "interrupted"),
        ("left", "", "not begun"),
    ],
)
def test_what_came_of_a_tool_is_said_in_words(
    kind: Literal["done", "failed", "refused", "unknown", "interrupted", "left"], text: str, said: str
) -> None:
    done = result("f", text=text, outcome=kind)
    assert outcome(done) == said
    assert f"f() → {said} · 200 ms" in text_of(ToolLines().html(done))
    assert ToolLines().plain(done) == f"[f() → {said} · 200 ms]\n"


def test_all_arguments_and_the_result_stand_folded_behind_the_line() -> None:
    done = result("f", json.dumps({"city": "Oslo", "code": "a\n\nb = 1"}), "first\nsecond", left_out=1_234)
    text = text_of(ToolLines().html(done))
    assert 'city = "Oslo"\ncode =\n    a\n    \n    b = 1' in text
    assert "first\nsecond" in text
    assert "1,234 more characters of the result were not sent to the model" in text


def test_no_line_of_a_value_passes_for_another_argument() -> None:
    block = arguments_block(call(json.dumps({"path": "/tmp\nforce = False", "force": True})))
    assert block.split("\n") == ["path =", "    /tmp", "    force = False", "force = True"]


def test_a_long_argument_does_not_hide_the_others() -> None:
    block = arguments_block(call(json.dumps({"text": "x\n" * 50_000, "force": True})))
    assert block.endswith("\nforce = True")
    assert "more characters" in block
    many = arguments_block(call(json.dumps({f"a{number}": number for number in range(60)})))
    assert many.endswith("… 10 more arguments")


def test_what_does_not_fit_the_line_is_shown_below_it_before_it_runs() -> None:
    short, long = call('{"city": "Oslo"}'), call('{"code": "a\\nb"}')
    assert fits_line(short)
    assert text_of(asked_html(short, " · 1 of 2")) == '▸ f(city="Oslo") · 1 of 2\n'
    for other in (
        long,
        call("x" * 50),
        call('{"a": "' + "y" * 50 + '"}'),
        call(json.dumps({"abcdef": 1, "b" * 70: 2})),
    ):
        assert not fits_line(other)
    assert "code =\n    a\n    b" in text_of(asked_html(long, ""))


def test_many_in_a_row_are_folded_and_bounded_together() -> None:
    results = [result(f"f{number}", json.dumps({"x": "y" * 5_000}), "z" * 30_000) for number in range(2_000)]
    html = ToolLines().all_html(results)
    assert f"{2_000 - IN_A_ROW:,} more tool calls" in text_of(html)
    assert "1,600 more, all of them in the reply's tool_results" in text_of(html)
    assert len(html) < 1_100_000
    assert len(read(html).text) < 10_000
    plain = ToolLines().all_plain(results)
    assert plain.endswith("[1,980 more tool calls]\n")
    assert len(plain) < 10_000


def test_calls_that_nobody_runs_are_named_with_their_arguments() -> None:
    calls = [ToolCall("1", "f\x1b", '{"a": "<b>"}')] * 25
    assert 'asks for f\\x1b({"a": "<b>"})' in text_of(asks_html(calls))
    assert "5 more tool calls" in text_of(asks_html(calls))
    assert asks_plain(calls[:1]) == '[asks for f\\x1b({"a": "<b>"})]\n'
    assert asks_plain(calls).endswith("[5 more tool calls]\n")


def test_one_character_is_no_characters() -> None:
    assert being_written("clock", 1) == "asks for clock · 1 character of arguments"
    assert being_written("clock", 1_200) == "asks for clock · 1,200 characters of arguments"
