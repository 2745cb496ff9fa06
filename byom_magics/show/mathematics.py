"""An answer that is a formula: handed to the page's MathJax if it is harmless, shown as its source if not."""

from __future__ import annotations

import re

from byom_magics.show.fences import fenced_code, first_language
from byom_magics.show.markup import code_block, left_out, render, typeset
from byom_magics.show.segments import SHOWN

__all__ = ["formula_of", "math_html"]

_LANGUAGES = {"", "latex", "tex", "math", "katex", "mathjax"}
_MARKS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_MARK = re.compile(r"(?<!\\)\$|\\[()\[\]]")
_WORDS = re.compile(r"\\(?:text|mathrm|mbox|operatorname|textbf|textit)\s*\{[^{}]*\}|\\[a-zA-Z]+")
_PROSE = re.compile(r"\b[^\W\d_]{2,}[,;:]?\s+[^\W\d_]{2,}[,;:]?\s+[^\W\d_]{2,}")
_LONGEST = 10_000


def math_html(text: str) -> str:
    """
    Show an answer in LaTeX typeset; one with words around its formulas as Markdown.

    Args:
        text: The answer: a formula, bare or between its marks, in a fence or not; or Markdown with formulas.
    """
    formula = formula_of(text)
    if formula is None:
        return render(text)
    html = typeset(formula)
    if html is None:
        return code_block(formula, "latex") + left_out(len(formula) - SHOWN)
    return f"<p>{html}</p>\n"


def formula_of(text: str) -> str | None:
    """Give the one formula that an answer is, without its marks and fence; None if it is something else."""
    bare = text.strip()
    if bare.startswith(("```", "~~~")) and first_language(bare).lower() in _LANGUAGES:
        bare = fenced_code(bare).strip()
    for opener, closer in _MARKS:
        inside = bare[len(opener) : -len(closer)]
        if len(bare) > len(opener) + len(closer) and bare.startswith(opener) and bare.endswith(closer):
            return inside.strip() if not _MARK.search(inside) else None
    if not bare or _MARK.search(bare) or "```" in bare or _PROSE.search(_WORDS.sub(" ", bare[:_LONGEST])):
        return None
    return bare
