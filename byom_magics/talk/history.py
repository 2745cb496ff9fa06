"""What is said over several turns: conversations, each with one model, and turns that are replaced in their place."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from byom_magics.errors import ConversationError
from byom_magics.events import State
from byom_magics.plain import visible
from byom_magics.talk.exchange import Exchange, exchange_of, sendable
from byom_magics.talk.summaries import Summaries

if TYPE_CHECKING:
    from datetime import datetime

    from byom_magics.events import Reply
    from byom_magics.messages import Message

__all__ = ["Conversation", "Conversations", "Exchange", "sendable"]

_LONGEST_NAME = 100
_MOST_NAMED = 8


class Conversation:
    """
    A conversation with one model. Safe to use from several threads.

    Args:
        model: The key of the model; also an attribute.
        name: What tells it from others with this model; empty for the one without a name. Also an attribute.

    Attributes:
        system: The system message that holds, or None.
        summaries: Summaries of turns that were too long to be sent.
        origin: What it is a copy of, as `written`; empty if it is none.

    Raises:
        ConversationError: The name cannot be one.
    """

    def __init__(self, model: str, name: str = "") -> None:
        _check_name(name)
        self.model = model
        self.name = name
        self.system: str | None = None
        self.summaries = Summaries()
        self.origin = ""
        self._exchanges: list[Exchange] = []
        self._places: dict[Hashable, int] = {}
        self._number = 0
        self._copied = 0
        self._forked_at: Hashable | None = None
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._exchanges)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        turns = f"{len(self):,} turn{'' if len(self) == 1 else 's'}"
        return f"<{self.title}: {turns}, about {self.tokens:,} tokens>"

    @property
    def written(self) -> str:
        """How it is named beyond doubt: ``MODEL:NAME``, or ``MODEL:`` without a name."""
        return f"{self.model}:{self.name}"

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return f"conversation {self.name} with {self.model}" if self.name else f"conversation with {self.model}"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All turns, in order."""
        with self._lock:
            return tuple(self._exchanges)

    @property
    def tokens(self) -> int:
        """About how many tokens all turns take."""
        return sum(each.tokens for each in self.exchanges)

    @property
    def used(self) -> datetime | None:
        """When it was last answered; None if it never was."""
        return max((each.when for each in self.exchanges), default=None)

    @property
    def stale(self) -> tuple[bool, ...]:
        """For each turn, whether it was answered before a turn above it was answered anew."""
        exchanges = self.exchanges
        latest = accumulate((each.number for each in exchanges), max)
        return tuple(each.number < number for each, number in zip(exchanges, latest, strict=True))

    def before(self, place: Hashable | None = None) -> tuple[Exchange, ...]:
        """
        The turns that precede a run of a cell.

        Args:
            place: Which run of which cell. All turns precede one that is new, or None.
        """
        with self._lock:
            return tuple(self._exchanges[: self._places.get(place) if place is not None else None])

    def record(
        self,
        place: Hashable | None,
        asked: Iterable[Message],
        reply: Reply,
        *,
        system: str | None = None,
        when: datetime | None = None,
    ) -> Exchange | None:
        """
        Keep a turn: in its place if the same run of the same cell has one, else as the last one.

        Turns behind it stay as they are; see `stale`. A call that failed, or was interrupted, before anything came
        leaves what is there; a new one that was interrupted is kept as a question without an answer.

        Args:
            place: Which run of which cell it is; None for one that nothing replaces.
            asked: What the person said. System messages among it become the conversation's.
            reply: What came of it.
            system: The system message that was sent with it; None leaves the one that holds.
            when: When it ended; now if left out.

        Returns:
            What is kept of it; None if nothing is.
        """
        said = tuple(asked)
        found = exchange_of((each for each in said if each.role != "system"), reply, place, when)
        if found is None:
            return None
        with self._lock:
            at = self._places.get(place) if place is not None else None
            if at is not None and not found.answered and found.state is State.CANCELLED:
                return None
            self.system = next((each.text for each in reversed(said) if each.role == "system"), system) or self.system
            return self._put(found, at)

    def add(self, exchange: Exchange) -> None:
        """Append a turn as it is, such as one that was saved."""
        with self._lock:
            self._put(exchange, None)

    def placed(self, exchange: Exchange, place: Hashable) -> Hashable:
        """
        The place of a turn; one that has none, such as a copied one, gets this one, so that it can be asked anew.

        Args:
            exchange: A turn of this conversation.
            place: Which run of which cell is to be its own, if none is.

        Returns:
            Its place; None if it has none and is no longer in the conversation.
        """
        with self._lock:
            at = next((at for at, each in enumerate(self._exchanges) if each is exchange), None)
            if at is None or exchange.place is not None:
                return exchange.place
            self._exchanges[at] = replace(exchange, place=place)
            self._places[place] = at
            return place

    def begin_with(self, source: Conversation, place: Hashable | None = None) -> None:
        """
        Begin with a copy of another conversation, as far as it precedes the cell.

        Args:
            source: What is copied: its turns, and its system message.
            place: Which run of which cell asks for it. When it asks again, the copy is made anew, and the turns that
                followed it here stay.

        Raises:
            ConversationError: There are turns here that follow no copy made by the same cell. They stay.
        """
        if source is self:
            raise _of_itself(self)
        copied, system, summaries = source.before(place), source.system, source.summaries.copy()
        with self._lock:
            if len(self) > self._copied and (place is None or place != self._forked_at):
                what = f"The conversation {visible(self.written)} has turns of its own, which a copy would replace."
                hint = "give the copy a name of its own: -c NAME --fork OTHER; or forget what is there: %byom_reset"
                raise ConversationError(what, model=self.model, hint=hint)
            self._replace_copied(copied)
            self.system, self.summaries, self.origin = system, summaries, source.written
            self._forked_at = place

    def _put(self, exchange: Exchange, at: int | None) -> Exchange:
        self._number += 1
        if at is None:
            at = len(self._exchanges)
            exchange = replace(exchange, number=self._number)
            self._exchanges.append(exchange)
        else:
            there = self._exchanges[at]
            fresh = all(each.number <= there.number for each in self._exchanges[:at])
            # The same question and the same answer again are no news to what stands below.
            number = there.number if fresh and exchange.says_the_same(there) else self._number
            exchange = replace(exchange, number=number)
            self._exchanges[at] = exchange
        if exchange.place is not None:
            self._places[exchange.place] = at
        return exchange

    def _replace_copied(self, exchanges: Sequence[Exchange]) -> None:
        there, own = self._exchanges[: self._copied], self._exchanges[self._copied :]
        same = len(there) == len(exchanges) and all(a.says_the_same(b) for a, b in zip(there, exchanges, strict=True))
        if not same:
            self._number += 1
            there = [replace(each, place=None, number=self._number) for each in exchanges]
        self._exchanges, self._copied = [*there, *own], len(there)
        self._places = {each.place: at for at, each in enumerate(self._exchanges) if each.place is not None}


