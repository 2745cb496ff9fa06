"""From a line and the notebook to a question: names become functions, types, pictures and the texts of files."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.leave import Leave
    from byom_magics.messages import Tool

__all__ = ["Names", "leave_of", "options_of", "schema_of", "tools_of_names", "with_chosen"]

_AS_THEY_ARE = ("temperature", "max_tokens", "top_p", "seed", "stop", "effort", "logprobs", "timeout", "timeouts",
                "conversation", "fork", "history", "retries", "rounds", "cache")  # fmt: skip

_ASKED_FOR = ("code", "json", "html", "math")  # formats that the model is told of; others are a way to show it


@dataclass(frozen=True)
class Names:
    """
    The names of the notebook.

    Attributes:
        values: What each stands for.
    """

    values: Mapping[str, Any]

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the person's expression gives
        """What an expression stands for; raises what it raises."""
        return eval(f"({expression}\n)", dict(self.values))  # noqa: S307 - the person's own expression, in their notebook

    def near(self, name: str, wanted: Callable[[Any], bool]) -> str:
        """Names that may have been meant, for a hint; empty if there are none."""
        possible = [each for each, value in self.values.items() if not each.startswith("_") and _is(wanted, value)]
        return " or ".join(difflib.get_close_matches(name, possible, n=3, cutoff=0.6))


def options_of(arguments: Arguments, names: Names) -> dict[str, Any]:
    """
    The options of `Session.stream` that a line gives; those that are left out are left out.

    Raises:
        OptionError: A name stands for nothing that can be used so.
    """
    found = {name: arguments.values[name] for name in _AS_THEY_ARE if name in arguments.values}
    if arguments.extra:
        found["extra_body"] = dict(arguments.extra)
    if arguments.format == "image":
        found["makes_images"] = True
    if arguments.format in _ASKED_FOR and not arguments.raw:
        found["form"] = arguments.format
    if arguments.schema:
        found["schema"] = schema_of(arguments.schema, names)
    if arguments.tools:
        found["tools"] = tools_of_names(arguments.tools, names)
        found["leave"] = leave_of(arguments, found["tools"])
    elif arguments.allow:
        raise OptionError("--allow is about tools, and the cell has none.", hint="name them: --tools f,g --allow f")
    return found


def with_chosen(asked: dict[str, Any], chosen: Mapping[str, Any]) -> list[str]:
    """
    Add the parameters that were chosen in a picker to the options of a cell that names no model.

    Args:
        asked: The options of the cell's line, which win; they are added to.
        chosen: What was chosen.

    Returns:
        What the person should be told of it, in a line; nothing if nothing was added.
    """
    if not chosen:
        return []
    from byom_magics.widgets.chosen import beside, words  # noqa: PLC0415 - only where a picker was used

    added = beside(asked, chosen)
    asked.update(added)
    return [f"{words(added)}, from the picker"] if added else []


def schema_of(expression: str, names: Names) -> Any:  # noqa: ANN401 - whatever says a shape
    """
    The shape that a name or an expression of the notebook stands for.

    Raises:
        OptionError: It is not defined, or fails.
    """
    try:
        return names.evaluate(expression)
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        near = names.near(expression, lambda value: isinstance(value, (type, dict)))
        shown = visible(expression)[:80]
        message = f"--schema '{shown}' stands for nothing: {type(problem).__name__}: {visible(str(problem))[:200]}"
        raise OptionError(message, hint=f"did you mean {near}?" if near else "define it in a cell before") from None


def tools_of_names(given: Sequence[str], names: Names) -> tuple[Tool, ...]:
    """
    The tools that names of the notebook stand for.

    Raises:
        OptionError: One is not defined, or is no function that a model can call.
    """
    from byom_magics.talk.signature import tools_of  # noqa: PLC0415 - loaded when a tool is first named

    return tools_of(list(_functions(given, names)))


def leave_of(arguments: Arguments, tools: Sequence[Tool]) -> Leave:
    """Who gives leave to the tools of a cell."""
    from byom_magics.magics.leave import Leave  # noqa: PLC0415 - loaded when a tool is first named

    return Leave(tools, arguments.allow or ())


def _functions(given: Sequence[str], names: Names) -> Iterator[Any]:
    for name in given:
        yield _function(name, names)


def _function(name: str, names: Names) -> Any:  # noqa: ANN401 - whatever the name stands for
    try:
        return names.evaluate(name)
    except Exception as problem:  # noqa: BLE001 - a name may be any expression
        near = names.near(name, callable)
        message = f"--tools names '{visible(name)[:80]}', which is not there: {visible(str(problem))[:200]}"
        hint = f"did you mean {near}?" if near else "define the function in a cell before"
        raise OptionError(message, hint=hint) from None


def _is(wanted: Callable[[Any], bool], value: Any) -> bool:  # noqa: ANN401 - any value of the notebook
    try:
        return bool(wanted(value))
    except Exception:  # noqa: BLE001 - a value may answer even that in its own way
        return False
