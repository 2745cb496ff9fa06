"""The turns of one conversation, one below the other: the last ones with buttons, those long ago when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byom_magics.show.chat import turn_html
from byom_magics.widgets.chat_turn import Row
from byom_magics.widgets.parts import reach_by_keyboard

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.talk.exchange import Exchange
    from byom_magics.talk.history import Conversation
    from byom_magics.widgets.chat_parts import ChatParts
    from byom_magics.widgets.chat_turn import Deed

__all__ = ["Shown", "Turns"]

_AT_FIRST = 20
"""Turns that are shown at first, and how many more each time that earlier ones are asked for."""

_MOST = 5 * _AT_FIRST
_WITH_BUTTONS = 3


@dataclass(frozen=True)
class Shown:
    """
    A turn that is shown.

    Attributes:
        exchange: The turn.
        number: Which one it is, from 1.
        row: Its widgets.
    """

    exchange: Exchange
    number: int
    row: Row


class Turns:
    """
    The turns of one conversation. What has not changed is not sent again.

    Args:
        parts: Makes the widgets.
        reply: The reply that a turn was made of, if that is known.
        deeds: What can be done with a turn that is among the last.

    Attributes:
        box: The widget to show: it stays at its end while more comes.
    """

    def __init__(
        self, parts: ChatParts, reply: Callable[[Exchange], Reply | None], deeds: Callable[[Shown], Sequence[Deed]]
    ) -> None:
        self._parts = parts
        self._reply = reply
        self._deeds = deeds
        self._first = 0
        self._rows: list[tuple[Exchange, bool, Row]] = []
        self._coming: tuple[Row, int | None] | None = None
        self._failed: Row | None = None
        self._earlier = parts.button("Show earlier turns", self._show_earlier)
        self._list = parts.box([], "byom-chat-column")
        self.box = parts.box([self._list], "byom-chat-scroll")
        reach_by_keyboard(self.box)
        self._conversation: Conversation | None = None

    def begin(self, conversation: Conversation) -> None:
        """Show another conversation: its last turns."""
        self._drop(0)
        self._first = max(0, len(conversation) - _AT_FIRST)
        self.refresh(conversation)

    def refresh(self, conversation: Conversation) -> bool:
        """Show the conversation as it is now, and say whether it has changed."""
        before = [(id(exchange), stale) for exchange, stale, _ in self._rows]
        self._conversation = conversation
        exchanges, stale = conversation.exchanges, conversation.stale
        if len(exchanges) < self._first or len(self._rows) > _MOST:
            self._drop(0)
            self._first = max(0, len(exchanges) - _AT_FIRST)
        shown = list(zip(exchanges, stale, strict=False))[self._first :]
        self._drop(len(shown))
        for at, (exchange, old) in enumerate(shown):
            self._put(at, exchange, stale=old)
        for at, (exchange, _, row) in enumerate(self._rows):
            if at < len(self._rows) - _WITH_BUTTONS:
                row.offer(())
            elif not row.offers:
                row.offer(self._deeds(Shown(exchange, self._first + at + 1, row)))
        self._arrange()
        return before != [(id(exchange), stale) for exchange, stale, _ in self._rows]

    def put_coming(self, row: Row | None, at: int | None = None) -> None:
        """
        Show the turn whose answer is coming.

        Args:
            row: Its widgets; None if there is none any more.
            at: Which turn it takes the place of, from 0; None for none.
        """
        self._coming = None if row is None else (row, at)
        self._arrange()

    def put_failed(self, row: Row | None) -> None:
        """Show a turn of which nothing came, below all others; the one before it is closed."""
        gone, self._failed = self._failed, row
        self._arrange()
        if gone is not None:
            gone.close()

    def _put(self, at: int, exchange: Exchange, *, stale: bool) -> None:
        if at < len(self._rows):
            known, old, row = self._rows[at]
            if known is exchange and old == stale:
                return
            row.offer(())
            self._rows[at] = (exchange, stale, row)
        else:
            row = Row(self._parts)
            self._rows.append((exchange, stale, row))
        row.show(turn_html(exchange, self._first + at + 1, stale=stale, reply=self._reply(exchange)))

    def _drop(self, count: int) -> None:
        gone, self._rows = self._rows[count:], self._rows[:count]
        if gone:
            self._arrange()
        for _, _, row in gone:
            row.close()

    def _show_earlier(self) -> None:
        if self._conversation is not None:
            self._drop(0)
            self._first = max(0, self._first - _AT_FIRST)
            self.refresh(self._conversation)

    def _arrange(self) -> None:
        boxes: list[Any] = [row.box for _, _, row in self._rows]
        if self._coming is not None:
            row, at = self._coming
            at = len(boxes) if at is None else max(0, at - self._first)
            boxes[at : at + 1] = [row.box]
        if self._failed is not None:
            boxes.append(self._failed.box)
        if self._first:
            self._earlier.description = f"Show earlier turns ({self._first:,} more)"
            boxes.insert(0, self._earlier)
        if self._list.children != tuple(boxes):
            self._list.children = tuple(boxes)
