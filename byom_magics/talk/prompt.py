"""
The text of a prompt: ``{{ expression }}`` is filled in once, everything else is sent as typed.

JSON, code, LaTeX and f-strings survive, since single braces mean nothing here. A value is never expanded again.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.errors import MissingPackageError, OptionError, PromptError
from byom_magics.messages import Text
from byom_magics.plain import visible
from byom_magics.talk.expansion import Expansion, item_of, joined
from byom_magics.talk.values import rendered

if TYPE_CHECKING:
    from byom_magics.messages import Part
    from byom_magics.talk.expansion import Item, Rendered

__all__ = ["expand"]

_RAW = "or send the text as it is with --raw"
_SHOWN = 80
_NEAR = 200  # characters around an expression in which text of the same line is looked for


def expand(text: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Expansion:
    """
    Fill in every ``{{ expression }}``.

    Args:
        text: The prompt as typed.
        evaluate: Evaluates one expression in the notebook's namespace.
        names: The names that there are, for a suggestion when one is not.

    Raises:
        PromptError: An expression is no Python, names something unknown, fails, or gives what cannot be sent.
        MissingPackageError: It gives the path of a PDF file, and pypdf is not installed.
    """
    parts: list[Part] = []
    items: list[Item] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        end = _end(text, start + 2)
        if end is None:
            # No expression ends here: braces that belong to the text, as in LaTeX or a template.
            parts.append(Text(text[at : start + 2]))
            at = start + 2
            continue
        expression = text[start + 2 : end].strip()
        value = _value(expression, evaluate, names)
        parts += [Text(text[at:start]), *_spaced(value, text, start, end + 2)]
        items.append(item_of(expression, value))
        at = end + 2
    parts.append(Text(text[at:]))
    return Expansion(joined(parts), tuple(items))


def _spaced(value: Rendered, text: str, start: int, end: int) -> Iterator[Part]:
    """A table or a listing stands on lines of its own, whatever it was typed into."""
    if value.block and _meets(text[max(0, start - _NEAR) : start].rstrip(" ")[-1:]):
        yield Text("\n\n")
    yield from value.parts
    if value.block and _meets(text[end : end + _NEAR].lstrip(" ")[:1]):
        yield Text("\n\n")


def _meets(letter: str) -> bool:
    return letter not in ("", "\n")


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


def _value(expression: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Rendered:
    shown = visible(expression)[:_SHOWN]
    if not _is_expression(expression):
        message = f"'{{{{ {shown} }}}}' in the prompt is no Python expression."
        raise PromptError(message, hint=f"mend it, {_RAW}")
    try:
        value = evaluate(expression)
    except NameError as problem:
        raise _unknown_name(problem, shown, names) from None
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        raise _failed(shown, problem) from None
    try:
        return rendered(value)
    except MissingPackageError:
        raise
    except OptionError as problem:  # a path that leads nowhere, a picture that is too large
        message = f"'{{{{ {shown} }}}}' in the prompt cannot be sent: {problem.what}"
        raise PromptError(message, hint=f"{problem.hint}; {_RAW}") from None
    except Exception as problem:  # noqa: BLE001 - so may a value that is looked at
        raise _failed(shown, problem) from None


def _failed(shown: str, problem: Exception) -> PromptError:
    try:
        words = visible(str(problem))[:500]
    except Exception:  # noqa: BLE001 - the same
        words = "(without words)"
    message = f"'{{{{ {shown} }}}}' in the prompt failed: {type(problem).__name__}: {words}"
    return PromptError(message, hint=f"mend the expression, {_RAW}")


def _unknown_name(problem: NameError, shown: str, names: Mapping[str, Any]) -> PromptError:
    name = getattr(problem, "name", None) or ""
    near = difflib.get_close_matches(name, [each for each in names if not each.startswith("__")], n=3, cutoff=0.6)
    message = f"'{{{{ {shown} }}}}' in the prompt names '{visible(name)[:_SHOWN]}', which is not defined."
    wanted = f"did you mean {' or '.join(near)}? Else" if near else "run the cell that"
    hint = f"{wanted} define it first, {_RAW}" if near else f"{wanted} defines it first, {_RAW}"
    return PromptError(message, hint=hint)
