"""JSON that is still arriving: where it can be cut, and what a piece of it looks like."""

from __future__ import annotations

from dataclasses import replace

from byom_magics.show.json_inside import inner_nodes
from byom_magics.show.json_nodes import Forest, grown
from byom_magics.show.json_place import Level, Place, Token
from byom_magics.show.json_table import columns_of, fits
from byom_magics.show.json_tree import tree_html
from byom_magics.show.partial_json import Reader
from byom_magics.show.segments import SHOWN, Opening, Piece

__all__ = ["cut_json", "piece_html"]


def cut_json(piece: Piece, size: int) -> tuple[int, Opening] | None:
    """
    Say where the first part of a growing piece of JSON can be settled, or None if it should grow on.

    Args:
        piece: The piece so far.
        size: Characters from which on it should be cut between two values; from twice as many on it is cut anywhere.
    """
    if len(piece.text) <= size:
        return None
    place = piece.opening.json or Place()
    before = piece.opening.before
    if before > SHOWN:
        # Nobody sees what follows, so nothing is made of it.
        return len(piece.text), Opening(json=Place.given_up(), before=before)
    growing = len(piece.text) <= 2 * size
    position = _between_values(place.levels, Reader(place).feed(piece.text[: 2 * size]), size, growing=growing)
    if position is None:
        if growing:
            return None
        position = piece.text.rfind(" ", size // 2, 2 * size) + 1 or 2 * size
    reader = Reader(place)
    tokens = reader.feed(piece.text[:position])
    levels = _with_columns(reader.place.levels, grown(place, tokens))
    position -= len(reader.held)
    return position, Opening(json=replace(reader.place, levels=levels), before=before + position)


def piece_html(piece: Piece, *, settled: bool, inside: bool = False) -> str:
    """
    Give a piece as safe HTML. What says nothing without what follows is shown once the piece is settled.

    Args:
        piece: The piece.
        settled: Whether it grows no more.
        inside: Whether the value is sent inside of an object, which is not shown.
    """
    place = piece.opening.json or Place()
    reader = Reader(place)
    tokens = reader.feed(piece.text)
    if settled:
        tokens = tokens + reader.flush()
    roots = grown(place, tokens).roots
    return tree_html(inner_nodes(roots) if inside else roots)


def _between_values(levels: tuple[Level, ...], tokens: list[Token], size: int, *, growing: bool) -> int | None:
    """
    Find the last place of the second half that is between two values; None if there is none.

    Best is behind an object, since then no row of a table is torn apart; while the piece may grow, anything less has
    to wait if there are objects at all. Else it is where least is open.
    """
    open_lists = [level.is_list for level in levels]
    behind_object: int | None = None
    best: Token | None = None
    for token in tokens:
        is_object = token.kind == "close" and not open_lists.pop()
        if token.kind in {"object", "list"}:
            open_lists.append(token.kind == "list")
        elif token.end >= size // 2 and token.ended and token.kind != "key":
            behind_object = token.end if is_object else behind_object
            best = token if best is None or token.depth <= best.depth else best
    if behind_object is not None or best is None:
        return behind_object
    waits = growing and best.kind not in {"close", "prose"} and any(token.kind == "object" for token in tokens)
    return None if waits else best.end


def _with_columns(levels: tuple[Level, ...], forest: Forest) -> tuple[Level, ...]:
    """Note of each open list as what it is shown, so that the next piece goes on in the same way."""
    return tuple(
        replace(level, columns=columns_of(node) if all(map(fits, node.children)) else ())
        if level.is_list and node.children
        else level
        for level, node in zip(levels, forest.open, strict=True)
    )
