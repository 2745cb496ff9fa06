from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from byom_magics.messages import Image, Text, Tool, ToolCall, ToolResult
from byom_magics.talk.awaiting import awaited_here
from byom_magics.talk.signature import tool_of
from byom_magics.talk.tools import Toolbox, message_of


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


async def slow(a: int) -> int:
    await asyncio.sleep(0)
    return a


def failing() -> None:
    message = "no such thing"
    raise KeyError(message)


def leaving() -> None:
    raise SystemExit(3)


def interrupted() -> None:
    raise KeyboardInterrupt


def picture() -> list[Any]:
    return ["a plot", Image(b"\x89PNG")]


def toolbox(*functions: Any, **options: Any) -> Toolbox:
    tools = [each if isinstance(each, Tool) else tool_of(each) for each in functions]
    return Toolbox(tools, awaited=options.pop("awaited", awaited_here), **options)


def run(function: Any, arguments: str = "{}", **options: Any) -> ToolResult:
    return toolbox(function, **options).run(ToolCall("1", function.__name__, arguments))


def test_a_function_runs_with_the_arguments_that_the_model_wrote() -> None:
    result = run(add, '{"a": 2, "b": 3}')
    assert (result.text, result.outcome, result.call.name) == ("5", "done", "add")
    assert result.duration_s is not None
    assert run(add, '{"a": 2}').text == "3"


def test_an_async_function_is_waited_for() -> None:
    seen: list[Awaitable[Any]] = []

    def awaited(given: Awaitable[Any]) -> Any:
        seen.append(given)
        return awaited_here(given)

    assert run(slow, '{"a": 7}', awaited=awaited).text == "7"
    assert len(seen) == 1


def test_errors_go_back_to_the_model() -> None:
    result = run(failing)
    assert result.outcome == "failed"
    assert "KeyError" in result.text
    assert "no such thing" in result.text


def test_a_tool_that_wants_to_end_the_kernel_has_failed() -> None:
    assert "SystemExit" in run(leaving).text


def test_an_error_without_words_is_one_too() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise ValueError

    def mute() -> None:
        raise MuteError

    assert "MuteError" in run(mute).text


@pytest.mark.parametrize(
    "arguments", ["no JSON", "[1]", '{"a": "two"}', "{}", '{"a": 1, "c": 2}', '{"a": 1', "[" * 100_000]
)
def test_arguments_that_do_not_fit_are_told_and_nothing_runs(arguments: str) -> None:
    asked: list[str] = []
    result = run(add, arguments, leave=lambda call, _: asked.append(call.name))
    assert (result.outcome, result.duration_s, asked) == ("failed", None, [])
    assert len(result.text) < 3_000


def test_a_tool_that_does_not_exist_is_told_with_those_that_do() -> None:
    result = toolbox(add).run(ToolCall("1", "delete\x1b[2J_everything", "{}"))
    assert result.outcome == "unknown"
    assert "add" in result.text
    assert "\x1b" not in result.text


def test_without_leave_nothing_runs_and_the_model_is_told_why() -> None:
    ran: list[int] = []

    def mark() -> None:
        ran.append(1)

    result = run(mark, leave=lambda call, arguments: "Not today.")
    assert (result.outcome, result.text, ran) == ("refused", "Not today.", [])


def test_who_gives_leave_sees_the_arguments() -> None:
    seen: list[Any] = []
    run(add, '{"a": 1}', leave=lambda call, arguments: seen.append((call.name, dict(arguments))))
    assert seen == [("add", {"a": 1})]


def test_since_when_a_function_runs_is_known_while_it_does() -> None:
    seen: list[float | None] = []

    def look() -> None:
        seen.append(tools.runs_since)

    def leave(call: ToolCall, arguments: object) -> None:
        seen.append(tools.runs_since)

    tools: Toolbox = toolbox(look, leave=leave)
    tools.run(ToolCall("1", "look", "{}"))
    assert seen[0] is None
    assert seen[1] is not None
    assert tools.runs_since is None


def test_an_interrupt_is_no_error_of_the_tool() -> None:
    tools = toolbox(interrupted)
    with pytest.raises(KeyboardInterrupt):
        tools.run(ToolCall("1", "interrupted", "{}"))
    assert tools.has_begun


def test_an_interrupt_while_leave_is_asked_comes_before_the_tool_has_begun() -> None:
    tools = toolbox(add, leave=lambda call, arguments: None if arguments["a"] == 1 else interrupted())
    tools.run(ToolCall("1", "add", '{"a": 1}'))
    with pytest.raises(KeyboardInterrupt):
        tools.run(ToolCall("2", "add", '{"a": 2}'))
    assert not tools.has_begun


def test_a_result_is_bounded_and_says_what_is_left_out() -> None:
    def much() -> str:
        return "x" * 1_000_000

    result = run(much)
    assert result.left_out == 1_000_000 - 20_000
    assert len(result.text) < 21_000
    assert "980,000" in result.text


def test_results_that_are_neither_text_nor_json_are_rendered() -> None:
    def odd() -> object:
        return {1, 2, 3}.__iter__()

    assert run(odd, render=lambda value: f"<{type(value).__name__}>").text == "<set_iterator>"


def test_pictures_go_along() -> None:
    result = run(picture)
    assert result.images == (Image(b"\x89PNG"),)
    message = message_of(result)
    assert (message.role, message.tool_call_id, message.tool_name) == ("tool", "1", "picture")
    assert message.parts == (Text(result.text), Image(b"\x89PNG"))


def test_sec_22_a_key_in_a_result_does_not_go_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", {"sk-canary-0123456789"})

    def tell() -> str:
        return "the key is sk-canary-0123456789"

    def fail() -> None:
        message = "sk-canary-0123456789 is wrong"
        raise ValueError(message)

    assert "canary" not in run(tell).text
    assert "canary" not in run(fail).text


def test_tools_of_the_caller_are_not_run_here() -> None:
    box = toolbox(add, Tool("look", "", {}))
    assert box.runs([ToolCall("1", "add", "{}"), ToolCall("2", "unknown", "{}")])
    assert not box.runs([ToolCall("1", "add", "{}"), ToolCall("2", "look", "{}")])
