"""
An n-gram language model: how often did which token follow these tokens?

The counts of all orders up to n are mixed by Witten and Bell's rule: the more often a context was seen, and the
fewer different tokens followed it, the more it is trusted over the next shorter one. The shortest context of all is
only the shape of the token before, so that two words are never glued together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, fsum, log

from byom_magics.demo.once import Once
from byom_magics.demo.tokens import border, split
from byom_magics.demo.topics import shipped

__all__ = ["END", "Distribution", "Model", "Text", "shipped_text"]

END: str | None = None
"""The token that ends a text, and stands before the next one. It has no characters."""


@dataclass(frozen=True)
class Distribution:
    """
    What may come next: some tokens with their own probabilities, all others by how common they are.

    Attributes:
        seen: Token numbers that have followed the context, with their probabilities.
        others: For every token that can stand here, its probability as long as it is not in ``seen``,
            divided by ``share``; commonest first.
        share: How much of the probability is spread over ``others``.
        border: The shape of the token before. Distributions after the same border have the same ``others``.
    """

    seen: dict[int, float]
    others: tuple[tuple[int, float], ...]
    share: float
    border: str


class Text:
    """
    What models learn from: texts as token numbers, and the places where each token stands.

    Args:
        texts: The texts to learn from. Order matters only in that equal texts in equal order make equal models.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        stream: list[str | None] = [END]
        for text in texts:
            stream += split(text)
            stream.append(END)
        counts = Counter(stream)
        self.tokens = sorted(counts, key=lambda token: (-counts[token], token or ""))
        self.numbers = {token: number for number, token in enumerate(self.tokens)}
        self.stream = [self.numbers[token] for token in stream]
        self.places: list[list[int]] = [[] for _ in self.tokens]
        for place, number in enumerate(self.stream):
            self.places[number].append(place)
        self.counts = [counts[token] for token in self.tokens]
        self._borders = ["" if token is None else border(token) for token in self.tokens]
        self.after_border = lru_cache(maxsize=256)(self._after_border)
        self.chances_after_border = lru_cache(maxsize=256)(lambda shape: dict(self.after_border(shape)))

    def followers(self, context: Sequence[int]) -> Counter[int]:
        """How often each token followed a context of one token or more."""
        stream, last = self.stream, len(self.stream) - 1
        before = list(context[:-1])
        length = len(before)
        found: Counter[int] = Counter()
        for place in self.places[context[-1]]:
            if place < last and place >= length and stream[place - length : place] == before:
                found[stream[place + 1]] += 1
        return found

    def _after_border(self, shape: str) -> tuple[tuple[int, float], ...]:
        """The tokens that can stand after a token of some shape, with probabilities; commonest first."""
        fits = {other: not other or split(shape + other) == [*split(shape), other] for other in set(self._borders)}
        possible = [number for number, other in enumerate(self._borders) if fits[other]]
        total = sum(self.counts[number] for number in possible)
        return tuple((number, self.counts[number] / total) for number in possible)


class Model:
    """
    An n-gram model over a text.

    Args:
        text: What it learned from. Several models can share it.
        order: The n: it looks at the ``order - 1`` tokens before.
    """

    def __init__(self, text: Text, order: int) -> None:
        self.text = text
        self.order = order
        self._followers = lru_cache(maxsize=4096)(text.followers)

    def next(self, before: Sequence[str | None]) -> Distribution:
        """
        What may come after some tokens.

        Args:
            before: The tokens so far; only the last ``order - 1`` matter. Unknown ones end the context.

        Returns:
            The probabilities, which add up to 1.
        """
        numbers = [self.text.numbers.get(token, -1) for token in before[-(self.order - 1) :]]
        context = tuple(numbers[max((place + 1 for place, number in enumerate(numbers) if number < 0), default=0) :])
        last = before[-1] if before else END
        shape = "" if last is None else border(last)
        others = self.text.after_border(shape)
        seen: dict[int, float] = {}
        share = 1.0
        for length in range(len(context), 0, -1):
            counts = self._followers(context[-length:])
            if not counts:
                continue
            total = sum(counts.values())
            for number, count in counts.items():
                seen[number] = seen.get(number, 0.0) + share * count / (total + len(counts))
            share *= len(counts) / (total + len(counts))
        common = self.text.chances_after_border(shape)
        mixed = {number: chance + share * common.get(number, 0.0) for number, chance in seen.items()}
        return Distribution(mixed, others, share, shape)

    def perplexity(self, text: str) -> float:
        """How surprised the model is by a text, as the number of tokens that it hesitates between on average."""
        tokens: list[str | None] = [END, *split(text)]
        surprise = [-log(self.probability(tokens[:place], tokens[place])) for place in range(1, len(tokens))]
        return exp(fsum(surprise) / len(surprise))

    def probability(self, before: Sequence[str | None], token: str | None) -> float:
        """The probability of one token after others; 0 for a token that is not in the vocabulary."""
        number = self.text.numbers.get(token, -1)
        chances = self.next(before)
        return chances.seen.get(number, chances.share * self.text.chances_after_border(chances.border).get(number, 0.0))


shipped_text = Once(lambda: Text(passage.markdown for passage in shipped()))
"""The Python reference of the running Python, ready for models to learn from."""
