"""Keys that a server sends back are masked in all that passes on, however they are cut."""

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.secrets import Masker
from byom_magics.events import (
    Ended,
    Event,
    ImageMade,
    Opened,
    ReasoningDelta,
    Reclassified,
    Retrying,
    Signature,
    State,
    TextDelta,
    TokenLogprobs,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.messages import Image
from byom_magics.wire.masking import Masking, masking

KEY = "sk-canary-0123456789"
END = Ended(State.COMPLETE)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key that was used."""
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", {KEY})
    return KEY


def masked(*events: Event) -> list[Event]:
    made = Masking(Masker([KEY]), Masker([KEY]), Masker([KEY]))
    return [each for event in events for each in made.apply([event])]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_a_key_in_two_pieces_is_masked(cut: int) -> None:
    said = masked(TextDelta(f"Your key is {KEY[:cut]}"), TextDelta(f"{KEY[cut:]}, I think"), END)
    assert text_of(said) == "Your key is [key hidden], I think"
    assert said[-1] is END


def test_a_key_in_single_characters_is_masked() -> None:
    said = masked(*map(TextDelta, f"a{KEY}{KEY}b"), END)
    assert text_of(said) == "a[key hidden][key hidden]b"


def test_text_without_a_key_passes_as_the_same_events() -> None:
    pieces = [TextDelta("Hello"), TextDelta(" world")]
    assert masked(*pieces) == pieces


@pytest.mark.parametrize("text", ["s", "sk-", "sk-canary-012345678", "ssk", "sk-sk-canary-"])
def test_the_beginning_of_a_key_is_held_back_and_given_out_at_the_end(text: str) -> None:
    assert text_of(masked(TextDelta(text), END)) == text


def test_reasoning_and_text_are_masked_each_by_itself() -> None:
    said = masked(ReasoningDelta(KEY[:9]), TextDelta("Hi "), ReasoningDelta(KEY[9:]), TextDelta(KEY), END)
    assert "".join(event.text for event in said if isinstance(event, ReasoningDelta)) == "[key hidden]"
    assert text_of(said) == "Hi [key hidden]"


def test_held_text_stands_before_the_sign_that_all_of_it_was_reasoning() -> None:
    said = masked(TextDelta("Hm sk-"), Reclassified(), TextDelta("Hi"), END)
    assert said == [TextDelta("Hm "), TextDelta("sk-"), Reclassified(), TextDelta("Hi"), END]


def test_arguments_of_tools_are_masked_call_by_call() -> None:
    said = masked(
        ToolCallDelta(0, "a", "f", f'{{"key": "{KEY[:5]}'),
        ToolCallDelta(0, arguments=f'{KEY[5:]}"}}'),
        ToolCallDelta(1, "b", "g", "s"),
        ToolCallDelta(2, "c", "h", "{}"),
        END,
    )
    arguments: dict[int, str] = {}
    for event in said:
        if isinstance(event, ToolCallDelta):
            arguments[event.index] = arguments.get(event.index, "") + event.arguments
    assert arguments == {0: '{"key": "[key hidden]"}', 1: "s", 2: "{}"}


def test_events_without_text_pass() -> None:
    report = UsageReport(Usage(1, 2))
    assert masked(report) == [report]


def test_names_that_a_server_gives_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", {KEY})
    made = masking()
    assert made is not None
    opened = Opened(f"model-{KEY}", KEY, None)
    assert made.apply([opened]) == [Opened("model-[key hidden]", "[key hidden]", None)]


def test_the_name_and_the_id_of_a_tool_call_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", {KEY})
    said = masked(ToolCallDelta(0, f"id-{KEY}", f"get_{KEY}", "{}"), END)
    assert said[0] == ToolCallDelta(0, "id-[key hidden]", "get_[key hidden]", "{}")


def test_without_a_key_nothing_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", set())
    assert masking() is None


@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_a_key_in_arguments_is_masked_where_calls_of_tools_take_turns(cut: int) -> None:
    said = masked(
        ToolCallDelta(0, "a", "f", KEY[:cut]),
        ToolCallDelta(1, "b", "g", KEY[:cut]),
        ToolCallDelta(0, arguments=KEY[cut:]),
        ToolCallDelta(1, arguments="-"),
        END,
    )
    arguments = {0: "", 1: ""}
    for event in said:
        if isinstance(event, ToolCallDelta):
            arguments[event.index] += event.arguments
    assert arguments == {0: "[key hidden]", 1: f"{KEY[:cut]}-"}


def test_what_ends_a_call_and_why_it_is_tried_again_are_masked(seen: str) -> None:
    ended = Ended(State.COMPLETE, finish_reason=f"stop-{seen}")
    assert masked(ended) == [Ended(State.COMPLETE, finish_reason="stop-[key hidden]")]
    assert masked(Retrying(1.0, f"503 {seen}", 2)) == [Retrying(1.0, "503 [key hidden]", 2)]


def test_what_a_service_wants_back_is_as_it_came_unless_a_key_stands_in_it(seen: str) -> None:
    plain = Signature({"reasoning": "a thought", "sealed": ["AbC/+=", 1, None]})
    assert masked(plain)[0] is plain
    odd = Signature({"reasoning": f"they gave me {seen}", seen: [{"deep": seen}]})
    assert masked(odd) == [
        Signature({"reasoning": "they gave me [key hidden]", "[key hidden]": [{"deep": "[key hidden]"}]})
    ]


def test_what_is_nested_too_deep_to_be_masked_is_left_out(seen: str) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert masked(Signature({"reasoning": deep})) == [Signature({})]


def test_an_image_and_tokens_pass_as_the_same_events() -> None:
    image, tokens = ImageMade(Image(b"\x89PNG")), TokenLogprobs(({"token": "Hi", "logprob": -1.0},))
    assert masked(TextDelta("Hi"), image, tokens, END) == [TextDelta("Hi"), image, tokens, END]
    assert masked(image)[0] is image


def test_a_key_in_a_warning_is_masked(seen: str) -> None:
    ended = Ended(State.COMPLETE, warnings=(f"The server explains: the key {seen} is fine", "odd"))
    assert masked(ended)[-1] == Ended(
        State.COMPLETE, warnings=("The server explains: the key [key hidden] is fine", "odd")
    )
