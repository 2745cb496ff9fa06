"""The part of the contract that is about lists of models; that each of its tests can fail is shown in test_contract.py."""

from __future__ import annotations

from byom_magics.testing import DialectContract
from byom_magics.testing.listing import ListingContract, _longest_list


def test_it_is_part_of_the_whole_contract() -> None:
    assert issubclass(DialectContract, ListingContract)


def test_the_entries_are_the_longest_list_of_a_payload() -> None:
    assert _longest_list({"a": [1], "data": [1, 2], "b": "text"}) == [1, 2]
    assert _longest_list([1, 2]) == [1, 2]
    assert _longest_list({"a": 1}) is None
    assert _longest_list(None) is None
