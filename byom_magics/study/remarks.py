"""What is to be said beside the numbers of a ranking: what they rest on, what they cannot tell, what would help."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

from byom_magics.plain import one_line

if TYPE_CHECKING:
    from byom_magics.study.standing import Ranking, Standing
    from byom_magics.study.vote import Vote

__all__ = ["FEW", "remarks"]

FEW = 5
"""Fewer direct comparisons of two than this are called few."""

_MOST_NAMED = 4
_LONGEST_NAME = 120  # of two labels, or of one with its place
_EQUAL = 1e-6
_FEW_WINNERS = 20


def remarks(
    ranking: Ranking, votes: Sequence[Vote], *, with_itself: int, unfit: int, fallen_back: bool
) -> tuple[str, ...]:
    """
    Say what is to be known of a ranking.

    Args:
        ranking: The ranking; its own notes are not looked at.
        votes: All votes, those that were left out too.
        with_itself: How many comparisons of a model with itself there were.
        unfit: In how many draws nothing could be fitted.
        fallen_back: Whether ties count half because the tie model cannot be fitted.

    Returns:
        Sentences in plain text. Labels stand in them as they are.
    """
    return (
        _counted(ranking, votes),
        *_left_out(ranking, votes, with_itself),
        *_apart(ranking),
        *_numberless(ranking),
        *_scales(ranking),
        *_thin(ranking),
        *_told_apart(ranking),
        *_first_place(ranking),
        *_made(ranking, unfit, fallen_back=fallen_back),
    )


def _counted(ranking: Ranking, votes: Sequence[Vote]) -> str:
    voters = len({vote.voter for vote in votes if vote.voter})
    by = f" by {_number(voters, 'named voter')}" if voters else ""
    outcomes = Counter(vote.outcome for vote in votes)
    said = [
        f"{outcomes[outcome]:,} {word}"
        for outcome, word in (("win", "with a winner"), ("tie", "tied"), ("bad", "all bad"))
        if outcomes[outcome]
    ]
    return f"{_number(len(votes), 'vote')}{by} on {_number(ranking.prompts, 'prompt')}: {', '.join(said) or 'none'}."


def _left_out(ranking: Ranking, votes: Sequence[Vote], with_itself: int) -> Iterator[str]:
    bad = sum(vote.outcome == "bad" for vote in votes)
    if bad:
        how = "counted as ties" if ranking.bad == "tie" else "left out"
        yield f"{_number(bad, 'vote')} that all were bad: {how}."
    if ranking.ties == "skip" and any(map(any, ranking.matrix.ties)):
        yield "Ties are left out of the ratings."
    if with_itself:
        yield f"{_number(with_itself, 'comparison')} of a model with itself: counted for nothing."


def _apart(ranking: Ranking) -> Iterator[str]:
    if len(ranking.groups) > 1:
        groups = "; ".join(_listed(group) for group in ranking.groups[:_MOST_NAMED])
        more = f"; and {len(ranking.groups) - _MOST_NAMED:,} more" if len(ranking.groups) > _MOST_NAMED else ""
        yield (
            f"Not connected: these were never compared with one another, not even through others: {groups}{more}. "
            "Ranks and ratings hold within each of them only. Next: votes that show models of several groups together."
        )


def _numberless(ranking: Ranking) -> Iterator[str]:
    placed = [each for each in ranking.standings if each.ability is None and each.place != "not compared"]
    if placed:
        which = _listed([f"{each.label} ({each.place})" for each in placed])
        it = "it" if len(placed) == 1 else "each of them"
        yield (
            f"No finite rating for {which}: no comparison went the other way, so any number high or low enough would "
            f"fit the votes. Next: more votes on {it}; one that goes the other way, or a tie, gives a number."
        )


def _scales(ranking: Ranking) -> Iterator[str]:
    scales: dict[int, list[str]] = {}
    for each in ranking.standings:
        if each.ability is not None:
            scales.setdefault(each.scale, []).append(each.label)
    grouped = {each.scale: each.group for each in ranking.standings}
    if len(scales) > len({grouped[scale] for scale in scales}):
        yield (
            f"Ratings are on {len(scales)} scales of their own, with mean 1,000 each: "
            f"{'; '.join(_listed(labels) for labels in scales.values())}. Between these no comparison went the other "
            "way, so how far they are apart is not known."
        )


def _thin(ranking: Ranking) -> Iterator[str]:
    matrix = ranking.matrix
    group = {label: number for number, labels in enumerate(ranking.groups) for label in labels}
    few = [
        (matrix.met(one, other), f"{matrix.labels[one]} and {matrix.labels[other]} ({matrix.met(one, other):,})")
        for one, other in combinations(range(len(matrix.labels)), 2)
        if matrix.met(one, other) < FEW and group[matrix.labels[one]] == group[matrix.labels[other]]
    ]
    if few:
        pairs = "1 pair has" if len(few) == 1 else f"{len(few):,} pairs have"
        which = _listed([words for _, words in sorted(few)])
        yield f"Thin: {pairs} fewer than {FEW} direct comparisons: {which}."


def _told_apart(ranking: Ranking) -> Iterator[str]:
    alike = [
        (one, other)
        for one, other in zip(ranking.standings, ranking.standings[1:], strict=False)
        if one.scale == other.scale and _overlap(one, other)
    ]
    if not alike:
        return
    needed = [
        (count, f"{one.label} and {other.label}")
        for one, other in alike
        if (count := _needed(one, other, ranking.confidence)) is not None
    ]
    step = "more votes; these are equal so far"
    if needed:
        count, names = min(needed)
        step = f"if {names} go on as they did, about {count:,} votes between these two would tell them apart"
    yield f"Too few votes to tell apart (their intervals overlap): {_which(ranking, alike)}. Next: {step}."


def _which(ranking: Ranking, alike: Sequence[tuple[Standing, Standing]]) -> str:
    """Name those that are alike, scale by scale."""
    words: list[str] = []
    for scale in dict.fromkeys(one.scale for one, _ in alike):
        members = [each for each in ranking.standings if each.scale == scale]
        if len(members) > 2 and all(_overlap(*pair) for pair in combinations(members, 2)):
            words.append(f"any two of {_listed(each.label for each in members)}")
        else:
            words.append(_listed(f"{one.label} and {other.label}" for one, other in alike if one.scale == scale))
    return "; ".join(words)


def _overlap(one: Standing, other: Standing) -> bool:
    ends = (one.low, one.high, other.low, other.high)
    if any(end is None for end in ends):
        return False
    low, high, other_low, other_high = (float(end) for end in ends if end is not None)
    return low <= other_high and other_low <= high


def _needed(one: Standing, other: Standing, confidence: float) -> int | None:
    """About how many votes make a difference of this size larger than what chance makes."""
    difference = abs((one.ability or 0.0) - (other.ability or 0.0))
    if difference < _EQUAL:
        return None
    share = 1 / (1 + math.exp(-difference))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    count = math.ceil(z * z / (difference * difference * share * (1 - share)))
    digits: int = 10 ** max(0, len(str(count)) - 2)
    return -(-count // digits) * digits


def _first_place(ranking: Ranking) -> Iterator[str]:
    first = ranking.first_place
    if first is None:
        return
    verdict = "places seem to matter" if first.favoured else "no sign that places matter"
    if first.votes < _FEW_WINNERS:
        verdict = f"with fewer than {_FEW_WINNERS} this tells nothing of whether places matter"
    yield (
        f"The first place won {first.share:.0%} of {_number(first.votes, 'vote')} with a winner "
        f"({ranking.confidence:.0%} interval {first.low:.0%} to {first.high:.0%}); {first.expected:.0%} would be even: "
        f"{verdict}."
    )


def _made(ranking: Ranking, unfit: int, *, fallen_back: bool) -> Iterator[str]:
    if fallen_back:
        yield (
            "Ties count half: as an outcome of their own they have no finite estimate with these votes. Next: more "
            "votes with a winner."
        )
    elif ranking.tie_parameter:
        v = ranking.tie_parameter
        yield f"Ties are an outcome of their own (v = {v:.3f}): two equals would tie {v / (2 + v):.0%} of the time."
    if any(each.low is not None for each in ranking.standings):
        open_ends = any(
            end is not None and math.isinf(end) for each in ranking.standings for end in (each.low, each.high)
        )
        limits = " Where one end is missing, the votes set no limit on that side." if open_ends else ""
        failed = f" In {unfit:,} of them nothing could be fitted; these count as open." if unfit else ""
        yield (
            f"Intervals: {ranking.confidence:.0%} of {ranking.rounds:,} rankings of votes drawn anew from these "
            f"(seed {ranking.seed}).{limits}{failed}"
        )


def _listed(words: Iterable[str]) -> str:
    every = list(words)
    more = f" and {len(every) - _MOST_NAMED:,} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(one_line(each, _LONGEST_NAME) for each in every[:_MOST_NAMED]) + more


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
