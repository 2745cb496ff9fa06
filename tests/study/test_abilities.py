"""
The fits agree with published ones.

Baseball: the American League's Eastern Division of 1987, games won by row against column. A. Agresti, Categorical Data
Analysis (2nd ed. 2002), section 10.6; column 3 of table 10.11 has the estimates, Baltimore being 0.

Journals: how often the row was cited by the column, from S. Stigler, Citation patterns in the journals of statistics and
probability, Statistical Science 9 (1994); estimates, Biometrika being 0, as in H. Turner and D. Firth, Bradley-Terry
models in R, Journal of Statistical Software 48/9 (2012), section 2.1.

Tennis: matches of men in 2014 to 2018, won by row against column. A. Agresti, An Introduction to Categorical Data Analysis
(3rd ed. 2019), table 8.8 and section 8.6.2; Wawrinka being 0.

Four: the worked example of Wikipedia's article on the model, whose parameters have a geometric mean of 1.

Puddings: example 2 of R. R. Davidson, On extending the Bradley-Terry model to accommodate ties in paired comparison
experiments, JASA 65 (1970), with his estimates, which are those of the seventh step of a slow search.
"""

from __future__ import annotations

import math
from itertools import combinations, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from byom_magics.study.abilities import Fit, Pair, expected_share, fit, tie_parameter_exists
from byom_magics.study.order import Order

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
GAMES = (
    (0, 7, 9, 7, 7, 9, 11),
    (6, 0, 7, 5, 11, 9, 9),
    (4, 6, 0, 7, 7, 8, 12),
    (6, 8, 6, 0, 6, 7, 10),
    (6, 2, 6, 7, 0, 7, 12),
    (4, 4, 5, 6, 6, 0, 6),
    (2, 4, 1, 3, 1, 7, 0),
)
JOURNALS = ("Biometrika", "Comm Statist", "JASA", "JRSS-B")
CITED = ((714, 730, 498, 221), (33, 425, 68, 17), (320, 813, 1072, 142), (284, 276, 325, 188))
TENNIS = ((0, 9, 14, 9, 4), (6, 0, 5, 5, 7), (3, 0, 0, 2, 2), (2, 1, 4, 0, 4), (3, 2, 2, 3, 0))
FOUR = ((0, 2, 0, 1), (3, 0, 5, 0), (0, 3, 0, 1), (4, 0, 3, 0))
PUDDINGS = (
    Pair(0, 1, 19, 22, 16),
    Pair(0, 2, 16, 19, 12),
    Pair(1, 2, 19, 19, 10),
    Pair(0, 3, 18, 23, 13),
    Pair(1, 3, 23, 19, 9),
    Pair(2, 3, 19, 20, 15),
    Pair(0, 4, 13, 19, 18),
    Pair(1, 4, 16, 20, 12),
    Pair(2, 4, 16, 15, 17),
    Pair(3, 4, 17, 14, 16),
    Pair(0, 5, 18, 21, 12),
    Pair(1, 5, 22, 20, 12),
    Pair(2, 5, 13, 18, 10),
    Pair(3, 5, 14, 19, 18),
    Pair(4, 5, 11, 21, 12),
)


def pairs_of(wins: tuple[tuple[int, ...], ...]) -> list[Pair]:
    met = [(a, b) for a, b in combinations(range(len(wins)), 2) if wins[a][b] or wins[b][a]]
    return [Pair(a, b, wins[a][b], wins[b][a], 0) for a, b in met]


def imbalance(made: Fit, pairs: list[Pair]) -> float:
    """How far the points that were won are from those that are expected: zero where the likelihood is greatest."""
    size = len(made.abilities)
    points, expected = [0.0] * size, [0.0] * size
    ties = tied = 0.0
    for one, other, one_wins, other_wins, even in pairs:
        played = one_wins + other_wins + even
        share = expected_share(made.abilities[one] - made.abilities[other], made.tie_parameter)
        for each, won, part in ((one, one_wins, share), (other, other_wins, 1 - share)):
            points[each] += won + even / 2
            expected[each] += played * part
        half = math.exp(-abs(made.abilities[one] - made.abilities[other]) / 2)
        ties += even
        tied += played * made.tie_parameter * half / (1 + half * half + made.tie_parameter * half)
    worst = max(abs(a - b) for a, b in zip(points, expected, strict=True))
    return max(worst, abs(ties - tied)) / max(1.0, sum(points))


