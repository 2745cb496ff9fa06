from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.magics.options import ASK
from byom_magics.magics.question import Names, options_of, schema_of, tools_of_names


@dataclass
class Country:
    name: str


def look(at: str) -> str:
    """Look at something."""
    return at


class Odd:
    def __bool__(self) -> bool:
        raise ValueError


NAMES = Names({"look": look, "Country": Country, "shape": {"type": "object"}, "five": 5, "odd": Odd()})


def asked(line: str) -> dict[str, Any]:
    return options_of(ASK.parse(line), NAMES)


def test_what_a_line_leaves_out_is_left_out() -> None:
    assert asked("llama") == {}
    assert asked("llama -t 0.5 --seed 1 -c work --reasoning high --cache") == {
        "temperature": 0.5,
        "seed": 1,
        "conversation": "work",
        "effort": "high",
        "cache": True,
    }


def test_fields_of_the_request_and_images_are_said_in_their_own_way() -> None:
    assert asked("llama -o a=1 -o b=two") == {"extra_body": {"a": 1, "b": "two"}}
    assert asked("llama -f image") == {"makes_images": True}
    assert asked("llama -f html") == {"form": "html"}
    assert asked("llama -f html --raw") == asked("llama -f text") == {}


def test_a_schema_is_a_name_or_an_expression_of_the_notebook() -> None:
    assert schema_of("Country", NAMES) is Country
    assert schema_of("list[Country]", NAMES) == list[Country]
    assert asked("llama --schema shape") == {"schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("name", "hint"), [("Countr", "did you mean Country"), ("Nowhere", "define it"), ("1/0", "define it")]
)
def test_a_schema_that_stands_for_nothing_says_so(name: str, hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        schema_of(name, NAMES)


def test_tools_are_functions_of_the_notebook_in_their_order() -> None:
    (tool,) = tools_of_names(["look"], NAMES)
    assert (tool.name, tool.description) == ("look", "Look at something.")
    found = asked("llama --tools look --allow look")
    assert found["tools"] == (tool,)
    assert found["leave"] is not None


def test_a_tool_that_is_not_there_names_its_nearest_neighbour() -> None:
    with pytest.raises(OptionError, match="did you mean look"):
        tools_of_names(["loook"], NAMES)
    with pytest.raises(OptionError, match="A tool cannot be"):
        tools_of_names(["five"], NAMES)


def test_leave_without_tools_is_a_mistake() -> None:
    with pytest.raises(OptionError, match="--tools f,g --allow f"):
        asked("llama --allow look")
    with pytest.raises(OptionError, match="did you mean look"):
        asked("llama --tools look --allow lok")


def test_sec_08_what_a_message_repeats_is_visible() -> None:
    with pytest.raises(OptionError) as caught:
        tools_of_names(["a\x1b[2J"], NAMES)
    assert "\x1b" not in str(caught.value)
