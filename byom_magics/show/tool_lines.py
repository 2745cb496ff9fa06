"""Tools that the model asked for, one line each: the call as Python would write it, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.markup import code_block, escape
from byom_magics.show.status import BAD, QUIET, seconds_words

if TYPE_CHECKING:
    from byom_magics.messages import ToolCall, ToolResult

__all__ = [
    "IN_A_ROW",
    "ToolLines",
    "arguments_block",
    "asked_html",
    "asks_html",
    "asks_plain",
    "being_written",
    "fits_line",
    "outcome",
    "signature",
]

IN_A_ROW = 20
"""Tools that are shown one below the other; those after them are folded together."""

# Of a line: the call has to leave room for what came of it.
_CALL = 64
_LINE = 100
_NAME = 80
_VALUE = 40
_PARSED = 200_000
_FULL = 20_000
_MOST_ARGUMENTS = 50
_MOST_LINES = 400
# What stands folded behind all lines of one output, in characters.
_FOLDED = 300_000
_LEAST_FOLDED = 300
_CODE = "font-family:var(--jp-code-font-family,monospace);font-size:.95em"
_SUMMARY = f"{QUIET};cursor:pointer;overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
_MARGIN = ".2em 0 .4em"
_LABEL = f"{QUIET};font-size:.85em;margin:.3em 0 .1em"

_WORDS = {
    "failed": "failed",
    "refused": "refused",
    "unknown": "unknown tool",
    "interrupted": "interrupted",
    "left": "not begun",
}


def signature(call: ToolCall, limit: int = _CALL) -> str:
    """Write a call as Python would, in one visible line; ``limit`` characters of arguments at most."""
    name = one_line(call.name, _NAME) or "(no name)"
    arguments = _parsed(call.arguments)
    if arguments is None:
        inside = one_line(call.arguments, limit)
    else:
        shown = islice(arguments.items(), limit)
        inside = one_line(", ".join(f"{one_line(key, _NAME)}={_python(value)}" for key, value in shown), limit)
    return f"{name}({inside})"


def being_written(name: str, size: int) -> str:
    """Say that the model is writing a call, and how many characters of its arguments have come."""
    return f"asks for {one_line(name, _NAME)} · {size:,} character{'' if size == 1 else 's'} of arguments"


def fits_line(call: ToolCall) -> bool:
    """Whether the line of a call tells all of its arguments."""
    arguments = _parsed(call.arguments)
    if arguments is None:
        return len(call.arguments) <= _VALUE and "\n" not in call.arguments
    # One character more than a value may have in the line would be cut off there.
    values = [_python(value, _VALUE + 1) for value in arguments.values()]
    several_lines = any(isinstance(value, str) and "\n" in value for value in arguments.values())
    return not several_lines and max(map(len, values), default=0) <= _VALUE and len(signature(call)) < _CALL


def arguments_block(call: ToolCall, limit: int = _FULL) -> str:
    """
    Give all arguments as text, one below the other, about ``limit`` characters at most.

    The lines of a long value are indented, so that none of them can pass for another argument.
    """
    arguments = _parsed(call.arguments)
    if arguments is None:
        return visible(bounded(call.arguments, limit))
    each = max(200, limit // max(1, min(len(arguments), _MOST_ARGUMENTS)))
    lines = [_argument(key, value, each) for key, value in islice(arguments.items(), _MOST_ARGUMENTS)]
    if len(arguments) > _MOST_ARGUMENTS:
        lines.append(f"… {len(arguments) - _MOST_ARGUMENTS:,} more arguments")
    return bounded("\n".join(lines), 2 * limit)


def outcome(result: ToolResult, limit: int = _LINE) -> str:
    """Say in one line what came of a tool."""
    said = one_line(result.text, limit)
    pictures = f"{len(result.images)} image{'s' * (len(result.images) != 1)}" if result.images else ""
    if result.outcome == "done":
        return ", ".join(part for part in (said, pictures) if part) or "(nothing)"
    word = _WORDS[result.outcome]
    return f"{word}: {said}" if result.outcome == "failed" and said else word


def asked_html(call: ToolCall, after: str) -> str:
    """Give a tool that is asked for, with all of its arguments to be seen; ``after`` follows it in the line."""
    block = "" if fits_line(call) else _box(arguments_block(call), height="40em")
    line = f'▸ <span style="{_CODE}">{escape(signature(call))}</span>{escape(after)}'
    return f'<div style="{QUIET};margin:{_MARGIN}">{line}</div>\n{block}'


def asks_html(calls: Sequence[ToolCall]) -> str:
    """Give tool calls that nobody has run, one line each, the full arguments folded."""
    lines = [
        f'<details style="margin:.2em 0"><summary style="{QUIET};cursor:pointer">'
        f"asks for {escape(one_line(call.name, _NAME))}({escape(one_line(call.arguments, _LINE))})</summary>"
        f"{code_block(bounded(call.arguments, _FULL))}</details>\n"
        for call in calls[:IN_A_ROW]
    ]
    return "".join(lines) + (_quiet(_more(len(calls) - IN_A_ROW)) if len(calls) > IN_A_ROW else "")


def asks_plain(calls: Sequence[ToolCall]) -> str:
    """Give the same as text."""
    lines = [f"[asks for {one_line(call.name, _NAME)}({one_line(call.arguments, 300)})]\n" for call in calls[:IN_A_ROW]]
    return "".join(lines) + (f"[{_more(len(calls) - IN_A_ROW)}]\n" if len(calls) > IN_A_ROW else "")


class ToolLines:
    """The lines of one output: each with its arguments and its result folded, all of them bounded together."""

    def __init__(self) -> None:
        self._left = _FOLDED
        self._lines = 0

    def html(self, result: ToolResult) -> str:
        """Give the line of one tool."""
        self._lines += 1
        colour = {"done": "", "refused": "", "left": ""}.get(result.outcome, f"color:{BAD}")
        told = f'<span style="{colour}">{escape(outcome(result))}</span>' if colour else escape(outcome(result))
        took = f" · {seconds_words(result.duration_s)}" if result.duration_s is not None else ""
        return (
            f'<details style="margin:{_MARGIN}"><summary style="{_SUMMARY}">'
            f'<span style="{_CODE}">{escape(signature(result.call))}</span> → {told}{took}</summary>'
            f"{self._folded(result)}</details>\n"
        )

    def plain(self, result: ToolResult) -> str:
        """Give the line of one tool as text."""
        took = f" · {seconds_words(result.duration_s)}" if result.duration_s is not None else ""
        return f"[{signature(result.call)} → {outcome(result)}{took}]\n"

    def all_html(self, results: Sequence[ToolResult]) -> str:
        """Give the lines of tools that ran one after the other; from some number on they are folded together."""
        shown = "".join(self.html(result) for result in results[:IN_A_ROW] if self._lines < _MOST_LINES)
        return shown + self.folded_html(results[IN_A_ROW:])

    def all_plain(self, results: Sequence[ToolResult]) -> str:
        """Give the lines as text."""
        return "".join(map(self.plain, results[:IN_A_ROW])) + self.folded_plain(results[IN_A_ROW:])

    def folded_html(self, results: Sequence[ToolResult]) -> str:
        """Give the lines of further tools, folded together; empty if there are none."""
        if not results:
            return ""
        room = max(0, _MOST_LINES - self._lines)
        lines = "".join(map(self.html, results[:room]))
        rest = f"… {len(results) - room:,} more, all of them in the reply's tool_results" if len(results) > room else ""
        return (
            f'<details style="margin:{_MARGIN}"><summary style="{QUIET};cursor:pointer">{_more(len(results))}</summary>'
            f'<div style="padding-left:1em">{lines}{_quiet(rest) if rest else ""}</div></details>\n'
        )

    @staticmethod
    def folded_plain(results: Sequence[ToolResult]) -> str:
        """Say as text how many further tools there are."""
        return f"[{_more(len(results))}]\n" if results else ""

    def _folded(self, result: ToolResult) -> str:
        room = max(_LEAST_FOLDED, min(_FULL, self._left))
        arguments = arguments_block(result.call, room)
        text = bounded(result.text, room)
        self._left -= len(arguments) + len(text)
        kept_back = f"{result.left_out:,} more characters of the result were not sent to the model"
        return "".join(
            [
                f'<div style="{_LABEL}">Arguments</div>{_box(arguments)}' if arguments else "",
                f'<div style="{_LABEL}">Result</div>{_box(text)}' if text else "",
                _quiet(kept_back) if result.left_out else "",
                _pictures(result),
            ]
        )


def _pictures(result: ToolResult) -> str:
    if not result.images:
        return ""
    from byom_magics.show.pictures import pictures_html  # noqa: PLC0415 (loaded with the first picture)

    return pictures_html(result.images)


def _box(text: str, height: str = "20em") -> str:
    return f'<div style="max-height:{height};overflow:auto">{code_block(text)}</div>'


def _quiet(line: str) -> str:
    return f'<div style="{_LABEL}">{escape(line)}</div>'


def _more(count: int) -> str:
    return f"{count:,} more tool call{'s' * (count != 1)}"


def _parsed(arguments: str) -> Mapping[str, object] | None:
    if not arguments.strip():
        return {}
    if len(arguments) > _PARSED:
        return None
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _python(value: object, limit: int = _VALUE) -> str:
    """Write a value as Python would, strings in double quotes as in JSON."""
    try:
        text = json.dumps(value[: 2 * limit], ensure_ascii=False) if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        return "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _argument(key: str, value: object, limit: int) -> str:
    name = one_line(key, _NAME)
    if not (isinstance(value, str) and ("\n" in value or len(value) > _LINE)):
        return f"{name} = {visible(_python(value, limit))}"
    return "\n".join([f"{name} =", *_indented(visible(bounded(value, limit)).split("\n"))])


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"    {line}" for line in lines)