def test_baseball_of_1987_as_agresti_has_it() -> None:
    made = fit([range(7)], pairs_of(GAMES))
    relative = [each - made.abilities[-1] for each in made.abilities]
    assert [round(each, 2) for each in relative] == [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]
    assert imbalance(made, pairs_of(GAMES)) < 1e-13


def test_journals_as_stigler_and_firth_have_them() -> None:
    made = fit([range(4)], pairs_of(CITED))
    relative = [each - made.abilities[0] for each in made.abilities]
    assert [round(each, 4) for each in relative] == [0, -2.9491, -0.4796, 0.2690]
    assert imbalance(made, pairs_of(CITED)) < 1e-13


def test_tennis_of_2014_to_2018_as_agresti_has_it() -> None:
    made = fit([range(5)], pairs_of(TENNIS))
    relative = [each - made.abilities[-1] for each in made.abilities]
    # Djokovic, Federer, Murray, Nadal, Wawrinka
    assert relative == pytest.approx([1.1761, 1.1358, -0.5685, -0.0618, 0], abs=1.5e-4)
    assert imbalance(made, pairs_of(TENNIS)) < 1e-13


def test_four_of_whom_not_all_have_met_as_wikipedia_has_them() -> None:
    made = fit([range(4)], pairs_of(FOUR))
    assert [round(math.exp(each), 3) for each in made.abilities] == [0.640, 1.043, 0.660, 2.270]
    assert imbalance(made, pairs_of(FOUR)) < 1e-13


def test_puddings_with_ties_as_davidson_has_them() -> None:
    made = fit([range(6)], PUDDINGS, with_ties=True)
    total = sum(map(math.exp, made.abilities))
    worth = [math.exp(each) / total for each in made.abilities]
    davidson = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    assert worth == pytest.approx(davidson, abs=3e-5)
    assert made.tie_parameter == pytest.approx(0.7468147, abs=3e-5)
    assert imbalance(made, list(PUDDINGS)) < 1e-13


def test_of_two_the_odds_are_the_wins() -> None:
    made = fit([(0, 1)], [Pair(0, 1, 7, 3, 0)])
    assert made.abilities[0] - made.abilities[1] == pytest.approx(math.log(7 / 3), abs=1e-14)
    assert sum(made.abilities) == pytest.approx(0, abs=1e-15)
    assert made.tie_parameter == 0


def test_of_two_with_ties_the_odds_are_the_wins_still() -> None:
    # Two unknowns for two free counts: the chances are the shares themselves.
    made = fit([(0, 1)], [Pair(0, 1, 8, 2, 4)], with_ties=True)
    assert made.abilities[0] - made.abilities[1] == pytest.approx(math.log(4), abs=1e-12)
    assert made.tie_parameter == pytest.approx(4 / math.sqrt(8 * 2), abs=1e-12)


def test_of_three_without_the_pair_of_the_ends_the_odds_multiply() -> None:
    made = fit([(0, 1, 2)], [Pair(0, 1, 2, 1, 0), Pair(1, 2, 3, 1, 0)])
    assert made.abilities[0] - made.abilities[2] == pytest.approx(math.log(6), abs=1e-13)


def test_a_symmetric_circle_leaves_all_equal() -> None:
    for with_ties, ties in ((False, 0), (True, 2)):
        made = fit([range(5)], [Pair(a, (a + 1) % 5, 3, 0, ties) for a in range(5)], with_ties=with_ties)
        assert made.abilities == pytest.approx([0] * 5, abs=1e-12)


def test_sets_are_fitted_each_for_itself_and_share_the_tie_parameter() -> None:
    one, other = Pair(0, 2, 7, 3, 0), Pair(1, 3, 1, 4, 0)
    made = fit([(0, 2), (1, 3)], [one, other])
    assert made.abilities[0] - made.abilities[2] == pytest.approx(math.log(7 / 3), abs=1e-13)
    assert made.abilities[1] - made.abilities[3] == pytest.approx(math.log(1 / 4), abs=1e-13)
    tied = [Pair(0, 2, 7, 3, 4), Pair(1, 3, 1, 4, 2)]
    made = fit([(0, 2), (1, 3)], tied, with_ties=True)
    assert imbalance(made, tied) < 1e-13


