"""``%byom llama Why is the sky blue?``: a question may end in its mark; IPython takes that for a call for help."""

from __future__ import annotations

import tokenize
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import EscapedCommand

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install"]

_MAGIC = "byom"


class _Question(EscapedCommand):
    """A ``%byom`` with something to ask, up to a question mark. ``%byom?`` stays a call for help."""

    priority = 4  # before IPython's own for "?", which has 5

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[tokenize.TokenInfo]]) -> _Question | None:
        """Find the first such line."""
        for line in tokens_by_line:
            words = [token for token in line if token.type not in (tokenize.INDENT, tokenize.DEDENT)]
            if len(words) < 5 or [words[0].string, words[1].string, words[-2].string] != ["%", _MAGIC, "?"]:
                continue
            if words[0].end == words[1].start and words[1].end != words[2].start:
                return cls(words[0].start)
        return None


def install(shell: InteractiveShell) -> Callable[[], None]:
    """Let questions be asked in a shell; returns what takes that away again."""
    transformers = shell.input_transformer_manager.token_transformers
    transformers.append(_Question)

    def uninstall() -> None:
        if _Question in transformers:
            transformers.remove(_Question)

    return uninstall
