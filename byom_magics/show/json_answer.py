"""An answer in JSON that is whole: as a tree or a table, and the text itself one click away."""

from __future__ import annotations

import re

from byom_magics.show.fences import fenced_code
from byom_magics.show.json_inside import inner_nodes, inner_text
from byom_magics.show.json_nodes import grown
from byom_magics.show.json_place import Place
from byom_magics.show.json_tree import tree_html
from byom_magics.show.markup import code_block, left_out
from byom_magics.show.partial_json import Reader
from byom_magics.show.segments import SHOWN
from byom_magics.show.status import QUIET

__all__ = ["json_answer_html", "pretty"]

_LONGEST = 20_000
_MOST_LINES = 5_000
# Indented deeper than this, a text is mostly white space.
_DEEPEST = 40
# Each of these matches at once, also a string that never ends: nothing is tried twice.
_TOKEN = re.compile(r'\s+|"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def json_answer_html(text: str, *, inside: bool = False) -> str:
    """
    Give an answer in JSON as a tree, with the text folded below it.

    What is no JSON is shown as it is; of what broke off, the part that came is a tree.

    Args:
        text: The answer: JSON, with or without a fence and words around it.
        inside: Whether the value is sent inside of an object, which is not shown; see `byom_magics.show.json_inside`.
    """
    reader = Reader()
    tokens = reader.feed(text[:SHOWN])
    tokens = tokens + reader.flush()
    rest = left_out(len(text) - SHOWN)
    roots = grown(Place(), tokens).roots
    if reader.is_broken or not any(root.is_container for root in roots):
        return code_block(fenced_code(text), "json") + rest
    tree = tree_html(inner_nodes(roots) if inside else roots, whole=True, longest=_LONGEST, most_lines=_MOST_LINES)
    words = any(root.kind == "prose" and root.text.strip() for root in roots)
    json = fenced_code(text[:SHOWN])
    source = text[:SHOWN] if words else pretty(inner_text(json) if inside else json)
    size = len(inner_text(text) if inside else text)
    return (
        f'{tree}<details style="margin:.3em 0"><summary style="{QUIET};cursor:pointer">'
        f"JSON · {size:,} characters</summary>{code_block(source)}</details>\n{rest}"
    )


def pretty(text: str) -> str:
    """
    Indent a JSON text: nothing in it changes but white space outside of strings.

    Args:
        text: The text. One that would grow too large is given back as it is.
    """
    out: list[str] = []
    depth = size = 0
    before = ""
    for found in _TOKEN.finditer(text.strip()):
        token = found.group()
        if token.isspace():
            continue
        closes = token in {"]", "}"}
        depth -= closes
        if not 0 <= depth <= _DEEPEST or size > SHOWN:
            return text
        if (before in {"[", "{", ","} and not (closes and before != ",")) or (closes and before not in {"[", "{"}):
            out.append("\n" + "  " * depth)
        elif before == ":":
            out.append(" ")
        depth += token in {"[", "{"}
        out.append(token)
        size += len(token) + 2 * depth + 1
        before = token
    return "".join(out)
