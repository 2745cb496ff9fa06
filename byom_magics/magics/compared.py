"""What can be done with the last comparison from a line: show it, as a table too, take an answer along, vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from byom_magics import voting
from byom_magics.errors import OptionError
from byom_magics.magics.new_cell import offer_cell
from byom_magics.presenting import bundle_of, letter, number_of, rows_of, table_of
from byom_magics.show.views import show_html

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.comparing import Comparison
    from byom_magics.magics.arguments import Arguments
    from byom_magics.session import Session

__all__ = ["Compared"]

_NONE = "none"
_SIDES = {"left": "1", "right": "2"}


class Compared:
    """
    The last comparison.

    Args:
        shell: Where it was asked for.
        session: Where votes and conversations are kept.
        comparison: What was compared.
    """

    def __init__(self, shell: InteractiveShell, session: Session, comparison: Comparison) -> None:
        self._shell = shell
        self._session = session
        self._comparison = comparison

    def tell(self, arguments: Arguments) -> Any:  # noqa: ANN401 - a DataFrame, or rows
        """
        Do what a line says.

        Returns:
            The answers as a DataFrame, or as rows where there is no pandas; None if a variable gets the replies.

        Raises:
            OptionError: No such column, or it cannot be done.
        """
        if arguments.vote is not None:
            self._vote(arguments.vote, arguments.voter or "")
        if arguments.adopt is not None:
            self._adopt(arguments.adopt)
        if arguments.to_cell is not None:
            self._to_cell(arguments.to_cell)
            return None
        if arguments.out:
            self._shell.user_ns[arguments.out] = self._comparison.given()
        if arguments.adopt is not None or arguments.quiet:
            return None
        against = None
        if arguments.diff is not None:
            against = self._comparison.order.index(number_of(self._comparison, arguments.diff))
        bundle = bundle_of(self._comparison, against)
        show_html(bundle.html, bundle.plain)
        return None if against is not None or arguments.vote is not None else table_of(rows_of(self._comparison))

    def _vote(self, word: str, voter: str) -> None:
        choice = word.lower()
        if choice == _NONE and self._comparison.hidden and self._comparison.ended:
            self._comparison.give_up_vote()
            return
        voting.check_open(self._comparison)
        sides = _SIDES if len(self._comparison.order) == 2 else {}
        given = choice if choice in (voting.TIE, voting.BAD) else number_of(self._comparison, sides.get(choice, word))
        voting.vote(self._session, self._comparison, given, voter=voter)

    def _adopt(self, word: str) -> None:
        number = self._told(word)
        adopting = self._comparison.adopt(number)
        names = ", ".join(each.title for each in adopting)
        print(f"Goes on from this answer: {names}.")  # noqa: T201 - a line for the person

    def _to_cell(self, word: str) -> None:
        number = self._told(word)
        text = self._comparison.reply(number).text
        if not text.strip():
            raise OptionError("That column has no answer.", hint="choose another one: %byom_compare --last")
        offer_cell(self._shell, text)

    def _told(self, word: str) -> int:
        """The column that a word means; what is taken along tells who answered, so a blind one is voted on before."""
        number = number_of(self._comparison, word)
        if self._comparison.hidden:
            name = letter(self._comparison.order.index(number))
            what = f"The comparison is blind: vote first, then take {name} along."
            raise OptionError(what, hint=f"vote with a button, or: %byom_compare --last --vote {name}")
        return number
