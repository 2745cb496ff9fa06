"""How a chat looks: a turn in its panel, a question that is being answered or failed, and what is kept of it all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from byom_magics.events import Reply, State
from byom_magics.plain import one_line
from byom_magics.show.answer import Bundle, answer_html, document
from byom_magics.show.history import answered_html, asked_html, past_shown
from byom_magics.show.looks import controls_css
from byom_magics.show.markup import escape
from byom_magics.show.status import BAD, ODD, QUIET, note_html, problem, status_html
from byom_magics.show.thinking import reasoning_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byom_magics.messages import Message
    from byom_magics.show.history import Past, Turn

__all__ = [
    "CSS",
    "announced",
    "failed_html",
    "folded",
    "head_html",
    "kept",
    "line_shown",
    "notice_html",
    "question_html",
    "turn_html",
]

_BUBBLE = (
    "border-left:3px solid var(--jp-brand-color1,#1976d2);padding:.1em .7em .4em;margin:.3em 0;"
    # Quiet words would be too quiet on this ground.
    "background:var(--jp-layout-color2,rgba(128,128,128,.12));--jp-ui-font-color2:var(--jp-ui-font-color1,inherit)"
)
_STALE = "⟲ answered before a turn above it changed: edit it and send it again for an answer that knows"
_NOT_KEPT = "not kept in the conversation: the model is not told of it"

CSS = f"""<style>{controls_css("byom-chat")}
.byom-chat {{display:flex; flex-direction:column; gap:.4em; font-family:var(--jp-ui-font-family,sans-serif)}}
.byom-chat .widget-html, .byom-chat .widget-htmlmath, .byom-chat .jupyter-widget-html {{height:auto; max-width:100%}}
.byom-chat .widget-html-content, .byom-chat .widget-htmlmath-content
  {{line-height:1.5; white-space:normal; overflow-wrap:anywhere; min-width:0; width:100%}}