@pytest.mark.parametrize("odds", [1e3, 1e6, 1e9])
def test_lopsided_counts_are_fitted_as_well(odds: float) -> None:
    made = fit([(0, 1, 2)], [Pair(0, 1, odds, 1, 0), Pair(1, 2, odds, 1, 0)])
    assert made.abilities[0] - made.abilities[2] == pytest.approx(2 * math.log(odds), rel=1e-12)


def test_where_there_is_no_maximum_the_search_says_so() -> None:
    with pytest.raises(ArithmeticError):
        fit([(0, 1)], [Pair(0, 1, 3, 0, 0)])


def test_a_start_changes_the_way_and_not_the_end() -> None:
    cold = fit([range(7)], pairs_of(GAMES))
    warm = fit([range(7)], pairs_of(GAMES), start=Fit((3.0, -2.0, 0.0, 9.0, -7.0, 1.0, 1.0), 0))
    assert warm.abilities == pytest.approx(cold.abilities, abs=1e-12)


counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 4)), min_size=10, max_size=10)


def drawn(rows: list[tuple[int, int, int]], *, with_ties: bool) -> list[Pair]:
    between = combinations(range(5), 2)
    pairs = [
        Pair(a, b, won, lost, ties if with_ties else 0) for (a, b), (won, lost, ties) in zip(between, rows, strict=True)
    ]
    return [pair for pair in pairs if pair.one_wins or pair.other_wins or pair.ties]


def connected(pairs: list[Pair]) -> bool:
    """Ford's condition (1957): however they are parted, each part has won against the other, or tied."""
    wins = [(p.one, p.other) for p in pairs if p.one_wins or p.ties] + [
        (p.other, p.one) for p in pairs if p.other_wins or p.ties
    ]
    return all(
        any(winner in part and loser not in part for winner, loser in wins)
        for bits in product((False, True), repeat=5)
        if 0 < sum(bits) < 5
        for part in [{each for each in range(5) if bits[each]}]
    )


@given(counts)
def test_the_points_won_are_the_points_expected(rows: list[tuple[int, int, int]]) -> None:
    pairs = drawn(rows, with_ties=False)
    scales = Order.of(
        5, [(p.one, p.other) for p in pairs if p.one_wins] + [(p.other, p.one) for p in pairs if p.other_wins]
    )
    assert (len(scales.scales) == 1) == connected(pairs)
    assume(connected(pairs))
    made = fit([range(5)], pairs)
    assert imbalance(made, pairs) < 1e-12
    assert math.fsum(made.abilities) == pytest.approx(0, abs=1e-12)


@given(counts)
def test_with_ties_the_ties_are_those_expected_too(rows: list[tuple[int, int, int]]) -> None:
    pairs = drawn(rows, with_ties=True)
    assume(connected(pairs) and any(pair.ties for pair in pairs))
    if tie_parameter_exists(5, pairs):
        assert imbalance(fit([range(5)], pairs, with_ties=True), pairs) < 1e-12
    else:
        with pytest.raises(ArithmeticError):
            fit([range(5)], pairs, with_ties=True)


@pytest.mark.parametrize(
    ("pairs", "exists"),
    [
        ([Pair(0, 1, 1, 1, 0)], False),  # no tie: v is zero
        ([Pair(0, 1, 0, 0, 3)], False),  # nothing but ties: v is infinite
        ([Pair(0, 1, 5, 0, 1)], False),  # far apart, and ties common: as likely as one likes
        ([Pair(0, 1, 5, 1, 1)], True),
        ([Pair(0, 1, 1, 0, 0), Pair(1, 2, 1, 0, 0), Pair(0, 2, 0, 0, 1)], True),
        ([Pair(0, 1, 1, 0, 0), Pair(1, 2, 0, 0, 1), Pair(0, 2, 0, 0, 1)], False),
    ],
)
def test_when_ties_can_be_an_outcome_of_their_own(pairs: list[Pair], exists: bool) -> None:
    assert tie_parameter_exists(3, pairs) == exists


def test_the_expected_share_counts_a_tie_half_and_both_sides_make_one() -> None:
    assert expected_share(math.log(3)) == pytest.approx(0.75)
    assert expected_share(0, 5) == 0.5
    for difference in (-800, -3, 0.1, 2, 800):
        assert expected_share(difference, 0.7) + expected_share(-difference, 0.7) == pytest.approx(1)
