"""Voting on a blind comparison: what may be said of it, and what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from byom_magics.errors import OptionError
from byom_magics.messages import Message
from byom_magics.presenting import letter
from byom_magics.study.vote import MOST_SHOWN, Vote, prompt_hash

if TYPE_CHECKING:
    from byom_magics.comparing import Comparison
    from byom_magics.session import Session

__all__ = ["BAD", "TIE", "candidates", "check_open", "check_votable", "hindrance", "vote"]

TIE, BAD = "tie", "bad"


def check_votable(comparison: Comparison) -> None:
    """
    Whether a vote on it could say anything.

    Raises:
        OptionError: It has more columns than can be voted on, or all answers are those of one model.
    """
    if len(comparison.columns) > MOST_SHOWN:
        what = f"A blind vote is on {MOST_SHOWN} answers at most, and these are {len(comparison.columns)}."
        raise OptionError(what, hint="name fewer models, or leave out --blind")
    if len({column.entrant for column in comparison.columns}) < 2:
        what = "All answers come from the same model with the same options, so a vote could not rank anything."
        raise OptionError(what, hint="name another model, give one options of its own (A[temperature=0]), or leave out "
                          "--blind")  # fmt: skip


def candidates(comparison: Comparison) -> tuple[int, ...]:
    """The numbers of the columns that can be voted for, in the order shown: those that have answered."""
    return tuple(number for number in comparison.order if _has_answered(comparison, number))


def hindrance(comparison: Comparison) -> str:
    """Why there can be no vote on it now; empty if there can."""
    if not comparison.blind:
        return "It is not blind, so a vote on it would not count."
    if comparison.vote is not None:
        return "It was voted on already."
    if not comparison.ended:
        return "It is still being answered."
    if len({comparison.columns[number].entrant for number in candidates(comparison)}) < 2:
        return "Fewer than two models have answered, so there is nothing to vote on."
    return ""


def check_open(comparison: Comparison) -> None:
    """
    Whether it can be voted on now.

    Raises:
        OptionError: It cannot, see `hindrance`.
    """
    problem = hindrance(comparison)
    if not problem:
        return
    hint = "compare anew: %%byom_compare A B --blind"
    if comparison.hidden:
        hint = "%byom_compare --last --vote none tells the names" if comparison.ended else "vote when all have ended"
    raise OptionError(problem, hint=hint)


def vote(session: Session, comparison: Comparison, choice: int | str, *, voter: str = "") -> Vote:
    """
    Vote, and keep it; the names are told from then on.

    Args:
        session: Where votes are kept.
        comparison: What is voted on.
        choice: The number of the column that is best, `TIE` or `BAD`.
        voter: Who votes, if it is to be known.

    Raises:
        OptionError: There can be no vote on it now, or not for that column.
    """
    check_open(comparison)
    standing = candidates(comparison)
    if isinstance(choice, int) and choice not in standing:
        names = ", ".join(letter(comparison.order.index(number)) for number in standing)
        raise OptionError("That column has no answer to vote for.", hint=f"vote for one of {names}, tie or bad")
    made = Vote(
        prompt=prompt_hash(_asked(comparison)),
        shown=tuple(comparison.columns[number].entrant for number in standing),
        outcome=choice if isinstance(choice, str) else "win",
        winner=comparison.columns[choice].entrant if isinstance(choice, int) else None,
        voter=voter,
    )
    comparison.settle_vote(made, choice if isinstance(choice, int) else None)
    session.votes.add(made)
    return made


def _has_answered(comparison: Comparison, number: int) -> bool:
    reply = comparison.reply(number)
    return not reply.state.failed and reply.error is None and bool(reply.text.strip() or reply.images)


def _asked(comparison: Comparison) -> str:
    """What was asked, the same text for the same question: with its system message, whatever was sent beside it."""
    prompt, system = comparison.prompt, comparison.options.get("system") or ""
    if isinstance(prompt, str):
        return f"{system}\n\n{prompt}" if system else prompt
    said = [[each.role, each.text] if isinstance(each, Message) else each for each in prompt]
    return json.dumps([system, said], ensure_ascii=False, sort_keys=True, default=repr)
