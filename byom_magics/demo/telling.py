"""What tools said, told in sentences, and what is lacking to call those that are meant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.demo.inline import as_code
from byom_magics.demo.planning import Lack, failed

if TYPE_CHECKING:
    from byom_magics.demo.conversation import Done

__all__ = ["told"]

_SHORT = 300
_LONG = 4_000
_PLAIN_WORD = re.compile(r"[\w .,:@+-]{1,60}")
_PLAIN_RESULT = re.compile(r"(?!(?:[-#>+]+|\d+[.)])\s)[^*_`\[\]{}<>|$~\\\n\r\x00-\x1f]+")


def told(done: Sequence[Done], lacks: Sequence[Lack] = ()) -> str:
    """
    The results of tools as Markdown.

    Args:
        done: The calls with their results: one is a sentence, several are a list.
        lacks: What could not be called.
    """
    lines = list(map(_said, done))
    if len(lines) > 1:
        lines = ["\n".join(f"- {_shifted(line)}" for line in lines)]
    lines += map(_lacking, lacks)
    return "\n\n".join(lines) + "\n"


def _said(done: Done) -> str:
    what = as_code(done.name) + _for(done.arguments)
    said = "did not work" if failed(done.result) else "says"
    text = done.result.strip()
    if not text:
        return f"{what} says nothing."
    if len(text) <= _SHORT and "\n" not in text:
        return f"{what} {said}: {_sentence(text)}"
    return f"{what} {said}:\n\n{_fenced(text)}"


def _for(arguments: Mapping[str, Any]) -> str:
    if not arguments:
        return ""
    if len(arguments) == 1:
        return f" for {_value(next(iter(arguments.values())))}"
    *most, last = (f"{name} = {_value(value)}" for name, value in arguments.items())
    return f" for {', '.join(most)} and {last}"


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= 80 else f"{text[:79]}…"
    return text if _PLAIN_WORD.fullmatch(text) else as_code(" ".join(text.split()) or '""')


def _sentence(text: str) -> str:
    if not _PLAIN_RESULT.fullmatch(text):
        return as_code(text)
    return text if text[-1] in ".!?" else f"{text}."


def _fenced(text: str) -> str:
    language = "json" if text[0] in "{[" and _is_json(text) else "text"
    rest = f"\n\n*… and {len(text) - _LONG} characters more.*" if len(text) > _LONG else ""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{ticks}{language}\n{text[:_LONG]}\n{ticks}{rest}"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _shifted(text: str) -> str:
    return text.replace("\n", "\n  ")


def _lacking(lack: Lack) -> str:
    names = list(map(as_code, lack.missing))
    said = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return f"{as_code(lack.function)} fits, but your message does not say {said}."
