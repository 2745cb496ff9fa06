from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.fields import Fields, RequestError
from byom_magics.demo.functions import Offer, read_offer

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def tool(name: Any = "get_weather", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": "The weather.", "parameters": CITY, **more}}


def read(**fields: Any) -> Offer:
    return read_offer(Fields(fields))


def refusal(**fields: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read(**fields)
    assert caught.value.status == 400
    return caught.value


def test_tools_are_read_in_their_order() -> None:
    offer = read(tools=[tool(), tool("add", parameters=None, description=None)])
    assert [function.name for function in offer.functions] == ["get_weather", "add"]
    assert offer.functions[0].parameters == CITY
    assert offer.functions[1].parameters == {"type": "object", "properties": {}}
    assert not offer.must
    assert offer.parallel
    assert offer.tokens > 20


@pytest.mark.parametrize("tools", [None, []])
def test_no_tools_are_no_offer(tools: Any) -> None:
    assert read(tools=tools) == Offer()


def test_the_choice_says_which_may_and_which_must_be_called() -> None:
    both = [tool(), tool("add")]
    assert not read(tools=both, tool_choice="auto").must
    assert read(tools=both, tool_choice="required").must
    assert read(tools=both, tool_choice="none").functions == ()
    named = read(tools=both, tool_choice={"type": "function", "function": {"name": "add"}})
    assert ([function.name for function in named.functions], named.must) == (["add"], True)
    assert not read(tools=both, parallel_tool_calls=False).parallel


def test_tools_that_may_not_be_called_count_as_tokens_all_the_same() -> None:
    assert read(tools=[tool()], tool_choice="none").tokens == read(tools=[tool()]).tokens


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": {}}, "tools"),
        ({"tools": ["f"]}, "tools[0]"),
        ({"tools": [tool()] * 129}, "tools"),
        ({"tools": [tool(), tool()]}, "tools[1].function.name"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"function": {}}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": [tool("two words")]}, "tools[0].function.name"),
        ({"tools": [tool("x" * 65)]}, "tools[0].function.name"),
        ({"tools": [tool(description=5)]}, "tools[0].function.description"),
        ({"tools": [tool(parameters={"type": "string"})]}, "tools[0].function.parameters"),
        ({"tools": [tool(parameters=[])]}, "tools[0].function.parameters"),
        ({"tools": [tool()], "tool_choice": "maybe"}, "tool_choice"),
        ({"tools": [tool()], "tool_choice": {"type": "function", "function": {"name": "add"}}}, "tool_choice"),
        ({"tools": [tool()], "tool_choice": {"type": "function"}}, "tool_choice.function"),
        ({"tools": [tool()], "parallel_tool_calls": "yes"}, "parallel_tool_calls"),
        ({"tool_choice": "required"}, "tool_choice"),
    ],
)
def test_what_cannot_be_used_is_pointed_at(fields: dict[str, Any], param: str) -> None:
    assert refusal(**fields).param == param


def test_refusals_have_the_words_of_openai() -> None:
    assert refusal(tool_choice="required").message == (
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    )
    choice = {"type": "function", "function": {"name": "add"}}
    assert refusal(tools=[tool()], tool_choice=choice).message == "Tool choice 'add' not found in 'tools' parameter."
    assert refusal(tools=[tool(parameters={"type": "array"})]).message == (
        "Invalid schema for function 'get_weather': schema must be a JSON Schema of 'type: \"object\"', "
        "got 'type: \"array\"'."
    )
