"""
Painting an answer while it arrives, at a cost in proportion to its length.

Pure: events and a clock go in, display operations come out. A turn may take several calls: what was said, the tools
that ran and what was said then stand one below the other, as in the final form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

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
from byom_magics.show.answer import answer_html, image_plain, images_html, reply_bundle, tokens_html, tokens_plain
from byom_magics.show.displays import Paint, Part
from byom_magics.show.incoming import Incoming
from byom_magics.show.layout import pending
from byom_magics.show.markup import left_out
from byom_magics.show.row import Row
from byom_magics.show.running import Running
from byom_magics.show.segments import Piece
from byom_magics.show.status import (
    Wait,
    asked_again,
    note_html,
    problem_html,
    problem_plain,
    status_html,
    status_plain,
    waiting,
    waiting_html,
)
from byom_magics.show.surfaces import SEEN_WHOLE, surface
from byom_magics.show.thinking import Thinking, reasoning_html
from byom_magics.show.tool_lines import asks_html, asks_plain

__all__ = ["Live"]

_SILENCE_S = 3.0
# Pictures that are shown while the answer arrives; the final form has all that fit.
_PICTURES = 20


class Live:
    """
    One answer while it arrives.

    Args:
        model: The key of the model.
        address: Where it is asked, for the line before the first token.
        format_name: One of ``byom_magics.show.answer.FORMATS``.
        alone: Whether the cell's output is ours alone; then one output remains at the end.
        refresh_rate: Paintings per second, at most.
        now: The clock, in seconds.
        notes: What is said before sending; shown until something comes, and small at the end.
        logprobs: Whether the final form shows the tokens with their alternatives.
        tries: How often the model may answer at most, where the answer has to fit a schema; None if unknown.
        runs_since: Tells when the tool began that runs; see `byom_magics.show.views.open_view`.
    """

    def __init__(
        self,
        *,
        model: str,
        address: str,
        format_name: str,
        alone: bool,
        refresh_rate: float,
        now: float,
        notes: Sequence[str] = (),
        logprobs: bool = False,
        tries: int | None = None,
        runs_since: Callable[[], float | None] | None = None,
    ) -> None:
        self._format, self._alone = format_name, alone
        self._notes, self._logprobs = notes, logprobs
        self._wait_line = Wait(model, address, now)
        self._interval = 1 / refresh_rate
        self._row = Row(alone=alone)
        self._incoming = Incoming(format_name)
        self._thinking = Thinking()
        self._running = Running(runs_since)
        self._tries, self._tried = tries, 1
        self._pictures = 0
        self._came: list[tuple[Event, float]] = []
        self._heard = now
        self._painted_at = float("-inf")
        self._line = ""
        self._warm = self._dirty = self._at_once = False
        self._has_content = self._has_text = self._text_painted = self._awaits_call = False

    def event(self, event: Event, now: float) -> None:
        """Take in what came. Cheap: nothing is rendered here."""
        if isinstance(event, TextDelta):
            self._has_text = self._has_text or bool(event.text)
        elif isinstance(event, (ReasoningDelta, Reclassified)):
            self._thinking.heard(now)
        elif isinstance(event, ToolAsked):
            # Its arguments have to be seen before it runs, or before leave is asked.
            self._at_once = True
        elif isinstance(event, (Progress, Retrying, Held)):
            self._wait_line.heard(event, now)
            self._heard = now
            return
        elif not isinstance(event, (ToolCallDelta, ToolEnded, RoundEnded, ImageMade)):
            return
        self._came.append((event, now))
        self._heard = now
        self._has_content = self._has_content or bool(getattr(event, "text", True))
        self._dirty = self._has_content

    def due(self, now: float) -> list[Paint]:
        """Say what is to be painted by now: nothing most of the time."""
        if not self._has_content:
            return list(self._wait(now))
        passed = now - self._painted_at
        if not self._dirty:
            if passed < self._ticks_every(now):
                return []
        elif passed < self._interval and not self._at_once:
            return []
        self._painted_at, self._dirty, self._at_once = now, False, False
        return list(self._paint(now))

    def finish(self, reply: Reply) -> list[Paint]:
        """Give the final form: one output if the cell is ours alone, else the last display with the status line."""
        # What came last may have to begin a display, since others have shown something above it.
        paints = [] if self._alone or not len(self._row) else list(self._digest())
        if not self._alone and len(self._row) > 1 and (self._has_text or self._running.ended or self._pictures):
            return [*paints, *self._finish_row(reply)]
        bundle = reply_bundle(
            reply, self._format, reasoning_s=self.reasoning_s, notes=self._notes, logprobs=self._logprobs
        )
        return [*paints, *self._row.replace(bundle.html, bundle.plain)]

    @property
    def reasoning_s(self) -> float | None:
        """Seconds from the first piece of reasoning to the last; None if there was none."""
        return self._thinking.seconds

    # Painting

    def _wait(self, now: float) -> Iterator[Paint]:
        line = waiting(self._wait_line, now)
        if line == self._line:
            return
        self._line = line
        yield from self._row.paint_line(waiting_html(line, self._notes))
        if not self._warm:
            # Loading the renderer takes longer than a painting may; now nothing waits for it.
            self._warm = True
            surface(self._format).render(Piece("`x`\n\n```python\nx = 1\n```\n"), settled=True)

    def _ticks_every(self, now: float) -> float:
        """Seconds between two paintings while nothing comes."""
        if self._running.active:
            return self._running.interval_s
        return 1.0 if self._awaits_call or now - self._heard >= _SILENCE_S else float("inf")

    def _paint(self, now: float) -> Iterator[Paint]:
        yield from self._digest()
        yield from self._paint_reasoning()
        rest = self._incoming.html()
        self._text_painted = self._text_painted or bool(rest)
        yield from self._row.paint(rest, self._footer(now))

    def _paint_reasoning(self) -> Iterator[Paint]:
        if self._text_painted and not self._row.has_fold:
            return
        html = self._thinking.html()
        if html is not None:
            yield from self._row.paint_fold(html)

    def _footer(self, now: float) -> str:
        quiet_for = now - self._heard
        tools = self._running.html(now)
        if self._running.active:
            return tools
        if self._awaits_call:
            return tools + waiting_html(waiting(self._wait_line, now))
        if quiet_for >= _SILENCE_S:
            return note_html(f"nothing new for {quiet_for:.0f} s")
        return note_html(self._thinking.line()) if self._thinking.active else tools

    # What came, in its order

    def _digest(self) -> Iterator[Paint]:
        came, self._came = self._came, []
        for is_text, group in groupby(came, key=lambda each: isinstance(each[0], TextDelta)):
            if is_text:
                yield from self._take_text("".join(event.text for event, _ in group if isinstance(event, TextDelta)))
                continue
            for event, now in group:
                yield from self._take(event, now)

    def _take_text(self, text: str) -> Iterator[Paint]:
        if not text:
            return
        self._thinking.active = self._awaits_call = False
        if text.strip():
            self._close_tools()
        if self._incoming.feed(text):
            yield from self._row.take_back()
        self._row.add(self._incoming.settle(self._row.size), full=True)

    def _take(self, event: Event, now: float) -> Iterator[Paint]:
        self._awaits_call = False
        if isinstance(event, ReasoningDelta):
            self._thinking.add(event.text)
            return
        self._thinking.active = False
        if isinstance(event, ToolCallDelta):
            self._running.write(event)
        elif isinstance(event, Reclassified):
            yield from self._row.take_back()
            self._thinking.add(self._incoming.text)
            self._thinking.active = False
            self._begin_text()
        elif isinstance(event, ToolAsked):
            yield from self._close_text()
            self._running.ask(event, now)
        elif isinstance(event, ToolEnded):
            self._end_tool(event)
        elif isinstance(event, ImageMade):
            yield from self._take_picture(event)
        elif isinstance(event, RoundEnded):
            yield from self._end_round(event)

    def _begin_text(self) -> None:
        self._incoming = Incoming(self._format)
        self._text_painted = False

    def _close_text(self) -> Iterator[Paint]:
        """No more text comes before what comes now."""
        if self._incoming.feed("", ended=True):
            yield from self._row.take_back()
        self._row.add(self._incoming.close())
        self._row.fix()

    def _close_tools(self) -> None:
        folded = self._running.close_row()
        if folded:
            self._row.add(folded)
            self._row.fix()

    def _end_tool(self, event: ToolEnded) -> None:
        line = self._running.end(event.result)
        self._row.add([] if line is None else [line])
        self._row.fix()

    def _end_round(self, event: RoundEnded) -> Iterator[Paint]:
        self._running.close_call()
        if event.why == "shape":
            yield from self._row.take_back()
            self._thinking.rewind()
            self._tried += 1
            line = asked_again(event.problem, self._tried, self._tries)
            self._row.add([Part(f"[{line}]\n", note_html(line), ours=True)])
            self._row.fix()
        else:
            yield from self._close_text()
            self._thinking.mark()
            if not self._alone:
                yield from self._row.begin()  # below what the tools have printed or displayed
        self._begin_text()
        self._awaits_call = True

    def _take_picture(self, event: ImageMade) -> Iterator[Paint]:
        self._pictures += 1
        if self._pictures > _PICTURES:
            return
        yield from self._close_text()
        plain = image_plain(event.image, self._pictures - 1) + "\n"
        yield from self._row.paint_alone(Part(plain, images_html([event.image], self._pictures - 1), ours=True))

    # The end

    def _finish_row(self, reply: Reply) -> Iterator[Paint]:
        yield from self._digest()
        yield from self._close_text()
        for result in reply.tool_results[self._running.ended :]:
            line = self._running.end(result)
            self._row.add([] if line is None else [line])
        self._row.add(self._running.close_row())
        took = self.reasoning_s if reply.reasoning_s is None else reply.reasoning_s
        fold = reasoning_html(reply.reasoning, took, reply.usage.reasoning_tokens)
        if self._row.has_fold:
            yield from self._row.paint_fold(fold)
            fold = ""
        after = [
            left_out(self._row.dropped),
            answer_html(reply.text, self._format) if self._format in SEEN_WHOLE else "",
            images_html(reply.images[_PICTURES:], _PICTURES),
            tokens_html(reply) if self._logprobs else "",
            asks_html(pending(reply)),
            problem_html(reply),
            status_html(reply, self._notes),
        ]
        tokens = tokens_plain(reply) if self._logprobs else ""
        end = tokens + asks_plain(pending(reply)) + problem_plain(reply) + status_plain(reply, self._notes)
        yield from self._row.finish(fold, "".join(after), end)
