"""The question that was asked last, asked of another model in a panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError, SecretError
from byom_magics.plain import one_line
from byom_magics.talk.shapes import shape_of, shown_as
from byom_magics.widgets.answer_box import AnswerBox
from byom_magics.widgets.asking import Asking
from byom_magics.widgets.notices import problem_html, said_html
from byom_magics.widgets.parts import focus
from byom_magics.widgets.typed_keys import untyped

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.session import Session
    from byom_magics.talk.call import Said
    from byom_magics.talk.turn import Turn
    from byom_magics.widgets.parts import Parts

__all__ = ["SameQuestion"]

_SHOWN = 120

# Where a question stands in a conversation is nothing for another model; and tools are run with leave, which a panel
# cannot ask for.
_NOT_TAKEN = {
    "conversation": "without the conversation before it",
    "fork": "without the conversation before it",
    "tools": "without its tools",
    "allow": "",
    "leave": "",
    "place": "",
    "sample": "",
    "tool_choice": "",
}


class SameQuestion:
    """
    The last question of a session, asked of one model. The answer is `Session.last_reply` afterwards.

    Args:
        parts: Makes the widgets.
        lock: Held while they are changed.
        session: What is asked.
        spec: The model.
        dismissed: Called when the person wants to see it no longer.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        parts: Parts,
        lock: AbstractContextManager[Any],
        session: Session,
        spec: ModelSpec,
        dismissed: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._lock = lock
        self._session = session
        self._spec = spec
        self._asking: Asking | None = None
        self._answer: AnswerBox | None = None
        self._closed = False
        self._told, self._end = parts.html(), parts.html()
        self._stop = parts.button("Stop the answer", self._press_stop, tip="Hang up; what has come is kept")
        self._close = parts.button("Close the answer", dismissed)
        self._row = parts.box([self._stop, self._close], "byom-picker-row")
        self.box = parts.box([self._told, self._end, self._row], "byom-picker-panel")

    def start(self) -> None:
        """Ask."""
        last, missing = self._session.last_question, untyped(self._spec)
        if last is None:
            what = "Nothing was asked yet, so that there is nothing to ask another model."
            self._refuse(OptionError(what, hint="ask something in a cell first, then press this again"))
            return
        if missing is not None:
            hint = f"ask it in a cell, which asks for it, unseen: %byom_rerun {self._spec.key}"
            self._refuse(SecretError(missing.what, hint=hint))
            return
        prompt, given, _ = last
        options = {name: value for name, value in given.items() if value is not None and name not in _NOT_TAKEN}
        notes = list(dict.fromkeys(words for name, words in _NOT_TAKEN.items() if words and given.get(name)))

        def begin() -> Turn:
            turn = self._session.stream(self._spec.key, prompt, **options)
            now = self._session.last_question
            if now is not None and now[0] is prompt:
                self._session.last_question = last  # what a cell asked stays what %byom_rerun asks
            return turn

        self._told.value = said_html(f"{self._spec.key}, asked the same: {_gist(prompt)}")
        self._answer = AnswerBox(self._spec.key, self._spec.url, format=_shown_as(options), notes=notes)
        self._asking = Asking(self._spec.key, begin, self._answer, self._ended)
        self.box.children = (self._told, self._answer.box, self._end, self._row)
        self._asking.start()

    def stop(self) -> None:
        """Hang up, from any thread."""
        if self._asking is not None:
            self._asking.stop()

    def close(self) -> None:
        """Hang up, and close the widgets."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self.stop()
            if self._answer is not None:
                self._answer.close()
            self._parts.drop(self.box)

    def join(self, seconds: float) -> None:
        """Wait until the answer has ended."""
        if self._asking is not None:
            self._asking.join(seconds)

    def _press_stop(self) -> None:
        self.stop()
        focus(self._close)  # the button that had the focus is of no use any more

    def _ended(self, asking: Asking, reply: Reply) -> None:
        with self._lock:
            if self._closed or self._answer is None:
                return
            self._answer.finish(reply)
            self._stop.disabled = True
            kept = reply.error is None or bool(reply.text)
            self._end.value = said_html("The reply is in _byom." if kept else "")
        del asking

    def _refuse(self, problem: OptionError | SecretError) -> None:
        self._stop.disabled = True
        self._told.value = problem_html(problem)


def _shown_as(options: Mapping[str, Any]) -> str:
    schema = options.get("schema")
    shown = shown_as(options.get("format") or options.get("form"), None if schema is None else shape_of(schema))
    return shown if shown in ("code", "json", "value") else "markdown"


def _gist(prompt: Said) -> str:
    """The beginning of what was asked, where that is a text."""
    if isinstance(prompt, str):
        return f"“{one_line(prompt, _SHOWN)}”"
    texts = [each if isinstance(each, str) else getattr(each, "text", "") for each in prompt]
    text = " ".join(each for each in texts if isinstance(each, str))
    return f"“{one_line(text, _SHOWN)}”" if text.strip() else "what was asked last"
