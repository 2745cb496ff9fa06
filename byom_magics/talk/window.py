"""
What of a conversation fits into a model's context, by a strategy that the person chooses.

Whole turns are left out, never parts of one: a call of a tool stays with its result. The question always goes.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from byom_magics.errors import OptionError
from byom_magics.plain import one_line, visible
from byom_magics.talk.estimate import tokens_in, tokens_of_text
from byom_magics.talk.exchange import grouped, sendable
from byom_magics.talk.summaries import Summaries, Summary, request

if TYPE_CHECKING:
    from byom_magics.messages import Message, Tool
    from byom_magics.talk.exchange import Exchange

__all__ = ["DROP_OLDEST", "STRATEGIES", "Fitted", "Strategy", "fitted", "room_for", "strategy_of"]

STRATEGIES = ("drop-oldest", "keep-ends", "summarise:MODEL")
"""How a strategy is written."""

_SPELLINGS = {"summarize": "summarise"}
_LEAST_FOR_A_SUMMARY = 200  # tokens of room
_MARGIN = 20  # tokens are counted roughly: a twentieth of the context stays free

Summarise = Callable[["tuple[Message, ...]"], str]
"""Asks a model, and gives the text of its answer."""


@dataclass(frozen=True)
class Strategy:
    """
    What is done when a conversation does not fit.

    Attributes:
        kind: The oldest turns go; those between the first and the last ones go; the oldest are told as a summary.
        first: How many of the first turns are kept by ``keep-ends``.
        model: The key of the model that summarises.
    """

    kind: Literal["drop-oldest", "keep-ends", "summarise"] = "drop-oldest"
    first: int = 1
    model: str = ""

    def __str__(self) -> str:
        """As it is written."""
        if self.kind == "summarise":
            return f"summarise:{self.model}"
        return f"keep-ends:{self.first}" if self.kind == "keep-ends" and self.first != 1 else self.kind


DROP_OLDEST = Strategy()


@dataclass(frozen=True)
class Fitted:
    """
    What of a conversation is sent.

    Attributes:
        messages: The messages.
        dropped: The turns that are not among them, in order.
        note: What was left out and why, for the person; empty if nothing was.
    """

    messages: tuple[Message, ...]
    dropped: tuple[Exchange, ...] = ()
    note: str = ""


def strategy_of(text: str) -> Strategy:
    """
    Read a strategy: ``drop-oldest``, ``keep-ends``, ``keep-ends:2`` or ``summarise:MODEL``.

    Raises:
        OptionError: There is no such strategy.
    """
    kind, _, detail = text.strip().partition(":")
    kind = _SPELLINGS.get(kind, kind)
    if kind == "drop-oldest" and not detail:
        return DROP_OLDEST
    if kind == "keep-ends" and (not detail or (detail.isascii() and detail.isdigit() and int(detail[:9]) > 0)):
        return Strategy("keep-ends", int(detail[:9] or 1))
    if kind == "summarise" and detail:
        return Strategy("summarise", model=detail)
    what = f"A conversation that is too long cannot be fitted by '{visible(text)[:60]}'."
    if kind == "summarise":
        raise OptionError(what, hint="name the model that summarises: summarise:MODEL")
    near = difflib.get_close_matches(kind, [each.partition(":")[0] for each in STRATEGIES], n=1, cutoff=0.4)
    written = next((each for each in STRATEGIES if near and each.startswith(near[0])), None)
    raise OptionError(what, hint=f"did you mean {written}?" if written else f"it is one of {', '.join(STRATEGIES)}")


def room_for(
    context: int | None, asked: Iterable[Message], *, tools: Iterable[Tool] = (), answer: int | None = None
) -> int | None:
    """
    How many tokens are left for earlier turns; None if nobody knows how much the model takes in.

    Args:
        context: The model's context window, in tokens.
        asked: What is sent in any case: the system message and the question.
        tools: The tools that are offered with it.
        answer: The longest answer, in tokens. If nobody has set one, a quarter of the context is kept for it.
    """
    if context is None:
        return None
    offered = sum(
        tokens_of_text(each.name + each.description + json.dumps(each.parameters, default=str)) for each in tools
    )
    kept = context // 4 if answer is None else answer
    return max(0, context - context // _MARGIN - kept - tokens_in(asked) - offered)


def fitted(
    exchanges: Sequence[Exchange],
    room: int | None,
    strategy: Strategy = DROP_OLDEST,
    summarise: Summarise | None = None,
    *,
    summaries: Summaries | None = None,
    asked: Sequence[Message] = (),
    context: int | None = None,
) -> Fitted:
    """
    The messages of a conversation that are sent before a question.

    Args:
        exchanges: The turns before it.
        room: How many tokens they may take; None for all.
        strategy: What is done if they take more.
        summarise: Asks the model that the strategy names; its failure is told in the note, and nothing is summarised.
        summaries: Those of the conversation.
        asked: The question. If it begins with results of tools, the turn that asked for them goes in any case.
        context: The model's context window, for the note.

    Returns:
        Messages that take no more than ``room`` tokens by `Exchange.tokens`, save the turn that the question answers.
    """
    if room is None or _tokens(exchanges) <= room:
        return Fitted(sendable(exchanges, asked))
    groups = grouped(exchanges)
    last = groups.pop() if groups and asked and asked[0].role == "tool" and groups[-1][-1].open_calls else ()
    choice = _Choice(groups, max(0, room - _tokens(last)))
    if strategy.kind == "summarise":
        _summarise(choice, strategy.model, summarise, summaries or Summaries())
    elif strategy.kind == "keep-ends":
        choice.keep_ends(strategy.first)
    else:
        choice.keep_last()
    messages = (*sendable(choice.head), *choice.summary, *sendable((*choice.tail, *last), asked))
    return Fitted(messages, choice.dropped, choice.note(len(exchanges), context))


class _Choice:
    """Which groups of turns go, and which stay behind."""

    def __init__(self, groups: Sequence[tuple[Exchange, ...]], room: int) -> None:
        self.groups = groups
        self.room = room
        self.summary: tuple[Message, ...] = ()
        self.remark = ""
        self._head = 0
        self._kept: set[int] = set()

    @property
    def head(self) -> tuple[Exchange, ...]:
        """The turns before what is left out."""
        return self._of(place for place in sorted(self._kept) if place < self._head)

    @property
    def tail(self) -> tuple[Exchange, ...]:
        """The turns behind it."""
        return self._of(place for place in sorted(self._kept) if place >= self._head)

    @property
    def dropped(self) -> tuple[Exchange, ...]:
        """The turns that are left out."""
        return self._of(place for place in range(len(self.groups)) if place not in self._kept)

    def keep_last(self) -> None:
        """Keep as many of the last groups as fit. One that is larger than all the room makes no other one go."""
        self._kept |= set(self._fitting(range(len(self.groups) - 1, self._head - 1, -1), self._left()))

    def keep_ends(self, first: int) -> None:
        """Keep the first groups, as far as the last one fits beside them, and as many of the last as fit then."""
        possible = [place for place, group in enumerate(self.groups) if _tokens(group) <= self.room]
        head = [place for place in possible[:-1] if place < first]
        while head and _tokens(self._of((*head, possible[-1]))) > self.room:
            head.pop()
        self._head, self._kept = len(head) and head[-1] + 1, set(head)
        self.keep_last()

    def keep_after(self, place: int) -> None:
        """Keep all groups from this one on."""
        self._kept = set(range(place, len(self.groups)))

    @property
    def everything(self) -> tuple[Exchange, ...]:
        """All turns."""
        return self._of(range(len(self.groups)))

    @property
    def most(self) -> int:
        """How many tokens a summary may take."""
        return self.room // 4

    def before(self, place: int) -> tuple[Exchange, ...]:
        """The turns before a group."""
        return self._of(range(place))

    def after(self, place: int) -> tuple[Exchange, ...]:
        """The turns from a group on."""
        return self._of(range(place, len(self.groups)))

    def place_after(self, count: int) -> int | None:
        """The group that begins after so many turns; None if they end within one."""
        ends = accumulate((len(group) for group in self.groups), initial=0)
        return next((place for place, end in enumerate(ends) if end == count), None)

    def first_within(self, room: int, otherwise: int) -> int:
        """From which group on all fit into so many tokens; into the second number of them if none fits."""
        place = len(self.groups)
        while place and _tokens(self.groups[place - 1]) <= room:
            place -= 1
            room -= _tokens(self.groups[place])
        return self.first_within(otherwise, 0) if place == len(self.groups) and otherwise else place

    def note(self, count: int, context: int | None) -> str:
        """What was left out, and why."""
        dropped, fit = self.dropped, f" to fit the context of {context:,} tokens" if context else " to fit the context"
        if not dropped:
            return ""
        what = f"{len(dropped):,} of {count:,} earlier turns (about {_tokens(dropped):,} tokens)"
        if self.summary:
            return f"told {what} by a summary{self.remark}{fit}"
        large = sum(_tokens(group) > self.room for group in self.groups) if self.room else 0
        alone = f"; {large:,} of them {'is' if large == 1 else 'are'} larger than the room by itself" if large else ""
        return f"left out {what}{fit}{alone}{self.remark}"

    def _left(self) -> int:
        return self.room - _tokens(self._of(self._kept))

    def _fitting(self, places: Iterable[int], room: int) -> Iterable[int]:
        for place in places:
            size = _tokens(self.groups[place])
            if size > self.room:
                continue
            if size > room:
                return
            room -= size
            yield place

    def _of(self, places: Iterable[int]) -> tuple[Exchange, ...]:
        return tuple(exchange for place in places for exchange in self.groups[place])


def _summarise(choice: _Choice, model: str, summarise: Summarise | None, summaries: Summaries) -> None:
    """
    Tell the oldest turns by a summary; drop them if there can be none.

    More is summarised than has to be, so that the next turns need no new one.
    """
    known = summaries.find(model, choice.everything)
    if _told_by(choice, known):
        return
    try:
        summary = _made(choice, model, summarise, summaries)
    except Exception as problem:  # noqa: BLE001 - better a question without a summary than no question
        choice.remark = f"; no summary by {model}: {one_line(str(problem) or type(problem).__name__, 200)}"
        choice.keep_last()
        return
    if not _told_by(choice, summary):
        choice.keep_last()


def _made(choice: _Choice, model: str, summarise: Summarise | None, summaries: Summaries) -> Summary:
    if summarise is None:
        raise ValueError("there is nobody to ask")
    if choice.room < _LEAST_FOR_A_SUMMARY:
        raise ValueError(f"there is room for {choice.room:,} tokens only")
    old = choice.before(choice.first_within(choice.room // 2, choice.room - choice.most))
    known = summaries.find(model, old)
    text = summarise(request(known.text, old[len(known.told) :])).strip()
    if not text:
        raise ValueError("its answer was empty")
    summary = Summary(model, old, text)
    summaries.keep(summary)
    return summary


def _told_by(choice: _Choice, summary: Summary) -> bool:
    """Choose a summary and the turns behind it, if that fits; whether it does."""
    place = choice.place_after(len(summary.told))
    if not summary.told or place is None:
        return False
    messages = summary.messages(choice.most)
    size = tokens_in(messages) + 1
    if size > choice.most or size + _tokens(choice.after(place)) > choice.room:
        return False
    choice.summary, choice.remark = messages, f" of {summary.model}'s (about {size:,} tokens)"
    choice.keep_after(place)
    return True


def _tokens(exchanges: Iterable[Exchange]) -> int:
    return sum(each.tokens for each in exchanges)
