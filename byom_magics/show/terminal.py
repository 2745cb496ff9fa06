"""An answer in a terminal or a plain Python program: text as it arrives, nothing hidden in it, one line at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from byom_magics.events import (
    Event,
    Held,
    Progress,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    TextDelta,
    ToolCallDelta,
)
from byom_magics.plain import VisibleStream, one_line, visible
from byom_magics.show.code_lines import CodeLines
from byom_magics.show.status import Wait, problem_plain, status_plain, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TerminalView"]

_DIM, _BOLD, _NORMAL = "\x1b[2m", "\x1b[1m", "\x1b[0m"
_CLEAR_LINE = "\r\x1b[K"
_WIDTH = 100


class TerminalView:
    """
    Writes an answer to a text stream while it arrives.

    Args:
        out: Where to write.
        model: The key of the model.
        address: Where it is asked.
        format_name: With ``code``, only the code of the answer is written.
        clock: Seconds, for the waiting line.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        model: str,
        address: str,
        format_name: str = "markdown",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._tty = out.isatty()
        self._clock = clock
        self._wait = Wait(model, address, clock())
        self._code = CodeLines() if format_name == "code" else None
        self._line = ""
        self._mode: str | None = None
        self._visible = VisibleStream()
        self._ends_line = True
        self._tools: dict[int, str] = {}
        self._unflushed = False
        self._wrote_text = False

    def event(self, event: Event) -> None:
        """Write what came."""
        if isinstance(event, TextDelta):
            self._write("text", event.text)
        elif isinstance(event, ReasoningDelta):
            self._write("reasoning", event.text)
        elif isinstance(event, Reclassified):
            self._switch("reclassified")
            self._code = CodeLines() if self._code is not None else None
            self._put(f"{self._dim('[the text above was reasoning]')}\n")
        elif isinstance(event, ToolCallDelta):
            self._tool(event)
        elif isinstance(event, (Progress, Retrying, Held)):
            self._wait.heard(event, self._clock())

    def tick(self) -> None:
        """Write the waiting line again if it has changed, and flush what was written."""
        if self._mode is None and self._tty:
            line = waiting(self._wait, self._clock())[:_WIDTH]
            if line != self._line:
                self._line = line
                self._out.write(f"{_CLEAR_LINE}{_DIM}{line}{_NORMAL}")
                self._unflushed = True
        if self._unflushed:
            self._unflushed = False
            self._out.flush()

    def finish(self, reply: Reply) -> None:
        """Write the rest, what went wrong, and the status line."""
        self._switch("end")
        if reply.text and not self._wrote_text:
            self._put(visible(reply.text))
        self._end_line()
        problem = problem_plain(reply)
        if problem:
            first, _, rest = problem.partition("\n")
            self._put(f"{_BOLD}{first}{_NORMAL}\n{rest}" if self._tty else problem)
        self._put(self._dim(status_plain(reply).rstrip("\n")) + "\n")
        self._out.flush()

    def _write(self, mode: str, text: str) -> None:
        if not text:
            return
        self._switch(mode)
        self._wrote_text = self._wrote_text or mode == "text"
        self._put_text(self._visible.feed(text), ended=False)

    def _put_text(self, text: str, *, ended: bool) -> None:
        if self._mode == "text" and self._code is not None:
            text = self._code.feed(text, ended=ended)[0]
        self._put(text)

    def _switch(self, mode: str) -> None:
        """Close what was being written, and mark what comes now."""
        if mode == self._mode:
            return
        if self._mode is None and self._line:
            self._out.write(_CLEAR_LINE)
        self._put_text(self._visible.flush(), ended=True)
        if self._mode == "reasoning":
            self._put(_NORMAL if self._tty else "")
            self._end_line()
            self._put("" if self._tty else "[end of reasoning]\n")
        self._end_line()
        self._mode = mode
        if mode == "reasoning":
            self._put(_DIM if self._tty else "[reasoning]\n")

    def _tool(self, event: ToolCallDelta) -> None:
        self._switch("tools")
        if event.name and event.index not in self._tools:
            self._tools[event.index] = event.name
            self._put(self._dim(f"[asks for {one_line(event.name, 80)}]") + "\n")

    def _dim(self, text: str) -> str:
        return f"{_DIM}{text}{_NORMAL}" if self._tty else text

    def _end_line(self) -> None:
        if not self._ends_line:
            self._put("\n")

    def _put(self, text: str) -> None:
        if not text:
            return
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        # A terminal that has no such letter shows its number; an answer must not fail for it.
        self._out.write(text.encode(encoding, "backslashreplace").decode(encoding))
        if text not in {_DIM, _NORMAL}:
            self._ends_line = text.removesuffix(_NORMAL).endswith("\n")
        self._unflushed = True
