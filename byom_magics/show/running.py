"""Tools while they run: what the model is writing, what it has asked for, and how long that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.show.displays import Part
from byom_magics.show.status import note_html
from byom_magics.show.tool_lines import IN_A_ROW, ToolLines, asked_html, being_written

if TYPE_CHECKING:
    from collections.abc import Callable

    from byom_magics.events import ToolAsked, ToolCallDelta
    from byom_magics.messages import ToolResult

__all__ = ["Running"]

# Bytes of HTML that are painted again each second; longer ones less often.
_EACH_SECOND = 1_000


class Running:
    """
    The tools of one turn while it runs.

    Args:
        since: Tells when the tool began that runs, None while none does; without it they begin when they are asked for.

    Attributes:
        ended: How many tools have ended.
    """

    def __init__(self, since: Callable[[], float | None] | None = None) -> None:
        self.ended = 0
        self._runs_since = since
        self._lines = ToolLines()
        self._written: dict[int, tuple[str, int]] = {}
        self._asked: ToolAsked | None = None
        self._since = 0.0
        self._count = self._size = 0
        self._row = 0
        self._folded: list[ToolResult] = []

    @property
    def active(self) -> bool:
        """Whether a tool is asked for, and nothing came of it yet."""
        return self._asked is not None

    @property
    def interval_s(self) -> float:
        """Seconds between two paintings of the tool that runs."""
        return max(1.0, self._size / _EACH_SECOND)

    def write(self, event: ToolCallDelta) -> None:
        """The model writes a call."""
        name, size = self._written.get(event.index, ("", 0))
        self._written[event.index] = (name or event.name or "", size + len(event.arguments))

    def ask(self, event: ToolAsked, now: float) -> None:
        """The model has asked for a tool."""
        self._asked, self._since = event, now
        self._count = max(self._count, len(self._written), event.index + 1)
        self._written.clear()

    def end(self, result: ToolResult) -> Part | None:
        """Give the line of a tool that has ended; None if there are many in a row, and it is folded with others."""
        self._asked = None
        self.ended += 1
        self._row += 1
        if self._row > IN_A_ROW:
            self._folded.append(result)
            return None
        return Part(self._lines.plain(result), self._lines.html(result), ours=True)

    def close_row(self) -> list[Part]:
        """Something else follows the tools that have ended: give the line of those that are folded together."""
        folded, self._folded, self._row = self._folded, [], 0
        if not folded:
            return []
        return [Part(self._lines.folded_plain(folded), self._lines.folded_html(folded), ours=True)]

    def close_call(self) -> None:
        """The call is over that asked for these tools."""
        self._written.clear()
        self._asked, self._count = None, 0

    def html(self, now: float) -> str:
        """Say what runs, or is being written; empty if nothing is."""
        more = note_html(f"… {len(self._folded):,} more before this") if self._folded else ""
        if self._asked is not None:
            number = f" · {self._asked.index + 1} of {self._count}" if self._count > 1 else ""
            since = self._since if self._runs_since is None else self._runs_since()
            # Whether it may run is perhaps being asked; where nobody tells, what takes a second runs.
            passed = 0 if since is None else int(now - since)
            runs = f" · running, {passed} s" if passed >= 1 else ""
            html = asked_html(self._asked.call, number + runs)
            self._size = len(html)
            return more + html
        if self._written:
            name, size = self._written[max(self._written)]
            return more + note_html(being_written(name, size))
        return more
