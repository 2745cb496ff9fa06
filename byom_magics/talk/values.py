"""What a value of the notebook becomes in a prompt: by its type alone, bounded, and saying what was left out."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Image, Message, Text
from byom_magics.talk import arrays, files, pictures, sources
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.fence import fenced
from byom_magics.talk.frames import frame
from byom_magics.talk.lineage import kind_of, lineage, method
from byom_magics.talk.plain_data import is_plain, plain_data

__all__ = ["MOST", "as_image", "as_text", "rendered"]

MOST = 20_000
"""Characters of one value that are sent."""

_ABSURD = 200_000  # what an object says of itself is sent as it is, unless it is longer
_MOST_PICTURES = 20  # of a list
_SHOWN = 20  # points of a drawing, in words


def rendered(value: Any, limit: int = MOST) -> Rendered:  # noqa: ANN401 - any value
    """
    A value as it is sent. Its type says what it is, never what the value answers; nothing is imported for it.

    Args:
        value: Any value. A text, or a reply of a model, is sent as it is, whatever its length.
        limit: How many characters may be sent of anything else.

    Raises:
        OptionError: It is a path or a picture that cannot be sent.
        MissingPackageError: It is the path of a PDF file, and pypdf is not installed.
    """
    kind = type(value)
    if issubclass(kind, str):
        return Rendered("text", (Text(str.__str__(value)),))
    if issubclass(kind, BaseException):
        return sources.raised(value)
    if issubclass(kind, os.PathLike):
        return files.file(Path(value), max(limit, files.MOST))
    if sources.has_source(value):
        return sources.source(value, limit)
    return _said(value) or _seen(value) or _data(value, limit) or _shown(value, limit)


def as_text(value: object) -> str:
    """A value as text, such as what a tool returned: a path is its name, a picture a few words."""
    if issubclass(type(value), os.PathLike):
        return str(value)
    return "".join(part.text if isinstance(part, Text) else _picture_words(part) for part in rendered(value).parts)


def as_image(value: object) -> Image | None:
    """The picture that a value is, or shows itself as; None if there is none, or it cannot be sent."""
    try:
        found = pictures.picture(value) or pictures.shown_picture(value)
    except OptionError:
        return None
    return None if found is None else found.image


def _said(value: Any) -> Rendered | None:  # noqa: ANN401 - any value
    """What was said to models, or by them."""
    types = lineage(value)
    if "byom_magics.Reply" in types:
        return Rendered("reply", (Text(value.text), *value.images))
    if "byom_magics.Text" in types:
        return Rendered("text", (value,))
    if "byom_magics.Message" in types:
        return _transcript((value,))
    if issubclass(type(value), (list, tuple)) and value and all(isinstance(each, Message) for each in value):
        return _transcript(value)
    return None


def _seen(value: Any) -> Rendered | None:  # noqa: ANN401 - any value
    """Pictures, and lists of nothing else."""
    found = pictures.picture(value)
    if found is not None:
        return Rendered("picture", (found.image,), found.note)
    if type(value) in (list, tuple) and 0 < len(value) <= _MOST_PICTURES:
        all_found = [pictures.picture(each) for each in value]
        if all(all_found):
            notes = [each.note for each in all_found if each is not None and each.note]
            made = tuple(each.image for each in all_found if each is not None)
            return Rendered(f"{len(made)} pictures", made, "; ".join(notes))
    return None


def _data(value: Any, limit: int) -> Rendered | None:  # noqa: ANN401 - any value
    table = frame(value, limit)
    if table is not None:
        return table
    if arrays.is_array(value):
        return arrays.array(value, limit)
    return plain_data(value, limit) if is_plain(value) else None


def _shown(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - any value
    """What is nothing else: the picture or the text that the object makes of itself."""
    picture = pictures.shown_picture(value)
    if picture is not None:
        return Rendered("picture", (picture.image,), picture.note)
    types = lineage(value)
    if "plotly.BaseFigure" in types:
        return _drawing(value, limit)
    own = method(value, "_repr_markdown_")
    text = own() if callable(own) else None
    if isinstance(text, tuple) and text:
        text = text[0]
    if text is None and "IPython.DisplayObject" in types:
        text = value.data  # its own text only names its type
    if isinstance(text, str):
        return _cut(kind_of(value), text, limit)
    return _cut(kind_of(value), str(value), max(limit, _ABSURD))


def _cut(kind: str, text: str, limit: int, *, block: bool = False) -> Rendered:
    shown, missing = cut_end(text, limit)
    note = f"{missing:,} characters left out" if missing else ""
    return Rendered(kind, (Text(shown),), note, cut=bool(missing), block=block)


def _drawing(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - a figure of plotly
    """A drawing that cannot be drawn here, as its data: without the template, which is the same for all."""
    content = json.loads(value.to_json())
    content.get("layout", {}).pop("template", None)
    text = json.dumps(_fewer(content), ensure_ascii=False)
    told = _cut("Figure as JSON", text, limit)
    note = told.note or "long lists cut; with the package kaleido it is sent as a picture"
    return Rendered(told.kind, (Text(fenced(told.text, "json")),), note, cut=True, block=True)


def _fewer(content: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(content, dict):
        return {name: _fewer(each) for name, each in content.items()}
    if not isinstance(content, list):
        return content
    more = len(content) - _SHOWN
    return [*map(_fewer, content[:_SHOWN]), *([f"… ({more:,} more)"] if more > 0 else [])]


def _transcript(messages: Sequence[Message]) -> Rendered:
    return Rendered("messages", (Text("\n\n".join(map(_message_words, messages))),), block=True)


def _message_words(message: Message) -> str:
    said = "".join(part.text if isinstance(part, Text) else _picture_words(part) for part in message.parts)
    asked = [f"(asks for {call.name} with {call.arguments})" for call in message.tool_calls]
    who = f"{message.role} {message.tool_name}" if message.tool_name else message.role
    return f"{who}: {' '.join(filter(None, (said, *asked)))}"


def _picture_words(image: Image) -> str:
    return f"({image.media_type}, {len(image.data):,} bytes)"
