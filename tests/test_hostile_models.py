"""Models that lie, babble and never end, through the whole stack: each ends, truthfully, and the next question works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.errors import CallError, ShapeError
from byom_magics.events import Reply, State
from byom_magics.session import current
from tests.magics.notebook import Notebook, notebook
from tests.wire.answers import DONE, chunk, chunked, sse
from tests.wire.raw_server import RawServer

RAN: list[str] = []


def look(at: str = "") -> str:
    """Look at something."""
    RAN.append(at)
    return f"{at} is blue"


def calls(*asked: dict[str, Any], finish: str | None = "tool_calls") -> bytes:
    """An answer that asks for tools, each delta as it is given."""
    body = b"".join(chunk(delta={"tool_calls": [each]}) for each in asked)
    return chunked(body + (chunk(finish=finish) if finish else b"") + (DONE if finish else b""))


def call(name: object = "look", arguments: object = "{}", index: int = 0, identity: object = "c1") -> dict[str, Any]:
    return {"index": index, "id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


def replied(*answers: Any, **options: Any) -> Reply:
    """What comes of a question, whatever it raises."""
    with RawServer(*((each,) for each in answers)) as server:
        byom.register("hostile", url=server.url)
        try:
            reply: Reply = byom.ask("hostile", "Go.", **options)
        except CallError as problem:
            return problem.reply or Reply()
        return reply


def checked(reply: Reply) -> Reply:
    """Every call of a tool in the transcript has its answer, so that a conversation can go on."""
    asked = [each.id for message in reply.messages for each in message.tool_calls]
    told = [message.tool_call_id for message in reply.messages if message.role == "tool"]
    assert asked == told
    for message in reply.messages:
        assert len({each.id for each in message.tool_calls}) == len(message.tool_calls)
    return reply


# Tools


@pytest.mark.parametrize(
    "name",
    ["nothing", "", "__import__", "look\x1b[2J", "<script>alert(1)</script>", "a\nb", "x" * 1_000_000, "look "],
)
def test_a_tool_that_does_not_exist_is_told_and_the_model_goes_on(name: str) -> None:
    reply = checked(replied(calls(call(name)), chunked(sse("So be it.")), tools=[look]))
    assert RAN == []
    assert reply.state in (State.COMPLETE, State.TOOL_CALLS)
    assert all(result.outcome == "unknown" and len(result.text) < 1_000 for result in reply.tool_results)


@pytest.mark.parametrize(
    "arguments",
    ["no JSON", "[1]", '"text"', "5", '{"at": 5}', '{"at": "sky"', "[" * 100_000, '{"at":' * 100_000, "x" * 1_000_000,
     '{"at": "a", "more": 1}', '{"at": NaN}'],
)  # fmt: skip
def test_arguments_that_make_no_sense_do_not_reach_the_function(arguments: str) -> None:
    reply = checked(replied(calls(call(arguments=arguments)), chunked(sse("Well.")), tools=[look]))
    assert (RAN, reply.state, reply.text) == ([], "complete", "Well.")
    assert [result.outcome for result in reply.tool_results] == ["failed"]


@pytest.mark.parametrize("finish", ["length", None])
def test_a_call_that_breaks_off_is_not_run(finish: str | None) -> None:
    reply = checked(replied(calls(call(arguments='{"at": "s'), finish=finish), tools=[look]))
    assert RAN == []
    assert reply.state in (State.LENGTH, State.INCOMPLETE)


def test_a_model_that_asks_without_end_is_stopped() -> None:
    reply = checked(replied(calls(call(arguments='{"at": "sky"}')), tools=[look], rounds=5))
    assert (len(RAN), reply.rounds, reply.state) == (4, 5, "tool_calls")
    assert "stopped after 5 calls" in " ".join(reply.warnings)


def test_very_many_calls_in_one_answer_each_get_their_result() -> None:
    many = [
        call(arguments=json.dumps({"at": str(number)}), index=number, identity=f"c{number}") for number in range(500)
    ]
    reply = checked(replied(calls(*many), chunked(sse("Done.")), tools=[look]))
    assert [str(number) for number in range(500)] == RAN
    assert reply.text == "Done."


@pytest.mark.parametrize("identities", [["same", "same"], ["", ""], [None, None]])
def test_ids_that_tell_nothing_apart_are_mended(identities: list[Any]) -> None:
    asked = [call(arguments='{"at": "a"}', index=at, identity=each) for at, each in enumerate(identities)]
    assert len(checked(replied(calls(*asked), chunked(sse("Done.")), tools=[look])).tool_results) == 2


@pytest.mark.parametrize("index", [10**9, -1, 0])
def test_odd_places_of_calls_do_no_harm(index: int) -> None:
    reply = checked(replied(calls(call(arguments='{"at": "a"}', index=index)), chunked(sse("Done.")), tools=[look]))
    assert reply.state in (State.COMPLETE, State.TOOL_CALLS, State.ERROR)


def test_tools_are_asked_for_though_none_were_offered() -> None:
    reply = replied(calls(call()))
    assert (reply.state, [each.name for each in reply.tool_calls], RAN) == ("tool_calls", ["look"], [])


def test_an_end_for_tools_without_any_is_no_loop() -> None:
    reply = checked(replied(chunked(chunk("Hm.") + chunk(finish="tool_calls") + DONE), tools=[look]))
    assert (reply.text, RAN) == ("Hm.", [])


@pytest.mark.parametrize("kind", ["raises", "huge", "broken", "exits", "asks"])
def test_functions_that_misbehave_are_told_to_the_model(kind: str) -> None:
    def act() -> Any:
        """Act."""
        if kind == "raises":
            raise RuntimeError("x" * 100_000)
        if kind == "exits":
            raise SystemExit
        if kind == "asks":
            return byom.ask("demo/bigram", "A list", max_tokens=3, extra_body={"tokens_per_second": 0}).text or "empty"
        return "y" * 5_000_000 if kind == "huge" else Broken()

    reply = checked(replied(calls(call("act")), chunked(sse("Done.")), tools=[act]))
    assert (reply.text, reply.state) == ("Done.", "complete")
    assert 0 < len(reply.tool_results[0].text) < 21_000


class Broken:
    def __repr__(self) -> str:
        raise ValueError

    __str__ = __repr__


# Shapes

SHAPE = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"n":' * 100_000 + "1" + "}" * 100_000, '{"n": "' + "x" * 3_000_000 + '"}', '{"n": NaN}',
     '{"n": 1e999}', "I refuse.", '{"n": "\\ud800"}', "```json\n{\n```", '{"n": ' + "9" * 100_000 + "}", ""],
)  # fmt: skip
def test_answers_of_the_wrong_shape_end_and_keep_their_text(text: str) -> None:
    reply = replied(chunked(sse(text)), schema=SHAPE, retries=1)
    assert reply.parsed is None
    assert reply.error is not None
    assert isinstance(reply.error, ShapeError) or reply.state is not State.COMPLETE
    assert len(str(reply.error)) < 5_000


# Text, reasoning and pictures


def test_reasoning_that_never_closes_is_reasoning() -> None:
    reply = replied(chunked(sse("<think>", "on and on " * 100_000)))
    assert reply.text == ""
    assert len(reply.reasoning) > 900_000


def test_sec_33_a_picture_by_its_address_is_not_fetched() -> None:
    with RawServer((chunked(sse("never")),)) as other:
        image = {"type": "image_url", "image_url": {"url": f"{other.origin}/x.png"}}
        reply = replied(chunked(chunk(delta={"content": "Look", "images": [image]}) + chunk(finish="stop") + DONE))
        assert (reply.images, other.requests) == ((), [])


@pytest.mark.parametrize(
    "data", ["data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,PHN2Zz4=", "data:text/html,x", "x"]
)
def test_sec_02_what_is_no_picture_is_none(data: str) -> None:
    image = {"type": "image_url", "image_url": {"url": data}}
    reply = replied(chunked(chunk(delta={"content": "Look", "images": [image]}) + chunk(finish="stop") + DONE))
    assert reply.images == ()
    assert reply.text == "Look"


@pytest.mark.parametrize(
    "tokens", [[{"token": "<b>\x1b[2J"}], ["no"], [{"token": 5, "logprob": "x", "top_logprobs": 7}], [None]]
)
def test_log_probabilities_of_any_form_do_no_harm(tokens: list[Any]) -> None:
    from byom_magics.show.answer import reply_bundle

    odd = {"index": 0, "delta": {"content": "Hi"}, "logprobs": {"content": tokens}, "finish_reason": "stop"}
    event = b"data: " + json.dumps({"id": "c", "choices": [odd]}).encode() + b"\n\n"
    shown = reply_bundle(replied(chunked(event + DONE), logprobs=2), logprobs=True)
    assert "<b>\\x1b" not in shown.html
    assert "\x1b" not in shown.html + shown.plain


# In a cell


@pytest.fixture
def nb() -> Iterator[Notebook]:
    with notebook() as made:
        made.ok("%load_ext byom_magics")
        yield made


HOSTILE = "<script>alert(1)</script>\n```python\nran = True\n```\n![x](http://127.0.0.1:1/x)\n\x1b[2J[llama · complete]"


@pytest.mark.parametrize("form", ["markdown", "text", "code", "json", "html", "math", "image"])
def test_sec_01_no_format_runs_or_loads_what_a_model_wrote(nb: Notebook, form: str) -> None:
    with RawServer((chunked(sse(HOSTILE)),)) as server:
        byom.register("hostile", url=server.url)
        cell = nb.run(f"%%byom hostile -f {form} --to-cell\nGo.")
    assert "ran" not in nb.names
    assert "<script" not in cell.html
    assert "\x1b" not in cell.everything


def test_marks_of_ours_in_an_answer_change_nothing(nb: Notebook) -> None:
    with RawServer((chunked(sse("[This answer was interrupted.]")),)) as server:
        byom.register("hostile", url=server.url)
        nb.ok("%%byom hostile -c\nOne?")
        nb.ok("%%byom hostile -c\nTwo?")
    states = [each.state for each in current().conversations.of("hostile").exchanges]
    assert states == [State.COMPLETE, State.COMPLETE]


def test_after_the_worst_the_next_question_of_the_conversation_works(nb: Notebook) -> None:
    nb.names["look"] = look
    worst = calls(call(arguments="[" * 10_000), call("nothing", index=1, identity="c2"))
    with RawServer((worst,), (calls(call(arguments='{"at": "sky"}')),), (chunked(sse("Blue.")),)) as server:
        byom.register("hostile", url=server.url)
        nb.ok("%%byom hostile -c --tools look --allow look\nWhat colour?")
        nb.ok("%%byom hostile -c\nAnd now?")
        sent = server.requests[-1].json["messages"]
    assert nb.names["_byom"].text == "Blue."
    asked = [each["id"] for message in sent for each in message.get("tool_calls") or []]
    assert asked == [message["tool_call_id"] for message in sent if message["role"] == "tool"]
