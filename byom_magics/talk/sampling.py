"""How an answer is to be sampled, from what a person said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Sampling

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
    for name, value in (("temperature", temperature), ("top_p", top_p)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise _bad(name, value, "a number")
        if value is not None and not 0 <= value < math.inf:
            raise _bad(name, value, "a number of 0 or more")
    for name, whole, least in (("max_tokens", max_tokens, 1), ("seed", seed, -math.inf)):
        if whole is not None and (isinstance(whole, bool) or not isinstance(whole, int) or whole < least):
            raise _bad(name, whole, "a whole number" + (" of 1 or more" if name == "max_tokens" else ""))
    if extra_body is not None and not isinstance(extra_body, Mapping):
        raise _bad("extra_body", extra_body, "a mapping of field names to values")
    return Sampling(temperature, top_p, max_tokens, seed, _stops(stop), dict(extra_body or {}))


def _stops(stop: str | Sequence[str] | None) -> tuple[str, ...]:
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if not all(isinstance(each, str) and each for each in stops):
        raise _bad("stop", stop, "a text, or several")
    return stops


def _bad(name: str, value: object, wanted: str) -> OptionError:
    return OptionError(f"The option {name} cannot be {value!r}.", hint=f"give {wanted} as {name}")
