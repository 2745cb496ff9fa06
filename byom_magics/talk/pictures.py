"""Pictures out of whatever shows one: files, figures, PIL images, arrays, and objects that can draw themselves."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.talk.lineage import kind_of, lineage, method

__all__ = ["LARGEST", "is_drawn", "media_type", "picture"]

LARGEST = 20 * 1024 * 1024
"""Bytes of a picture that are taken."""

_SIDE = 1_568  # pixels: what providers see of a picture at most, or near it
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def media_type(data: bytes) -> str | None:
    """What picture bytes are, by how they begin; None if they are none that models take."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def is_drawn(value: object) -> bool:
    """Whether a value is a picture, or draws itself as one: not what only may be read as one, as an array."""
    if isinstance(value, Image) or (type(value) in (bytes, bytearray) and media_type(bytes(value[:16])) is not None):  # type: ignore[index]
        return True
    known = lineage(value)
    return bool(known & {"matplotlib.Figure", "PIL.Image"}) or any(
        method(value, name) is not None for name in ("_repr_png_", "_repr_jpeg_")
    )


def picture(value: Any) -> tuple[Image, str] | None:  # noqa: ANN401 - any value
    """
    The picture that a value is.

    Returns:
        The picture, and what was changed of it (empty if nothing was); None if the value is none.

    Raises:
        OptionError: It is one that no model takes, or too large.
    """
    if isinstance(value, Image):
        return value, ""
    if type(value) in (bytes, bytearray):
        return _of_bytes(bytes(value), "the bytes")
    known = lineage(value)
    if "matplotlib.Axes" in known or method(value, "get_figure") is not None:
        value = value.get_figure()
        known = lineage(value)
    if "matplotlib.Figure" in known:
        file = io.BytesIO()
        value.savefig(file, format="png", dpi=min(150.0, _SIDE / max(*value.get_size_inches(), 1)), bbox_inches="tight")
        return Image(file.getvalue(), "image/png"), ""
    if "PIL.Image" in known:
        return _of_pil(value)
    if "numpy.ndarray" in known:
        return _of_array(value)
    for name in ("_repr_png_", "_repr_jpeg_"):
        draw = method(value, name)
        drawn = draw() if draw is not None else None
        drawn = drawn[0] if isinstance(drawn, tuple) else drawn
        if isinstance(drawn, (bytes, bytearray)):
            return _of_bytes(bytes(drawn), f"what {kind_of(value)} draws")
    return None


def _of_bytes(data: bytes, what: str) -> tuple[Image, str]:
    kind = media_type(data[:16])
    if kind is None:
        svg = b"<svg" in data[:1_000].lower()
        message = f"A picture cannot be {what}: {'SVG is no picture that models take' if svg else 'they are none'}."
        raise OptionError(message, hint="give PNG, JPEG, GIF or WebP; an SVG can be given as text with --file")
    if len(data) > LARGEST:
        message = f"A picture of {len(data) / 1024**2:.0f} MB is too large: {LARGEST // 1024**2} MB are taken at most."
        raise OptionError(message, hint="make it smaller first")
    return _smaller(Image(data, kind))


def _smaller(image: Image) -> tuple[Image, str]:
    """A picture that is larger than models see, made smaller, if PIL is there to do it."""
    pil = sys.modules.get("PIL.Image")
    if pil is None or image.media_type == "image/gif":
        return image, ""
    try:
        opened = pil.open(io.BytesIO(image.data))
        if max(opened.size) <= _SIDE:
            return image, ""
        return _of_pil(opened)
    except Exception:  # noqa: BLE001 - what PIL cannot read, a model may
        return image, ""


def _of_pil(value: Any) -> tuple[Image, str]:  # noqa: ANN401 - an image of PIL
    size = tuple(value.size)
    note = ""
    if max(size) > _SIDE:
        value = value.copy()
        value.thumbnail((_SIDE, _SIDE))
        note = f"made smaller, from {size[0]:,} × {size[1]:,} pixels"
    if value.mode not in ("RGB", "RGBA", "L", "1", "P", "LA"):
        value = value.convert("RGB")
    file = io.BytesIO()
    value.save(file, format="PNG")
    return Image(file.getvalue(), "image/png"), note


def _of_array(value: Any) -> tuple[Image, str] | None:  # noqa: ANN401 - an array of numpy
    """Pixels: H × W, or H × W × 3 or 4, as bytes or as numbers from 0 to 1."""
    if value.ndim not in (2, 3) or (value.ndim == 3 and value.shape[2] not in (1, 3, 4)) or not value.size:
        return None
    if value.dtype.kind == "f":
        value = (value.clip(0, 1) * 255).astype("uint8")
    elif value.dtype.kind == "b":
        value = value.astype("uint8") * 255
    elif str(value.dtype) != "uint8":
        return None
    step = -(-max(value.shape[:2]) // _SIDE)
    note = f"every {step}th pixel, of {value.shape[1]:,} × {value.shape[0]:,}" if step > 1 else ""
    value = value[::step, ::step]
    channels = 1 if value.ndim == 2 else int(value.shape[2])
    rows = b"".join(b"\0" + row.tobytes() for row in value)
    return Image(_png(int(value.shape[1]), int(value.shape[0]), channels, rows), "image/png"), note


def _png(width: int, height: int, channels: int, rows: bytes) -> bytes:
    """A PNG of 8-bit pixels; https://www.w3.org/TR/png-3/."""
    colour = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
