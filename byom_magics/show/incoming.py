"""The text of one call as it comes in: what is settled of it is cut off and rendered once, the rest again and again."""

from __future__ import annotations

from byom_magics.plain import VisibleStream
from byom_magics.show.code_lines import CodeLines
from byom_magics.show.displays import Part
from byom_magics.show.segments import Opening, Piece
from byom_magics.show.surfaces import INSIDE_FENCES, Surface, surface

__all__ = ["Incoming"]

_SHORTEST = 300


class Incoming:
    """
    The text of one call while it arrives.

    Args:
        format_name: How it is shown.
    """

    def __init__(self, format_name: str) -> None:
        self._surface: Surface = surface(format_name)
        self._visible = VisibleStream()
        self._code = CodeLines() if format_name in INSIDE_FENCES else None
        self._text: list[str] = []
        self._rest = ""
        self._markup = 1.5  # bytes of HTML per character of the rest
        self._opening = Opening()

    @property
    def text(self) -> str:
        """All that came, as it came."""
        return "".join(self._text)

    def feed(self, text: str, *, ended: bool = False) -> bool:
        """Take in what came, and say whether all that was shown of it before is void."""
        self._text.append(text)
        text = self._visible.feed(text) + (self._visible.flush() if ended else "")
        void = False
        if self._code is not None:
            text, void = self._code.feed(text, ended=ended)
            if void:
                self._rest = ""
                self._surface.language = self._code.language
        self._rest += text
        return void

    def settle(self, size: float) -> list[Part]:
        """
        Cut off what can be settled.

        Args:
            size: Bytes of HTML that are worth repainting several times a second.
        """
        size = max(_SHORTEST, int(size / self._markup))
        settled = []
        start = 0
        while True:
            ahead = self._rest[start : start + 2 * size + 100]
            place = self._surface.cut(Piece(ahead, self._opening), size)
            if place is None:
                break
            settled.append(self._part(ahead[: place[0]]))
            start += place[0]
            self._opening = place[1]
        self._rest = self._rest[start:]
        return settled

    def close(self) -> list[Part]:
        """Settle what is left: no more text comes of this call."""
        rest, self._rest = self._rest, ""
        settled = [self._part(rest)] if rest.strip() else []
        self._opening = Opening()
        return settled

    def html(self) -> str:
        """Render what is not settled."""
        if not self._rest:
            return ""
        html = self._surface.render(Piece(self._rest, self._opening), settled=False)
        if len(self._rest) > _SHORTEST:
            self._markup = max(1.0, len(html) / len(self._rest))
        return html

    def _part(self, source: str) -> Part:
        return Part(source, self._surface.render(Piece(source, self._opening), settled=True))
