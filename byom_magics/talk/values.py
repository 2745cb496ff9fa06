"""What a value of the notebook becomes in a prompt: by its type alone, bounded, and saying what was left out."""

from __future__ import annotations

import os
import types
from pathlib import Path
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Message, Text
from byom_magics.talk import files, frames, pictures, sources
from byom_magics.talk.cutting import cut_middle
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.lineage import defines, kind_of, lineage, method
from byom_magics.talk.plain_data import is_plain, plain_data

__all__ = ["MOST", "as_image", "as_text", "rendered"]

MOST = 20_000
"""Characters of one value that are sent."""

_ABSURD = 200_000


def rendered(value: Any, limit: int = MOST) -> Rendered:  # noqa: ANN401, C901 - any value, a line for each kind
    """
    A value as it is sent.

    Args:
        value: Any value. A text is sent as it is, whatever its length.
        limit: How many characters may be sent of anything else.

    Raises:
        OptionError: It is a path that leads to nothing that can be sent.
    """
    if isinstance(value, str):
        return Rendered("text", (Text(str(value)),))
    if isinstance(value, BaseException):
        return sources.raised(value, limit)
    if isinstance(value, os.PathLike):
        return files.file(Path(value))
    if isinstance(value, types.ModuleType):
        return sources.module(value, limit)
    if sources.is_source(value):
        return sources.source(value, limit)
    if frames.is_frame(value):
        return frames.frame(value, limit)
    if frames.is_array(value):
        return frames.array(value, limit)
    if pictures.is_drawn(value):
        found = pictures.picture(value)
        if found is not None:
            return Rendered("picture", (found[0],), note=found[1])
    if "byom_magics.Reply" in lineage(value):
        return Rendered("reply", (Text(value.text),))
    if _is_transcript(value):
        return Rendered("messages", (Text("\n\n".join(f"{each.role}: {each.text}" for each in value)),), block=True)
    if is_plain(value):
        return plain_data(value, limit)
    return _other(value, limit)


def as_text(value: object) -> str:
    """A value as text, such as what a tool returned."""
    return rendered(value).text


def as_image(value: object) -> Any:  # noqa: ANN401 - an Image, or None
    """The picture that a value is, or None."""
    if not pictures.is_drawn(value):
        return None
    try:
        found = pictures.picture(value)
    except OptionError:
        return None
    return None if found is None else found[0]


def _is_transcript(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(each, Message) for each in value)


def _other(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - any value
    own = method(value, "_repr_markdown_")
    text = own() if own is not None else None
    if isinstance(text, tuple):
        text = text[0]
    if not isinstance(text, str):
        text = str(value)
        limit = max(limit, _ABSURD) if defines(value, "__str__") else limit
    shown, missing = cut_middle(text, limit)
    note = f"{missing:,} characters left out" if missing else ""
    return Rendered(kind_of(value), (Text(shown),), note=note, cut=bool(missing))
