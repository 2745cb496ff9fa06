"""
The text of a prompt: ``{{ expression }}`` is filled in once, everything else is sent as typed.

JSON, code, LaTeX and f-strings survive, since single braces mean nothing here. A value is never expanded again.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from typing import Any

from byom_magics.errors import PromptError
from byom_magics.plain import visible

__all__ = ["expand"]

_RAW = "or send the text as it is with --raw"
_SHOWN = 80


def expand(text: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> str:
    """
    Fill in every ``{{ expression }}``.

    Args:
        text: The prompt as typed.
        evaluate: Evaluates one expression in the notebook's namespace.
        names: The names that there are, for a suggestion when one is not.

    Raises:
        PromptError: An expression is no Python, names something unknown, or fails.
    """
    pieces: list[str] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        end = _end(text, start + 2)
        if end is None:
            # No expression ends here: braces that belong to the text, as in LaTeX or a template.
            pieces.append(text[at : start + 2])
            at = start + 2
            continue
        expression = text[start + 2 : end].strip()
        pieces += [text[at:start], _value(expression, evaluate, names)]
        at = end + 2
    pieces.append(text[at:])
    return "".join(pieces)


def _end(text: str, start: int) -> int | None:
    """Where the closing braces are: the first ones that leave a whole expression before them."""
    line_end = text.find("\n\n", start)
    limit = len(text) if line_end < 0 else line_end
    first = end = text.find("}}", start, limit)
    while end >= 0:
        if _is_expression(text[start:end]):
            return end
        end = text.find("}}", end + 1, limit)
    return first if first >= 0 else None


def _is_expression(text: str) -> bool:
    text = text.strip()
    try:
        ast.parse(f"({text}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # A comment alone, as {{#if}} in a template, would be an empty tuple.
    return bool(text) and not (text.startswith("#") and "\n" not in text)


def _value(expression: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> str:
    shown = visible(expression)[:_SHOWN]
    if not _is_expression(expression):
        message = f"'{{{{ {shown} }}}}' in the prompt is no Python expression."
        raise PromptError(message, hint=f"mend it, {_RAW}")
    try:
        value = evaluate(expression)
        return value if isinstance(value, str) else str(value)
    except NameError as problem:
        raise _unknown_name(problem, shown, names) from None
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        message = f"'{{{{ {shown} }}}}' in the prompt failed: {type(problem).__name__}: {visible(str(problem))[:500]}"
        raise PromptError(message, hint=f"mend the expression, {_RAW}") from None


def _unknown_name(problem: NameError, shown: str, names: Mapping[str, Any]) -> PromptError:
    name = getattr(problem, "name", None) or ""
    near = difflib.get_close_matches(name, [each for each in names if not each.startswith("__")], n=3, cutoff=0.6)
    message = f"'{{{{ {shown} }}}}' in the prompt names '{visible(name)[:_SHOWN]}', which is not defined."
    wanted = f"did you mean {' or '.join(near)}? Else" if near else "run the cell that"
    hint = f"{wanted} define it first, {_RAW}" if near else f"{wanted} defines it first, {_RAW}"
    return PromptError(message, hint=hint)
