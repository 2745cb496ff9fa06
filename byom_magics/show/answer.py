"""
The final form of a reply: one document as HTML, and the same as text.

What the model wrote stands in elements of its own; reasoning, tool calls, problems and the status line stand outside
of them, so that no text of a model can pass for ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.fences import fenced_code, first_language
from byom_magics.show.highlight import COLOURS
from byom_magics.show.markup import code_block, escape, json_block, left_out, render
from byom_magics.show.segments import SHOWN
from byom_magics.show.status import QUIET, problem_html, problem_plain, status_html, status_plain

if TYPE_CHECKING:
    from byom_magics.events import Reply, ToolCall

__all__ = ["FORMATS", "Bundle", "answer_html", "document", "frame", "reasoning_html", "reply_bundle", "tools_html"]

_REASONING_SHOWN = 200_000


@dataclass(frozen=True)
class Bundle:
    """What one output holds."""

    html: str
    plain: str


def _text_html(text: str) -> str:
    shown = escape(text[:SHOWN])
    return f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{shown}</div>\n{left_out(len(text) - SHOWN)}'


def _code_html(text: str) -> str:
    return code_block(fenced_code(text), first_language(text)) + left_out(len(text) - SHOWN)


def _json_html(text: str) -> str:
    return json_block(fenced_code(text)) + left_out(len(text) - SHOWN)


# What `--format` may say, each with its way from the answer's text to HTML.
FORMATS: dict[str, Callable[[str], str]] = {
    "markdown": render,
    "text": _text_html,
    "code": _code_html,
    "json": _json_html,
}


def frame(body: str) -> str:
    """Put the model's own HTML into its element: nothing of it paints outside, no text of it is taken for math."""
    return f'<div style="overflow-x:auto;overflow-y:hidden">{body}</div>\n' if body else ""


def document(*parts: str) -> str:
    """Put the parts of an output into the element that all our outputs share, with the colours that they use."""
    body = "".join(parts)
    colours = "".join(f"--{key}:{value};" for key, value in COLOURS.items() if f'"color:var(--{key})"' in body)
    style = f' style="{colours}"' if colours else ""
    return f'<div class="byom mathjax_ignore tex2jax_ignore"{style}>{body}</div>'


def answer_html(text: str, format_name: str = "markdown") -> str:
    """Render the answer's text, in its element."""
    return frame(FORMATS[format_name](text)) if text else ""


def reasoning_html(reasoning: str, seconds: float | None = None) -> str:
    """Give the reasoning, folded; empty if there is none."""
    if not reasoning:
        return ""
    took = f" · {seconds:.0f} s" if seconds is not None else ""
    shown = escape(reasoning[:_REASONING_SHOWN])
    return (
        f'<details style="margin:.3em 0"><summary style="{QUIET};cursor:pointer">Reasoning{took}'
        f" · {len(reasoning):,} characters</summary>"
        f'<div style="{QUIET};white-space:pre-wrap;overflow-wrap:anywhere;border-left:2px solid;padding-left:.8em">'
        f"{shown}</div>{left_out(len(reasoning) - _REASONING_SHOWN)}</details>\n"
    )


def tools_html(calls: Iterable[ToolCall]) -> str:
    """Give tool calls, one line each, the full arguments folded."""
    return "".join(
        f'<details style="margin:.2em 0"><summary style="{QUIET};cursor:pointer">'
        f"asks for {escape(one_line(call.name, 80))}({escape(one_line(call.arguments, 100))})</summary>"
        f"{code_block(bounded(call.arguments, 20_000))}</details>\n"
        for call in calls
    )


def _tools_plain(calls: Iterable[ToolCall]) -> str:
    return "".join(f"[asks for {one_line(call.name, 80)}({one_line(call.arguments, 300)})]\n" for call in calls)


def reply_bundle(
    reply: Reply, format_name: str = "markdown", *, reasoning_s: float | None = None, quiet: bool = False
) -> Bundle:
    """
    Give the whole reply as one output.

    Args:
        reply: What came of the call.
        format_name: One of `FORMATS`.
        reasoning_s: Seconds that the model spent on its reasoning, if known.
        quiet: Only the problem, without the answer.
    """
    if quiet:
        return Bundle(document(problem_html(reply), status_html(reply)), problem_plain(reply) + status_plain(reply))
    html = document(
        reasoning_html(reply.reasoning, reasoning_s),
        answer_html(reply.text, format_name),
        tools_html(reply.tool_calls),
        problem_html(reply),
        status_html(reply),
    )
    return Bundle(html, _plain(reply, format_name))


def _plain(reply: Reply, format_name: str) -> str:
    text = fenced_code(reply.text) if format_name == "code" else reply.text
    parts = [
        visible(bounded(text, SHOWN)).rstrip("\n"),
        _tools_plain(reply.tool_calls) + problem_plain(reply) + status_plain(reply),
    ]
    return "\n\n".join(part for part in parts if part).rstrip("\n")
