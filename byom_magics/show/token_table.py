"""
An answer token by token: how likely the model held each, and what it might have said instead.

Shading and underline tell the probability; a box with the alternatives opens under a token that is pointed at or has
the focus. It is made by a style sheet of ours, without a script. A table below, folded, has the same without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape as escape_html
from typing import Any

from byom_magics.plain import one_line, visible
from byom_magics.show.status import QUIET, note_html

__all__ = ["logprobs_html", "logprobs_plain"]

_MOST_TOKENS = 1_000
_MOST_ALTERNATIVES = 20
_MOST_IN_BOX = 8
_LONGEST_TOKEN = 60
_BAR = 12

# Of each probability from which on: how strong the shade is, and how thick the line below, in pixels.
_SHADES = ((0.95, 0.0, 0), (0.75, 0.1, 1), (0.4, 0.2, 2), (0.1, 0.32, 3), (0.0, 0.46, 4))
_SPACES = str.maketrans({" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"})

_STYLE = (
    "<style>"
    ".byom-tokens{position:relative}"
    ".byom-tokens>span{cursor:help;margin-right:1px}"
    ".byom-tokens>span:hover,.byom-tokens>span:focus{outline:2px solid var(--jp-brand-color1,#1976d2)}"
    ".byom-tokens>span:hover::after,.byom-tokens>span:focus::after{content:attr(data-instead);display:block;"
    "position:absolute;left:0;z-index:2;margin-top:.2em;padding:.5em .8em;white-space:pre;max-width:calc(100% - 1.8em);"
    "overflow:hidden;font:.85em/1.35 var(--jp-code-font-family,monospace);color:var(--jp-ui-font-color1,#111);"
    "background:var(--jp-layout-color1,#fff);border:1px solid var(--jp-border-color1,#999);border-radius:3px;"
    "box-shadow:0 2px 6px rgba(0,0,0,.3)}"
    ".byom-tokens:hover>span:focus:not(:hover)::after{display:none}"
    "</style>"
)


@dataclass(frozen=True)
class _Choice:
    """A token and its probability, from 0 to 1; None if that is not known."""

    text: str
    probability: float | None

    @property
    def name(self) -> str:
        """The token as a word of one line, its spaces visible."""
        return one_line(visible(self.text[: 4 * _LONGEST_TOKEN]).translate(_SPACES), _LONGEST_TOKEN) or "(nothing)"

    @property
    def percent(self) -> str:
        """The probability in words."""
        if self.probability is None:
            return "?"
        percent = 100 * self.probability
        if 0 < percent < 0.1:
            return "<0.1%"
        return f"{percent:.1f}%" if percent < 10 or 99 < percent < 99.95 else f"{percent:.0f}%"


@dataclass(frozen=True)
class _Token(_Choice):
    alternatives: tuple[_Choice, ...] = ()

    @property
    def choices(self) -> list[_Choice]:
        """The token and its alternatives, the likeliest first."""
        others = [each for each in self.alternatives if each.text != self.text]
        return sorted([self, *others], key=lambda each: -1.0 if each.probability is None else -each.probability)


def logprobs_html(logprobs: Sequence[Mapping[str, Any]]) -> str:
    """
    Show the tokens of an answer with their alternatives.

    Args:
        logprobs: As the server sent them: ``token``, ``logprob``, ``top_logprobs``. Whatever else is in them is left
            out; up to 1,000 tokens are shown.
    """
    tokens = list(_tokens(logprobs))
    if not tokens:
        return ""
    text = "".join(map(_token_html, tokens))
    # The box under the last line would be cut off: what follows has room for three of its lines.
    room = max(0, min(_MOST_IN_BOX, max(len(token.choices) for token in tokens)) - 3) * 1.2 + 1
    rest = f" · the first {len(tokens):,} of {len(logprobs):,} tokens" if len(logprobs) > len(tokens) else ""
    return (
        f'{_STYLE}{note_html(_summary(tokens) + rest)}<div class="byom-tokens" role="group"'
        ' aria-label="the answer, token by token" style="white-space:pre-wrap;overflow-wrap:anywhere;'
        f'line-height:1.9;margin:.4em 0;padding-bottom:{room:g}em">{text}</div>\n'
        f'<details style="margin:.3em 0"><summary style="{QUIET};cursor:pointer">All tokens and their alternatives'
        f"</summary>{_table(tokens)}</details>\n"
    )


def logprobs_plain(logprobs: Sequence[Mapping[str, Any]]) -> str:
    """Give the tokens as lines of text: the probability, the token, and its alternatives."""
    tokens = list(_tokens(logprobs))
    lines = [
        f"{token.percent:>6}  {token.name}" + (f"  ({others})" if (others := _others(token)) else "")
        for token in tokens
    ]
    if len(logprobs) > len(tokens):
        lines.append(f"… and {len(logprobs) - len(tokens):,} more tokens")
    return "\n".join(lines)


def _tokens(logprobs: Sequence[Mapping[str, Any]]) -> Iterator[_Token]:
    room = 6 * _MOST_TOKENS
    for entry in logprobs[:_MOST_TOKENS]:
        others = entry.get("top_logprobs")
        listed = others[: min(_MOST_ALTERNATIVES, room)] if isinstance(others, (list, tuple)) else ()
        room -= len(listed)
        choices = tuple(_choice(each) for each in listed if isinstance(each, Mapping))
        chosen = _choice(entry)
        yield _Token(chosen.text, chosen.probability, choices)


def _choice(entry: Mapping[str, Any]) -> _Choice:
    token, value = entry.get("token"), entry.get("logprob")
    probability = None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0.001:
        probability = math.exp(max(min(value, 0), -1_000))
    return _Choice(token if isinstance(token, str) else str(token)[:_LONGEST_TOKEN], probability)


def _token_html(token: _Token) -> str:
    probability = 1.0 if token.probability is None else token.probability
    strength, line = next((shade, line) for least, shade, line in _SHADES if probability >= least)
    style = f"border-bottom:{line}px solid #d97706;background:rgba(240,130,0,{strength:g})" if line else ""
    shown = visible(token.text[:1_000])
    if shown.isspace() or not shown:
        shown = (shown.translate(_SPACES) or "∅") + shown[-1:] * ("\n" in shown)
    others = _others(token)
    label = f"{token.name} {token.percent}" + (f"; instead: {others}" if others else "")
    box = "\n".join(_lines(token))
    return (
        f'<span tabindex="0" role="note" aria-label="{escape_html(label)}" data-instead="{escape_html(box)}"'
        f"{f' style={chr(34)}{style}{chr(34)}' if style else ''}>{escape_html(shown, quote=False)}</span>"
    )


def _lines(token: _Token) -> Iterator[str]:
    """The alternatives as bars, for the box."""
    choices = token.choices[:_MOST_IN_BOX]
    if token not in choices:
        choices[-1] = token
    for each in choices:
        bar = "█" * round(_BAR * (each.probability or 0)) or "▏"
        mark = "✓" if each is token else " "
        yield f"{mark} {each.percent:>6} {bar:<{_BAR}} {each.name}"


def _others(token: _Token) -> str:
    others = [each for each in token.choices if each is not token][:_MOST_IN_BOX]
    return ", ".join(f"{each.name} {each.percent}" for each in others)


def _summary(tokens: Sequence[_Token]) -> str:
    known = [token.probability for token in tokens if token.probability]
    told = f" · perplexity {math.exp(-sum(map(math.log, known)) / len(known)):.3g}" if known else ""
    return (
        "The less likely the model held a token, the stronger its shade and underline."
        f" Point at one, or Tab to it, for what it might have said instead{told}"
    )


def _table(tokens: Sequence[_Token]) -> str:
    left = 'style="text-align:left"'
    rows = "".join(
        f'<tr><td>{number}</td><td {left}>{escape_html(token.name)}</td><td style="text-align:right">'
        f"{escape_html(token.percent)}</td><td {left}>{escape_html(_others(token))}</td></tr>\n"
        for number, token in enumerate(tokens, 1)
    )
    heads = "".join(f"<th {left}>{name}</th>" for name in ("", "token", "probability", "instead"))
    return f'<div style="overflow-x:auto"><table><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>'
