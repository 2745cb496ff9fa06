"""``%byom_leaderboard``: models ranked by blind votes, and votes as files that can be pooled."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics import reading
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import manual
from byom_magics.plain import visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.magics.arguments import Arguments
    from byom_magics.session import Session
    from byom_magics.study.standing import Ranking

__all__ = ["LEADERBOARD", "LeaderboardMagics"]

_LEADERBOARD = """
Rank models by the blind votes of this session (%%byom_compare A B --blind).

    %byom_leaderboard                          the table
    %byom_leaderboard --plot --matrix          ratings as a picture, and who won against whom
    %byom_leaderboard --export mine.json       write the votes to a file, to hand them in
    %byom_leaderboard --import class/*.json    pool the votes of others with these; each vote counts once

Abilities are those of Bradley and Terry under which the votes are likeliest. A rating is an ability as points like
those of chess: mean 1,000, and 400 more are odds of ten to one. "Against average" is the share that a model is expected
to win against an average one. Intervals come from drawing the votes anew; ranks in brackets are those that they allow.

A vote on more than two answers compares the best with each other one. Where models were never compared, or one won or
lost everything, there is no number for that, and the notes say so. The file has no prompts in it, only their hashes.
"""

_NOTHING = (
    "There are no votes yet. Vote on a comparison whose names are hidden: %%byom_compare A B --blind. Votes of others: "
    "%byom_leaderboard --import FILE"
)


def _file(text: str) -> str:
    if not text:
        raise ValueError("the name of a file")
    return os.path.expanduser(text)  # noqa: PTH111 - an unknown ~name is no error here


LEADERBOARD = Table(
    "%byom_leaderboard",
    (
        Option("plot", ("--plot",), "show the ratings with their intervals as a picture"),
        Option("matrix", ("--matrix",), "show who won against whom how often"),
        Option("export", ("--export",), "write the votes to a file: FILE.json, or FILE.csv as a table", "FILE", _file),
        Option("imports", ("--import",), "add the votes of a file, or of all that FILE stands for with * in it; may be "
               "repeated", "FILE", _file, repeated=True),
        Option("ties", ("--ties",), "what a tie is: half a win for each (if left out), an outcome of its own, or left "
               "out", "half|davidson|skip", str, ("half", "davidson", "skip")),
        Option("bad", ("--bad",), "what it is that all were bad: a tie (if left out), or left out", "tie|skip", str,
               ("tie", "skip")),
        Option("rounds", ("--rounds",), "how often votes are drawn anew for intervals: 1000 if left out, 0 for none",
               "N", reading.whole),
        Option("seed", ("--seed",), "what the draws begin with; 0 if left out", "N", reading.whole),
        Option("confidence", ("--confidence",), "the share of draws that an interval holds; 0.95 if left out", "NUMBER",
               reading.number),
        Option("reset", ("--reset",), "forget all votes, after writing them if --export says so"),
        Option("out", ("--out",), "the variable that gets the table: a DataFrame, or rows without pandas",
               "NAME", reading.variable),
    ),
    words=0,
)  # fmt: skip

_RANKING = ("ties", "bad", "rounds", "seed", "confidence")


@magics_class
class LeaderboardMagics(Magics):
    """
    The magic about votes.

    Args:
        shell: Where it is typed.
        session: Whose votes they are.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._names: dict[str, Any] = shell.user_ns
        self._session = session

    @no_var_expand
    @line_magic
    def byom_leaderboard(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = LEADERBOARD.parse(line)
        if arguments.reset and arguments.imports:
            what = "%byom_leaderboard: --reset and --import exclude each other."
            raise OptionError(what, hint="write %byom_leaderboard --reset first, then %byom_leaderboard --import FILE")
        if arguments.imports:
            self._import(arguments.imports)
        if arguments.export is not None:
            count = self._session.votes.export(arguments.export)
            _say(f"Wrote {_votes(count)} to {arguments.export}.")
        if arguments.reset:
            _say(f"Forgot {_votes(self._session.votes.clear())}.")
            return
        self._rank(arguments)

    byom_leaderboard.__doc__ = manual(_LEADERBOARD, LEADERBOARD)

    def _import(self, names: list[str]) -> None:
        paths = [path for name in names for path in _meant(name)]
        new, known = self._session.votes.load(*paths)
        files = f"{len(paths):,} file{'' if len(paths) == 1 else 's'}"
        before = f", {known:,} of them known before" if known else ""
        _say(f"Read {_votes(new + known)} from {files}{before}. There are {len(self._session.votes):,} now.")

    def _rank(self, arguments: Arguments) -> None:
        from byom_magics.presenting import table_of  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.study.ranking import ranking  # noqa: PLC0415 - not needed to load

        ranked = ranking(
            self._session.votes, **{name: arguments.values[name] for name in _RANKING if name in arguments.values}
        )
        if arguments.out is not None:
            self._names[arguments.out] = table_of(ranked.rows())
        if not len(ranked):
            _say(_NOTHING)
            return
        _show(ranked, plot=bool(arguments.plot), matrix=bool(arguments.matrix))


def _show(ranked: Ranking, *, plot: bool, matrix: bool) -> None:
    from byom_magics.show import leaderboard_plot  # noqa: PLC0415 - the renderer is only loaded when needed
    from byom_magics.show.leaderboard import leaderboard, win_matrix  # noqa: PLC0415 - the same
    from byom_magics.show.views import show_html, show_svg  # noqa: PLC0415 - the same

    table = leaderboard(ranked)
    show_html(table.html, table.plain)
    if plot:
        show_svg(leaderboard_plot.plot(ranked), f"\n{leaderboard_plot.plot_plain(ranked)}")
    if matrix:
        counts = win_matrix(ranked.matrix)
        show_html(counts.html, f"\n{counts.plain}")


def _meant(name: str) -> list[str]:
    """The files that a name stands for: itself, or what there is of a pattern, since no shell stands between."""
    if not glob.has_magic(name) or os.path.lexists(name):
        return [name]
    found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - with ** and as it was typed
    if not found:
        what = f"%byom_leaderboard: there is no file like {visible(name)[:200]}."
        raise OptionError(what, hint="name files that are there; %pwd shows where names begin")
    return found


def _votes(count: int) -> str:
    return f"{count:,} vote{'' if count == 1 else 's'}"


def _say(text: str) -> None:
    print(visible(text))  # noqa: T201 - a line for the person who typed the magic
