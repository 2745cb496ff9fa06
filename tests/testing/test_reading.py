"""The part of the contract that is about answers; that each of its tests can fail is shown in test_contract.py."""

from __future__ import annotations

from byom_magics.testing import Case, DialectContract
from byom_magics.testing.reading import ReadingContract
from tests.testing import toy


class OneCase(ReadingContract):
    dialect = toy.ToyDialect()
    cases = toy.CASES[:1]


def test_it_is_part_of_the_whole_contract() -> None:
    assert issubclass(DialectContract, ReadingContract)


def test_a_case_is_cut_behind_every_event() -> None:
    contract = OneCase()
    pieces = contract._pieces(contract.cases[0])
    assert b"".join(pieces) == contract.cases[0].body
    assert len(pieces) == 4
    assert all(piece.endswith(b"\n\n") for piece in pieces)


def test_the_rest_of_a_broken_event_is_a_piece_too() -> None:
    contract = OneCase()
    case = Case("broken", b'data: {"say": "a"}\n\ndata: {"sa')
    assert contract._pieces(case) == [b'data: {"say": "a"}\n\n', b'data: {"sa']
