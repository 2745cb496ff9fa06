r"""A rule for markdown-it: math as many models write it, ``\(…\)`` and ``\[…\]``, which Markdown would unescape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

__all__ = ["bracket_math"]

_CLOSERS = {"(": "\\)", "[": "\\]"}


def bracket_math(md: MarkdownIt) -> None:
    """Add the rule to a parser. Its tokens are those of the dollar rules: ``math_inline``, ``math_inline_double``."""
    md.inline.ruler.before("escape", "bracket_math", _rule)


def _rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 (the signature is markdown-it's)
    start = state.pos
    if not state.src.startswith("\\", start) or start + 1 >= state.posMax:
        return False
    closer = _CLOSERS.get(state.src[start + 1])
    if closer is None or closer in state.env.setdefault("unclosed", set()):
        return False
    end = state.src.find(closer, start + 2, state.posMax)
    if end < 0:
        # Remembered, or a thousand openers would each search the rest of the text.
        state.env["unclosed"].add(closer)
        return False
    if not silent:
        token = state.push("math_inline" if closer == "\\)" else "math_inline_double", "math", 0)
        token.content = state.src[start + 2 : end]
        token.markup = state.src[start : start + 2]
    state.pos = end + 2
    return True
