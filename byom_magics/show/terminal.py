"""An answer in a terminal or a plain Python program: text as it arrives, nothing hidden in it, one line at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from byom_magics.events import (
    Event,
    Held,
    ImageMade,
    Progress,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    RoundEnded,
    TextDelta,
    ToolAsked,
    ToolCallDelta,
    ToolEnded,
)
from byom_magics.plain import VisibleStream
from byom_magics.show.answer import image_plain, reply_plain, tokens_plain
from byom_magics.show.code_lines import CodeLines
from byom_magics.show.json_lines import JsonLines
from byom_magics.show.layout import pending
from byom_magics.show.status import (
    Wait,
    asked_again,
    notes_lines,
    problem_plain,
    seconds_words,
    status_plain,
    waiting,
)
from byom_magics.show.thinking import tokens_words
from byom_magics.show.tool_lines import arguments_block, asks_plain, being_written, fits_line, outcome, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from byom_magics.messages import ToolResult

__all__ = ["TerminalView"]

_DIM, _BOLD, _NORMAL = "\x1b[2m", "\x1b[1m", "\x1b[0m"
_CLEAR_LINE = "\r\x1b[K"
_WIDTH = 100
_REASONING_SHOWN = 200_000
_ARGUMENTS_SHOWN = 4_000
# Tools of one turn whose full arguments are written.
_FULLY_SHOWN = 100


class TerminalView:
    """
    Writes an answer to a text stream while it arrives.

    Args:
        out: Where to write.
        model: The key of the model.
        address: Where it is asked.
        format_name: With ``code``, only the code of the answer is written; with ``json``, its values line by line.
        clock: Seconds, for the waiting line.
        notes: What is said before sending; written first.
        logprobs: Whether the tokens are written with their alternatives at the end, where the reply has them.
        tries: How often the model may answer at most, where the answer has to fit a schema; None if unknown.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        model: str,
        address: str,
        format_name: str = "markdown",
        clock: Callable[[], float] = time.monotonic,
        notes: Sequence[str] = (),
        logprobs: bool = False,
        tries: int | None = None,
    ) -> None:
        self._out = out
        self._tty = out.isatty()
        self._clock = clock
        self._wait = Wait(model, address, clock())
        self._format = format_name
        self._notes, self._logprobs = notes_lines(notes), logprobs
        self._line = ""
        self._mode: str | None = None
        self._ends_line = True
        self._unflushed = False
        self._tries, self._tried = tries, 1
        self._runs = False
        self._tools = self._images = 0
        self._reasoning, self._reasoning_since = 0, 0.0
        self._wrote_anything = False
        self._begin_call()

    def _begin_call(self) -> None:
        self._visible = VisibleStream()
        self._begin_text()
        self._written: dict[int, tuple[str, int]] = {}
        self._awaits_call = True
        self._wrote_text = False

    def _begin_text(self) -> None:
        self._code = CodeLines() if self._format == "code" else None
        # What is no terminal may be read by a program, which wants the JSON itself.
        is_json = self._format in {"json", "value"} and self._tty
        self._json = JsonLines(inside=self._format == "value") if is_json else None

    def event(self, event: Event) -> None:
        """Write what came."""
        self._say_notes()
        if isinstance(event, TextDelta):
            self._write("text", event.text)
        elif isinstance(event, ReasoningDelta):
            self._think(event.text)
        elif isinstance(event, (Progress, Retrying, Held)):
            self._wait.heard(event, self._clock())
        elif isinstance(event, Reclassified):
            self._switch("reclassified")
            self._begin_text()
            self._put(f"{self._dim('[the text above was reasoning]')}\n")
        elif isinstance(event, ImageMade):
            self._switch("image")
            self._wrote_anything, self._awaits_call = True, False
            self._put(f"{image_plain(event.image, self._images)}\n")
            self._images += 1
        elif isinstance(event, RoundEnded):
            self._end_call(event)
        else:
            self._tool(event)

    def tick(self) -> None:
        """Write the line that says what is going on again if it has changed, and flush what was written."""
        self._say_notes()
        line = self._going_on()[:_WIDTH] if self._tty and self._ends_line else ""
        if line and line != self._line:
            self._line = line
            self._out.write(_CLEAR_LINE + self._encoded(f"{_DIM}{line}{_NORMAL}"))
            self._unflushed = True
        if self._unflushed:
            self._unflushed = False
            self._out.flush()

    def finish(self, reply: Reply) -> None:
        """Write the rest, what went wrong, and the status line."""
        self._say_notes()
        self._switch("end")
        if not self._wrote_anything:
            self._put(reply_plain(reply, self._format))
        else:
            for result in reply.tool_results[self._tools :]:
                self._end_tool(result)
            if reply.text and not self._wrote_text and self._awaits_call:
                self._write("text", reply.text)
                self._switch("end")
            self._put(self._dim(asks_plain(pending(reply))))
        self._end_line()
        self._put(tokens_plain(reply) if self._logprobs else "")
        problem = problem_plain(reply)
        if problem:
            first, _, rest = problem.partition("\n")
            self._put(f"{_BOLD}{first}{_NORMAL}\n{rest}" if self._tty else problem)
        self._put(self._dim(status_plain(reply).rstrip("\n")) + "\n")
        self._out.flush()

    def _say_notes(self) -> None:
        notes, self._notes = self._notes, []
        for note in notes:
            self._put(self._dim(f"[{note}]") + "\n")

    def _going_on(self) -> str:
        """Say what is going on while nothing can be written; empty if something can."""
        if self._written:
            name, size = self._written[max(self._written)]
            return being_written(name, size)
        return waiting(self._wait, self._clock()) if self._awaits_call else ""

    # Text and reasoning

    def _think(self, text: str) -> None:
        if self._mode != "reasoning" and text:
            self._reasoning, self._reasoning_since = 0, self._clock()
        before, self._reasoning = self._reasoning, self._reasoning + len(text)
        self._write("reasoning", text[: max(0, _REASONING_SHOWN - before)])

    def _write(self, mode: str, text: str) -> None:
        if not text:
            return
        self._switch(mode)
        self._awaits_call = False
        self._wrote_text = self._wrote_text or mode == "text"
        self._wrote_anything = True
        self._put_text(self._visible.feed(text), ended=False)

    def _put_text(self, text: str, *, ended: bool) -> None:
        if self._mode == "text" and self._code is not None:
            text = self._code.feed(text, ended=ended)[0]
        elif self._mode == "text" and self._json is not None:
            text = self._json.feed(text, ended=ended)
        self._put(text)

    def _switch(self, mode: str) -> None:
        """Close what was being written, and mark what comes now."""
        if mode == self._mode:
            return
        self._put_text(self._visible.flush(), ended=True)
        if self._mode == "reasoning":
            self._put(_NORMAL if self._tty else "")
            self._end_line()
            took = f"{self._clock() - self._reasoning_since:.0f} s · {tokens_words(self._reasoning, None)}"
            self._put(self._dim(f"[{'' if self._tty else 'end of '}reasoning · {took}]") + "\n")
        self._end_line()
        self._mode = mode
        if mode == "reasoning":
            self._put(_DIM if self._tty else "[reasoning]\n")

    # Tools

    def _tool(self, event: Event) -> None:
        if isinstance(event, ToolCallDelta):
            self._switch("tools")
            self._awaits_call = False
            name, size = self._written.get(event.index, ("", 0))
            self._written[event.index] = (name or event.name or "", size + len(event.arguments))
        elif isinstance(event, ToolAsked):
            self._ask(event)
        elif isinstance(event, ToolEnded):
            self._end_tool(event.result)

    def _ask(self, event: ToolAsked) -> None:
        self._switch("tools")
        self._wrote_anything, self._awaits_call = True, False
        self._written.clear()
        what = signature(event.call, _WIDTH)
        self._runs = True
        block = ""
        if not fits_line(event.call) and self._tools < _FULLY_SHOWN:
            lines = arguments_block(event.call, _ARGUMENTS_SHOWN).split("\n")
            block = "".join(f"    {line}\n" for line in lines)
        self._put(self._dim(f"{self._sign('▸', '>')} {what}") + f"\n{block}")

    def _end_tool(self, result: ToolResult) -> None:
        self._switch("tools")
        if not self._runs:
            self._put(self._dim(f"{self._sign('▸', '>')} {signature(result.call, _WIDTH)}") + "\n")
        self._runs = False
        self._tools += 1
        took = f" · {seconds_words(result.duration_s)}" if result.duration_s is not None else ""
        self._put(self._dim(f"  {self._sign('→', '->')} {outcome(result)}{took}") + "\n")

    def _end_call(self, event: RoundEnded) -> None:
        self._switch("round")
        self._runs = False
        if event.why == "shape":
            self._tried += 1
            self._put(self._dim(f"[{asked_again(event.problem, self._tried, self._tries)}]") + "\n")
        self._begin_call()

    # Writing

    def _dim(self, text: str) -> str:
        return f"{_DIM}{text}{_NORMAL}" if self._tty and text else text

    def _sign(self, sign: str, plainer: str) -> str:
        return sign if self._encoded(sign) == sign else plainer

    def _end_line(self) -> None:
        if not self._ends_line:
            self._put("\n")

    def _encoded(self, text: str) -> str:
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        # A terminal that has no such letter shows its number; an answer must not fail for it.
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def _put(self, text: str) -> None:
        if not text:
            return
        if self._line:
            self._out.write(_CLEAR_LINE)
            self._line = ""
        self._out.write(self._encoded(text))
        if text not in {_DIM, _NORMAL}:
            self._ends_line = text.removesuffix(_NORMAL).endswith("\n")
        self._unflushed = True
