"""
The tokens of an answer with their log-probabilities, in one form, whatever the service calls them.

The form is that of chat completions: ``token``, ``logprob``, ``top_logprobs`` (a list of the same), and ``bytes``
where the service gives them.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.values import list_of, mapping_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Quirks
    from byom_magics.messages import Call

__all__ = ["alternatives", "refuse", "tokens_of", "tokens_of_candidates", "tokens_of_columns"]

_MOST_ALTERNATIVES = 100  # services give 20 at most


def alternatives(call: Call, quirks: Quirks) -> int | None:
    """How many alternatives of each token to ask for; None if nobody wants them, or the server refuses to tell."""
    return None if "logprobs" in quirks.without else call.logprobs


def refuse(spec: ModelSpec, call: Call, service: str) -> None:
    """
    Say that a service has no log-probabilities, if they are asked for.

    Raises:
        OptionError: They are.
    """
    if call.logprobs is not None:
        what = f"{service} tell no log-probabilities of tokens."
        raise OptionError(what, model=spec.key, hint="leave --logprobs away, or ask a model that tells them")


def tokens_of(entries: object) -> tuple[dict[str, Any], ...]:
    """Tokens as chat completions, the Responses API and Ollama list them; what is no token is left out."""
    found = (_token(each) for each in list_of(entries))
    return tuple(each for each in found if each is not None)


def tokens_of_columns(logprobs: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Tokens as older servers list them: a list of texts, one of numbers, and one of objects with alternatives."""
    texts, numbers = list_of(logprobs.get("tokens")), list_of(logprobs.get("token_logprobs"))
    others = list_of(logprobs.get("top_logprobs"))
    rows = islice(zip_longest(texts, numbers, others), len(texts))
    return tokens_of([{"token": text, "logprob": number, "top_logprobs": _listed(rest)} for text, number, rest in rows])


def tokens_of_candidates(result: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Tokens as Gemini lists them: the one chosen at each step, and apart from it the likeliest ones of the step."""
    chosen, steps = list_of(result.get("chosenCandidates")), list_of(result.get("topCandidates"))
    rows = islice(zip_longest(chosen, steps), len(chosen))
    return tokens_of([{**_renamed(one), "top_logprobs": [*map(_renamed, _candidates(step))]} for one, step in rows])


def _candidates(step: object) -> list[Any]:
    return list_of(mapping_of(step).get("candidates"))


def _renamed(candidate: object) -> dict[str, Any]:
    given = mapping_of(candidate)
    return {"token": given.get("token"), "logprob": given.get("logProbability")}


def _listed(given: object) -> list[Any]:
    if isinstance(given, Mapping):  # from a token to its number
        return [{"token": token, "logprob": number} for token, number in given.items()]
    return list_of(given)


def _token(entry: object) -> dict[str, Any] | None:
    found = _choice(entry)
    if found is not None and isinstance(entry, Mapping):
        found["top_logprobs"] = list(_choices(list_of(entry.get("top_logprobs"))))
    return found


def _choices(entries: Iterable[object]) -> Iterator[dict[str, Any]]:
    for entry in islice(entries, _MOST_ALTERNATIVES):
        found = _choice(entry)
        if found is not None:
            yield found


def _choice(entry: object) -> dict[str, Any] | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("token"), str):
        return None
    found: dict[str, Any] = {"token": clean(entry["token"]), "logprob": _number(entry.get("logprob"))}
    octets = entry.get("bytes")
    if isinstance(octets, list) and all(type(octet) is int and 0 <= octet < 256 for octet in octets):
        found["bytes"] = octets
    return found


def _number(value: object) -> float | None:
    """A log-probability, or None where there is no number that can be one."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
