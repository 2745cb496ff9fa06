"""
The one renderer: Markdown of a model to HTML that is safe by construction.

Raw HTML is text, images do not load, links lead to the web or to mail and say where, formulas are left to the page's
MathJax after a look at their commands. Every piece of the model's text goes through `escape`; every tag is written
here or by markdown-it's own renderer, which has no way to write one from text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape as escape_html
from typing import TYPE_CHECKING, Any, cast

from byom_magics.plain import one_line, visible
from byom_magics.show.fences import fenced_code
from byom_magics.show.formulas import harmless
from byom_magics.show.highlight import highlight
from byom_magics.show.links import host_of, inline_image, target
from byom_magics.show.segments import SHOWN, pieces
from byom_magics.show.sheet import escape

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

__all__ = [
    "code_block",
    "escape",
    "fenced_code",
    "json_block",
    "left_out",
    "preformatted",
    "render",
    "render_piece",
    "typeset",
]

# As one document up to here; longer texts are rendered piece by piece, which bounds the work that one piece can make.
_WHOLE = 150_000
_PIECE = 20_000
_NESTING = 60
_HIGHLIGHTED = 200_000
_FORMULAS = 2_000
# HTML per character of Markdown: beyond this the text blows itself up, as a table of 10,000 columns does.
_BLOW_UP = 30
_MOST_HTML = 5_000_000
# Brackets that never close make markdown-it look ahead from each of them.
_BRACKETS = 500

# Characters that fit into the narrowest column: what is wider may scroll, and then Tab has to lead to it.
_NARROW = 30

_QUIET = "color:var(--jp-ui-font-color2,#757575)"
_PRE = (
    "background:var(--jp-cell-editor-background,#7f7f7f1f);"
    "padding:.6em .8em;margin:0 0 .8em;overflow:auto;white-space:pre"
)
_HOST = re.compile(r"\A[A-Za-z]+://[^/?#]*")
_MATH = '<span class="mathjax_process tex2jax_process">'


def render(markdown: str) -> str:
    """
    Render a whole answer. Time and output are bounded for any text; what was left out is said at the end.

    Args:
        markdown: The answer, as it came.

    Returns:
        HTML that can neither run, load, nor leave its place.
    """
    shown = visible(markdown[:SHOWN])
    rest = len(markdown) - SHOWN
    if len(shown) <= _WHOLE:
        return render_piece(shown) + left_out(rest)
    parts: list[str] = []
    size, begun = 0, 0
    for piece in pieces(shown, _PIECE):
        if size > _MOST_HTML:
            return "".join(parts) + left_out(len(shown) - begun + max(rest, 0))
        parts.append(render_piece(piece.markdown, piece.first_number))
        size += len(parts[-1])
        begun += len(piece.text)
    return "".join(parts) + left_out(rest)


def left_out(count: int) -> str:
    """Say how many characters are not shown; nothing if none."""
    if count <= 0:
        return ""
    return f'<p style="{_QUIET}">… {count:,} more characters are not shown here. The reply holds the whole text.</p>'


def render_piece(
    markdown: str, first_number: int | None = None, *, colours: bool = True, repeats_header: bool = False
) -> str:
    """
    Render a piece of bounded size.

    Args:
        markdown: The piece, with nothing hidden in it (`visible`).
        first_number: Where an ordered list at its start goes on counting.
        colours: Whether code is highlighted, and the keyboard led to what may scroll: both take bytes, code time too.
        repeats_header: Whether it begins with the header of a table that is on the page already.
    """
    md = _parser()
    env: dict[str, Any] = {"colours": _HIGHLIGHTED if colours else 0, "formulas": _FORMULAS, "reached": colours}
    tokens = md.parse(markdown, env)
    if any(token.level >= _NESTING - 1 for token in tokens):
        # markdown-it drops what is nested deeper, and nothing may be missing.
        return preformatted(markdown)
    if first_number is not None and tokens and tokens[0].type == "ordered_list_open":
        tokens[0].attrSet("start", first_number)
    html: str = md.renderer.render(tokens, md.options, env)
    if len(html) > _BLOW_UP * (len(markdown) + 100):
        return preformatted(markdown)
    # Text has no "<" of its own, so this is the first table's own head.
    return html.replace("<thead>", '<thead style="visibility:collapse">', 1) if repeats_header else html


def preformatted(text: str) -> str:
    """Give a text as it is, lines kept and long ones wrapped."""
    return f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(text)}</pre>\n'


def code_block(text: str, language: str = "", *, colours: bool = True, reached: bool = True) -> str:
    """
    Give code as a block, in the theme's colours if the language is known and it is not very long.

    Args:
        text: The code.
        language: As it is named after a fence.
        colours: Whether it is highlighted.
        reached: Whether the keyboard is led to it, where it may scroll.
    """
    text = visible(text[:SHOWN])
    coloured = highlight(text, language) if colours else None
    code = escape_html(text, quote=False) if coloured is None else coloured
    # In Voilà <pre> has the font of the text, and themes give <code> a ground of its own, line by line.
    way = _way("code", max(map(len, text.split("\n")))) if reached else ""
    return f'<pre{way} style="{_PRE}"><tt>{code}</tt></pre>\n'


def json_block(value: object) -> str:
    """Give JSON as an indented, coloured block. A text that is no JSON is shown as it is; other values are encoded."""
    try:
        parsed = json.loads(value[:SHOWN]) if isinstance(value, str) else value
        text = json.dumps(parsed, indent=2, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return code_block(str(value), "")
    return code_block(text, "json")


def typeset(formula: str, dollars: str = "$$") -> str | None:
    """
    Leave a formula to the page's MathJax, or give None if that might do harm.

    Args:
        formula: The formula, without its marks.
        dollars: The marks: two for a line of its own, one inside a line.
    """
    # A dollar or a closer inside would end the formula earlier for MathJax than it did for us.
    if not harmless(formula) or visible(formula) != formula or re.search(r"\$|\\[()\[\]]", formula):
        return None
    return f"{_MATH}{dollars}{escape_html(formula, quote=False)}{dollars}</span>"


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 (loaded with the first answer)
    from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415 (loaded with the first answer)

    from byom_magics.show.brackets import bracket_math  # noqa: PLC0415 (loaded with the first answer)

    md = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(["table", "strikethrough"])
    md.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    md.use(bracket_math)
    md.core.ruler.before("inline", "crowded", _leave_crowded_lines)
    normalize = md.normalizeLink
    # Hosts in capitals would become another xn--… than the one that a browser goes to.
    md.normalizeLink = lambda url: normalize(_HOST.sub(lambda host: host[0].lower(), url))  # type: ignore[method-assign]
    md.validateLink = _leads_somewhere  # type: ignore[method-assign]
    # markdown-it would turn xn--… back into look-alike letters.
    md.normalizeLinkText = md.normalizeLink  # type: ignore[method-assign,assignment]
    rules: dict[str, Any] = {
        "text": _text,
        "code_inline": _code_inline,
        "code_block": _code,
        "fence": _code,
        "image": _image,
        "link_open": _link_open,
        "link_close": _link_close,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _cell_open,
        "td_open": _cell_open,
        "math_inline": _inline_math,
        "math_inline_double": _display_math,
        "math_block": _display_math,
    }
    cast("RendererHTML", md.renderer).rules.update(rules)
    return md


def _way(name: str, width: int) -> str:
    """What lets the keyboard reach a block that may scroll; browsers do it by themselves in part only."""
    return f' role="group" aria-label="{name}" tabindex="0"' if width > _NARROW else ""


def _table_open(tokens: Sequence[Token], at: int, _options: Any, env: dict[str, Any]) -> str:
    widest: dict[int, int] = {}
    column = 0
    for token in tokens[at:]:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            column = 0
        elif token.type == "inline":
            word = max(map(len, token.content.split()), default=0)
            widest[column] = max(widest.get(column, 0), word)
            column += 1
    way = _way("table", sum(widest.values())) if env["reached"] else ""
    env["in_a_box"] = bool(way)  # a table has no table in it
    return f'<div{way} style="overflow-x:auto"><table>\n' if way else "<table>\n"


def _table_close(_tokens: Sequence[Token], _at: int, _options: Any, env: dict[str, Any]) -> str:
    return "</table></div>\n" if env["in_a_box"] else "</table>\n"


def _cell_open(tokens: Sequence[Token], at: int, *_: Any) -> str:
    # JupyterLab aligns to the right what says nothing of it.
    return f'<{tokens[at].tag} style="{tokens[at].attrGet("style") or "text-align:left"}">'


def _leads_somewhere(url: str) -> bool:
    # What is refused here stays in the text as it was written. Pictures are named by `_image`, whatever their scheme.
    return target(url) is not None or inline_image(url)


def _leave_crowded_lines(state: StateCore) -> None:
    from markdown_it.token import Token  # noqa: PLC0415 (loaded with the first answer)

    for token in state.tokens:
        if token.type == "inline" and token.content.count("[") > _BRACKETS:
            token.children = [Token("text", "", 0, content=token.content)]
            token.content = ""


def _text(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return escape_html(visible(tokens[at].content), quote=False)


def _code_inline(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return f"<code>{escape_html(visible(tokens[at].content), quote=False)}</code>"


def _code(tokens: Sequence[Token], at: int, _options: Any, env: dict[str, Any]) -> str:
    token = tokens[at]
    env["colours"] -= len(token.content)
    words = token.info.split(maxsplit=1)
    return code_block(token.content, words[0] if words else "", colours=env["colours"] >= 0, reached=env["reached"])


def _link_open(tokens: Sequence[Token], at: int, *_: Any) -> str:
    place = target(str(tokens[at].attrGet("href") or ""))
    if place is None:
        return "<span>"
    return f'<a href="{escape(place.href)}" target="_blank" rel="noopener noreferrer nofollow">'


def _link_close(tokens: Sequence[Token], at: int, *_: Any) -> str:
    start = at
    while tokens[start].type != "link_open":
        start -= 1
    place = target(str(tokens[start].attrGet("href") or ""))
    if place is None:
        return "</span>"
    if place.told_by("".join(_words(tokens[start + 1 : at]))):
        return "</a>"
    return f'</a> <small style="{_QUIET}">({escape(place.host)})</small>'


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        # A picture or a formula is not an address, whatever stands in it.
        yield token.content if token.type in {"text", "code_inline"} else "\0" if token.nesting == 0 else ""


def _image(tokens: Sequence[Token], at: int, *_: Any) -> str:
    token = tokens[at]
    url = str(token.attrGet("src") or "")
    alt = escape(one_line(token.content, 200))
    if inline_image(url):
        return f'<img src="{url}" alt="{alt}" style="max-width:100%;max-height:40em">'
    name = f"image “{alt}”" if alt else "image"
    return f'<small style="{_QUIET}">[{name} not loaded from {escape(host_of(url))}]</small>'


def _inline_math(tokens: Sequence[Token], at: int, _options: Any, env: dict[str, Any]) -> str:
    return _formula(tokens[at].content, tokens[at].markup, "$", env)


def _display_math(tokens: Sequence[Token], at: int, _options: Any, env: dict[str, Any]) -> str:
    html = _formula(tokens[at].content.strip("\n"), tokens[at].markup, "$$", env)
    return f"<p>{html}</p>\n" if tokens[at].block else html


def _formula(content: str, markup: str, dollars: str, env: dict[str, Any]) -> str:
    env["formulas"] -= 1
    shown = visible(content)
    html = typeset(content, dollars) if env["formulas"] >= 0 else None
    if html is not None:
        return html
    closer = {"\\(": "\\)", "\\[": "\\]"}.get(markup, dollars)
    opener = markup if markup in {"\\(", "\\["} else dollars
    return f"<code>{escape_html(f'{opener}{shown}{closer}', quote=False)}</code>"
