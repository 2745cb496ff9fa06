"""
The final form of a reply: one document as HTML, and the same as text.

A turn of several calls is laid out as it went: what was said, the tools that ran, what was said then.

What the model wrote stands in elements of its own; reasoning, tool calls, problems and the status line stand outside
of them, so that no text of a model can pass for ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.fences import fenced_code
from byom_magics.show.formats import FORMATS, RENDERERS
from byom_magics.show.json_inside import inner_text
from byom_magics.show.layout import Said, pending, sections
from byom_magics.show.markup import left_out
from byom_magics.show.segments import SHOWN
from byom_magics.show.sheet import document
from byom_magics.show.status import problem_html, problem_plain, status_html, status_plain
from byom_magics.show.thinking import reasoning_html
from byom_magics.show.tool_lines import ToolLines, asks_html, asks_plain

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.messages import Image

__all__ = [
    "FORMATS",
    "Bundle",
    "answer_html",
    "document",
    "frame",
    "image_plain",
    "images_html",
    "joined_plain",
    "reply_bundle",
    "reply_plain",
    "tokens_html",
    "tokens_plain",
]


# Characters that are shown of what was said before tools ran; the answer has as many as any answer.
_BETWEEN_SHOWN = 100_000
_PLAIN = {"code": fenced_code, "value": inner_text}


@dataclass(frozen=True)
class Bundle:
    """What one output holds."""

    html: str
    plain: str


def frame(body: str) -> str:
    """Put the model's own HTML into its element: nothing of it paints outside, no text of it is taken for math."""
    return f'<div style="overflow-x:auto;overflow-y:hidden">{body}</div>\n' if body else ""


def answer_html(text: str, format_name: str = "markdown") -> str:
    """Render the answer's text, in its element."""
    return frame(RENDERERS[format_name](text)) if text else ""


def joined_plain(texts: Iterable[str]) -> str:
    """Join texts with an empty line between them; those that are empty are none."""
    return "\n\n".join(stripped for text in texts if (stripped := text.rstrip("\n")))


def reply_bundle(
    reply: Reply,
    format_name: str = "markdown",
    *,
    reasoning_s: float | None = None,
    quiet: bool = False,
    notes: Sequence[str] = (),
    logprobs: bool = False,
) -> Bundle:
    """
    Give the whole reply as one output.

    Args:
        reply: What came of the turn.
        format_name: One of `FORMATS`; what was said before tools ran is Markdown.
        reasoning_s: Seconds that the model spent on its reasoning, where the reply does not know.
        quiet: Only the problem, without the answer.
        notes: What was said before sending, such as how much it is; kept small below the status line.
        logprobs: Whether the tokens are shown with their alternatives, if the reply has them.
    """
    tokens = tokens_plain(reply) if logprobs else ""
    end = problem_plain(reply) + status_plain(reply, notes)
    if quiet:
        return Bundle(document(problem_html(reply), status_html(reply, notes)), end)
    took = reasoning_s if reply.reasoning_s is None else reply.reasoning_s
    html = document(
        reasoning_html(reply.reasoning, took, reply.usage.reasoning_tokens),
        _sections_html(reply, format_name),
        images_html(reply.images),
        tokens_html(reply) if logprobs else "",
        asks_html(pending(reply)),
        problem_html(reply),
        status_html(reply, notes),
    )
    return Bundle(html, reply_plain(reply, format_name, tokens + end))


def images_html(images: Sequence[Image], first: int = 0) -> str:
    """Give images that the model made; ``first`` is the place of the first of them in ``reply.images``."""
    if not images:
        return ""
    from byom_magics.show.pictures import pictures_html  # noqa: PLC0415 (loaded with the first picture)

    return pictures_html(images, first=first)


def tokens_html(reply: Reply) -> str:
    """Give the tokens of the answer with their alternatives; empty if the reply has none."""
    if not reply.logprobs:
        return ""
    from byom_magics.show.token_table import logprobs_html  # noqa: PLC0415 (loaded when asked for)

    return logprobs_html(reply.logprobs)


def tokens_plain(reply: Reply) -> str:
    """Give the same as lines of text."""
    if not reply.logprobs:
        return ""
    from byom_magics.show.token_table import logprobs_plain  # noqa: PLC0415 (loaded when asked for)

    return f"{logprobs_plain(reply.logprobs)}\n"


def _sections_html(reply: Reply, format_name: str) -> str:
    lines, room, dropped = ToolLines(), _BETWEEN_SHOWN, 0
    parts: list[str] = []
    for section in sections(reply):
        if not isinstance(section, Said):
            parts.append(lines.all_html(section))
        elif section.is_answer:
            parts.append(answer_html(section.text, format_name))
        else:
            parts.append(answer_html(section.text[:room]))
            dropped += max(0, len(section.text) - room)
            room = max(0, room - len(section.text))
    return "".join(parts) + left_out(dropped)


def reply_plain(reply: Reply, format_name: str = "markdown", end: str = "") -> str:
    """
    Give the reply as text, without its reasoning.

    Args:
        reply: What came of the turn.
        format_name: With ``code``, only the code of the answer.
        end: What stands at the end of it.
    """
    lines, room = ToolLines(), _BETWEEN_SHOWN
    parts: list[str] = []
    for section in sections(reply):
        if not isinstance(section, Said):
            parts.append(lines.all_plain(section))
            continue
        if section.is_answer:
            text = _PLAIN.get(format_name, str)(section.text)
            parts.append(visible(bounded(text, SHOWN)))
        elif room:
            parts.append(visible(bounded(section.text, room)))
            room = max(0, room - len(section.text))
    pictures = "".join(f"{image_plain(image, number)}\n" for number, image in enumerate(reply.images))
    return joined_plain([*parts, pictures + asks_plain(pending(reply)) + end])


def image_plain(image: Image, number: int) -> str:
    """Say in words what an image of a reply is, and where; ``number`` is its place in ``reply.images``."""
    kind = one_line(image.media_type.removeprefix("image/"), 40)
    return f"[image {number + 1}: {kind}, {-(-len(image.data) // 1000):,} kB, in _byom.images[{number}]]"
