from __future__ import annotations

import builtins
from collections.abc import Callable

import pytest
from IPython.core.error import StdinNotImplementedError

from byom_magics.errors import OptionError
from byom_magics.magics.leave import Leave, written
from byom_magics.messages import Tool, ToolCall

TOOLS = [Tool("look", "Looks.", {}), Tool("move", "Moves.", {})]
LOOK, MOVE = ToolCall("1", "look", "{}"), ToolCall("2", "move", "{}")
Answering = Callable[..., list[str]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Lets questions be answered so; gives the questions."""

    def set_up(*answers: str) -> list[str]:
        left, asked = list(answers), []

        def answer(question: str) -> str:
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr(builtins, "input", answer)
        return asked

    return set_up


def test_what_is_allowed_on_the_line_runs_unasked(answering: Answering) -> None:
    asked = answering()
    assert Leave(TOOLS, ["look"])(LOOK, {}) is None
    assert Leave(TOOLS, ["all"])(MOVE, {}) is None
    assert not asked


@pytest.mark.parametrize(("answer", "may"), [("y", True), (" Yes ", True), ("n", False), ("No", False), ("", False)])
def test_a_yes_lets_it_run_and_a_no_or_nothing_does_not(answering: Answering, answer: str, may: bool) -> None:
    asked = answering(answer)
    told = Leave(TOOLS, [])(LOOK, {"at": "sky"})
    assert (told is None) == may
    assert told is None or "did not allow" in told
    assert 'look(at="sky")' in asked[0]


def test_what_is_no_answer_is_asked_again_and_is_a_no_in_the_end(answering: Answering) -> None:
    asked = answering("dunno", "y")
    assert Leave(TOOLS, [])(LOOK, {}) is None
    assert "'dunno' is no answer. Run look()?" in asked[1]
    asked = answering("what?", "who?", "hm")
    assert "did not allow" in (Leave(TOOLS, [])(LOOK, {}) or "")
    assert len(asked) == 3


def test_always_holds_for_that_tool_in_this_cell(answering: Answering) -> None:
    asked = answering("a", "n")
    leave = Leave(TOOLS, [])
    assert [leave(LOOK, {}), leave(LOOK, {})] == [None, None]
    assert leave(MOVE, {}) is not None
    assert len(asked) == 2
    answering("n")
    assert Leave(TOOLS, [])(LOOK, {}) is not None


@pytest.mark.parametrize("problem", [StdinNotImplementedError("no stdin"), EOFError(), OSError("closed")])
def test_where_nobody_can_be_asked_nothing_runs_and_the_person_is_told_how_to_allow_it(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def ask(_: str) -> str:
        raise problem

    monkeypatch.setattr(builtins, "input", ask)
    told = str(Leave(TOOLS, [])(LOOK, {}))
    assert "Nobody could be asked" in told
    assert "--allow look" in told


def test_a_tool_that_is_none_cannot_be_allowed() -> None:
    with pytest.raises(OptionError, match="did you mean look"):
        Leave(TOOLS, ["loook"])
    with pytest.raises(OptionError, match="look, move, all"):
        Leave(TOOLS, ["x"])
    with pytest.raises(OptionError, match="--tools"):
        Leave([], ["x"])


def test_sec_08_what_a_model_wrote_is_visible_in_the_question() -> None:
    shown = written("look\x1b[2J", {"at": "\x1b]0;x\x07\u202e", "long": "x" * 10_000})
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 500
