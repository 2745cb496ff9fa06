"""A PNG written by hand, for notebooks that have arrays and no Pillow."""

from __future__ import annotations

import struct
import zlib

__all__ = ["png"]

_COLOURS = {1: 0, 3: 2, 4: 6}  # channels: the colour type that they are


def png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """
    An image as a PNG file.

    Args:
        pixels: The rows from the top, each from the left, a byte for each channel.
        width: Pixels in a row.
        height: Rows.
        channels: 1 for grey, 3 for red, green and blue, 4 for these with opacity.
    """
    row = width * channels
    lines = b"".join(b"\0" + pixels[at : at + row] for at in range(0, row * height, row))
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
