"""How conversations look: one with its turns, or a table of all. HTML and plain text, bounded for any number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from byom_magics.catalog.secrets import mask
from byom_magics.events import Reply, State
from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.answer import Bundle, document, frame
from byom_magics.show.markup import code_block, escape, render
from byom_magics.show.status import BAD, QUIET, badge, note_html
from byom_magics.show.tables import Table

if TYPE_CHECKING:
    from byom_magics.events import Usage
    from byom_magics.messages import Image, Message, ToolCall

__all__ = ["Past", "Turn", "answered_html", "asked_html", "overview", "past_shown"]

_OPEN = 3  # turns that are not folded
_MOST_TURNS = 100  # that are shown if nobody says how many
_MOST_HTML = 1_000_000  # of all turns; one notebook holds many outputs
_MOST_OF_A_MESSAGE = 20_000
_MOST_OF_AN_IMAGE = 200_000  # bytes; a larger one is only named
_MOST_OF_IMAGES = 1_000_000
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_STALE = "stale: a turn above it has changed since"
_ALL = "%byom_history --last N shows more, --export FILE.md writes all"


class Turn(Protocol):
    """One turn of a conversation."""

    @property
    def asked(self) -> tuple[Message, ...]:
        """What the person said."""

    @property
    def answered(self) -> tuple[Message, ...]:
        """What the model said, and what its tools gave."""

    @property
    def state(self) -> State:
        """How it ended."""

    @property
    def reason(self) -> str | None:
        """The detail of the state."""

    @property
    def model(self) -> str:
        """The key of the model that answered."""

    @property
    def usage(self) -> Usage:
        """Tokens as the server counted them."""

    @property
    def tokens(self) -> int:
        """About how many tokens it is."""

    @property
    def images(self) -> tuple[Image, ...]:
        """Images that the model made."""


class Past(Protocol):
    """A conversation."""

    model: str
    name: str
    system: str | None
    origin: str

    @property
    def title(self) -> str:
        """What it is called in a sentence."""

    @property
    def exchanges(self) -> Sequence[Turn]:
        """Its turns, in order."""

    @property
    def stale(self) -> Sequence[bool]:
        """For each turn, whether it was answered before a turn above it was answered anew."""

    @property
    def tokens(self) -> int:
        """About how many tokens all turns are."""

    @property
    def used(self) -> datetime | None:
        """When it was last answered."""


@dataclass(frozen=True)
class _Numbered:
    number: int
    turn: Turn
    stale: bool


class _Images:
    """Shows images as long as they are not too large, one by one and together."""

    def __init__(self) -> None:
        self._left = _MOST_OF_IMAGES

    def html(self, image: Image) -> str:
        size = len(image.data)
        if image.media_type not in _IMAGES or size > min(self._left, _MOST_OF_AN_IMAGE):
            return f'<p style="{QUIET}">{escape(_image(image))}</p>\n'
        self._left -= size
        return f'<p><img src="{image.data_url}" alt="" style="max-width:100%;max-height:20em"></p>\n'


def past_shown(past: Past, last: int | None = None) -> Bundle:
    """
    A conversation, turn by turn; the last ones are open, those before them folded.

    Args:
        past: What is shown.
        last: How many turns, from the last one back; as many as is sensible if left out.
    """
    turns = [
        _Numbered(number, turn, stale)
        for number, (turn, stale) in enumerate(zip(past.exchanges, past.stale, strict=False), 1)
    ]
    most = _MOST_TURNS if last is None else max(0, last)
    chosen = turns[max(0, len(turns) - most) :]
    head, system = _head(past, len(turns)), mask(past.system or "")
    html, plain = _turns_html(chosen), _turns_plain(chosen)
    return Bundle(
        document(
            f"<p><strong>{escape(head)}</strong></p>\n",
            _folded(f"System: {one_line(system, 80)}", _text_html(system)) if system else "",
            _note(len(turns) - len(html)),
            *html,
        ),
        "\n\n".join(
            part
            for part in (
                head,
                f"System: {_cut(system)}" if system else "",
                _earlier(len(turns) - len(plain)),
                *plain,
            )
            if part
        ),
    )


def asked_html(asked: Iterable[Message]) -> str:
    """Give what a person said in one turn."""
    return "".join(_asked(asked, _Images()))


def answered_html(turn: Turn) -> str:
    """Give what a model said in one turn, and what its tools gave; not how it ended."""
    return "".join(_answered(turn, _Images()))


def overview(pasts: Iterable[Past]) -> Table:
    """A table of conversations, the one that was used last at the top."""
    listed = sorted(pasts, key=lambda past: past.used.timestamp() if past.used else 0, reverse=True)
    rows = [
        (
            past.name or "(none)",
            past.model,
            f"{len(past.exchanges):,}",
            f"{past.tokens:,}",
            _time(past.used),
            _begun(past),
        )
        for past in listed
    ]
    note = "Show one: %byom_history NAME, or %byom_history --model MODEL for the one without a name."
    return Table(("name", "model", "turns", "tokens, about", "last answer", "begun with"), rows, note)


def _head(past: Past, count: int) -> str:
    turns = "1 turn" if count == 1 else f"{count:,} turns"
    begun = f"begun with a copy of {past.origin}" if past.origin else ""
    return one_line(
        " · ".join(
            part
            for part in (past.title[:1].upper() + past.title[1:], turns, f"about {past.tokens:,} tokens", begun)
            if part
        ),
        400,
    )


def _turns_html(turns: Sequence[_Numbered]) -> list[str]:
    """The last turns as HTML, as many as there is room for."""
    found: list[str] = []
    images, size = _Images(), 0
    for back, each in enumerate(reversed(turns)):
        body = "".join((*_asked(each.turn.asked, images), *_answered(each.turn, images), _ended(each.turn)))
        html = _folded(_line(each, question=True), body) if back >= _OPEN else _open(_line(each, ended=False), body)
        size += len(html)
        if found and size > _MOST_HTML:
            break
        found.append(html)
    return found[::-1]


def _asked(asked: Iterable[Message], images: _Images) -> Iterator[str]:
    for message in asked:
        yield _who("You" if message.role == "user" else message.role)
        yield _text_html(mask(message.text))
        yield from map(images.html, message.images)


def _answered(turn: Turn, images: _Images) -> Iterator[str]:
    yield _who(turn.model or "Model")
    for message, results in _said(turn):
        text = mask(message.text)
        yield frame(render(text[:_MOST_OF_A_MESSAGE])) if text else ""
        yield _more(len(text) - _MOST_OF_A_MESSAGE)
        yield from map(images.html, message.images)
        for call in message.tool_calls:
            result = results.get(call.id)
            shown = code_block(bounded(mask(call.arguments), _MOST_OF_A_MESSAGE), "json")
            told = _text_html(mask(result.text)) if result is not None else ""
            yield _folded(_tool(call, result), shown + told)
            yield from map(images.html, result.images if result is not None else ())
    yield from map(images.html, turn.images)


def _ended(turn: Turn) -> str:
    words = _badge(turn)
    colour = f' style="color:{BAD}"' if turn.state.failed else ""
    return f"<p><strong{colour}>⚠ {escape(words)}</strong></p>\n" if words else ""


def _said(turn: Turn) -> list[tuple[Message, dict[str | None, Message]]]:
    """What the model said, each with the results of the tools that it asks for there, by the ids of the calls."""
    found: list[tuple[Message, dict[str | None, Message]]] = []
    for message in turn.answered:
        if message.role != "tool":
            found.append((message, {}))
        elif found:
            found[-1][1][message.tool_call_id] = message
    return found


def _tool(call: ToolCall, result: Message | None) -> str:
    told = f" → {_start(result.text, 100)}" if result is not None else ""
    return f"{one_line(call.name, 80)}({_start(call.arguments, 100)}){told}"


def _start(text: str, limit: int) -> str:
    """The beginning of a text in one line, without keys; the rest is not looked at."""
    return one_line(mask(text[: 20 * limit]), limit)


def _line(each: _Numbered, *, question: bool = False, ended: bool = True) -> str:
    """A turn in one line, with the beginning of the question and with how it ended, if that is wanted."""
    turn = each.turn
    asked = next((_start(message.text, 80) for message in turn.asked if message.text), "") if question else ""
    stale = _STALE if each.stale else ""
    parts = [f"{each.number}", asked, _tokens(turn), _badge(turn) if ended else "", stale]
    return " · ".join(part for part in parts if part)


def _badge(turn: Turn) -> str:
    words = badge(Reply(state=turn.state))
    return f"{words} ({one_line(turn.reason, 60)})" if words and turn.reason else words


def _tokens(turn: Turn) -> str:
    counts = ((turn.usage.input_tokens, "in"), (turn.usage.output_tokens, "out"))
    counted = ", ".join(f"{count:,} {word}" for count, word in counts if count is not None)
    return f"tokens {counted}" if counted else f"about {turn.tokens:,} tokens"


def _turns_plain(turns: Sequence[_Numbered]) -> list[str]:
    found: list[str] = []
    size = 0
    for each in reversed(turns):
        text = f"── {_line(each)}\n" + "\n".join(_lines(each.turn))
        size += len(text)
        if found and size > _MOST_HTML // 2:
            break
        found.append(text)
    return found[::-1]


def _lines(turn: Turn) -> Iterator[str]:
    for message in turn.asked:
        yield f"[{'You' if message.role == 'user' else message.role}]\n{_cut(mask(message.text))}"
        yield from map(_image, message.images)
    yield f"[{one_line(turn.model or 'Model', 80)}]"
    for message, results in _said(turn):
        if message.text:
            yield _cut(mask(message.text))
        yield from map(_image, message.images)
        yield from (f"[{_tool(call, results.get(call.id))}]" for call in message.tool_calls)
    yield from map(_image, turn.images)


def _cut(text: str) -> str:
    return visible(bounded(text, _MOST_OF_A_MESSAGE)).rstrip("\n")


def _image(image: Image) -> str:
    count, kind = len(image.data), one_line(image.media_type.removeprefix("image/"), 40)
    size = f"{count:,} bytes" if count < 1_000 else f"{count / 1_000:,.0f} kB"
    return f"[image, {size} {kind}]"


def _who(name: str) -> str:
    return f'<div style="{QUIET};font-size:.85em;margin:.6em 0 .2em">{escape(one_line(name, 80))}</div>\n'


def _text_html(text: str) -> str:
    if not text:
        return ""
    shown = escape(text[:_MOST_OF_A_MESSAGE])
    box = f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{shown}</div>\n'
    return box + _more(len(text) - _MOST_OF_A_MESSAGE)


def _more(count: int) -> str:
    return note_html(f"… {count:,} more characters") if count > 0 else ""


def _folded(line: str, body: str) -> str:
    summary = f'<summary style="{QUIET};cursor:pointer">{escape(line)}</summary>'
    return f'<details style="margin:.2em 0">{summary}\n{body}</details>\n'


def _open(line: str, body: str) -> str:
    rule = "border-top:1px solid var(--jp-border-color2,#ddd);padding-top:.3em;margin-top:.6em"
    return f'<div style="{rule}"><div style="{QUIET}">{escape(line)}</div>\n{body}</div>\n'


def _earlier(count: int) -> str:
    if count <= 0:
        return ""
    return f"{count:,} earlier turn{' is' if count == 1 else 's are'} not shown. {_ALL}"


def _note(count: int) -> str:
    return note_html(_earlier(count)) if count > 0 else ""


def _time(time: datetime | None) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time is not None else ""


def _begun(past: Past) -> str:
    return f"a copy of {past.origin}" if past.origin else ""
