"""Which tools run without being asked about."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.messages import Tool
from byom_magics.plain import one_line

if TYPE_CHECKING:
    from byom_magics.messages import ToolCall
    from byom_magics.talk.tools import Leave

__all__ = ["allowed_names", "leave_with"]

_ALL = "all"
_REFUSED = "This tool is not allowed to run here."


def allowed_names(allow: object, tools: Sequence[Tool], *, said: str = "allow") -> set[str]:
    """
    The names of the tools that run unasked.

    Args:
        allow: A name, a function or a tool, or several of them; ``all`` stands for every one.
        tools: The tools that there are.
        said: What the person calls the option.

    Raises:
        OptionError: There is no such tool.
    """
    names = [tool.name for tool in tools]
    given = [allow] if isinstance(allow, (str, Tool)) or not isinstance(allow, Iterable) else list(allow)
    found: set[str] = set()
    for each in given:
        name = each if isinstance(each, str) else getattr(each, "name", getattr(each, "__name__", None))
        if name == _ALL:
            found.update(names)
        elif name in names:
            found.add(str(name))
        else:
            shown = one_line(name if isinstance(name, str) else repr(each), 60)
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join((*names, _ALL))}"
            message = f"{said} names '{shown}', which is none of the tools."
            beside = "--tools f,g" if said.startswith("-") else "tools=[f, g]"
            raise OptionError(message, hint=hint if names else f"name the tools too: {beside}")
    return found


def leave_with(allow: object, tools: Sequence[Tool], leave: Leave | None) -> Leave | None:
    """
    Who gives leave: what is allowed runs unasked, for the rest ``leave`` is asked, and without it the rest is refused.

    Args:
        allow: See `allowed_names`; None for no say in it.
        tools: The tools that there are.
        leave: See `byom_magics.talk.tools.Leave`.

    Raises:
        OptionError: There is no such tool.
    """
    if allow is None:
        return leave
    allowed = allowed_names(allow, tools)

    def asked(call: ToolCall, arguments: Mapping[str, Any]) -> str | None:
        if call.name in allowed:
            return None
        return _REFUSED if leave is None else leave(call, arguments)

    return asked
