"""The part of the contract that is about requests; that each of its tests can fail is shown in test_contract.py."""

from __future__ import annotations

from byom_magics.testing import DialectContract
from byom_magics.testing.building import BuildingContract
from tests.testing.toy import ToyDialect


def test_it_is_part_of_the_whole_contract() -> None:
    assert issubclass(DialectContract, BuildingContract)


def test_the_model_that_requests_are_for_speaks_the_dialect() -> None:
    class Toy(BuildingContract):
        dialect = ToyDialect()

    assert Toy().spec().dialect == "toy"
