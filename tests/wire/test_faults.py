"""Faults: failures of the way, as values that decide what becomes of a call."""

from __future__ import annotations

from typing import get_args

import pytest

from byom_magics.errors import ConnectError, IncompleteError, PolicyError, ProtocolError
from byom_magics.wire import verdict
from byom_magics.wire.faults import Fault, FaultKind

SUBJECT = verdict.Subject("key", "http://h/v1")
ENDS = {
    "connect": (ConnectError, "incomplete", "connection"),
    "broken": (IncompleteError, "incomplete", "connection"),
    "protocol": (ProtocolError, "error", "protocol"),
    "policy": (PolicyError, "error", "policy"),
}


def test_every_kind_of_fault_is_in_the_table() -> None:
    assert set(ENDS) == set(get_args(FaultKind))


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_a_fault_becomes_the_state_and_the_error_of_its_kind(kind: FaultKind) -> None:
    error, state, reason = ENDS[kind]
    ended = verdict.fault(SUBJECT, Fault(kind, "It broke.", hint="mend it"), attempts=2, warnings=("odd",))
    assert (ended.state, ended.reason, ended.attempts, ended.warnings) == (state, reason, 2, ("odd",))
    assert type(ended.error) is error
    assert str(ended.error) == "It broke.\nModel: key at http://h/v1\nNext: mend it"


def test_a_fault_without_a_hint_gets_one() -> None:
    error = verdict.fault(SUBJECT, Fault("broken", "It broke."), attempts=1).error
    assert error is not None
    assert error.hint


def test_a_fault_is_taken_as_lasting_unless_it_says_otherwise() -> None:
    assert not Fault("broken", "It broke.").passing
    assert Fault("broken", "It broke.", passing=True).passing
    assert str(Fault("broken", "It broke.")) == "It broke."
