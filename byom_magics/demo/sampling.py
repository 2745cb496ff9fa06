"""Drawing tokens from a model: temperature, top-p, seed, and the log-probabilities of what was drawn."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp, fsum, log

from byom_magics.demo.ngram import END, Distribution, Model
from byom_magics.demo.tokens import split

__all__ = ["Sampler", "Sampling", "Token", "continued"]


@dataclass(frozen=True)
class Sampling:
    """
    How tokens are drawn.

    Attributes:
        temperature: 0 always takes the likeliest token; 1 draws as the model believes; higher is wilder.
        top_p: Only the likeliest tokens that together have this probability are drawn from.
        seed: The same seed draws the same tokens.
        top_logprobs: How many alternatives to report with each token.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    top_logprobs: int = 0


@dataclass(frozen=True)
class Token:
    """
    A token of an answer.

    Attributes:
        text: Its characters; None is the end of the text (only ever an alternative).
        logprob: The natural logarithm of its probability, None for text that was not drawn.
        alternatives: The likeliest tokens at its place with their log-probabilities, itself among them
            if it is one of the likeliest.
    """

    text: str | None
    logprob: float | None = None
    alternatives: tuple[Token, ...] = ()


_Weighted = tuple[tuple[int, float], ...]


class Sampler:
    """
    Draws one token after another.

    Log-probabilities are those of the choice that was made: after temperature and top-p. At temperature 0 nothing
    is left to chance, and they tell what the model itself believes.
    """

    def __init__(self, model: Model, sampling: Sampling) -> None:
        self._model = model
        self._sampling = sampling
        self._random = random.Random(sampling.seed)  # noqa: S311 - no secret is made of it
        self._temperature = sampling.temperature or 1.0
        self._tempered: dict[str, tuple[_Weighted, float]] = {}

    def draw(self, before: Sequence[str | None], *, may_end: bool = True) -> Token:
        """
        Draw the next token.

        Args:
            before: The tokens so far.
            may_end: Whether the end of the text may be drawn.
        """
        greedy = self._sampling.temperature == 0
        weights = self._weights(self._model.next(before), may_end=may_end)
        kept = None if greedy or self._sampling.top_p == 1 else weights.nucleus(self._sampling.top_p)
        total = weights.total if kept is None else fsum(weight for _, weight in kept)
        number, weight = self._choose(kept or weights, 0.0 if greedy else self._random.random() * total)
        likeliest = islice(kept or weights, self._sampling.top_logprobs)
        alternatives = tuple(self._token(*one, total) for one in likeliest)
        chosen = self._token(number, weight, total)
        return Token(chosen.text, chosen.logprob, alternatives)

    def _weights(self, chances: Distribution, *, may_end: bool) -> _Weights:
        if chances.border not in self._tempered:
            self._tempered[chances.border] = _tempered(chances.others, self._temperature)
        skipped = frozenset() if may_end else frozenset({self._model.text.numbers[END]})
        return _Weights(chances, self._tempered[chances.border], self._temperature, skipped)

    def _choose(self, weights: _Weights | list[tuple[int, float]], mark: float) -> tuple[int, float]:
        reached = 0.0
        chosen = (0, 0.0)
        for number, weight in weights:
            if weight > 0:
                chosen = number, weight
            reached += weight
            if reached > mark:
                break
        return chosen

    def _token(self, number: int, weight: float, total: float) -> Token:
        return Token(self._model.text.tokens[number], log(weight / total) if weight else _IMPOSSIBLE)


# Real servers send this for a probability too small for a float: JSON has no minus infinity.
_IMPOSSIBLE = -9999.0


class _Weights:
    """The weights of all tokens that may come next, likeliest first, the likeliest with weight 1 or less."""

    def __init__(
        self, chances: Distribution, others: tuple[_Weighted, float], temperature: float, skipped: frozenset[int]
    ) -> None:
        self._temperature = temperature
        self._others, others_total = others
        seen = sorted(chances.seen.items(), key=lambda one: (-one[1], one[0]))
        seen = [one for one in seen if one[0] not in skipped]
        rarest = chances.share * chances.others[0][1]
        highest = max([rarest, *(probability for _, probability in seen[:1])])
        self._seen = [(number, self._weight(probability / highest)) for number, probability in seen]
        self._known = skipped | chances.seen.keys()
        self._factor = self._weight(rarest / highest)
        twice = fsum(weight for number, weight in self._others if number in self._known)
        self.total = fsum(weight for _, weight in self._seen) + self._factor * max(others_total - twice, 0.0)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        others = ((number, weight * self._factor) for number, weight in self._others if number not in self._known)
        return iter(heapq.merge(self._seen, others, key=lambda one: (-one[1], one[0])))

    def nucleus(self, share: float) -> list[tuple[int, float]]:
        """The likeliest tokens that together have a share of the whole; at least one."""
        kept: list[tuple[int, float]] = []
        reached = 0.0
        for one in self:
            kept.append(one)
            reached += one[1]
            if reached >= share * self.total:
                break
        return kept

    def _weight(self, ratio: float) -> float:
        return exp(log(ratio) / self._temperature) if ratio > 0 else 0.0


def _tempered(others: _Weighted, temperature: float) -> tuple[_Weighted, float]:
    first = others[0][1]
    weights = tuple((number, exp(log(chance / first) / temperature)) for number, chance in others)
    return weights, fsum(weight for _, weight in weights)


def continued(model: Model, prompt: str, sampling: Sampling) -> Iterator[Token]:
    """
    The tokens with which a model continues a text, until it comes to the end of a text.

    Args:
        model: The model.
        prompt: What to continue. Whitespace at its end is left out: it belongs to the first token.
        sampling: How to draw.

    Returns:
        At least one token, drawn as they are asked for.
    """
    sampler = Sampler(model, sampling)
    tokens: list[str | None] = [END, *split(prompt.rstrip())][-model.order :]
    may_end = False
    while (token := sampler.draw(tokens, may_end=may_end)).text is not END:
        yield token
        tokens = [*tokens, token.text][-model.order :]
        may_end = True
