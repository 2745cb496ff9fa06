"""One side of a chat: a conversation with one model, its turns, its meter, and the answer that is coming."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from byom_magics.catalog.secrets import mask
from byom_magics.errors import UnknownModelError
from byom_magics.plain import one_line, visible
from byom_magics.show.chat import announced, failed_html, head_html, question_html
from byom_magics.widgets.answer_box import AnswerBox
from byom_magics.widgets.answering import refused
from byom_magics.widgets.asking import Asking
from byom_magics.widgets.chat_drawer import adopting, copying
from byom_magics.widgets.chat_meter import bill_of, meter
from byom_magics.widgets.chat_models import Choice
from byom_magics.widgets.chat_said import answer_text, messages, reply_of, words
from byom_magics.widgets.chat_turn import Row
from byom_magics.widgets.chat_turns import Shown, Turns
from byom_magics.widgets.spoken import Spoken
from byom_magics.widgets.typed_keys import untyped

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.session import Session
    from byom_magics.talk.exchange import Exchange
    from byom_magics.talk.history import Conversation
    from byom_magics.widgets.chat_parts import ChatParts
    from byom_magics.widgets.chat_said import Asked
    from byom_magics.widgets.chat_turn import Deed

__all__ = ["Panel", "Side", "way"]

_NAMES = 10_000


class Panel(Protocol):
    """What a side needs of the panel that it stands in."""

    parts: ChatParts
    session: Session

    def edit(self, side: Side, shown: Shown) -> None:
        """A turn is to be asked anew."""

    def again(self, side: Side, shown: Shown) -> None:
        """The same question is to be asked anew, on this side."""

    def put(self, text: str) -> None:
        """A text is to be put into the box for questions."""

    def ready(self) -> None:
        """What had the focus goes away: it is to go into the box for questions."""

    def taken(self, side: Side, model: str) -> bool:
        """Whether another side asks that model."""

    def adopt(self, name: str, reply: Reply) -> str:
        """An answer is to become a variable of the notebook; what came of it, in a line."""

    def ended(self, side: Side, asking: Asking, reply: Reply) -> None:
        """An answer has ended; called without the lock, in the thread that has waited for it."""

    def changed(self, line: str) -> None:
        """A conversation has changed, which is told in a line."""

    def say(self, line: str) -> None:
        """Something is to be told in a line."""


def way(model: str, name: str) -> str:
    """Say how a conversation goes on in a cell."""
    return f"It goes on in a cell: %%byom {one_line(model, 100)} -c{f' {name}' if name else ''}"


@dataclass(frozen=True)
class _Coming:
    """The answer that is coming."""

    asking: Asking
    box: AnswerBox
    row: Row
    asked: Asked
    place: Hashable
    before: Exchange | None


class Side:
    """
    One side of a panel. Everything is called with the lock of the panel's parts held.

    Args:
        panel: Where it stands.
        model: The key of the model; also an attribute.
        name: Which of its conversations it is, empty for the one without a name; also an attribute.
        label: What the list of models is called.
        options: What each question is asked with: options of `Session.stream`.
        is_one_of_several: Whether others answer at the same time.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        panel: Panel,
        model: str,
        name: str,
        *,
        label: str,
        options: Mapping[str, Any],
        is_one_of_several: bool = False,
    ) -> None:
        self.model, self.name = model, name
        self._panel = panel
        self._options = options
        self._is_one_of_several = is_one_of_several
        self._replies: dict[Hashable, tuple[Exchange, Reply]] = {}
        self._replaced: list[Exchange] = []
        self._coming: _Coming | None = None
        parts = panel.parts
        self._choice = Choice(parts, label, self._choose)
        self._stop = parts.button("Stop", self._press_stop, tip="Stop the answer on this side; what had come is kept")
        self._head = parts.html()
        self._turns = Turns(parts, self._reply, self._deeds)
        self._spoken = Spoken()
        top = parts.box([self._choice.box, self._stop], "byom-chat-row byom-chat-top")
        self.box = parts.box([top, self._head, self._turns.box, self._spoken.box], "byom-chat-side")
        self.follow()
        self._shown = self.conversation
        self._begin(self._shown)

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is now; one that was forgotten meanwhile begins anew."""
        return self._panel.session.conversations.of(self.model, self.name)

    @property
    def asking(self) -> Asking | None:
        """The question that is being answered; None if none is."""
        return None if self._coming is None else self._coming.asking

    @property
    def way(self) -> str:
        """How the conversation goes on in a cell."""
        return way(self.model, self.name)

    def at(self, place: Hashable) -> int | None:
        """Which turn has this place, from 0; None if none has."""
        if place is None:
            return None
        return next((at for at, each in enumerate(self.conversation.exchanges) if each.place == place), None)

    # Asking

    def ask(self, asked: Asked, place: Hashable) -> None:
        """Ask the model, and show what comes; returns at once. A turn that has this place is replaced."""
        self._turns.put_failed(None)
        self._choice.unask()
        spec = self._spec(self.model)
        problem = None if spec is None else untyped(spec)
        if problem is not None:
            self._fail(asked, place, refused(self.model, problem))
            return
        conversation, at = self.conversation, self.at(place)
        before = None if at is None else conversation.exchanges[at]
        self._spoken.name = one_line(self.model, 80) if self._is_one_of_several else ""
        box = AnswerBox(self.model, "" if spec is None or spec.builtin else spec.url, spoken=self._spoken)
        row = Row(self._panel.parts)
        row.show(question_html(messages(asked), (len(conversation) if at is None else at) + 1))
        row.put_below(box.box)
        options = {**self._options, "conversation": conversation, "place": place}
        asking = Asking(
            self.model,
            lambda: self._panel.session.stream(self.model, asked, **options),
            box,
            lambda asking, reply: self._panel.ended(self, asking, reply),
        )
        self._coming = _Coming(asking, box, row, asked, place, before)
        self._stop.button_style = "danger"
        self._turns.put_coming(row, at)
        asking.start()

    def stop(self) -> None:
        """Hang up, if an answer is coming."""
        if self._coming is not None:
            self._coming.asking.stop()

    def settle(self, asking: Asking, reply: Reply) -> None:
        """Show what came of a question in its final form."""
        coming = self._coming
        if coming is None or coming.asking is not asking:
            return
        self._coming = None
        self._spoken.end()
        at = self.at(coming.place)
        kept = None if at is None else self.conversation.exchanges[at]
        if kept is None or kept is coming.before:
            self._fail(coming.asked, coming.place, reply)
        else:
            self._replaced += [] if coming.before is None else [coming.before]
            self._replies[coming.place] = (kept, reply)
        self.refresh()
        self._turns.put_coming(None)
        coming.row.close()
        coming.box.close()
        self._stop.button_style = ""
        self._panel.changed(announced(reply))

    # Showing

    def follow(self) -> None:
        """Show which models there are, and which is asked."""
        self._choice.show(self.model, tuple(self._panel.session.models))

    def refresh(self) -> bool:
        """Show the conversation as it is now, and say whether it has changed. What has not is not sent again."""
        conversation = self.conversation
        if conversation is not self._shown:  # the one before was forgotten
            self._begin(conversation)
            return True
        changed = self._turns.refresh(conversation)
        self._show_head()
        return changed

    def close(self) -> None:
        """Close what the panel's parts do not know of."""
        if self._coming is not None:
            self._coming.box.close()
        self._spoken.close()

    def _begin(self, conversation: Conversation) -> None:
        self._shown = conversation
        self._replaced, self._replies = [], {}
        self._turns.begin(conversation)
        self._show_head()

    def _show_head(self) -> None:
        conversation, spec = self.conversation, self._spec(self.model)
        lines = [self.way]
        if conversation.origin:
            lines.append(f"Begun with a copy of {visible(conversation.origin)}")
        system = self._options.get("system") or conversation.system
        if system:
            lines.append(f"System: {one_line(mask(system), 160)}")
        if spec is None:
            lines.append(f"{one_line(self.model, 80)} is not registered any more: choose another model")
        else:
            counted = [*conversation.exchanges, *self._replaced]
            bills = [bill_of(self._spec(each.model), each, self._reply(each)) for each in counted]
            limit = self._options.get("max_tokens")
            lines.append(" · ".join(meter(spec, conversation, bills, replaced=len(self._replaced), limit=limit)))
        self._head.value = head_html(f"{conversation.title[:1].upper()}{conversation.title[1:]}", lines)

    def _reply(self, exchange: Exchange) -> Reply | None:
        known = None if exchange.place is None else self._replies.get(exchange.place)
        return known[1] if known is not None and known[0] is exchange else None

    # What can be done with a turn

    def _deeds(self, shown: Shown) -> Sequence[Deed]:
        parts, number = self._panel.parts, shown.number

        def copy() -> None:
            shown.row.toggle("copy", lambda: copying(parts, answer_text(shown.exchange)))

        def adopt() -> None:
            reply = self._reply(shown.exchange) or reply_of(shown.exchange)
            shown.row.toggle("adopt", lambda: adopting(parts, lambda name: self._panel.adopt(name, reply)))

        return (
            ("Edit", f"Change question {number}, and ask again in its place", lambda: self._panel.edit(self, shown)),
            ("Again", f"Ask question {number} again, in its place", lambda: self._panel.again(self, shown)),
            ("Copy", f"The source of answer {number}, to be copied", copy),
            ("Adopt", f"Put reply {number} into a variable", adopt),
        )

    def _fail(self, asked: Asked, place: Hashable, reply: Reply) -> None:
        row = Row(self._panel.parts)
        row.show(failed_html(messages(asked), len(self.conversation) + 1, reply))
        row.offer(
            (
                ("Send again", "Ask the same again, on this side", lambda: self._send_again(asked, place)),
                ("To the box", "Put the question into the box, to change it", lambda: self._panel.put(words(asked))),
                ("Dismiss", "Take this away", self._dismiss),
            )
        )
        self._turns.put_failed(row)

    def _send_again(self, asked: Asked, place: Hashable) -> None:
        self.again(asked, place)
        self._panel.ready()

    def _dismiss(self) -> None:
        self._turns.put_failed(None)
        self._panel.ready()

    def again(self, asked: Asked, place: Hashable) -> None:
        """Ask something again, if nothing is being answered."""
        if self.asking is not None:
            self._panel.say(f"{self.model} is still answering: stop it, or wait.")
            return
        self.ask(asked, place)

    def _press_stop(self) -> None:
        if self._coming is None:
            self._panel.say(f"{self.model} is not answering: there is nothing to stop.")
        self.stop()

    # Another model

    def _choose(self, key: str) -> None:
        why = ""
        if self._coming is not None:
            why = f"{self.model} is still answering: stop it, or wait, and choose then."
        elif self._panel.taken(self, key):
            why = f"{key} answers on another side already."
        if why:
            self.follow()
            self._choice.say(why)
        elif not len(self.conversation):
            self._switch(key, self.name)
        else:
            self._ask_which(key)

    def _ask_which(self, key: str) -> None:
        own = len(self._panel.session.conversations.of(key, self.name))
        count = f"{own:,} turn{'' if own == 1 else 's'}" if own else "empty"
        self._choice.ask(
            f"Histories of different models do not mix by themselves. How shall {key} go on?",
            (
                ("With a copy", f"{key} is told what was said to {self.model}", lambda: self._switch_with_copy(key)),
                (f"Its own ({count})", f"The conversation that {key} has", lambda: self._switch(key, self.name)),
                ("Stay", f"Go on asking {self.model}", self._stay),
            ),
        )

    def _switch_with_copy(self, key: str) -> None:
        conversations, taken = self._panel.session.conversations, set(self._panel.session.models)
        names = (self.name, "copy", *(f"copy{number}" for number in range(2, _NAMES)))
        name = next(each for each in names if each not in taken and not len(conversations.of(key, each)))
        conversations.of(key, name).begin_with(self.conversation)
        self._switch(key, name)

    def _stay(self) -> None:
        self._choice.unask()
        self.follow()
        self._panel.ready()

    def _switch(self, key: str, name: str) -> None:
        self._choice.unask()
        self.model, self.name = key, name
        self._turns.put_failed(None)
        self.follow()
        self._begin(self.conversation)
        self._panel.changed(f"The next question goes to {key}.")
        self._panel.ready()

    def _spec(self, key: str) -> ModelSpec | None:
        try:
            return self._panel.session.spec(key)
        except UnknownModelError:
            return None
