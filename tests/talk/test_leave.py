from __future__ import annotations

from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.messages import Tool, ToolCall
from byom_magics.talk.leave import allowed_names, leave_with

TOOLS = [Tool("look", "", {"type": "object"}), Tool("send", "", {"type": "object"})]


def look() -> None:
    pass


@pytest.mark.parametrize(
    ("allow", "names"),
    [
        ("look", {"look"}),
        (look, {"look"}),
        (TOOLS[1], {"send"}),
        (["look", TOOLS[1]], {"look", "send"}),
        ("all", {"look", "send"}),
        ((), set()),
    ],
)
def test_what_is_allowed_may_be_names_functions_and_tools(allow: Any, names: set[str]) -> None:
    assert allowed_names(allow, TOOLS) == names


@pytest.mark.parametrize(("allow", "told"), [("lok", "did you mean look"), (5, "one of look, send, all"), ("", "''")])
def test_what_is_no_tool_is_refused(allow: Any, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        allowed_names(allow, TOOLS)


def test_without_a_say_leave_is_as_it_was() -> None:
    assert leave_with(None, TOOLS, None) is None


def test_what_is_not_allowed_is_asked_for_and_refused_where_nobody_can_be_asked() -> None:
    alone = leave_with("look", TOOLS, None)
    assert alone is not None
    assert alone(ToolCall("1", "look", "{}"), {}) is None
    assert "not allowed" in (alone(ToolCall("1", "send", "{}"), {}) or "")
    beside = leave_with("look", TOOLS, lambda call, _: f"no {call.name}")
    assert beside is not None
    assert beside(ToolCall("1", "look", "{}"), {}) is None
    assert beside(ToolCall("1", "send", "{}"), {}) == "no send"
