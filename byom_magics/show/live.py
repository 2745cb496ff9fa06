"""
Painting an answer while it arrives, at a cost in proportion to its length.

Pure: events and a clock go in, display operations come out. The answer is a row of displays. Only the last one, the
tail, is painted again and again; when it has grown past its size it is settled, and a new one begins. The reasoning
has a folded display of its own, before the answer.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from byom_magics.plain import VisibleStream, one_line
from byom_magics.show.answer import document, frame, reasoning_html, reply_bundle, tools_html
from byom_magics.show.code_lines import CodeLines
from byom_magics.show.displays import Display, Paint, Part, put
from byom_magics.show.markup import left_out
from byom_magics.show.segments import SHOWN, Opening, Piece
from byom_magics.show.status import (
    Wait,
    note_html,
    problem_html,
    problem_plain,
    status_html,
    status_plain,
    waiting,
    waiting_html,
)
from byom_magics.show.surfaces import Surface, surface

__all__ = ["Live"]

# JupyterLab folds the outputs of a cell from the 51st on.
_MOST_DISPLAYS = 38
# Bytes of HTML that are worth repainting several times a second.
_SIZE = 1_300
_SHORTEST = 300
_SILENCE_S = 3.0
_TICKER = 120


class Live:
    """
    One answer while it arrives.

    Args:
        model: The key of the model.
        address: Where it is asked, for the line before the first token.
        format_name: One of ``markdown``, ``text``, ``code``, ``json``.
        alone: Whether the cell's output is ours alone; then one output remains at the end.
        refresh_rate: Paintings per second, at most.
        now: The clock, in seconds.
    """

    def __init__(
        self, *, model: str, address: str, format_name: str, alone: bool, refresh_rate: float, now: float
    ) -> None:
        self._format, self._alone = format_name, alone
        self._wait_line = Wait(model, address, now)
        self._interval = 1 / refresh_rate
        self._surface: Surface = surface(format_name)
        self._heard = now
        self._numbers = 0
        self._row: list[Display] = []
        self._reasoning: list[str] = []
        self._reasoning_size = 0
        self._reasoning_painted = 0
        self._reasoning_display: Display | None = None
        self._ticker = ""
        self._thought: tuple[float, float] | None = None
        self._thinking = False
        self._tools: dict[int, tuple[str, int]] = {}
        self._dirty = False
        self._void = False
        self._painted_at = float("-inf")
        self._line = ""
        self._warm = False
        self._restart_text()

    def _restart_text(self) -> None:
        self._visible = VisibleStream()
        self._code = CodeLines() if self._format == "code" else None
        self._pending: list[str] = []
        self._text: list[str] = []
        self._tail = ""
        self._markup = 1.5  # bytes of HTML per character of the tail
        self._opening = Opening()
        self._kept = self._merged = self._dropped = 0
        self._has_text = self._text_painted = False

    @property
    def _has_content(self) -> bool:
        return self._has_text or bool(self._reasoning) or bool(self._tools)

    def event(self, event: Event, now: float) -> None:
        """Take in what came. Cheap: nothing is rendered here."""
        if isinstance(event, TextDelta):
            self._pending.append(event.text)
            self._has_text, self._thinking = self._has_text or bool(event.text), False
        elif isinstance(event, ReasoningDelta):
            self._think(event.text, now)
        elif isinstance(event, ToolCallDelta):
            name, size = self._tools.get(event.index, ("", 0))
            self._tools[event.index] = (name + (event.name or ""), size + len(event.arguments))
        elif isinstance(event, Reclassified):
            self._reclassify(now)
        elif isinstance(event, (Progress, Retrying, Held)):
            self._wait_line.heard(event, now)
        else:
            return
        self._heard = now
        self._dirty = self._dirty or self._has_content

    def due(self, now: float) -> list[Paint]:
        """Say what is to be painted by now: nothing most of the time."""
        if not self._has_content:
            return list(self._wait(now))
        if not self._dirty:
            silent = now - self._heard >= _SILENCE_S and now - self._painted_at >= 1
            if not silent:
                return []
        elif now - self._painted_at < self._interval:
            return []
        self._painted_at, self._dirty = now, False
        return list(self._paint(now))

    def finish(self, reply: Reply) -> list[Paint]:
        """Give the final form: one output if the cell is ours alone, else the last display with the status line."""
        if not self._alone and len(self._row) > 1 and self._has_text:
            return list(self._finish_row(reply))
        bundle = reply_bundle(reply, self._format, reasoning_s=self.reasoning_s)
        if len(self._row) == 1 or (self._row and not self._alone):
            last = Paint("update", self._row[-1].number, bundle.html, bundle.plain)
            return [*self._empty(self._row[:-1]), last]
        clear = [Paint("clear")] if self._row else []
        return [*clear, Paint("show", self._new_display().number, bundle.html, bundle.plain)]

    # Before the first token

    def _wait(self, now: float) -> Iterator[Paint]:
        line = waiting(self._wait_line, now)
        if line == self._line:
            return
        self._line = line
        if not self._row:
            self._row.append(self._new_display())
        yield from put(self._row[0], document(waiting_html(line)))
        if not self._warm:
            # Loading the renderer takes longer than a painting may; now nothing waits for it.
            self._warm = True
            self._surface.render(Piece("`x`\n\n```python\nx = 1\n```\n"), settled=True)

    # Reasoning

    def _think(self, text: str, now: float) -> None:
        if not text:
            return
        self._reasoning.append(text)
        self._reasoning_size += len(text)
        self._ticker = (self._ticker + text)[-_TICKER:]
        self._thinking = True
        self._thought = (self._thought[0] if self._thought else now, now)

    @property
    def reasoning_s(self) -> float | None:
        """Seconds from the first piece of reasoning to the last; None if there was none."""
        return self._thought[1] - self._thought[0] if self._thought else None

    def _reclassify(self, now: float) -> None:
        text = "".join([*self._text, *self._pending])
        self._restart_text()
        self._void = True
        self._think(text, now)
        self._thinking = False

    def _paint_reasoning(self) -> Iterator[Paint]:
        """Paint the fold when it has grown by a quarter, or is done: it can be opened, and its bytes stay linear."""
        grown = self._reasoning_size - self._reasoning_painted
        shown = self._reasoning_painted
        if not grown or (shown and self._thinking and grown < max(_SIZE, shown // 4)):
            return
        if self._reasoning_display is None:
            if self._text_painted:
                return
            self._reasoning_display = self._row[0] if self._row else self._append_display()
        self._reasoning_painted = self._reasoning_size
        self._reasoning = ["".join(self._reasoning)]
        html = document(reasoning_html(self._reasoning[0], self.reasoning_s))
        yield from put(self._reasoning_display, html)

    # The answer

    def _paint(self, now: float) -> Iterator[Paint]:
        settled = self._settle(self._take())
        if self._void:
            yield from self._start_again()
        yield from self._paint_reasoning()
        tail = self._tail_display()
        if self._keep(tail, settled):
            if len(self._row) < _MOST_DISPLAYS:
                yield from put(tail, tail.html, None if self._alone else tail.plain)
                tail = self._append_display()
            elif self._alone:
                yield from self._merge()
                tail = self._append_display()
        self._text_painted = self._text_painted or bool(self._tail)
        yield from put(tail, self._tail_html(tail, now))

    def _take(self, *, ended: bool = False) -> str:
        """Take in what has come, as text that can be shown."""
        came = "".join(self._pending)
        self._pending.clear()
        self._text.append(came)
        text = self._visible.feed(came) + (self._visible.flush() if ended else "")
        if self._code is not None:
            text, void = self._code.feed(text, ended=ended)
            if void:
                self._tail, self._void = "", True
                self._surface.language = self._code.language
        return text

    def _settle(self, text: str) -> list[Part]:
        """Let the tail grow by the text, and give the parts of it that can be settled."""
        self._tail += text
        settled = []
        start = 0
        while True:
            ahead = self._tail[start : start + 2 * self._size + 100]
            place = self._surface.cut(Piece(ahead, self._opening), self._size)
            if place is None:
                break
            settled.append(self._render(ahead[: place[0]]))
            start += place[0]
            self._opening = place[1]
        self._tail = self._tail[start:]
        return settled

    def _render(self, source: str) -> Part:
        return Part(source, self._surface.render(Piece(source, self._opening), settled=True))

    @property
    def _size(self) -> int:
        """How long the tail may be: displays grow with the answer, since a cell can show only so many of them."""
        grown = _SIZE + (self._merged // 64 if self._alone else 120 * len(self._row))
        return max(_SHORTEST, int(grown / self._markup))

    def _start_again(self) -> Iterator[Paint]:
        """What was painted as the answer was none: take it away."""
        self._void = False
        if self._alone and len(self._row) > 1:
            yield Paint("clear")
            self._row, self._reasoning_display, self._reasoning_painted = [], None, 0
        for display in self._row:
            display.parts = []
        yield from self._empty([display for display in self._row[1:] if display is not self._reasoning_display])

    def _tail_display(self) -> Display:
        if not self._row or self._row[-1] is self._reasoning_display:
            return self._append_display()
        return self._row[-1]

    def _keep(self, tail: Display, settled: list[Part]) -> bool:
        """Give the settled parts to the tail's display, up to what is shown at all; whether it got any."""
        kept = 0
        for part in settled:
            if self._kept > SHOWN:
                self._dropped += len(part.source)
            else:
                tail.parts.append(part)
                self._kept += len(part.source)
                kept += 1
        return kept > 0

    def _merge(self) -> Iterator[Paint]:
        """Show all that is settled as one display: the cell is ours, and has as many displays as can be seen."""
        parts = [part for display in self._row for part in display.parts]
        self._merged = self._kept
        yield Paint("clear")
        self._row = []
        if self._reasoning_display is not None:
            html = self._reasoning_display.painted or ""
            self._reasoning_display = self._append_display()
            yield from put(self._reasoning_display, html)
        merged = self._append_display()
        merged.parts = parts
        yield from put(merged, merged.html)

    def _tail_html(self, tail: Display, now: float) -> str:
        body = self._surface.render(Piece(self._tail, self._opening), settled=False) if self._tail else ""
        if len(self._tail) > _SHORTEST:
            self._markup = max(1.0, len(body) / len(self._tail))
        # Settled parts stay out of a tail that cannot be followed by another display: repainting them is not linear.
        hidden = self._dropped + len(tail.plain)
        note = note_html(f"… {hidden:,} characters before this") if hidden else ""
        return document(note, frame(body), self._footer(now))

    def _footer(self, now: float) -> str:
        quiet_for = now - self._heard
        if quiet_for >= _SILENCE_S:
            return note_html(f"nothing new for {quiet_for:.0f} s")
        if self._thinking:
            latest = one_line(self._ticker, _TICKER)
            return note_html(
                f"Thinking… {self.reasoning_s or 0:.0f} s · {self._reasoning_size:,} characters · …{latest}"
            )
        if self._tools:
            name, size = self._tools[max(self._tools)]
            return note_html(f"asks for {one_line(name, 80)} · {size:,} characters of arguments")
        return ""

    # The end

    def _finish_row(self, reply: Reply) -> Iterator[Paint]:
        settled = self._settle(self._take(ended=True))
        self._thinking = False
        if self._void:
            yield from self._start_again()
        yield from self._paint_reasoning()
        if self._tail:
            settled.append(self._render(self._tail))
        tail = self._tail_display()
        self._keep(tail, settled)
        html = document(
            reasoning_html(reply.reasoning) if self._reasoning_display is None else "",
            frame("".join(part.html for part in tail.parts)),
            left_out(self._dropped),
            tools_html(reply.tool_calls),
            problem_html(reply),
            status_html(reply),
        )
        end = (problem_plain(reply) + status_plain(reply)).rstrip("\n")
        yield from put(tail, html, "\n\n".join(part for part in (tail.plain, end) if part))

    # Displays

    def _new_display(self) -> Display:
        self._numbers += 1
        return Display(self._numbers)

    def _append_display(self) -> Display:
        self._row.append(self._new_display())
        return self._row[-1]

    def _empty(self, displays: list[Display]) -> Iterator[Paint]:
        for display in displays:
            yield from put(display, document(), "")