/* Where a word may break anywhere, tables would be squeezed instead of scrolling. */
.byom-chat td, .byom-chat th {{overflow-wrap:break-word}}
.byom-chat-sides {{display:flex; flex-flow:row wrap; gap:1em; align-items:stretch; overflow:visible}}
.byom-chat-side {{display:flex; flex-flow:column; flex:1 1 16em; min-width:min(16em,100%); overflow:visible;
  border-top:2px solid var(--jp-border-color1,#bdbdbd); padding-top:.3em}}
.byom-chat-row {{display:flex; flex-flow:row wrap; gap:.3em; align-items:center; overflow:visible}}
.byom-chat-column {{display:flex; flex-flow:column; overflow:visible; flex:none}}
.byom-chat-top {{align-items:flex-start; justify-content:space-between}}
.byom-chat-top > .byom-chat-grow {{flex-basis:10em}}
/* Its only child stands at the bottom, and what is read there stays there while more comes. */
.byom-chat-scroll {{display:flex; flex-flow:column-reverse; overflow-y:auto; overflow-x:hidden; max-height:34em;
  margin-top:.3em; border-top:1px solid var(--jp-border-color2,#ddd)}}
.byom-chat .jupyter-button {{padding:0 .8em; margin:2px 0}}
.byom-chat .widget-text, .byom-chat .widget-textarea, .byom-chat .widget-dropdown, .byom-chat .widget-combobox
  {{margin-left:0; margin-right:0}}
.byom-chat-grow {{flex:1 1 18em; min-width:0}}
.byom-chat-grow .widget-text, .byom-chat-grow .widget-textarea {{width:auto}}
</style>"""
"""The looks of a panel: columns that wrap, and a list of turns that stays at its end."""


def head_html(title: str, lines: Sequence[str] = ()) -> str:
    """Give what stands over a conversation: which one it is, and quiet lines below."""
    shown = [escape(one_line(line, 600)) for line in lines if line]
    below = "".join(f'<div style="{QUIET};font-size:.85em">{line}</div>' for line in shown)
    return document(f"<div><strong>{escape(one_line(title, 200))}</strong></div>{below}")


def turn_html(turn: Turn, number: int, *, stale: bool = False, reply: Reply | None = None) -> str:
    """
    Give one turn of a conversation.

    Args:
        turn: What was asked, and what came of it.
        number: Which one it is, from 1.
        stale: Whether a turn above it was answered anew since.
        reply: The reply that it was made of, if that is known; then its status line and its reasoning are told too.
    """
    ended = _unknown(turn) if reply is None else _problem(reply) + status_html(reply)
    parts = (
        question_html(turn.asked, number),
        "" if reply is None else reasoning_html(reply.reasoning, reply.reasoning_s, reply.usage.reasoning_tokens),
        answered_html(turn),
        note_html(_STALE) if stale else "",
        ended,
    )
    return document(*parts)


def question_html(asked: Iterable[Message], number: int) -> str:
    """Give a question as it stands over its answer."""
    return f'<section aria-label="Turn {number}: your question" style="{_BUBBLE}">{asked_html(asked)}</section>\n'


def failed_html(asked: Iterable[Message], number: int, reply: Reply) -> str:
    """Give a question that the conversation does not have: what came of it, what went wrong, and what to do."""
    return document(
        question_html(asked, number),
        answer_html(reply.text),
        _problem(reply),
        note_html(_NOT_KEPT),
        status_html(reply),
    )


def notice_html(line: str, *, wrong: bool = False) -> str:
    """Give a line that tells of what was just done; it is read out."""
    if not line:
        return ""
    look = "" if wrong else f"{QUIET};"
    mark = "⚠ " if wrong else ""
    return document(f'<div role="status" style="{look}font-size:.9em">{mark}{escape(one_line(line, 600))}</div>')


def announced(reply: Reply) -> str:
    """Say in a line that an answer has come, and how it ended."""
    who = one_line(reply.model or "The model", 80)
    words, _, _ = problem(reply)
    return f"{who}: {words}." if words else f"{who} has answered: {len(reply.text):,} characters."


def kept(pasts: Sequence[Past], ways: Sequence[str], last: int | None = None) -> Bundle:
    """
    Give what was said, for the saved notebook: all conversations of a panel, beside one another where there is room.

    Args:
        pasts: The conversations.
        ways: How each goes on, in a line.
        last: How many turns of each, from the last one back; as many as is sensible if left out.
    """
    shown = [past_shown(past, last) for past in pasts]
    column = "flex:1 1 16em;min-width:min(16em,100%)"
    columns = "".join(
        f'<div style="{column}">{each.html}{note_html(way)}</div>' for each, way in zip(shown, ways, strict=True)
    )
    return Bundle(
        document(f'<div style="display:flex;flex-flow:row wrap;gap:1em">{columns}</div>'),
        "\n\n".join(f"{each.plain}\n\n{way}" for each, way in zip(shown, ways, strict=True)),
    )


def folded(bundle: Bundle, pasts: Sequence[Past]) -> Bundle:
    """Give the same under one line, as long as a panel shows it anyway; nothing, if nothing was said yet."""
    count = sum(len(past.exchanges) for past in pasts)
    if not count:
        return Bundle(document(), "")
    turns = f"{count:,} turn{'' if count == 1 else 's'}"
    summary = f'<summary style="{QUIET};cursor:pointer">What the saved notebook keeps of this chat: {turns}</summary>'
    return Bundle(document(f"<details>{summary}\n{bundle.html}</details>"), bundle.plain)


def line_shown(line: str) -> Bundle:
    """Give a line that stands in place of a panel."""
    line = one_line(line, 600)
    return Bundle(document(note_html(line)), line)


def _problem(reply: Reply) -> str:
    words, what, step = problem(reply)
    if not words:
        return ""
    colour = BAD if reply.state.failed or reply.state is State.COMPLETE else ODD
    lines = "".join(f"<br>{escape(line)}" for line in what.splitlines())
    # In a panel there is no cell to run: running it again would open the panel anew.
    step = step.replace("run the cell again", "send it again")
    # No alert: the line below the panel tells it once, and not again with each page that shows the turn.
    return (
        f'<div style="border-left:4px solid {colour};padding:.2em .8em;margin:.5em 0">'
        f"<strong>⚠ {escape(words)}</strong>{lines}"
        f'<br><span style="{QUIET}">Next: {escape(step)}</span></div>\n'
    )


def _unknown(turn: Turn) -> str:
    """How a turn ended of which only the conversation is known."""
    reply = Reply(state=turn.state, reason=turn.reason, usage=turn.usage, model=turn.model)
    return _problem(reply) + status_html(reply)
