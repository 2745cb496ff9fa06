"""
JSON as it is read: objects as lines of key and value, what is nested indented, lists of flat objects as tables.

Every line stands for itself, so a piece of the text can be painted without the pieces around it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape as escape_html
from typing import TYPE_CHECKING

from byom_magics.plain import visible
from byom_magics.show.json_table import columns_of, fits, table_html

if TYPE_CHECKING:
    from byom_magics.show.json_nodes import Node

__all__ = ["tree_html"]

_INDENT = 1.4  # em
# What is short stands side by side, as the numbers of a vector do.
_SHORT, _SHORTEST = 60, 24
_NO_LIMIT = 10**9
_WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere"


def tree_html(
    roots: list[Node],
    *,
    whole: bool = False,
    longest: int = _NO_LIMIT,
    most_lines: int = _NO_LIMIT,
) -> str:
    """
    Give nodes as safe HTML.

    Args:
        roots: What is shown.
        whole: Whether this is all; else it is a piece, with others before or after it.
        longest: Characters of one text that are shown.
        most_lines: Lines and rows that are shown.
    """
    page = _Page(whole=whole, longest=longest, lines_left=most_lines)
    for root in roots:
        page.value(root, 0)
    return page.html()


@dataclass
class _Page:
    whole: bool
    longest: int
    lines_left: int
    _html: list[str] = field(default_factory=list)
    _depth: int | None = None
    _left_out: int = 0

    def html(self) -> str:
        self._end_lines()
        if self._left_out:
            self._html.append(f"<p>… {self._left_out:,} more lines are not shown here.</p>")
        if not self._html:
            return ""
        return f'<div style="{_WRAPPED};text-indent:-1em">{"".join(self._html)}</div>\n'

    def value(self, node: Node, depth: int) -> None:
        """Write a value that has a place of its own: in an object, in a list, or in none."""
        if node.kind == "prose":
            self._prose(node)
        elif not node.is_container:
            self._line(depth, f"{_label(node)}{self._leaf(node)}" if node.begun else self._leaf(node))
        elif node.is_empty:
            self._line(depth, f"{_label(node)}<em>empty {node.kind}</em>")
        else:
            self._container(node, depth)

    def _container(self, node: Node, depth: int) -> None:
        label = _label(node)
        inside = depth + 1 if node.key is not None or node.index is not None else depth
        if node.kind == "list" and _is_short(node):
            flow = ", ".join(map(self._leaf, node.children)) + ("" if node.ended or not node.children else ",")
            self._line(depth if node.begun else inside, f"{label}{flow}" if node.begun else flow)
            return
        if node.begun and label:
            self._line(depth, label.rstrip())
        # Of a value that has only begun, nothing can be told, not even whether it is a row of a table.
        known = node.children[:-1] if _has_only_begun(node.children[-1:]) else node.children
        for child in self._table(node, known, inside) if node.kind == "list" else known:
            self.value(child, inside)

    def _table(self, node: Node, rows: list[Node], depth: int) -> list[Node]:
        """Write the values that are rows of a table, and give those that are not."""
        columns = columns_of(node) if rows else ()
        if not columns:
            return rows
        count = next((number for number, row in enumerate(rows) if not fits(row)), len(rows))
        shown = rows[: min(count, self.lines_left)]
        self._left_out += count - len(shown)
        self.lines_left -= len(shown)
        if shown:
            self._end_lines()
            self._html.append(
                table_html(
                    columns,
                    shown,
                    is_first=node.columns is None,
                    whole=self.whole,
                    indent=_INDENT * depth,
                )
            )
        return rows[count:]

    def _prose(self, node: Node) -> None:
        text = node.text.strip("\n")
        if text.strip():
            self._end_lines()
            self._html.append(f'<div style="text-indent:0">{_escaped(text)}</div>')

    def _leaf(self, node: Node) -> str:
        text = node.text
        more = len(text) - self.longest
        html = _escaped(text[: self.longest])
        if more > 0:
            return f"{html}<small>… {more:,} more characters</small>"
        return f"<em>{html}</em>" if node.is_literal else html

    def _line(self, depth: int, html: str) -> None:
        if not self.lines_left:
            self._left_out += 1
            return
        self.lines_left -= 1
        if depth != self._depth:
            self._end_lines()
            # The first line of a value stands out by one em, which the page says.
            self._html.append(f'<div style="padding-left:{1 + _INDENT * depth:g}em">')
            self._depth = depth
        self._html.append(f"<div>{html}</div>")

    def _end_lines(self) -> None:
        if self._depth is not None:
            self._html.append("</div>")
            self._depth = None


def _label(node: Node) -> str:
    if node.key is not None:
        return f"<b>{_escaped(node.key)}</b>: "
    if node.index is None:
        return ""
    return f"<small>[{node.index}]</small> " if node.is_container else "• "


def _has_only_begun(nodes: list[Node]) -> bool:
    return any(
        node.kind == "object" and node.index is not None and not node.ended and not node.children for node in nodes
    )


def _is_short(node: Node) -> bool:
    """Whether a list is of short texts and numbers, which are read side by side."""
    sizes = [len(each.text) for each in node.children if not each.is_container]
    return len(sizes) == len(node.children) and max(sizes, default=0) <= _SHORT and sum(sizes) <= _SHORTEST * len(sizes)


def _escaped(text: str) -> str:
    return escape_html(visible(text), quote=False)
