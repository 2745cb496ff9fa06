"""What a contract is tried with."""

from __future__ import annotations

from byom_magics.events import Usage
from byom_magics.testing import Case, Listing


def test_a_case_of_which_nothing_is_said_is_an_empty_answer_that_is_complete() -> None:
    case = Case("empty", b"")
    assert (case.text, case.reasoning, case.tool_calls, case.usage) == ("", "", (), Usage())
    assert (case.state, case.status, case.streamed) == ("complete", 200, True)


def test_bodies_are_left_out_where_a_case_is_printed() -> None:
    assert "secret" not in repr(Case("a", b"secret")) + repr(Listing("b", b"secret"))
