"""What a model is told of what a tool gave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from enum import Enum
from pathlib import PurePath
from typing import Any

from byom_magics.messages import Image
from byom_magics.talk.described import words_of

__all__ = ["MOST_CHARACTERS", "result_text"]

MOST_CHARACTERS = 20_000
"""How much of a result is told, where nobody says otherwise."""

_NOTHING = "Done. There is no result to tell."
_MOST_IMAGES = 16
_PLAIN = (dict, list, tuple, set, frozenset, bool, int, float, Enum)


def result_text(
    value: object,
    most: int = MOST_CHARACTERS,
    *,
    render: Callable[[object], str] = str,
    image: Callable[[object], Image | None] | None = None,
) -> tuple[str, int, tuple[Image, ...]]:
    """
    A tool's result as it is told.

    Args:
        value: What the function gave.
        most: How many characters of it are told.
        render: Writes an object that is no text and no JSON: a table, an array, anything.
        image: Gives the image that an object is, such as a figure, or None.

    Returns:
        The text; how many characters of it were left out; the images in it.
    """
    images, rest = _parted(value, image)
    text = _counted(len(images)) if images and rest is None else _text(rest, render)
    text = text.encode(errors="replace").decode()  # halves of characters, as in names of files
    left_out = max(0, len(text) - most)
    if left_out:
        text = f"{text[:most]}\n… {left_out:,} more characters were left out."
    return text, left_out, tuple(images[:_MOST_IMAGES])


def _counted(images: int) -> str:
    if images > _MOST_IMAGES:
        return f"{images} images; {images - _MOST_IMAGES} of them were left out."
    return "One image." if images == 1 else f"{images} images."


def _parted(value: object, image: Callable[[object], Image | None] | None) -> tuple[list[Image], object]:
    """The images of a result, and what it is besides; None if it is nothing besides."""
    one = _image(value, image)
    if one is not None:
        return [one], None
    if not isinstance(value, (list, tuple)) or hasattr(value, "_fields"):
        return [], value
    images, others = [], []
    for each in value:
        one = _image(each, image)
        if one is None:
            others.append(each)
        else:
            images.append(one)
    if not images:
        return [], value
    return images, None if not others else others[0] if len(others) == 1 else others


def _image(value: object, image: Callable[[object], Image | None] | None) -> Image | None:
    if isinstance(value, Image):
        return value
    if image is None or isinstance(value, (str, *_PLAIN)):
        return None
    try:
        return image(value)
    except Exception:  # noqa: BLE001 - what cannot be drawn is told in words
        return None


def _text(value: object, render: Callable[[object], str]) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        return str.__str__(value)  # a class of the person's own may have another
    if isinstance(value, (bytes, bytearray)):
        return _text_of_bytes(bytes(value))
    if _is_json(value):
        try:
            return _json(value, render)
        except Exception:  # noqa: BLE001 - rings, keys that are no texts, objects of the person's own: told as they are
            return _rendered(value, render)
    return _rendered(value, render)


def _text_of_bytes(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"{len(data):,} bytes that are no text."


def _is_json(value: Any) -> bool:  # noqa: ANN401
    """Whether a value is told as JSON: plain ones, objects with fields, numbers of numpy."""
    if isinstance(value, _PLAIN) or hasattr(value, "__struct_fields__"):
        return True
    kind = type(value)
    return dataclasses.is_dataclass(kind) or hasattr(kind, "model_dump") or _is_scalar(value)


def _is_scalar(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "numpy" and getattr(value, "shape", None) == ()


def _json(value: object, render: Callable[[object], str]) -> str:
    import msgspec  # noqa: PLC0415 - loaded with the first tool

    def plain(each: Any) -> Any:  # noqa: ANN401 - anything inside a result
        if callable(getattr(each, "model_dump", None)):
            return each.model_dump(mode="json")
        if _is_scalar(each):
            return each.item()
        if isinstance(each, PurePath):
            return str(each)
        return _rendered(each, render)

    fields = getattr(value, "_asdict", None)
    return json.dumps(
        msgspec.to_builtins(fields() if callable(fields) else value, str_keys=True, enc_hook=plain), ensure_ascii=False
    )


def _rendered(value: object, render: Callable[[object], str]) -> str:
    try:
        return render(value)
    except Exception as problem:  # noqa: BLE001 - an object of the person's own may raise anything
        kind = type(value).__name__
        return f"The result is of the class {kind}, and cannot be shown: {type(problem).__name__}: {words_of(problem)}"
