"""A person's own functions that change a request's body, or the chunks of an answer; what they do wrong is told."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.secrets import mask
from byom_magics.errors import OptionError
from byom_magics.plain import one_line
from byom_magics.wire.payload import parse

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Transformer
    from byom_magics.events import Event
    from byom_magics.wire.dialects.dialect import Reader

__all__ = ["reading", "transformed"]


def transformed(transformer: Transformer, value: dict[str, Any], option: str) -> dict[str, Any]:
    """
    What the transformer makes of a copy of ``value``.

    Args:
        transformer: The person's function.
        value: The body of a request, or a chunk.
        option: What it was registered as, such as ``request_transformer``.

    Raises:
        OptionError: It failed, or gave something that is no mapping.
    """
    name = f"The {option} '{getattr(transformer, '__qualname__', None) or type(transformer).__name__}'"
    hint = f"mend it and run the cell again, or register the model without {option}"
    try:
        made: object = transformer(copy.deepcopy(value))
    except Exception as problem:  # a person's own function may raise anything
        what = f"{name} failed with {type(problem).__name__}: {mask(one_line(str(problem)))}"
        raise OptionError(what, hint=hint) from problem
    if not isinstance(made, Mapping):
        what = f"{name} gave {type(made).__name__} instead of a mapping: it has to return what it made."
        raise OptionError(what, hint=hint)
    return dict(made)


def reading(reader: Reader, transformer: Transformer) -> Callable[[str, bytes, list[Event]], None]:
    """
    What reads an event in place of ``reader.read``, so that each chunk passes the transformer first.

    End marks, and the server's own errors, are read as they come.
    """

    def read(event: str, data: bytes, out: list[Event]) -> None:
        if not data.lstrip().startswith(b"{"):
            reader.read(event, data, out)
            return
        chunk, replaced = parse(data)
        reader.replaced += replaced
        if isinstance(chunk, dict) and event != "error" and not chunk.get("error"):
            chunk = transformed(transformer, chunk, "response_transformer")
        reader.read_chunk(chunk, event, out)

    return read