class Conversations:
    """All conversations of a session. Safe to use from several threads."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Conversation] = {}
        self._lock = threading.RLock()

    def __iter__(self) -> Iterator[Conversation]:
        """Those in which something was said, the oldest first."""
        with self._lock:
            return iter([each for each in self._all.values() if len(each)])

    def of(self, model: str, name: str = "") -> Conversation:
        """
        The conversation of a model by its name; made when it is first asked for.

        Raises:
            ConversationError: The name cannot be one.
        """
        with self._lock:
            found = self._all.get((model, name))
            if found is None:
                found = self._all[model, name] = Conversation(model, name)
            return found

    def put(self, conversation: Conversation) -> None:
        """Take in a conversation, such as one that was saved, in place of any of its model and name."""
        with self._lock:
            self._all[conversation.model, conversation.name] = conversation

    def find(self, word: str, model: str | None = None) -> list[Conversation]:
        """
        The conversations that a word may mean.

        Args:
            word: A name, a model's key for its conversation without a name, or ``MODEL:NAME``.
            model: The key of the model that it is with; None for any.
        """
        return [
            each
            for each in self
            if model in (None, each.model)
            and (each.written == word or (each.name == word if each.name else each.model == word))
        ]

    def one(self, word: str | None = None, model: str | None = None) -> Conversation:
        """
        The one conversation that is meant.

        Args:
            word: As for `find`; None for the only one, or a model's conversation without a name.
            model: The key of the model that it is with; None for any.

        Raises:
            ConversationError: There is none, or there are several.
        """
        if word is not None:
            return self._only(self.find(word, model), word)
        possible = [each for each in self if model in (None, each.model)]
        unnamed = [each for each in possible if not each.name] if model is not None else []
        return self._only(unnamed or possible, model or "")

    def source(self, word: str, model: str, name: str = "") -> Conversation:
        """
        The conversation that another one is to begin with.

        Args:
            word: As for `find`. A conversation of the same model comes first.
            model: The key of the model of the other one.
            name: The name of the other one.

        Raises:
            ConversationError: There is none, or there are several.
        """
        meant = self.find(word)
        found = [each for each in meant if (each.model, each.name) != (model, name)]
        if meant and not found:
            raise _of_itself(meant[0])
        own = [each for each in found if each.model == model and each.name == word]
        return self._only(own or found, word)

    def fork(self, word: str, model: str, name: str = "", place: Hashable | None = None) -> Conversation:
        """
        Begin a conversation with a copy of another one.

        Args:
            word: Which one is copied; see `source`.
            model: The key of the model of the new one.
            name: The name of the new one.
            place: Which run of which cell asks; see `Conversation.begin_with`.

        Raises:
            ConversationError: There is none to copy, there are several, or the new one has turns of its own.
        """
        source = self.source(word, model, name)
        made = self.of(model, name)
        made.begin_with(source, place)
        return made

    def reset(self, word: str | None = None, model: str | None = None) -> list[Conversation]:
        """
        Forget a conversation, or all.

        Args:
            word: As for `find`; None for all.
            model: The key of the model that it is with, or they are with; None for any.

        Returns:
            What was forgotten, as it was.

        Raises:
            ConversationError: There is none of that name, or there are several.
        """
        with self._lock:
            chosen = list(self) if word is None else [self.one(word, model)]
            gone = [each for each in chosen if model in (None, each.model)]
            for each in gone:
                del self._all[each.model, each.name]
            return gone

    def _only(self, found: Sequence[Conversation], word: str) -> Conversation:
        if len(found) == 1:
            return found[0]
        shown = visible(word)[:60]
        if found:
            what = f"Several conversations may be meant by '{shown}'." if word else "There are several conversations."
            raise ConversationError(what, hint=f"say which: {_named(found)}")
        known = list(self)
        what = f"There is no conversation '{shown}'." if word else "There is no conversation yet."
        if not known:
            raise ConversationError(what, hint="begin one: %%byom MODEL -c, or %%byom MODEL -c NAME")
        words = dict.fromkeys(name for each in known for name in (each.name or each.model, each.written))
        near = difflib.get_close_matches(word, words, n=3, cutoff=0.5)
        hint = f"did you mean {visible(' or '.join(near))}?" if near else f"there are {_named(known)}"
        raise ConversationError(what, hint=hint)


def _of_itself(conversation: Conversation) -> ConversationError:
    what = f"The conversation {visible(conversation.written)} cannot begin with a copy of itself."
    return ConversationError(what, model=conversation.model, hint="give the copy another name: -c NAME --fork OTHER")


def _named(conversations: Sequence[Conversation]) -> str:
    names = ", ".join(visible(each.written) for each in conversations[:_MOST_NAMED])
    more = len(conversations) - _MOST_NAMED
    return f"{names} and {more:,} more (%byom_history)" if more > 0 else names


def _check_name(name: str) -> None:
    wrong = name != visible(name) or (name != "" and name.split() != [name]) or name.startswith("-") or ":" in name
    if wrong or len(name) > _LONGEST_NAME:
        what = f"A conversation cannot be called '{visible(name)[:60]}'."
        hint = f"give it one word of at most {_LONGEST_NAME} letters, without ':' and with no '-' in front"
        raise ConversationError(what, hint=hint)
