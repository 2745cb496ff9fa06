"""How each format cuts and renders a piece of an answer that is still arriving."""

from __future__ import annotations

from html import escape as escape_html
from typing import Protocol

from byom_magics.show.json_pieces import cut_json, piece_html
from byom_magics.show.markup import code_block, render_piece
from byom_magics.show.segments import Opening, Piece, cut, cut_plain

__all__ = ["INSIDE_FENCES", "SEEN_WHOLE", "Surface", "surface"]

# Formats of which only what stands in fences is shown, if there are any.
INSIDE_FENCES = frozenset({"code", "html"})
# Formats whose source is shown while it arrives: a page or a formula can be seen when it is whole.
SEEN_WHOLE = frozenset({"html", "math"})


class Surface(Protocol):
    """A way to show an answer piece by piece."""

    language: str

    def cut(self, piece: Piece, size: int) -> tuple[int, Opening] | None:
        """Say where the piece can be settled; see `byom_magics.show.segments.cut`."""

    def render(self, piece: Piece, *, settled: bool) -> str:
        """Give the piece as HTML; code takes its colours when it is settled."""


class _Markdown:
    language = ""

    def cut(self, piece: Piece, size: int) -> tuple[int, Opening] | None:
        return cut(piece, size)

    def render(self, piece: Piece, *, settled: bool) -> str:
        return render_piece(
            piece.markdown, piece.first_number, colours=settled, repeats_header=bool(piece.opening.header)
        )


class _Text:
    language = ""

    def cut(self, piece: Piece, size: int) -> tuple[int, Opening] | None:
        return cut_plain(piece, size)

    def render(self, piece: Piece, *, settled: bool) -> str:  # noqa: ARG002 (a text looks the same, settled or not)
        # A line end at the end of a piece is the boundary of its element.
        text = escape_html(piece.text.removesuffix("\n"), quote=False)
        return f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{text}</div>\n'


class _Code(_Text):
    def __init__(self, language: str = "") -> None:
        self.language = language

    def render(self, piece: Piece, *, settled: bool) -> str:
        return code_block(piece.text, self.language, colours=settled, reached=settled)


class _Json:
    language = ""

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside

    def cut(self, piece: Piece, size: int) -> tuple[int, Opening] | None:
        return cut_json(piece, size)

    def render(self, piece: Piece, *, settled: bool) -> str:
        return piece_html(piece, settled=settled, inside=self._inside)


def surface(format_name: str) -> Surface:
    """
    Give the surface for a format.

    HTML and formulas are shown as their source until they are whole; an image's words are Markdown.
    """
    if format_name in {"text", "math"}:
        return _Text()
    if format_name in {"code", "html"}:
        return _Code("html" if format_name == "html" else "")
    if format_name in {"json", "value"}:
        return _Json(inside=format_name == "value")
    return _Markdown()
