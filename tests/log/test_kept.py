from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.errors import ShapeError
from byom_magics.events import Reply, State, ToolCall, Usage
from byom_magics.log.kept import Kept, events_of, kept_of, read, written
from byom_magics.messages import Image
from byom_magics.talk.keeping import Replayed
from byom_magics.talk.turn import Turn
from tests.talk.scripts import SPEC, played

WHOLE = Reply(
    text="It is blue.", reasoning="Hm.", tool_calls=(ToolCall("1", "look", "{}"),), state=State.TOOL_CALLS,
    finish_reason="tool_calls", usage=Usage(3, 5, 8), served_model="m-1", system_fingerprint="fp", request_id="r",
    signatures=({"odd": [1, {"a": None}]},), logprobs=({"token": "It", "logprob": -0.5},),
    images=(Image(b"\x89PNG", "image/png"),), warnings=("odd",),
)  # fmt: skip


def replayed(kept: Kept) -> Reply:
    turn = Turn(SPEC, lambda: Replayed(events_of(kept)), lambda _: None)
    played(turn)
    return turn.reply


def test_an_answer_comes_back_as_it_was() -> None:
    kept = kept_of(WHOLE)
    assert kept is not None
    again = read(json.loads(json.dumps(written(kept))))
    assert again == kept
    reply = replayed(again)
    for name in ("text", "reasoning", "tool_calls", "state", "finish_reason", "usage", "served_model",
                 "system_fingerprint", "request_id", "signatures", "logprobs", "images", "warnings"):  # fmt: skip
        assert getattr(reply, name) == getattr(WHOLE, name), name
    assert reply.cached


def test_an_empty_answer_is_one_too() -> None:
    kept = kept_of(Reply(state=State.COMPLETE))
    assert kept is not None
    assert (replayed(kept).text, replayed(kept).state) == ("", "complete")


@pytest.mark.parametrize("state", [state for state in State if state not in ("complete", "length", "tool_calls")])
def test_what_did_not_come_to_its_end_is_not_kept(state: State) -> None:
    assert kept_of(Reply(text="half", state=state)) is None


def test_what_did_not_fit_is_not_kept() -> None:
    assert kept_of(Reply(text="{}", state=State.COMPLETE, error=ShapeError("No."))) is None


def change(**values: Any) -> dict[str, Any]:
    kept = kept_of(WHOLE)
    assert kept is not None
    return {**written(kept), **values}


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "text",
        {},
        change(version=2),
        change(state="cancelled"),
        change(state="odd"),
        change(text=5),
        change(usage={"input_tokens": "many"}),
        change(usage={"no_such": 1}),
        change(tool_calls=[{"id": "1"}]),
        change(images=[{"data": "?", "media_type": "image/png"}]),
        change(logprobs=[5]),
        change(when="now"),
        change(when=10**400),
        change(usage={"input_tokens": -1}),
        {name: value for name, value in change().items() if name != "warnings"},
    ],
)
def test_what_is_no_answer_of_ours_is_none(values: object) -> None:
    assert read(values) is None
