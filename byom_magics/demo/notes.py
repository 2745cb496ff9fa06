"""Notes on how an answer came about: what was looked for and found, how well it fits, which tool fits and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from byom_magics.demo.answer import ENOUGH, RELATED, Found, Ranked
from byom_magics.demo.inline import as_code

if TYPE_CHECKING:
    from byom_magics.demo.failure import Failure, Repair
    from byom_magics.demo.matching import Match

__all__ = ["on_form", "on_repair", "on_search", "on_tools"]

# How much is told: 1 (minimal) to 4 (high).
_PASSAGES = {1: 1, 2: 2, 3: 4, 4: 8}


def on_search(found: Found, effort: int) -> Iterator[str]:
    """Notes on a search in the reference, one paragraph each; more for more effort (1 to 4)."""
    sought = found.question.sought
    if not sought:
        yield "There is no word in the question that I could look for in the reference."
        return
    yield "I look for " + "; ".join(_terms(terms, effort) for terms in sought) + "."
    if found.question.named and effort > 1:
        yield "Meant as code: " + ", ".join(map(as_code, found.question.named)) + "."
    if not found.ranked:
        yield "No passage of the reference speaks of any of it."
        return
    if effort > 2:
        yield (
            f"A passage has to speak of {ENOUGH:.0%} of the question; a second one is quoted from {RELATED:.0%} of the "
            "best score on."
        )
    ranked = found.ranked[: _PASSAGES[effort]]
    yield "\n".join(f"{place}. {_passage(one, found.quoted)}" for place, one in enumerate(ranked, 1))


def on_tools(matches: Sequence[Match], why: Sequence[str], effort: int) -> Iterator[str]:
    """Notes on the choice of tools: how well each fits, and what follows."""
    if effort > 2:
        yield "\n".join(
            f"- {as_code(match.function.name)}: {match.score:.1f}, {', '.join(match.words) or 'no word of it occurs'}"
            for match in matches
        )
    if why:
        yield " ".join(why if effort > 1 else why[-1:])


def on_form(name: str, schema: Mapping[str, object] | None, effort: int) -> Iterator[str]:
    """Notes on the form that the answer has to have."""
    if schema is None:
        yield "The answer has to be a JSON object."
        return
    fields = schema.get("properties")
    names = ", ".join(map(as_code, list(fields)[:20])) if isinstance(fields, Mapping) and effort > 1 else ""
    yield f"The answer has to be JSON that is valid against {as_code(name)}" + (f": {names}." if names else ".")


def on_repair(failure: Failure, repair: Repair | None) -> Iterator[str]:
    """Notes on a failing cell: what was read of it, and whether a rule fits."""
    where = f", at line {failure.lines[0]}" if failure.lines else ""
    yield f"I am told of a cell that failed with {as_code(failure.error or 'an exception')}{where}."
    if repair is None:
        yield "None of my rules can mend that."
    else:
        yield "A rule fits, and the cell that comes of it can be read as Python."


def _terms(terms: Mapping[str, float], effort: int) -> str:
    shown = list(terms.items()) if effort > 2 else list(terms.items())[:1]
    return ", ".join(_term(term) + (f" × {weight:g}" if effort > 1 else "") for term, weight in shown)


def _term(term: str) -> str:
    return as_code(term.strip("`")) if term.startswith("`") else f"“{term}”"


def _passage(one: Ranked, quoted: Sequence[Ranked]) -> str:
    favoured = ", explains what is named" if one.favoured else ""
    taken = "quoted" if one in quoted else "left out"
    return f"{one.passage.title}: score {one.hit.score:.2f}, speaks of {one.hit.coverage:.0%}{favoured}, {taken}"
