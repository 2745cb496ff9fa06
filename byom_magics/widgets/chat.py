"""
The chat panel: one model or several side by side, each with the conversation that ``-c`` of a cell continues.

What happens in the panel is done at once, with a lock held, in whatever thread it is told in; answers come in threads
of their own. What is said elsewhere in a conversation is shown a moment later. Beside the panel stands an output that
is no widget: the notebook is saved with what was said, whether the panel is closed before or not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from byom_magics.plain import one_line
from byom_magics.show.chat import CSS, folded, kept, line_shown, notice_html
from byom_magics.show.views import show_changing, show_widget, widget_cell
from byom_magics.widgets.chat_input import Question
from byom_magics.widgets.chat_parts import ChatParts
from byom_magics.widgets.chat_said import reworded, words
from byom_magics.widgets.chat_side import Side, way
from byom_magics.widgets.opened import OPENED

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.session import Session
    from byom_magics.show.answer import Bundle
    from byom_magics.widgets.asking import Asking
    from byom_magics.widgets.chat_said import Asked
    from byom_magics.widgets.chat_turns import Shown

__all__ = ["Adopt", "Chat", "show_chat"]

Adopt = Callable[[str, "Reply"], str]
"""Puts a reply into the variable of that name, and says so in a line; raises `ByomError` where it cannot be."""

Later = Callable[[Callable[[], None]], None]
"""Calls a function a moment later, from whatever thread."""

_PAUSE_S = 0.05
_KEPT = 30
"""Turns that are written beside an open panel after each turn; a closed one leaves them all."""
_WAIT_S = 2.0
"""How long closing waits for answers that are stopped, so that what had come is kept."""


def show_chat(
    session: Session,
    sides: Sequence[tuple[str, str]],
    options: Mapping[str, Any],
    adopt: Adopt,
    *,
    changes: bool = True,
) -> None:
    """
    Show a chat panel in the cell that runs; in a terminal, what was said and how it goes on.

    Args:
        session: What is asked.
        sides: The models that answer, each with the name of its conversation.
        options: What each question is asked with: options of `Session.stream`.
        adopt: Puts a reply into a variable.
        changes: Whether outputs can change when the cell has ended. They cannot in a Voilà application, nor where a
            notebook is run without anyone looking on.
    """
    cell = widget_cell()
    if cell is None:
        pasts = [session.conversations.of(model, name) for model, name in sides]
        print(kept(pasts, [way(model, name) for model, name in sides]).plain)  # noqa: T201 - what the person asked to see
        return
    chat = Chat(session, sides, options, adopt, closable=changes)
    if changes:
        names = " and ".join(one_line(model, 80) for model, _ in sides)
        here = line_shown(f"A chat with {names}, which needs a running kernel. What was said stands below.")
        beside = chat.kept
        panel = show_widget(chat.box.model_id, here.html, here.plain)
        chat.show_in(panel, show_changing(beside.html, beside.plain))
    else:
        said = chat.transcript
        show_widget(chat.box.model_id, said.html, said.plain)
    OPENED.keep(f"{cell} chat" if cell else "", chat.close)


class Chat:
    """
    A panel, until it is closed. Its parts may be changed, and its conversations too, from any thread.

    Args:
        session: What is asked.
        sides: The models that answer, each with the name of its conversation.
        options: What each question is asked with: options of `Session.stream`.
        adopt: Puts a reply into a variable.
        later: When to show what was said elsewhere.
        closable: Whether there is a button that closes it.

    Attributes:
        box: The widget to show.
        parts: Makes its widgets.
        session: What is asked.
    """

    def __init__(
        self,
        session: Session,
        sides: Sequence[tuple[str, str]],
        options: Mapping[str, Any],
        adopt: Adopt,
        later: Later | None = None,
        *,
        closable: bool = True,
    ) -> None:
        self.session = session
        self.parts = parts = ChatParts()
        self._adopt = adopt
        self._later = later or _soon
        self._due = threading.Lock()
        self._planned = False
        self._replaces: Callable[[str, str], None] | None = None
        self._keeps: Callable[[str, str], None] | None = None
        self._name = uuid4().hex
        self._numbers = count(1)
        self._editing: tuple[Hashable, Asked] | None = None
        labels = ["Model"] if len(sides) == 1 else [f"Model {number}" for number in range(1, len(sides) + 1)]
        self._sides = [
            Side(self, model, name, label=label, options=options, is_one_of_several=len(sides) > 1)
            for (model, name), label in zip(sides, labels, strict=True)
        ]
        self._question = Question(parts, self._send)
        self._notice = parts.html()
        self._send_button = parts.button("Send", self._send, tip="Send the question")
        self._edit_button = parts.button("Leave it as it was", self._leave, tip="Do not ask that turn anew")
        buttons = [self._send_button]
        if len(sides) > 1:
            buttons.append(parts.button("Stop all", self._stop_all, tip="Stop all answers; what had come is kept"))
        if closable:
            tip = "The panel goes, what was said stays"
            buttons.append(parts.button("Close and keep the transcript", self._press_close, tip=tip))
        self._buttons = parts.box(buttons, "byom-chat-row")
        head = parts.html(CSS)
        columns = parts.box([side.box for side in self._sides], "byom-chat-sides")
        self.box = parts.box([head, columns, self._question.box, self._buttons, self._notice], "byom-chat")
        session.on_reply.append(self._heard)
        self._unwatch = session.models.watch(lambda *_: self._plan())
        self.box.observe(lambda _: self.close(), "comm")

    @property
    def kept(self) -> Bundle:
        """What the saved notebook keeps; folded, as long as the panel shows the same."""
        return folded(self._transcript(_KEPT), [side.conversation for side in self._sides])

    @property
    def transcript(self) -> Bundle:
        """What was said on all sides, and how it goes on."""
        return self._transcript()

    def show_in(self, replaces: Callable[[str, str], None], keeps: Callable[[str, str], None]) -> None:
        """
        Set where the panel stands.

        Args:
            replaces: Puts HTML and text in place of the panel.
            keeps: Puts HTML and text into the output beside it.
        """
        self._replaces, self._keeps = replaces, keeps

    def close(self) -> None:
        """Stop what is being answered, and leave what was said. Closing again does nothing."""
        with self.parts.lock:
            if self.parts.closed:
                return
            self.parts.closed = True
            asked = [side.asking for side in self._sides if side.asking is not None]
            for each in asked:
                each.stop()
        self.session.on_reply[:] = [each for each in self.session.on_reply if each != self._heard]
        self._unwatch()
        self._question.close()
        # Without the lock: an answer that ends tells of it.
        end = time.monotonic() + _WAIT_S
        for each in asked:
            each.join(max(0.0, end - time.monotonic()))
        bundle = self.transcript
        with self.parts.lock:
            for side in self._sides:
                side.close()
            self.parts.close()
        OPENED.drop(self.close)
        if self._replaces is not None and self._keeps is not None:
            self._keeps(bundle.html, bundle.plain)
            there = line_shown("The chat is closed; what was said stands below.")
            self._replaces(there.html, there.plain)

    # What its sides need

    def again(self, side: Side, shown: Shown) -> None:
        """Ask a question again, in its place, on one side."""
        place = self._place_of(side, shown)
        if place is not None:
            side.again(shown.exchange.asked, place)
        self.ready()

    def edit(self, side: Side, shown: Shown) -> None:
        """Put a question into the box; what is sent next takes its place."""
        place = self._place_of(side, shown)
        if place is None:
            return
        self._editing = (place, shown.exchange.asked)
        self._question.put(words(shown.exchange.asked))
        with_buttons = (self._send_button, self._edit_button)
        self._buttons.children = (*with_buttons, *[each for each in self._buttons.children if each not in with_buttons])
        turns = " and ".join(f"turn {at + 1} of {one_line(each.model, 80)}" for each, at in self._places(place))
        self.say(f"What you send now takes the place of {turns}.")

    def put(self, text: str) -> None:
        """Put a text into the box for questions."""
        self._question.put(text)

    def ready(self) -> None:
        """Put the focus into the box for questions: what had it goes away."""
        self._question.focus()

    def taken(self, side: Side, model: str) -> bool:
        """Whether another side asks that model."""
        return any(each is not side and each.model == model for each in self._sides)

    def adopt(self, name: str, reply: Reply) -> str:
        """Put a reply into a variable."""
        return self._adopt(name, reply)

    def ended(self, side: Side, asking: Asking, reply: Reply) -> None:
        """An answer has ended."""
        with self.parts.lock:
            if not self.parts.closed:
                side.settle(asking, reply)

    def changed(self, line: str) -> None:
        """A conversation has changed."""
        self.say(line)
        self._keep()

    def say(self, line: str) -> None:
        """Tell something in a line."""
        self._notice.value = notice_html(line)

    # What happens in it

    def _send(self) -> None:
        text = self._question.text
        if not text.strip():
            self.say("There is no question yet: type one.")
            return
        place, before = self._editing or (self._place(), ())
        sides = [side for side, _ in self._places(place)] or self._sides
        busy = [one_line(side.model, 80) for side in sides if side.asking is not None]
        if busy:
            who = f"{' and '.join(busy)} {'is' if len(busy) == 1 else 'are'} still answering."
            self.say(f"{who} Your question stays in the box: send it when the answer has come, or stop that.")
            return
        self._question.clear()
        self._stop_editing()
        self.say(f"Sent to {' and '.join(one_line(side.model, 80) for side in sides)}.")
        asked = reworded(before, text)
        for side in sides:
            side.ask(asked, place)

    def _places(self, place: Hashable) -> list[tuple[Side, int]]:
        """The sides with a turn of that place, and which turn it is, from 0."""
        found = ((side, side.at(place)) for side in self._sides)
        return [(side, at) for side, at in found if at is not None]

    def _place_of(self, side: Side, shown: Shown) -> Hashable | None:
        """The place of a turn, so that it can be asked anew; None if it was forgotten meanwhile."""
        place = side.conversation.placed(shown.exchange, self._place())
        side.refresh()
        if side.at(place) is None:
            place = None
            self.say("That turn is no longer there.")
        return place

    def _place(self) -> Hashable:
        return "chat", self._name, next(self._numbers)

    def _leave(self) -> None:
        self._stop_editing()
        self._question.clear()
        self.ready()
        self.say("The turn stays as it was.")

    def _stop_editing(self) -> None:
        self._editing = None
        self._buttons.children = tuple(each for each in self._buttons.children if each is not self._edit_button)

    def _stop_all(self) -> None:
        for side in self._sides:
            side.stop()

    def _press_close(self) -> None:
        # In a thread of its own: it waits for answers, which wait for the lock that is held here.
        threading.Thread(target=self.close, name="byom chat closing", daemon=True).start()

    # What happens elsewhere

    def _heard(self, _: Reply) -> None:
        self._plan()

    def _plan(self) -> None:
        with self._due:
            if self._planned:
                return
            self._planned = True
        self._later(self._follow)

    def _follow(self) -> None:
        with self._due:
            self._planned = False
        with self.parts.lock:
            if self.parts.closed:
                return
            changed = False
            for side in self._sides:
                side.follow()
                changed = side.refresh() or changed
            if changed:
                self._keep()

    def _keep(self) -> None:
        if self._keeps is not None:
            beside = self.kept
            self._keeps(beside.html, beside.plain)

    def _transcript(self, last: int | None = None) -> Bundle:
        return kept([side.conversation for side in self._sides], [side.way for side in self._sides], last)


def _soon(call: Callable[[], None]) -> None:
    timer = threading.Timer(_PAUSE_S, call)
    timer.daemon = True
    timer.start()
