"""One question that a model is answering, in a thread of its own: shown as it comes, and stopped from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import mask
from byom_magics.errors import ByomError
from byom_magics.widgets.answering import answer, refused

if TYPE_CHECKING:
    from byom_magics.events import Event, Reply
    from byom_magics.show.views import View
    from byom_magics.talk.turn import Turn

__all__ = ["Asking"]


class Asking:
    """
    A question on its way.

    Args:
        model: The key of the model that is asked.
        begin: Makes the turn; called in the thread, since it may look up keys or sum up what is too long.
        view: Shows what comes. Its final form is not asked for: whoever is told of the end shows that.
        done: Called in the thread with the reply, whatever came of it.
    """

    def __init__(
        self, model: str, begin: Callable[[], Turn], view: View, done: Callable[[Asking, Reply], None]
    ) -> None:
        self.model = model
        self._begin = begin
        self._view = view
        self._done = done
        self._turn: Turn | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=f"byom asking {model}", daemon=True)

    def start(self) -> None:
        """Ask."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up, from any thread; what had come is kept."""
        self._stopped = True
        if self._turn is not None:
            self._turn.stop()

    def join(self, seconds: float) -> None:
        """Wait until it has ended, and has told so; not in its own thread."""
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join(seconds)

    # The view of the turn: it also hangs up what was stopped while it was being opened.

    def event(self, event: Event) -> None:
        """Take in what came."""
        self._view.event(event)

    def tick(self) -> None:
        """Paint, if something is due."""
        if self._stopped and self._turn is not None:
            self._turn.stop()
        self._view.tick()

    def finish(self, reply: Reply) -> None:
        """Leave the final form to whoever is told of the end."""

    def _run(self) -> None:
        self._done(self, self._reply())

    def _reply(self) -> Reply:
        try:
            self._turn = self._begin()
            if self._stopped:
                return self._turn.reply
            return answer(self._turn, self)
        except ByomError as problem:
            return refused(self.model, problem)
        except Exception as problem:  # noqa: BLE001 - nobody else would hear of it: what is not ours is told all the same
            what = mask(f"{type(problem).__name__}: {problem}")
            return refused(self.model, ByomError(what, model=self.model, hint="send it again; or ask it in a cell"))
