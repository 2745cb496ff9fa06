"""Text files by their bytes: UTF-8, UTF-16 with its mark, or Latin-1; and what a file is that holds no text."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

__all__ = ["Decoded", "binary_kind", "decoded"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 8_192
_CONTROLS = bytes({*range(32), 127} - {7, 8, 9, 10, 12, 13, 27})
_MOST_CONTROLS = 0.02

# How files begin that hold no text, what they are, and how to send what is in them.
_READ_TABLE = "read it with pandas and send the table: {{ df }}"
_READ_ARCHIVE = "unpack it and send the files in it"
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF file", "send it with --file"),
    (b"PK\x03\x04", "a zip archive or an Office document", "unpack it, or read it with the package made for it"),
    (b"\x1f\x8b", "a gzip archive", _READ_ARCHIVE),
    (b"BZh", "a bzip2 archive", _READ_ARCHIVE),
    (b"\xfd7zXZ\x00", "an xz archive", _READ_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _READ_ARCHIVE),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "save it as text, CSV or PDF"),
    (b"PAR1", "a Parquet file", _READ_TABLE),
    (b"ARROW1", "an Arrow file", _READ_TABLE),
    (b"\x89HDF", "an HDF5 file", "read it with h5py or pandas and send what you need: {{ value }}"),
    (b"SQLite format 3", "an SQLite database", "send what a query gives: {{ rows }}"),
    (b"\x93NUMPY", "an array of numpy", "load it with numpy.load and send it: {{ array }}"),
    (b"\x80\x04", "a pickle", "load it, if you trust it, and send the value: {{ value }}"),
    (b"\x80\x05", "a pickle", "load it, if you trust it, and send the value: {{ value }}"),
    (b"\x7fELF", "a program", "send its source"),
    (b"MZ", "a program", "send its source"),
    (b"II*\x00", "a TIFF image", "convert it to PNG, for example with Pillow"),
    (b"MM\x00*", "a TIFF image", "convert it to PNG, for example with Pillow"),
    (b"BM", "a bitmap", "convert it to PNG, for example with Pillow"),
    (b"OggS", "an Ogg file", "send a text of it"),
    (b"ID3", "an MP3 file", "send a text of it"),
)


@dataclass(frozen=True)
class Decoded:
    """A file's text, and what it was written in if that is only a guess."""

    text: str
    guess: str = ""


def decoded(data: bytes, *, whole: bool = True) -> Decoded | None:
    """
    The text that these bytes are; None if they are none.

    Args:
        data: The file's content from its first byte.
        whole: Whether that is all of it; else its last character may be cut.
    """
    for mark, coding in _MARKS:
        if data.startswith(mark):
            return Decoded(codecs.getincrementaldecoder(coding)("replace").decode(data[len(mark) :], final=whole))
    start = data[:_LOOKED_AT]
    if b"\0" in start or _mostly_controls(start):
        return None
    try:
        return Decoded(codecs.getincrementaldecoder("utf-8")().decode(data, final=whole))
    except UnicodeDecodeError:
        known = any(data.startswith(begin) for begin, _, _ in _KINDS if len(begin) > 2)
        return None if known else Decoded(data.decode("latin-1"), "read as Latin-1")


def binary_kind(data: bytes) -> tuple[str, str]:
    """What a file without text is, by how it begins, and what to do with it."""
    if data[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return "an image of a kind that models do not take", "convert it to PNG or JPEG, for example with Pillow"
    for begin, kind, hint in _KINDS:
        if data.startswith(begin):
            return kind, hint
    return "a binary file", "send a text of it, or read it and send the value: {{ value }}"


def _mostly_controls(start: bytes) -> bool:
    return len(start) - len(start.translate(None, _CONTROLS)) > len(start) * _MOST_CONTROLS
