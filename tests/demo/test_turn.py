from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.demo.answer import shipped_reference
from byom_magics.demo.fields import RequestError
from byom_magics.demo.pieces import Argument, Asking, Piece, Thought
from byom_magics.demo.request import read_request
from byom_magics.demo.sampling import Token
from byom_magics.demo.turn import answered
from tests.demo.failing import prompt

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather in a city.", "parameters": CITY},
}
QUIZ = {
    "title": "Quiz",
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}
TOPIC = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


def pieces(*messages: str | dict[str, Any], **fields: Any) -> list[Piece]:
    said = [{"role": "user", "content": each} if isinstance(each, str) else each for each in messages]
    body = json.dumps({"model": "demo/pydoc", "messages": said, **fields}).encode()
    return list(answered(read_request(body, None), shipped_reference()))


def text(found: list[Piece]) -> str:
    return "".join(piece.text or "" for piece in found if isinstance(piece, Token))


def thoughts(found: list[Piece]) -> str:
    return "".join(piece.text for piece in found if isinstance(piece, Thought))


def schema(of: Any, name: str = "answer") -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": of}}


def result(found: list[Piece], *results: str) -> list[dict[str, Any]]:
    """The messages that tell the results of the calls that were asked for."""
    asked = [piece for piece in found if isinstance(piece, Asking)]
    calls = []
    for one in asked:
        arguments = "".join(piece.text for piece in found if isinstance(piece, Argument) and piece.index == one.index)
        calls.append({"id": one.id, "type": "function", "function": {"name": one.name, "arguments": arguments}})
    told = [{"role": "tool", "tool_call_id": one.id, "content": each} for one, each in zip(asked, results, strict=True)]
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *told]


def test_a_tool_is_asked_for_and_its_result_told() -> None:
    first = pieces("The weather in Oslo?", tools=[WEATHER])
    assert [piece.name for piece in first if isinstance(piece, Asking)] == ["get_weather"]
    assert text(first) == ""
    second = pieces("The weather in Oslo?", *result(first, "3 degrees, rain"), tools=[WEATHER])
    assert text(second) == "`get_weather` for Oslo says: 3 degrees, rain.\n"


def test_a_question_that_no_tool_fits_is_answered_from_the_reference() -> None:
    question = "How does the with statement work?"
    assert text(pieces(question, tools=[WEATHER])) == text(pieces(question))


def test_what_is_lacking_is_asked_for_where_the_reference_has_no_answer() -> None:
    assert text(pieces("What is the weather?", tools=[WEATHER])) == (
        "`get_weather` fits, but your message does not say `city`.\n"
    )


def test_the_same_request_has_the_same_answer() -> None:
    assert pieces("The weather in Oslo?", tools=[WEATHER]) == pieces("The weather in Oslo?", tools=[WEATHER])


def test_the_same_question_later_has_calls_with_other_ids() -> None:
    first = pieces("The weather in Oslo?", tools=[WEATHER])
    talk: list[Any] = [
        "The weather in Oslo?",
        *result(first, "3 degrees"),
        {"role": "assistant", "content": "3 degrees"},
    ]
    again = pieces(*talk, "The weather in Oslo?", tools=[WEATHER])
    assert {piece.id for piece in first if isinstance(piece, Asking)}.isdisjoint(
        piece.id for piece in again if isinstance(piece, Asking)
    )


def test_an_answer_in_a_form_is_json_that_is_valid() -> None:
    found = json.loads(text(pieces("How does the with statement work?", response_format=schema(TOPIC))))
    assert found == {"title": "The with statement"}


def test_words_of_the_form_are_not_looked_for() -> None:
    found = json.loads(text(pieces("Make a quiz about slices", response_format=schema(QUIZ))))
    assert found["answer"].startswith("A slicing selects")


def test_any_json_object_tells_what_was_found() -> None:
    found = json.loads(text(pieces("slices", response_format={"type": "json_object"})))
    assert found["question"] == "slices"
    assert found["passages"][0]["title"] == "Slicings"


def test_a_schema_that_is_told_in_words_counts() -> None:
    told = {"role": "system", "content": f"It must be valid against this JSON Schema:\n{json.dumps(TOPIC)}"}
    assert json.loads(text(pieces(told, "slices"))) == {"title": "Slicings"}
    assert json.loads(text(pieces(told, "slices", response_format={"type": "json_object"}))) == {"title": "Slicings"}


