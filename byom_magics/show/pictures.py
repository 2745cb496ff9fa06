"""Images that a model made: shown if they are what they say, and small enough for a notebook; else told of in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.show.markup import escape
from byom_magics.show.status import QUIET

if TYPE_CHECKING:
    from byom_magics.messages import Image

__all__ = ["kind_of", "pictures_html"]

_LARGEST = 10_000_000
_LARGEST_TOGETHER = 30_000_000
_MOST = 50


def kind_of(data: bytes) -> str:
    """Give the kind of image that bytes are by how they begin, such as ``png``; empty if it is none to be shown."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def pictures_html(images: Sequence[Image], *, first: int = 0, of: int | None = None) -> str:
    """
    Show the images of a reply, one below the other.

    Args:
        images: The images, as the model's server sent them. What they are is told by their bytes, not by their media
            type; an SVG is a document, and is not shown.
        first: The place that the first of them has in ``reply.images``.
        of: How many the reply has, if that is known and these are not all.
    """
    total = f" of {of or len(images)}" if of or (len(images) > 1 and not first) else ""
    room = _LARGEST_TOGETHER
    parts = []
    for number, image in enumerate(images[:_MOST], first):
        kind, size = kind_of(image.data), len(image.data)
        if kind and size <= min(_LARGEST, room):
            room -= size
            parts.append(
                f'<img src="data:image/{kind};base64,{image.base64}"'
                f' alt="image {number + 1}{total} by the model"'
                ' style="display:block;max-width:100%;height:auto;margin:.4em 0">'
            )
        else:
            parts.append(_told(image, number, kind))
    if len(images) > _MOST:
        parts.append(_line(f"… {len(images) - _MOST:,} more images are not shown; they are in reply.images"))
    return "\n".join(parts) + "\n" if parts else ""


def _told(image: Image, number: int, kind: str) -> str:
    size = f"{len(image.data):,} bytes"
    why = "too large to be shown here" if kind else "no PNG, JPEG, GIF or WebP, so it is not shown"
    name = one_line(image.media_type, 60) or "image"
    return _line(f"image {number + 1}: {name}, {size}, {why}; its bytes are reply.images[{number}].data")


def _line(text: str) -> str:
    return f'<p style="{QUIET}">{escape(text)}</p>'
