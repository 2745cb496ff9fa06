from __future__ import annotations

import pytest

from byom_magics.study.places import first_place
from tests.study.ballots import vote


def test_without_a_winner_nothing_is_known_of_places() -> None:
    assert first_place([]) is None
    assert first_place([vote("a b", "tie"), vote("a b", "bad"), vote("a a b", "a")]) is None


def test_the_share_of_the_first_place_comes_with_wilsons_interval() -> None:
    # Wilson's interval of 8 in 10 at 95 % runs from 0.490 to 0.943, as in Newcombe, Statistics in Medicine 17 (1998)
    # by the same formula.
    found = first_place([vote("a b", "a")] * 8 + [vote("a b", "b")] * 2)
    assert found is not None
    assert (found.votes, found.won, found.share, found.expected) == (10, 8, 0.8, 0.5)
    assert found.low == pytest.approx(0.490, abs=5e-4)
    assert found.high == pytest.approx(0.943, abs=5e-4)
    assert not found.favoured


def test_a_share_far_from_even_is_called_so_on_either_side() -> None:
    for winner in "ab":
        found = first_place([vote("a b", winner)] * 12)
        assert found is not None
        assert found.favoured
        assert 0 <= found.low <= found.high <= 1


def test_what_is_expected_follows_from_how_many_were_shown() -> None:
    found = first_place([vote("a b", "a"), vote("a b c d", "d")])
    assert found is not None
    assert found.expected == pytest.approx((1 / 2 + 1 / 4) / 2)