def test_a_complaint_about_the_last_answer_is_answered_with_the_question_before() -> None:
    complaint = "Your answer does not fit the schema: 'title' is missing\nAnswer again, with one JSON value."
    talk: list[Any] = [
        "slices",
        {"role": "assistant", "content": "{}"},
        complaint,
        {"role": "assistant", "content": "{}"},
        complaint,
    ]
    assert json.loads(text(pieces(*talk, response_format=schema(TOPIC)))) == {"title": "Slicings"}


def test_tools_come_before_the_form_and_their_results_go_into_it() -> None:
    shape = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "answer": {"type": "string"}},
        "required": ["city", "answer"],
    }
    options: dict[str, Any] = {"tools": [WEATHER], "response_format": schema(shape)}
    first = pieces("The weather in Oslo?", **options)
    second = pieces("The weather in Oslo?", *result(first, "3 degrees"), **options)
    assert json.loads(text(second)) == {"city": "Oslo", "answer": "3 degrees"}


@pytest.mark.parametrize("effort", [None, "none"])
def test_nothing_is_told_of_the_reasoning_unless_it_is_asked_for(effort: str | None) -> None:
    assert thoughts(pieces("slices", reasoning_effort=effort)) == ""


def test_reasoning_comes_first_and_is_more_for_more_effort() -> None:
    told = [pieces("slices", reasoning_effort=effort) for effort in ("minimal", "low", "medium", "high")]
    lengths = [len(thoughts(each)) for each in told]
    assert lengths == sorted(set(lengths))
    for each in told:
        kinds = [type(piece) for piece in each]
        assert kinds == sorted(kinds, key=lambda kind: kind is Token)
        assert text(each) == text(pieces("slices"))


def test_reasoning_tells_why_a_tool_is_called() -> None:
    notes = thoughts(pieces("The weather in Oslo?", tools=[WEATHER], reasoning_effort="low"))
    assert notes == '`get_weather` fits: weather. I call `get_weather` with city = "Oslo".\n'


@pytest.mark.parametrize(
    "wrong",
    [
        {"$ref": "#/$defs/No"},
        {"type": "object", "properties": [1], "required": 5},
        {"type": "array", "minItems": "x"},
        {"type": 5},
        {"type": "integer", "minimum": 10**400},
        {"anyOf": 7, "enum": 5, "type": ["string", 5]},
    ],
)
def test_a_schema_that_is_none_is_refused_or_answered_and_breaks_nothing(wrong: dict[str, Any]) -> None:
    parameters = {"type": "object", "properties": {"x": wrong}, "required": ["x"]}
    tool = {"type": "function", "function": {"name": "slices", "parameters": parameters}}
    refusals = [_refusal(response_format=schema(wrong)), _refusal(tools=[tool], tool_choice="required")]
    assert {problem.code for problem in refusals if problem} <= {"invalid_schema"}


def _refusal(**fields: Any) -> RequestError | None:
    try:
        pieces("slices", **fields)
    except RequestError as problem:
        return problem
    return None


def test_a_schema_that_cannot_be_met_is_refused_with_the_reason() -> None:
    with pytest.raises(RequestError, match=r"Invalid schema for response_format 'Topic': '#/no' leads nowhere\."):
        pieces("slices", response_format=schema({"$ref": "#/no"}, "Topic"))


def test_a_schema_nested_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(200):
        deep = {"type": "object", "properties": {"a": deep}, "required": ["a"]}
    with pytest.raises(RequestError):
        pieces("slices", response_format=schema(deep))


def test_a_failing_cell_is_answered_with_a_repaired_one() -> None:
    found = pieces(prompt("pritn('a')"), reasoning_effort="low")
    assert text(found).endswith("```python\nprint('a')\n```\n")
    assert "A rule fits" in thoughts(found)
    assert thoughts(pieces(prompt("pritn('a')"))) == ""


def test_what_was_said_of_a_failing_cell_before_is_over() -> None:
    found = pieces(prompt("pritn('a')"), {"role": "assistant", "content": "Oh."}, "What does the with statement do?")
    assert "## The `with` statement" in text(found)


def test_a_failing_cell_in_a_form_or_with_tools_is_a_question_like_others() -> None:
    assert json.loads(text(pieces(prompt("pritn('a')"), response_format=schema(TOPIC))))["title"]
    assert "Built-in demo: follows a few rules" not in text(pieces(prompt("pritn('a')"), tools=[WEATHER]))
