"""``%byom_cache``: the answers that are kept, so that Run All does not bill twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics.arguments import Table
from byom_magics.magics.manual import manual
from byom_magics.plain import visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.session import Session

__all__ = ["CACHE", "CacheMagics"]

_CACHE = """
The answers that are kept: what was asked before of the same model, at the same address, with the same options and
messages, is answered from there, with no call and at no cost.

    %byom_cache         where they are, and how many
    %byom_cache clear   take them all away

A cell uses them with %%byom MODEL --cache; %config Byom.cache = True makes all do so, but those with --no-cache. What
is kept is the answer, as a file in your cache folder that only you may read; of the question a hash.
"""

CACHE = Table("%byom_cache", (), words=1)


@magics_class
class CacheMagics(Magics):
    """
    The magic about kept answers.

    Args:
        shell: Where it is typed.
        session: Whose answers they are.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def byom_cache(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = CACHE.parse(line)
        word = arguments.words[0] if arguments.words else ""
        if word == "clear":
            count, size = self._session.cache.clear()
            print(f"Took {_answers(count)} away ({_megabytes(size)}).")  # noqa: T201 - a line for the person
            return
        if word:
            message = f"%byom_cache: '{visible(word)[:60]}' is nothing that can be done with the cache."
            raise OptionError(message, hint="write %byom_cache, or %byom_cache clear")
        count, size = self._session.cache.size()
        used = "every cell uses it" if self._session.caches else "cells with --cache use it"
        print(f"{_answers(count)} in {self._session.cache.folder} ({_megabytes(size)}); {used}.")  # noqa: T201 - the same

    byom_cache.__doc__ = manual(_CACHE, CACHE)


def _answers(count: int) -> str:
    return f"{count:,} answer{'' if count == 1 else 's'}"


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB" if size >= 100_000 else f"{size / 1024:.1f} kB"
