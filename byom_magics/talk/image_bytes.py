"""What the bytes of an image say of it: its kind and its size. Names of files and servers' words are not asked."""

from __future__ import annotations

import struct

__all__ = ["dimensions", "media_type", "size_text"]

_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the segments that begin a picture
_JPEG_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length


def media_type(data: bytes) -> str | None:
    """The media type of a PNG, JPEG, GIF or WebP image; None for all else, SVG included."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where the bytes do not say."""
    kind = media_type(data)
    try:
        if kind == "image/png":
            width, height = struct.unpack(">II", data[16:24])
            return width, height
        if kind == "image/gif":
            width, height = struct.unpack("<HH", data[6:10])
            return width, height
        if kind == "image/jpeg":
            return _of_jpeg(data)
        return _of_webp(data) if kind else None
    except (struct.error, IndexError):
        return None


def size_text(size: tuple[int, int]) -> str:
    """A size in words, such as ``1,568 × 1,176``."""
    return f"{size[0]:,} × {size[1]:,}"


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while True:
        if data[at] != 0xFF:
            return None
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _JPEG_BARE:
            continue
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[at + 3 : at + 7])
            return width, height
        (length,) = struct.unpack(">H", data[at : at + 2])
        if length < 2:
            return None
        at += length


def _of_webp(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X" and len(data) >= 30:
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    return None
