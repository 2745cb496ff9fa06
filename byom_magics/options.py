"""What a question may say beside its prompt: the arguments of `byom_magics.stream`, for functions that pass them on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

from byom_magics.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from byom_magics.catalog.spec import Timeouts
    from byom_magics.messages import Tool
    from byom_magics.talk.tools import Leave

__all__ = ["Options", "Standing", "check_options"]


class Standing(TypedDict, total=False):
    """Those that a conversation may have for all of its questions; `byom_magics.stream` says what each of them is."""

    images: Sequence[Any]
    files: Sequence[Any]
    history: str | None
    temperature: float | None
    max_tokens: int | None
    top_p: float | None
    seed: int | None
    stop: str | Sequence[str] | None
    extra_body: Mapping[str, Any] | None
    tools: Sequence[Tool | Callable[..., Any]]
    tool_choice: str | None
    allow: str | Iterable[str | Tool | Callable[..., Any]] | None
    leave: Leave | None
    rounds: int | None
    schema: Any
    retries: int | None
    reasoning: str | int | None
    effort: str | int | None
    logprobs: int | None
    format: str | None
    makes_images: bool
    cache: bool | None
    timeout: float | None
    timeouts: Timeouts | Mapping[str, float | None] | None


class Options(Standing, total=False):
    """All of them."""

    system: str | None
    conversation: Any  # a name, or a Conversation, which stands above this file
    fork: str | None


def check_options(given: Iterable[str], of: str) -> None:
    """
    Refuse what is no argument.

    Args:
        given: The names.
        of: The function that they were given to.

    Raises:
        OptionError: One of them is unknown.
    """
    for name in given:
        if name not in Options.__annotations__:
            near = difflib.get_close_matches(name, Options.__annotations__, n=1)
            hint = f"did you mean {near[0]}?" if near else "help(byom_magics.stream) lists what there is"
            raise OptionError(f"{of}: there is no argument '{name}'.", hint=hint)
