"""One prompt to several models at once: each answer comes in a thread of its own, and none waits for another."""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byom_magics.catalog import secrets
from byom_magics.errors import ByomError, OptionError, SetupError
from byom_magics.events import Reply, State
from byom_magics.show.column import masked
from byom_magics.talk.awaiting import awaited_here
from byom_magics.talk.errands import Errands
from byom_magics.talk.signature import tools_of
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.events import Event
    from byom_magics.messages import Tool
    from byom_magics.session import Session
    from byom_magics.show.views import View
    from byom_magics.study.columns import Column
    from byom_magics.study.vote import Vote
    from byom_magics.talk.call import Said
    from byom_magics.talk.history import Conversation
    from byom_magics.talk.turn import Turn

__all__ = ["Comparison", "Unseen"]

_LOOK_S = 0.05


class Unseen:
    """The view of an answer that nobody looks at while it comes."""

    def event(self, event: Event) -> None:
        """Leave it unseen."""

    def tick(self) -> None:
        """Paint nothing."""

    def finish(self, reply: Reply) -> None:
        """Show nothing."""


class Comparison:
    """
    One prompt, and the answers of several columns to it. Its methods may be called from any thread.

    Args:
        session: What is asked.
        prompt: What is said to all.
        columns: Who answers; also an attribute.
        options: The options of `Session.stream` that all have.
        blind: Whether it is told only after a vote who answered what; also an attribute.
        place: The cell that asks; asking again from there replaces the turns of conversations.
        foreground: Whether a thread waits in `wait`: tools run there, and leave is asked for there.

    Attributes:
        order: The numbers of the columns in the order in which they are shown: shuffled anew each time if blind.
        format: How the answers are shown, as ``--format`` says it.
        vote: What was voted on it, or None.
        winner: The number of the column that won the vote, or None.
        on_told: Called when it is told who answered what, in the thread of the vote.
    """

    def __init__(
        self,
        session: Session,
        prompt: Said,
        columns: Sequence[Column],
        options: Mapping[str, Any] | None = None,
        *,
        blind: bool = False,
        place: Hashable | None = None,
        foreground: bool = True,
    ) -> None:
        self.prompt = prompt
        self.columns = tuple(columns)
        self.blind = blind
        self.place = object() if place is None else place  # without a cell its turns belong to this very comparison
        self.format = "markdown"
        self.vote: Vote | None = None
        self.winner: int | None = None
        self.on_told: Callable[[], None] | None = None
        self.order = tuple(range(len(columns)))
        if blind:
            self.order = tuple(random.SystemRandom().sample(self.order, len(self.order)))
        self.options = dict(options or {})
        self._session = session
        self._errands = Errands() if foreground else None
        self._turns: list[Turn | None] = [None] * len(columns)
        self._replies: list[Reply | None] = [None] * len(columns)
        self._stopped: set[int] = set()
        self._refused: dict[int, ByomError] = {}
        self._left = len(columns)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._on_end: Callable[[], None] | None = None
        self._keeps: list[Callable[[], object]] = []
        # Who is told, what was shown until the vote, and all of it.
        self._tells: list[tuple[Callable[[Reply], None], Reply, Reply]] = []
        self._given: list[list[Reply]] = []

    def start(self, views: Sequence[View], on_end: Callable[[], None] | None = None) -> None:
        """
        Begin to ask; returns at once.

        Args:
            views: What is told of each column.
            on_end: Called when all have ended, in the thread of the last one.
        """
        before, self._session.comparison = self._session.comparison, self
        if before is not None and self.options.get("conversation") is not None:
            before.keep_turns()
        self._on_end = on_end
        try:
            self._ask_for_keys()
        except KeyboardInterrupt:
            for number, view in enumerate(views):
                self._settle(number, view, Reply(model=self.columns[number].model))
            raise
        for number, view in enumerate(views):
            work = functools.partial(self._run, number, view)
            threading.Thread(target=work, name=f"byom-compare-{number}", daemon=True).start()

    def wait(self, wait_s: float = 0.2) -> bool:
        """
        Wait for a while, and do what has to be done on this thread: run tools, ask for leave.

        Args:
            wait_s: How long, in seconds.

        Returns:
            Whether all have ended.
        """
        if self._errands is None:
            return self._ended.wait(wait_s)
        self._errands.run(wait_s, self._ended.is_set)
        return self._ended.is_set()

    @property
    def is_foreground(self) -> bool:
        """Whether a thread waits in `wait`."""
        return self._errands is not None

    @property
    def ended(self) -> bool:
        """Whether all have ended."""
        return not self._left

    @property
    def hidden(self) -> bool:
        """Whether nobody is to know yet who answered what."""
        return self.blind and self.vote is None

    def settle_vote(self, vote: Vote, winner: int | None) -> None:
        """Note what was voted; from then on names are told."""
        self.winner, self.vote = winner, vote
        self._tell()

    def give_up_vote(self) -> None:
        """Tell the names without a vote."""
        self.blind = False
        self._tell()

    def keep_turns(self) -> None:
        """Let conversations have their turns, which wait for the vote: something goes on from them."""
        with self._lock:
            keeps, self._keeps = self._keeps, []
        for keep in keeps:
            keep()

    def _tell(self) -> None:
        self.keep_turns()
        with self._lock:
            tells, self._tells = self._tells, []
            given, self._given = self._given, []
        for several in given:
            several[:] = self.replies
        last = self._session.last_reply
        for tell, _, reply in tells:
            tell(reply)
        if tells and last is not None and all(last is not shown for _, shown, _ in tells):
            tells[-1][0](last)  # something else was asked before the vote: its reply is still the last one
        if self.on_told is not None:
            self.on_told()

    def _hold(self, keep: Callable[[], object], tell: Callable[[Reply], None], reply: Reply) -> None:
        """Let nothing that a person can look at know more of a reply than what it says, as long as names are hidden."""
        shown = masked(reply)
        with self._lock:
            hidden = self.hidden
            if hidden:
                self._keeps.append(keep)
                self._tells.append((tell, shown, reply))
        if not hidden:
            keep()
        tell(shown if hidden else reply)

    def running(self, number: int) -> bool:
        """Whether a column still answers."""
        return self._replies[number] is None

    def reply(self, number: int) -> Reply:
        """What has come of a column so far; the whole reply when it has ended."""
        reply, turn = self._replies[number], self._turns[number]
        if reply is not None:
            return reply
        return Reply(model=self.columns[number].model) if turn is None else turn.reply

    @property
    def replies(self) -> list[Reply]:
        """What has come of all columns, in their own order."""
        return [self.reply(number) for number in range(len(self.columns))]

    def given(self) -> list[Reply]:
        """
        What has come of all columns, for a variable: in their own order, and all that is known of them.

        While nobody is to know who answered what, it has only what the answers say, in the order shown; when that is
        told, the same list has all.
        """
        with self._lock:
            if not self.hidden:
                return self.replies
            self._given.append([masked(self.reply(number)) for number in self.order])
            return self._given[-1]

    def stop(self, number: int) -> None:
        """Hang up on one column; the others go on."""
        with self._lock:
            self._stopped.add(number)
            turn = self._turns[number]
        if turn is not None:
            turn.stop()

    def stop_all(self) -> None:
        """Hang up on all."""
        if self._errands is not None:
            self._errands.close()
        for number in range(len(self.columns)):
            self.stop(number)

    def conversation(self, number: int) -> str | None:
        """The name of the conversation that a column continues; None if it stands alone."""
        name = self.options.get("conversation")
        if not isinstance(name, str):
            return None
        column = self.columns[number]
        alone = sum(each.model == column.model for each in self.columns) == 1
        return name if alone else "/".join(part for part in (name, column.thread) if part)

    def adopt(self, number: int) -> list[Conversation]:
        """
        Let a conversation go on from the answer of a column.

        Returns:
            The conversation with that model; where the columns have conversations, all of these.

        Raises:
            OptionError: The column has no answer.
        """
        column, reply = self.columns[number], self.reply(number)
        if not (reply.text or reply.messages or reply.images):
            hint = "choose a column that has one, or run the cell again"
            raise OptionError(f"{column.title} has no answer that could be adopted.", model=column.model, hint=hint)
        conversations = self._session.conversations
        name = self.options.get("conversation")
        if name is None:
            adopting = {number: conversations.of(column.model)}
        else:
            names = {n: self.conversation(n) for n in range(len(self.columns))}
            adopting = {n: conversations.of(self.columns[n].model, each or "") for n, each in names.items()}
        for n, conversation in adopting.items():
            said = self._session.said(column.model, self.prompt, **self._spoken(number))
            system = self._options_of(number).get("system")
            conversation.record(self._place(n), said, reply, system=system)
        return list(adopting.values())

    # In the thread of a column

    def _run(self, number: int, view: View) -> None:
        reply: Reply | None = None
        try:
            reply = self._answer(number, view)
        except ByomError as problem:
            reply = Reply(model=self.columns[number].model, state=State.ERROR, error=problem)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the others go on, and this column says it
            what = f"The question could not be put: {type(problem).__name__}: {problem}"
            error = SetupError(what, model=self.columns[number].model, hint="ask it alone, with %%byom, to see more")
            reply = Reply(model=self.columns[number].model, state=State.ERROR, error=error)
        finally:
            self._settle(number, view, self.reply(number) if reply is None else reply)

    def _answer(self, number: int, view: View) -> Reply:
        refused = self._refused.get(number)
        if refused is not None:
            raise refused
        turn = self._session.stream(self.columns[number].model, self.prompt, **self._options_of(number))
        with self._lock:
            if number in self._stopped:
                return Reply(model=turn.spec.key)
            self._turns[number] = turn
        with turn:
            if number in self._stopped:
                turn.stop()  # while it was being opened
            view.tick()
            for batch in turn.batches(_LOOK_S):
                for event in batch:
                    view.event(event)
                view.tick()
        return turn.reply

    def _settle(self, number: int, view: View, reply: Reply) -> None:
        try:
            view.finish(reply)
        finally:
            with self._lock:
                self._replies[number] = reply
                self._left -= 1
                last = not self._left
            if last:
                self._end()

    def _end(self) -> None:
        asked = self._session.last_question
        if asked is None or asked[0] is self.prompt:  # another cell may have asked something else meanwhile
            shared = {name: value for name, value in self.options.items() if name not in ("leave", "awaited", "place")}
            self._session.last_question = (self.prompt, shared, self.columns[0].model)
        try:
            if self._on_end is not None:
                self._on_end()
        finally:
            self._ended.set()
            if self._errands is not None:
                self._errands.wake()

    def _options_of(self, number: int) -> dict[str, Any]:
        column = self.columns[number]
        options = {**self.options, **column.options}
        body = {**(self.options.get("extra_body") or {}), **(column.options.get("extra_body") or {})}
        if body:
            options["extra_body"] = body
        conversation = self.conversation(number)
        if conversation is not None:
            options["conversation"] = conversation
        options["place"] = self._place(number)
        if self.hidden:
            options["held"] = self._hold
        if options.get("tools"):
            options.update(self._tools(tools_of(options["tools"]), options.get("leave")))
        return options

    def _place(self, number: int) -> Hashable:
        return (self.place, self.columns[number].title)

    def _spoken(self, number: int) -> dict[str, Any]:
        """What of the options is part of the question itself."""
        options = self._options_of(number)
        return {name: options[name] for name in ("system", "images", "files", "form") if name in options}

    def _tools(self, tools: Sequence[Tool], leave: Callable[..., str | None] | None) -> dict[str, Any]:
        """Tools run on the thread that waits, one after another, as they do in a cell that asks one model."""
        errands = self._errands
        if errands is None:
            return {"tools": tools, "leave": leave}
        there = {
            "tools": [
                tool if tool.run is None else replace(tool, run=functools.partial(errands.do, tool.run))
                for tool in tools
            ],
            "awaited": functools.partial(errands.do, self.options.get("awaited") or awaited_here),
        }
        return {**there, "leave": None if leave is None else functools.partial(errands.do, leave)}

    def _ask_for_keys(self) -> None:
        """A key that is typed is asked for here: no other thread can ask. What comes of it is the column's affair."""
        for model in dict.fromkeys(column.model for column in self.columns):
            refusal = self._refusal(model)
            if refusal is not None:
                self._refused.update((n, refusal) for n, column in enumerate(self.columns) if column.model == model)

    def _refusal(self, model: str) -> ByomError | None:
        try:
            spec = self._session.spec(model)
            if spec.endpoint.api_key == "ask":
                secrets.resolve("ask", origin=origin(spec.url), model=spec.key)
        except ByomError as problem:
            return problem
        return None
