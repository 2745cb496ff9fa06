"""How an answer is to be sampled, from what a person said."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Sampling
from byom_magics.plain import visible

__all__ = ["sampling_of"]


def sampling_of(
    *,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
) -> Sampling:
    """
    The sampling of one call; None leaves a choice to the model.

    Raises:
        OptionError: A value is of the wrong type, or out of every server's range.
    """
    return Sampling(
        _number("temperature", temperature, math.inf),
        _number("top_p", top_p, 1),
        _whole("max_tokens", max_tokens, 1),
        _whole("seed", seed, -math.inf),
        _stops(stop),
        _fields(extra_body),
    )


def _number(name: str, value: object, most: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most or value == math.inf:
        raise _bad(name, value, "a number of 0 or more" if most == math.inf else f"a number from 0 to {most}")
    return value


def _whole(name: str, value: object, least: float) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise _bad(name, value, "a whole number" + (f" of {least} or more" if least > 0 else ""))
    return value


def _stops(stop: object) -> tuple[str, ...]:
    if stop is None:
        return ()
    stops = (stop,) if isinstance(stop, str) else tuple(stop) if isinstance(stop, Collection) else (None,)
    texts = tuple(each for each in stops if isinstance(each, str) and each)
    if len(texts) != len(stops) or isinstance(stop, Mapping):
        raise _bad("stop", stop, "a text, or several")
    return texts


def _fields(extra_body: object) -> dict[str, Any]:
    if extra_body is None:
        return {}
    if not isinstance(extra_body, Mapping) or not all(isinstance(name, str) for name in extra_body):
        raise _bad("extra_body", extra_body, "a mapping of field names to values")
    return dict(extra_body)


def _bad(name: str, value: object, wanted: str) -> OptionError:
    return OptionError(f"The option {name} cannot be {visible(repr(value))[:80]}.", hint=f"give {wanted} as {name}")
