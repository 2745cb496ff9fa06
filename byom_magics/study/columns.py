"""What stands side by side: models, each with what is its own, and the columns that sweeps and samples make of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.plain import one_line

__all__ = ["MOST", "Column", "Named", "columns_of"]

MOST = 64
"""More columns than these are no comparison any more."""

_LONGEST_VALUE = 40
_LONGEST_THREAD = 60
_DIGITS = 6
_FIELDS = "extra_body"


class Named(str):
    """
    A text that titles tell by a name.

    Args:
        text: The text.
        name: What it is called; also an attribute.
    """

    __slots__ = ("name",)
    name: str

    def __new__(cls, text: str, name: str) -> Named:  # noqa: D102 - the class tells its arguments
        made = super().__new__(cls, text)
        made.name = name
        return made


@dataclass(frozen=True)
class Column:
    """
    One of several answers to the same prompt.

    Attributes:
        model: The key of the model.
        own: What is said in its title beside the model, such as ``temperature=0.7``; empty for nothing.
        options: The options of `byom_magics.stream` that are its own.
        sample: Which of several answers to one question it is, from 0.
        of: How many answers there are to that question.
    """

    model: str
    own: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    sample: int = 0
    of: int = 1

    @property
    def entrant(self) -> str:
        """What competes in a vote: the model with what is its own, the same for all samples."""
        return " · ".join(part for part in (self.model, self.own) if part)

    @property
    def title(self) -> str:
        """What tells it from the other columns."""
        return f"{self.entrant} · #{self.sample + 1}" if self.of > 1 else self.entrant

    @property
    def thread(self) -> str:
        """What tells its conversation from those of other columns of the same model; one word, empty for none."""
        parts = (self.own, f"#{self.sample + 1}" if self.of > 1 else "")
        word = "/".join(part.replace(" · ", "/").replace(" ", "_").replace(":", "=") for part in parts if part)
        return word if len(word) <= _LONGEST_THREAD else f"{word[: _LONGEST_THREAD - _DIGITS]}{_digest(word)}"


def columns_of(
    models: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    sweeps: Sequence[tuple[str, Sequence[Any]]] = (),
    systems: Mapping[str, str] | None = None,
    samples: int = 1,
    seed: int | None = None,
) -> tuple[Column, ...]:
    """
    The columns of a comparison, in order.

    Args:
        models: The keys of models, each with the options that are its own.
        sweeps: Names of options, each with the values that each model is asked with; of several, all with all.
        systems: System messages that each model is asked with, by their names.
        samples: How many answers each of these gives.
        seed: The seed that all are asked with, if any: samples of one question count on from it.

    Raises:
        OptionError: Fewer than two columns come of it, more than `MOST`, or two that are the same.
    """
    columns = [
        Column(
            model,
            " · ".join(_told(own)),
            {**_plain(own), **_sample(own, sample, seed)},
            sample,
            samples,
        )
        for (model, bracketed), swept, named, sample in product(
            models, _sweeps(sweeps), _systems(systems), range(samples)
        )
        for own in [_laid_over(bracketed, swept, named)]
    ]
    _check(columns)
    return tuple(columns)


def _sweeps(sweeps: Sequence[tuple[str, Sequence[Any]]]) -> Iterable[dict[str, Any]]:
    for each in product(*([{name: value} for value in values] for name, values in sweeps)):
        laid: dict[str, Any] = {}
        for one in each:
            laid = _laid_over(laid, one, {})
        yield laid


def _laid_over(own: Mapping[str, Any], swept: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    """What is a model's own with a value of the sweep and a system message; fields of the request are laid together."""
    both = [name for name in swept if isinstance(swept[name], Mapping) and isinstance(own.get(name), Mapping)]
    kept = {name: value for name, value in own.items() if name not in named}
    return {**kept, **swept, **{name: {**own[name], **swept[name]} for name in both}, **named}


def _systems(systems: Mapping[str, str] | None) -> Iterable[dict[str, str]]:
    return [{}] if systems is None else [{"system": Named(text, name)} for name, text in systems.items()]


def _plain(own: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Named) else value for name, value in own.items()}


def _sample(own: Mapping[str, Any], sample: int, seed: int | None) -> dict[str, Any]:
    """With the same seed all samples would be the same answer, and so they would from the cache."""
    if not sample:
        return {}
    base = own.get("seed", seed)
    return {"sample": sample, **({} if base is None else {"seed": base + sample})}


def _told(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        if name == _FIELDS and isinstance(value, Mapping):
            yield from _told(value)
            continue
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # noqa: PLW2901 - as it was typed: 1, not 1.0
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        yield f"{name}={value.name if isinstance(value, Named) else _in_short(text)}"


def _in_short(text: str) -> str:
    """A value as a line; what had to be cut ends with digits that tell it from others which begin like it."""
    if not text.strip():
        return json.dumps(text)
    line = one_line(text, _LONGEST_VALUE)
    if line == text or len(line) < _LONGEST_VALUE:
        return line
    return f"{one_line(text, _LONGEST_VALUE - _DIGITS)}{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _check(columns: Sequence[Column]) -> None:
    if len(columns) < 2:
        what = "A comparison wants two answers or more, and this makes one."
        hint = "name another model, or make columns of one: --sweep temperature=0,1, --n 3 or --systems a,b"
        hint += " (in Python: sweep, n, systems)"
        raise OptionError(what, hint=hint)
    if len(columns) > MOST:
        raise OptionError(f"This makes {len(columns):,} columns.", hint=f"ask for {MOST} at most")
    seen: set[str] = set()
    for column in columns:
        if column.title in seen:
            what = f"Two columns would be the same: {column.title}."
            raise OptionError(what, hint="name each model once; --n 2 asks each twice")
        seen.add(column.title)
