"""What ``--format`` may say, each with its way from the answer's text to HTML."""

from __future__ import annotations

from collections.abc import Callable

from byom_magics.show.fences import fenced_code, first_language
from byom_magics.show.markup import code_block, escape, left_out, render
from byom_magics.show.segments import SHOWN

__all__ = ["FORMATS", "RENDERERS"]


def _text_html(text: str) -> str:
    shown = escape(text[:SHOWN])
    return f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{shown}</div>\n{left_out(len(text) - SHOWN)}'


def _code_html(text: str) -> str:
    code = fenced_code(text)
    return code_block(code, first_language(text)) + left_out(len(code) - SHOWN)


def _json_html(text: str) -> str:
    from byom_magics.show.json_answer import json_answer_html  # noqa: PLC0415 (loaded with the first such answer)

    return json_answer_html(text)


def _value_html(text: str) -> str:
    from byom_magics.show.json_answer import json_answer_html  # noqa: PLC0415 (loaded with the first such answer)

    return json_answer_html(text, inside=True)


def _html_html(text: str) -> str:
    from byom_magics.show.html_frame import frame_html  # noqa: PLC0415 (loaded with the first such answer)

    return frame_html(text)


def _math_html(text: str) -> str:
    from byom_magics.show.mathematics import math_html  # noqa: PLC0415 (loaded with the first such answer)

    return math_html(text)


# The words beside an image are Markdown; the images themselves are no text.
FORMATS: dict[str, Callable[[str], str]] = {
    "markdown": render,
    "text": _text_html,
    "code": _code_html,
    "json": _json_html,
    "html": _html_html,
    "math": _math_html,
    "image": render,
}

# A value that is sent inside of an object is no matter of what a person asks for.
RENDERERS = {**FORMATS, "value": _value_html}
