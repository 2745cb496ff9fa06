"""Leave for tools: what the person allowed on the line runs, and the rest is asked for, call by call."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError

from byom_magics.plain import one_line
from byom_magics.talk.leave import allowed_names

if TYPE_CHECKING:
    from byom_magics.messages import Tool, ToolCall

__all__ = ["Leave", "written"]

_REFUSED = "The person did not allow this call."
_NOBODY = "Nobody could be asked whether this tool may run, so it did not."
_MOST = 300
_YES, _ALWAYS, _NO = ("y", "yes"), ("a", "always"), ("n", "no", "")
_AGAIN = 2


class Leave:
    """
    Gives leave, or asks for it.

    Args:
        tools: The tools of the cell.
        allowed: Names of those that run unasked; ``all`` stands for every one.

    Raises:
        OptionError: There is no such tool.
    """

    def __init__(self, tools: Sequence[Tool], allowed: Sequence[str]) -> None:
        self._allowed = allowed_names(allowed, tools, said="--allow")

    def __call__(self, call: ToolCall, arguments: Mapping[str, Any]) -> str | None:
        """None if the call may run, else what the model is told in place of a result."""
        if call.name in self._allowed:
            return None
        try:
            answer = _answer(f"Run {written(call.name, arguments)}? [y]es, [n]o, [a]lways in this cell: ")
        except (StdinNotImplementedError, EOFError, OSError):
            return f"{_NOBODY} (--allow {one_line(call.name, 60)} lets it run unasked.)"
        if answer in _ALWAYS:
            self._allowed.add(call.name)
        return None if answer in (*_YES, *_ALWAYS) else _REFUSED


def _answer(question: str) -> str:
    """What the person says; what is no answer to the question is asked again, twice at most, and then is a no."""
    answer = builtins.input(question).strip().lower()
    for _ in range(_AGAIN):
        if answer in (*_YES, *_ALWAYS, *_NO):
            break
        answer = builtins.input(f"'{one_line(answer, 40)}' is no answer. {question}").strip().lower()
    return answer


def written(name: str, arguments: Mapping[str, Any]) -> str:
    """A call as one line of Python, nothing hidden in it."""
    # Texts stand in double quotes, as in the line of the call above the question.
    shown = {key: json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
             for key, value in arguments.items()}  # fmt: skip
    given = ", ".join(f"{key}={value}" for key, value in shown.items())
    return f"{one_line(name, 80)}({one_line(given, _MOST)})"
