from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from byom_magics.messages import Call, Message, Sampling


def test_without_a_choice_everything_is_left_to_the_model() -> None:
    assert dataclasses.asdict(Sampling()) == {
        "temperature": None,
        "top_p": None,
        "max_tokens": None,
        "seed": None,
        "stop": (),
        "extra_body": {},
    }


@pytest.mark.parametrize("value", [Message("user", "hi"), Sampling(), Call((Message("user", "hi"),))])
def test_what_is_said_cannot_be_changed_afterwards(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


def test_a_call_survives_copies_and_pickles() -> None:
    call = Call(
        (Message("system", "Be brief."), Message("user", "hi")), Sampling(0.5, stop=("\n",), extra_body={"k": 1})
    )
    assert copy.deepcopy(call) == pickle.loads(pickle.dumps(call)) == call


def test_two_samplings_share_no_fields_of_the_body() -> None:
    assert Sampling().extra_body is not Sampling().extra_body
