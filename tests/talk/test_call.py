from __future__ import annotations

import base64
from typing import Any

import pytest

from byom_magics.catalog.registration import spec_of
from byom_magics.errors import OptionError
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.talk.call import as_told, call_of, cautions, check_abilities

PNG = b"\x89PNG\r\n\x1a\nrest"
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
TOOL = Tool("look", "looks", {"type": "object"})
SHAPE = Schema("answer", {"type": "object"})


def made(prompt: Any = "hi", **more: Any) -> Call:
    return call_of(prompt, Sampling(), **more)


def refused(prompt: Any = "hi", **more: Any) -> str:
    with pytest.raises(OptionError) as caught:
        made(prompt, **more)
    assert caught.value.hint
    return str(caught.value)


# System messages


def test_a_system_message_of_the_model_is_said_when_the_call_has_none() -> None:
    assert made(default_system="Be brief.").messages == (Message("system", "Be brief."), Message("user", "hi"))


@pytest.mark.parametrize("prompt", ["hi", [{"role": "user", "content": "hi"}]])
def test_a_system_message_of_the_call_takes_its_place(prompt: Any) -> None:
    assert [each.text for each in made(prompt, system="Go on.", default_system="Be brief.").messages] == [
        "Go on.",
        "hi",
    ]


def test_so_does_one_among_the_messages_and_an_empty_one() -> None:
    said = [{"role": "system", "content": "Go on."}, {"role": "user", "content": "hi"}]
    assert [each.text for each in made(said, default_system="Be brief.").messages] == ["Go on.", "hi"]
    assert [each.text for each in made(system="", default_system="Be brief.").messages] == ["hi"]


# Parts


def test_a_message_has_parts_as_openai_writes_them() -> None:
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": DATA}}]
    (message,) = made([{"role": "user", "content": content}]).messages
    assert message == Message("user", (Text("What is it?"), Image(PNG, "image/png")))


def test_parts_may_be_ours_alone_or_in_a_message() -> None:
    assert made([Image(PNG)]).messages == (Message("user", (Image(PNG),)),)
    mixed = [{"role": "user", "content": [Text("a"), Image(PNG), {"type": "image_url", "image_url": DATA}]}]
    assert made(mixed).messages[0].images == (Image(PNG), Image(PNG))


@pytest.mark.parametrize(
    "url", ["https://a.example.com/x.png", "http://169.254.169.254/", "file:///etc/passwd", "//a/b"]
)
def test_sec_33_an_image_by_an_address_is_refused_with_the_reason(url: str) -> None:
    said = refused([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}])
    assert "it would leave the network" in said
    assert "byom_magics.Image" in said


@pytest.mark.parametrize(
    "url",
    [
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/png;base64,",
        "data:image/png;base64,@@@",
        "data:image/png;base64,\u00e9",
    ],
)
def test_an_image_that_is_none_that_can_be_sent_is_refused(url: str) -> None:
    refused([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}])


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "  \n",
        [],
        [""],
        5,
        None,
        b"hi",
        {"role": "user", "content": "hi"},
        [{"role": "boss", "content": "hi"}],
        [{"role": "user"}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": [{"type": "video"}]}],
        [{"role": "user", "content": [{"type": "text", "text": 5}]}],
        [{"role": "user", "content": [{"type": "image_url"}]}],
        [{"role": ["user"], "content": "hi"}],
        [{"role": "user", "content": b"hi"}],
    ],
)
def test_what_is_no_prompt_is_refused(prompt: Any) -> None:
    refused(prompt)


# Tools, shapes, effort


def test_tools_a_shape_and_an_effort_are_kept() -> None:
    call = made(tools=[TOOL], tool_choice="look", schema=SHAPE, effort="low")
    assert (call.tools, call.tool_choice, call.schema, call.effort) == ((TOOL,), "look", SHAPE, "low")
    assert made(effort=1024).effort == 1024


@pytest.mark.parametrize(
    "more",
    [
        {"tools": "look"},
        {"tools": [print]},
        {"tools": [TOOL, TOOL]},
        {"tool_choice": "auto"},
        {"tools": [TOOL], "tool_choice": "search"},
        {"tools": [TOOL], "tool_choice": ["look"]},
        {"schema": {"type": "object"}},
        {"effort": "huge"},
        {"effort": -1},
        {"effort": True},
        {"effort": 0.5},
        {"system": 5},
    ],
)
def test_what_cannot_be_asked_for_is_refused(more: dict[str, Any]) -> None:
    refused(**more)


# What the model can do

NEEDS = {
    "attachments": made([{"role": "user", "content": [Text("what?"), Image(PNG)]}]),
    "tools": made(tools=[TOOL]),
    "reasoning": made(effort="high"),
}


@pytest.mark.parametrize("ability", NEEDS)
def test_a_model_that_is_declared_without_it_is_not_asked_for_it(ability: str) -> None:
    spec = spec_of("llama", url="http://localhost:1", capabilities={ability: False})
    with pytest.raises(OptionError) as caught:
        check_abilities(spec, NEEDS[ability])
    for said in ("llama", f"declared without {ability}", "Nothing was sent", f"--can {ability}"):
        assert said in str(caught.value)


@pytest.mark.parametrize("known", [True, None])
@pytest.mark.parametrize("ability", NEEDS)
def test_a_model_that_can_or_may_be_able_to_is_asked(ability: str, known: bool | None) -> None:
    spec = spec_of("llama", url="http://localhost:1", capabilities={ability: known})
    check_abilities(spec, NEEDS[ability])


@pytest.mark.parametrize("effort", [None, "none", 0])
def test_not_to_reason_can_be_asked_of_any_model(effort: Any) -> None:
    check_abilities(spec_of("llama", url="http://localhost:1", capabilities={"reasoning": False}), made(effort=effort))


def test_a_model_without_structured_output_is_told_the_shape_in_words() -> None:
    spec = spec_of("llama", url="http://localhost:1", capabilities={"structured_output": False})
    check_abilities(spec, made(schema=SHAPE))
    assert as_told(spec, made(schema=SHAPE)).endpoint.quirks.schema == "none"
    assert as_told(spec, made()) is spec
    able = spec_of("llama", url="http://localhost:1")
    assert as_told(able, made(schema=SHAPE)) is able


def test_a_call_that_is_more_than_the_context_takes_in_is_noted() -> None:
    spec = spec_of("llama", url="http://localhost:1", context_window=1000)
    assert cautions(spec, made("x" * 3600)) == ()
    assert cautions(spec, made("x" * 4800)) == (
        "about 1,200 tokens are more than the model's context of 1,000 takes in",
    )
    limited = spec_of("llama", url="http://localhost:1", context_window=1000, max_tokens=200)
    (noted,) = cautions(limited, made("x" * 3600))
    assert "and up to 200 of an answer" in noted
    assert cautions(spec_of("llama", url="http://localhost:1"), made("x" * 10**6)) == ()
