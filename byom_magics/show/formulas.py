"""Math in an answer: what MathJax may typeset, and what stays dead text."""

from __future__ import annotations

import re

__all__ = ["harmless"]

_LONGEST = 3_000
_DEEPEST = 40

# Commands that link, load, style, run, define (and so can grow without end), or move ink to where it does not belong.
_FORBIDDEN = re.compile(
    r"\\(?:href|url|includegraphics|html\w*|unicode|require|style|class|cssId|data|text(?:tip|style)\b|tooltip|mathtip"
    r"|toggle|endtoggle|action|begingroup|endgroup|bbox|mmlToken|char|symbol|catcode|csname|input|include|write|read"
    r"|(?:e|g|x|long|outer|global)?def|let|futurelet|(?:re|provide|g?)new\w*|renew\w*|provide\w*|Declare\w*|loop|repeat"
    r"|special|immediate|expandafter|rule|Rule|Space|raise|lower|moveleft|moveright|m?kern|[mhv]skip|[hv]space|mspace"
    r"|llap|rlap|mathllap|mathrlap|mathclap|clap|smash|rotatebox|scalebox|resizebox|Huge|huge|usepackage|eqref|ref|label"
    r")(?![a-zA-Z])"
    r"|\\\\\s*\*?\s*\["
)


def harmless(formula: str) -> bool:
    """Whether a formula may be handed to MathJax: it is small, and no command in it links, loads or defines."""
    if len(formula) > _LONGEST or _FORBIDDEN.search(formula):
        return False
    depth = 0
    for character in formula:
        depth += (character == "{") - (character == "}")
        if depth > _DEEPEST:
            return False
    return True
