"""``%%byom_compare``: one prompt to several models, side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics import options, reading
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.filling import filled, names_of, sizes_of, system_of
from byom_magics.magics.manual import manual
from byom_magics.magics.places import Places
from byom_magics.magics.question import options_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.comparing import Comparison
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.config import Byom
    from byom_magics.magics.question import Names
    from byom_magics.magics.running import Running
    from byom_magics.session import Session
    from byom_magics.study.columns import Column

__all__ = ["COMPARE", "CompareMagics"]

_COMPARE = """
Ask several models the same; the answers stream side by side, each with its own stop button.

    %%byom_compare A B C [options]               the prompt is the cell below
    %byom_compare --last [--diff N]              the last comparison again, and as a table
    %byom_compare --last --to-cell N             the code of an answer in a new cell, which is not run
    %byom_compare --last --adopt N               the conversation with that model goes on from that answer
    %byom_compare --last --vote A                vote where there are no buttons: a letter, left, right, tie, bad, or
                                                 none: names are told without a vote

Options apply to all; A[temperature=0] gives one column its own, and A[o.FIELD=VALUE] any field of its request. Commas
are between them; a value that has commas or brackets stands in quotes: A[system="Be brief, please.",seed=1]. Without
quotes, A[system=terse] may name a text of the notebook. Columns of one model: --sweep temperature=0,0.7,1.4, --n 3,
--systems a,b (texts of the notebook). N is a column's number, its letter or its model.

With -c each model continues its own conversation, with its own answers. A column that fails says why, and the others go
on; the cell fails only if all do. --blind hides names and shuffles the columns, until you have voted; %byom_leaderboard
ranks what was voted on. --background returns at once, and the answers go on coming.

Examples:

    %%byom_compare demo/pydoc demo/5gram
    What does a decorator do?

    %%byom_compare demo/5gram --sweep temperature=0,0.7,1.4 --seed 1 --max-tokens 60
    The interpreter

    %%byom_compare llama gpt[temperature=0] --blind
    Explain recursion to a child.
"""


def _sweep(text: str) -> tuple[str, list[Any]]:
    from byom_magics.magics.columns import sweep  # noqa: PLC0415 - not needed to load

    return sweep(text)


_NOT_OF_COMPARISONS = ("samples", "to_cell", "logprobs")
_ASK = tuple(option for option in options.ASK.options if option.name not in _NOT_OF_COMPARISONS)

COMPARE = Table(
    "%%byom_compare",
    (
        *_ASK,
        Option("samples", ("--n",), "how many answers of each", "N", reading.count),
        Option("sweep", ("--sweep",), "a column for each value of an option; repeated, for all values with all",
               "NAME=VALUE,…", _sweep, repeated=True),
        Option("systems", ("--systems",), "a column for each of these system messages, texts of the notebook", "a,b",
               reading.names),
        Option("blind", ("--blind",), "hide who answered what, until you have voted"),
        Option("background", ("--background",), "return at once; the answers go on coming"),
        Option("last", ("--last",), "the last comparison, as far as it has come: shown again, and as a table"),
        Option("diff", ("--diff",), "beside --last: what differs word by word from this column", "N"),
        Option("to_cell", ("--to-cell",), "beside --last: this answer's code in a new cell", "N"),
        Option("adopt", ("--adopt",), "beside --last: go on from this answer", "N"),
        Option("vote", ("--vote",), "beside --last: the column that is best, tie, bad, or none for no vote", "N"),
        Option("voter", ("--voter",), "beside --vote: who votes, if that is to be known", "NAME"),
    ),
    words=sys.maxsize,
    bracketed=True,
)  # fmt: skip

_OF_THE_LAST = ("diff", "to_cell", "adopt", "vote", "voter")


@magics_class
class CompareMagics(Magics):
    """
    The magic that compares.

    Args:
        shell: Where it is typed.
        session: What is asked.
        running: Shows requests.
        config: The settings.
    """

    def __init__(self, shell: InteractiveShell, session: Session, running: Running, config: Byom) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session
        self._running = running
        self._config = config
        self._places = Places(shell)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def byom_compare(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401, D102 - a table of what was compared; its manual is set below
        arguments = COMPARE.parse(line)
        if arguments.last:
            return self._last(arguments)
        wrong = next((name for name in _OF_THE_LAST if name in arguments.values), None)
        if wrong is not None:
            flag = next(option.flags[0] for option in COMPARE.options if option.name == wrong)
            message = f"{flag} is about the last comparison."
            raise OptionError(message, hint=f"write %byom_compare --last {flag} …")
        if cell is None:
            hint = "put %%byom_compare A B over a cell with the question; %byom_compare --last shows the last one again"
            raise OptionError("%byom_compare asks with the cell below it.", hint=hint)
        self._compare(arguments, cell.strip("\n"), names_of(self._shell, local_ns))
        return None

    byom_compare.__doc__ = manual(_COMPARE, COMPARE)

    def _compare(self, arguments: Arguments, text: str, names: Names) -> None:
        from byom_magics.magics.columns import columns_of_line, sorted_words  # noqa: PLC0415 - not needed to load

        arguments = sorted_words(self._session, arguments)
        columns = columns_of_line(self._session, arguments, names)
        asked = options_of(arguments, names)
        prompt = filled(self._shell, text, arguments, names)
        if arguments.system is not None:
            asked["system"] = system_of(arguments, names)
        notes = sizes_of(prompt, arguments)
        if arguments.dry_run:
            self._show_requests(columns, prompt.prompt, asked, notes)
            return
        from byom_magics.magics.side_by_side import SideBySide  # noqa: PLC0415 - widgets are loaded when first used

        asked["place"] = self._places.next()
        SideBySide(self._shell, self._session, self._config).run(columns, prompt.prompt, asked, arguments, notes)

    def _show_requests(self, columns: tuple[Column, ...], prompt: Any, asked: dict[str, Any], notes: list[str]) -> None:  # noqa: ANN401 - whatever may be said
        for column in columns:
            body = {**asked.get("extra_body", {}), **column.options.get("extra_body", {})}
            own = {**asked, **column.options, **({"extra_body": body} if body else {})}
            self._running.show_request(column.model, prompt, own, [f"Column {column.title}", *notes])

    # The last one

    def _last(self, arguments: Arguments) -> Any:  # noqa: ANN401 - a DataFrame, or rows
        comparison: Comparison | None = self._session.comparison
        if comparison is None:
            message = "Nothing was compared yet."
            raise OptionError(message, hint="compare first: %%byom_compare A B over a question")
        if arguments.words:
            message = f"%byom_compare --last asks nobody, so it takes no model: {arguments.words[0]}"
            raise OptionError(message, hint="leave out the models, or leave out --last")
        from byom_magics.magics.compared import Compared  # noqa: PLC0415 - the renderer is only loaded when needed

        return Compared(self._shell, self._session, comparison).tell(arguments)
