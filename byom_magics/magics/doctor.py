"""``%byom_doctor``: what is wrong with a connection, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import manual

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.session import Session

__all__ = ["DOCTOR", "DoctorMagics"]

_DOCTOR = """
Test the connection to a model step by step; each step that fails says what to do next.

    %byom_doctor [KEY] [--quick]
    %byom_doctor --all [--quick]

Without a key it is the default model. The steps: the address and the rules that hold for it, the host's name, the
connection (through the proxy, if there is one), TLS and who vouches for the server, the key, the list of models and
whether the model is in it, then two small questions: does it answer, does the answer stream or come in one piece, does
the server count tokens, does it keep tools. In Python: byom_magics.doctor(KEY), byom_magics.doctor_all().
"""

DOCTOR = Table(
    "%byom_doctor",
    (
        Option("all", ("--all",), "every registered model, in parallel, a line each"),
        Option("quick", ("--quick",), "ask the model nothing (no tokens are used)"),
    ),
    words=1,
)


@magics_class
class DoctorMagics(Magics):
    """
    The magic that examines connections.

    Args:
        shell: Where it is typed.
        session: Whose models are examined.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def byom_doctor(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.magics.examining import show_all, show_one  # noqa: PLC0415 - the renderer is loaded when needed

        arguments = DOCTOR.parse(line)
        quick = bool(arguments.quick)
        if arguments.all:
            if arguments.words:
                message = "%byom_doctor: a model and --all exclude each other."
                raise OptionError(message, hint="write %byom_doctor KEY, or %byom_doctor --all")
            show_all(self.shell, self._session, quick=quick)
            return
        key = arguments.words[0] if arguments.words else None
        show_one(self.shell, self._session, self._session.spec(key).key, quick=quick)

    byom_doctor.__doc__ = manual(_DOCTOR, DOCTOR)
