"""
HTML that a model wrote, as the page that it makes: inert, in a frame that can neither run nor load nor lead anywhere.

Three things hold, each by itself: the frame is a sandbox that allows nothing; the first that is in it is a policy that
lets nothing load; and what could reach out or navigate is taken out of the text beforehand. A link cannot be clicked,
since the frame is inert and takes no pointer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as escape_html

from byom_magics.plain import visible
from byom_magics.show.fences import Fence, opened_by
from byom_magics.show.markup import code_block, left_out, preformatted
from byom_magics.show.segments import SHOWN
from byom_magics.show.status import QUIET

__all__ = ["frame_html", "html_of", "inert"]

_LARGEST = 500_000
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-src 'none'; script-src 'none'"
)
_HEAD = (
    f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">'
    "<style>html{background:#fff;color:#111;font-family:sans-serif}</style>"
)
# Only seen where there are no frames.
_UNTRUSTED = "The page is shown in a trusted notebook; here is its source."
_LANGUAGES = {"html", "xhtml", "htm", "svg", "xml"}

# Tags that run, load, frame, send or lead elsewhere. They stay text, wherever they stand.
_FORBIDDEN = re.compile(
    r"<(?=/?(?:script|link|meta|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe|webview|form|template"
    r"|noscript|noembed|noframes|plaintext|xmp|audio|video|source|track|bgsound|set|animate)(?![a-z0-9]))",
    re.IGNORECASE,
)
# An address stays where it names something on the page itself.
_HREF = re.compile(r"(?<![\w-])((?:xlink:)?href)(?=\s*=\s*(?![\"']?#))", re.IGNORECASE)
_OTHER_ADDRESS = re.compile(
    r"(?<![\w-])(ping|action|formaction|srcdoc|attributionsrc|manifest|background)(?=\s*=)", re.IGNORECASE
)
_PROCESSING = re.compile(r"<(?=\?)")
# What is taken out without a trace, since a page would look odd with its source in it. This is for looks alone.
_UNSEEN = re.compile(r"</?(?:link|meta|base)\b[^<>]{0,2000}>|</?(?:noscript|template)\s*>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script[^<>]{0,100}>", re.IGNORECASE)
_FORM = re.compile(r"<(/?)form(?![\w-])", re.IGNORECASE)
_HOLE = "<!-- -->"

_BLOCK = re.compile(
    r"<(?:p|div|li|tr|h[1-6]|br|hr|section|article|header|footer|button|input|dt|dd|pre)\b", re.IGNORECASE
)
_PICTURE = re.compile(r"<(?:svg|img|canvas|textarea|table)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_STYLE = re.compile(r"<style\b", re.IGNORECASE)
_STYLE_END = re.compile(r"</style[^<>]{0,100}>", re.IGNORECASE)


def frame_html(text: str) -> str:
    """
    Show the HTML of an answer as a page, and its source folded below it.

    Args:
        text: The answer: HTML, or words around fences with HTML.

    Returns:
        HTML with a frame. Where a notebook does not show frames, because it is not trusted, the source is left.
    """
    source = html_of(text)
    if "<" not in source:
        return preformatted(source[:SHOWN]) + left_out(len(source) - SHOWN)
    code = code_block(source, "html") + left_out(len(source) - SHOWN)
    if len(source) > _LARGEST:
        return f"<p>A page of {len(source):,} characters is too large to be shown. This is its source.</p>{code}"
    return (
        f"{_frame(source)}"
        f'<details style="margin:.3em 0"><summary style="{QUIET};cursor:pointer">HTML · {len(source):,} characters'
        f" · shown without scripts, links and network</summary>{code}</details>\n"
    )


def html_of(text: str) -> str:
    """Give the HTML of an answer: what stands in fences that say so, else in fences that say nothing, else all."""
    blocks = list(_blocks(text))
    for wanted in (_LANGUAGES, {""}):
        found = ["".join(lines) for language, lines in blocks if language in wanted]
        if found:
            return "\n".join(found)
    return text


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    fence: Fence | None = None
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if fence is None or fence.leaves(line):
            fence = opened_by(line)
            if fence is not None:
                lines = []
                yield fence.language.lower(), lines
        elif fence.closed_by(line):
            fence = None
        else:
            lines.append(fence.content(line))


def inert(html: str) -> str:
    """
    Take out of HTML what could run, load, send or lead elsewhere; the rest stays as it is.

    Args:
        html: Any text.

    Returns:
        HTML for a sandbox, which is still needed: handlers and addresses of pictures are in it.
    """
    page = _FORM.sub(r"<\1div", _UNSEEN.sub(_HOLE, _without(_SCRIPT, _SCRIPT_END, visible(html))))
    # Nothing may change the text after this: what is put together from its pieces was looked at.
    page = _FORBIDDEN.sub("&lt;", _PROCESSING.sub("&lt;", page))
    return _OTHER_ADDRESS.sub(r"data-\1", _HREF.sub("data-href", page))


def _without(begin: re.Pattern[str], end: re.Pattern[str], html: str) -> str:
    """Take out whole elements; the one that does not end stays."""
    parts, at = [], 0
    while (opening := begin.search(html, at)) and (closing := end.search(html, opening.end())):
        parts += [html[at : opening.start()], _HOLE]
        at = closing.end()
    return "".join([*parts, html[at:]])


def _frame(source: str) -> str:
    height = _height(source)
    page = escape_html(_HEAD + inert(source))
    return (
        f'<div tabindex="0" role="region" aria-label="the page that the answer makes; its source follows"'
        ' style="overflow:auto;max-height:34em;border:1px solid var(--jp-border-color2,#e0e0e0)">'
        f'<iframe sandbox="" inert tabindex="-1" referrerpolicy="no-referrer" allow="" title="answer" srcdoc="{page}"'
        f' style="display:block;width:100%;height:{height}em;border:0;background:#fff;pointer-events:none">'
        f"{_UNTRUSTED}</iframe></div>\n"
    )


def _height(source: str) -> int:
    """About how high the page is, in em, rather too much: a frame without scripts cannot tell."""
    bare = _without(_STYLE, _STYLE_END, _without(_SCRIPT, _SCRIPT_END, source))
    text = len("".join(_TAG.sub("", bare).split()))
    lines = 1.9 * len(_BLOCK.findall(bare)) + text / 60 + 12 * len(_PICTURE.findall(bare))
    return max(10, min(200, int(lines * 1.2) + 6))
