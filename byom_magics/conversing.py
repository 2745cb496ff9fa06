"""Conversations in Python: what ``-c`` does in a cell, as an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics import session
from byom_magics.asynchronous import AsyncTurn, stream_async
from byom_magics.errors import OptionError
from byom_magics.options import check_options
from byom_magics.talk import history, transcript

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from byom_magics.events import Reply
    from byom_magics.messages import Message
    from byom_magics.options import Options, Standing
    from byom_magics.talk.call import Said
    from byom_magics.talk.exchange import Exchange
    from byom_magics.talk.turn import Turn

__all__ = ["Conversation"]


class Conversation:
    """
    A conversation with one model; iterating gives its turns.

    ``chat = byom.Conversation("llama", system="Be brief.")``, then ``chat.ask("Why?").text``, ``chat.ask("And now?")``.

    Args:
        model: The key of a registered model; None for the default.
        name: Which of the session's conversations with this model it is, as ``-c NAME`` of a cell says it; empty for
            the one without a name. None for a new one that nothing else knows.
        system: A system message that stands before it all.
        fork: The conversation of the session that this one begins with a copy of: its name, or ``MODEL:NAME``.
        options: What every question of it gets, unless it says otherwise: the arguments of `byom_magics.stream`.

    Attributes:
        kept: What was said, as the session keeps it.

    Raises:
        UnknownModelError: There is no such model.
        ConversationError: The name cannot be one, or there is no conversation to copy.
        OptionError: An option is unknown, or is none of a conversation.
    """

    def __init__(
        self,
        model: str | None = None,
        name: str | None = None,
        *,
        system: str | None = None,
        fork: str | None = None,
        **options: Unpack[Standing],
    ) -> None:
        _check(options)
        here = session.current()
        key = here.spec(model).key
        self.kept = history.Conversation(key) if name is None else here.conversations.of(key, name)
        if fork is not None:
            self.kept.begin_with(here.conversations.source(fork, key, name or ""))
        if system is not None:
            self.kept.system = system
        self._options: Mapping[str, Any] = options

    @classmethod
    def from_json(
        cls,
        text: str,
        model: str | None = None,
        name: str | None = None,
        *,
        system: str | None = None,
        **options: Unpack[Standing],
    ) -> Conversation:
        """
        A conversation that was written as JSON, by `as_json` or ``%byom_history --export FILE.json``.

        Args:
            text: The JSON.
            model: The key of the model that it goes on with; None for the one that it was with.
            name: What it is called in the session, in place of one that is called so; None for a new one that nothing
                else knows.
            system: A system message in place of the one that it had, if any.
            options: See `Conversation`.

        Raises:
            UnknownModelError: There is no such model.
            ConversationError: The text is no conversation.
            OptionError: An option is unknown, or is none of a conversation.
        """
        _check(options)
        kept = transcript.from_json(text, model, name or "")
        if system is not None:
            kept.system = system
        made = cls(kept.model, **options)
        made.kept = kept
        if name is not None:
            session.current().conversations.put(kept)
        return made

    def __len__(self) -> int:
        return len(self.kept)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.kept.exchanges)

    def __repr__(self) -> str:
        return repr(self.kept)

    @property
    def model(self) -> str:
        """The key of the model."""
        return self.kept.model

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was said so far, as it is sent with the next question; without the system message."""
        return history.sendable(self.kept.exchanges)

    def ask(self, prompt: Said, **options: Unpack[Options]) -> Reply:
        """Ask the next question, and wait for the whole answer; the arguments are those of `byom_magics.stream`."""
        return session.current().ask(self.model, prompt, **self._with(options))

    def stream(self, prompt: Said, **options: Unpack[Options]) -> Turn:
        """Ask the next question, and get the answer event by event; the arguments are those of `byom_magics.stream`."""
        return session.current().stream(self.model, prompt, **self._with(options))

    async def ask_async(self, prompt: Said, **options: Unpack[Options]) -> Reply:
        """`ask` for async code."""
        async with self.stream_async(prompt, **options) as events:
            return await events.whole()

    def stream_async(self, prompt: Said, **options: Unpack[Options]) -> AsyncTurn:
        """`stream` for async code."""
        return stream_async(self.model, prompt, **self._with(options))

    def reset(self) -> None:
        """Forget what was said; the system message stays."""
        fresh = history.Conversation(self.kept.model, self.kept.name)
        fresh.system = self.kept.system
        here = session.current()
        if here.conversations.of(fresh.model, fresh.name) is self.kept:
            here.conversations.put(fresh)
        self.kept = fresh

    def as_markdown(self) -> str:
        """The conversation as text to read."""
        return transcript.as_markdown(self.kept)

    def as_json(self) -> str:
        """The conversation with all there is to it."""
        return transcript.as_json(self.kept)

    def _with(self, options: Mapping[str, Any]) -> dict[str, Any]:
        _check(options)
        return {**self._options, **options, "conversation": self.kept}


def _check(options: Mapping[str, Any]) -> None:
    if "n" in options:
        what = "A conversation has one answer to each question, and n asks for several."
        raise OptionError(what, hint="leave out n, or ask beside the conversation: byom_magics.ask(…, n=3)")
    for name in ("conversation", "fork"):
        if options.get(name) is not None:
            what = f"This conversation goes on with itself, and {name} names another one."
            raise OptionError(what, hint='begin another one: byom_magics.Conversation("llama", "lesson", fork="other")')
    check_options(options, "Conversation")
