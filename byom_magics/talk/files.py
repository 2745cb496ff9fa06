"""Files as what a model can read: text, PDF, notebooks and images; a folder as a list of what is in it."""

from __future__ import annotations

import contextlib
import difflib
import os
import stat
from itertools import islice
from pathlib import Path

from byom_magics.catalog.secrets import mask
from byom_magics.errors import OptionError
from byom_magics.messages import Text
from byom_magics.plain import visible
from byom_magics.talk.decoding import binary_kind, decoded
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.fence import fenced
from byom_magics.talk.image_bytes import media_type
from byom_magics.talk.notebook_file import notebook_text
from byom_magics.talk.pdf import pdf_text
from byom_magics.talk.scaling import LARGEST, Picture, of_bytes

__all__ = ["MOST", "file", "file_picture", "found"]

MOST = 200_000
"""Characters of one file that are sent."""

_LARGEST_WHOLE = 100 * 1024 * 1024  # bytes of a PDF or notebook file, which are read whole
_COUNTED = 8 * 1024 * 1024  # bytes of a text that is read whole, to say how much of it is left out
_LISTED = 200  # entries of a folder
_LOOKED_AT = 10_000  # names that a missing one is compared with
_LANGUAGES = {
    "py": "python", "ipynb": "python", "r": "r", "jl": "julia", "js": "javascript", "ts": "typescript", "sh": "bash",
    "md": "markdown", "json": "json", "csv": "csv", "tsv": "tsv", "sql": "sql", "html": "html", "css": "css", "c": "c",
    "h": "c", "cpp": "cpp", "java": "java", "rs": "rust", "go": "go", "toml": "toml", "yaml": "yaml", "yml": "yaml",
    "xml": "xml", "tex": "latex",
}  # fmt: skip


def found(text: str) -> Path | None:
    """The file or folder of this name, ``~`` for the home folder; None if there is none."""
    try:
        path = Path(text).expanduser()
        return path if text and path.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None


def file(path: Path, limit: int = MOST) -> Rendered:
    """
    What is sent of a file or folder, under its name.

    Args:
        path: Where it is.
        limit: How many characters may be sent.

    Raises:
        OptionError: It is not there, cannot be read, or holds nothing that can be sent.
        MissingPackageError: It is a PDF file, and pypdf is not installed.
    """
    name = _name(path)
    size = _size(path)
    if size is None:
        return _folder(path, name)
    # UTF-8 has up to four bytes in a character; of a huge text little more than what is sent is read.
    data = _read(path, max(4 * limit + 4, _COUNTED))
    if media_type(data):
        made = file_picture(path)
        return Rendered("picture", (made.image,), made.note)
    if data.startswith(b"%PDF-"):
        told = pdf_text(_whole(path, size), name, limit)
        return _under(name, told, fenced(mask(told.text)))
    text = decoded(data, whole=len(data) == size)
    if text is None:
        kind, hint = binary_kind(data)
        raise OptionError(f"{name} is no text, but {kind}.", hint=hint)
    if path.suffix.lower() == ".ipynb":
        again = decoded(_whole(path, size))
        notebook = None if again is None else notebook_text(again.text, limit)
        if notebook is not None:
            return _under(name, notebook, mask(notebook.text))
    content = mask(text.text)
    missing = max(len(content) - limit, 0)
    left = f"{missing:,} more characters left out" if missing else ""
    if len(data) < size:
        left = f"the first {min(len(content), limit):,} characters of {_megabytes(size)}"
    return _text(path, content[:limit], left, text.guess)


def file_picture(path: Path) -> Picture:
    """
    An image file as an image.

    Args:
        path: Where it is.

    Raises:
        OptionError: It is not there, no image that a model takes, or too large.
    """
    name = _name(path)
    size = _size(path)
    if size is None:
        raise OptionError(f"{name} is a folder.", hint="name one of the images in it")
    if size > LARGEST:
        what = f"{name} is too large: {_megabytes(size)}; at most {_megabytes(LARGEST)} can be sent."
        raise OptionError(what, hint="make it smaller")
    data = _read(path, LARGEST + 1)
    if media_type(data) is None:
        start = data[:1_000].lstrip().lower()
        if start.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:10_000].lower():
            hint = "save it as PNG, or send its source with --file"
            raise OptionError(f"{name} is no picture that models take, but an SVG drawing.", hint=hint)
        kind = "a text" if decoded(data[:10_000], whole=False) else binary_kind(data)[0]
        hint = "--file sends texts and PDF files; images are PNG, JPEG, GIF or WebP"
        raise OptionError(f"{name} is no picture that models take, but {kind}.", hint=hint)
    return of_bytes(data, name)


def _under(name: str, told: Rendered, text: str) -> Rendered:
    return Rendered(told.kind, (Text(f"{name}:\n{text}"),), told.note, told.cut, block=True)


def _text(path: Path, text: str, left: str, guess: str) -> Rendered:
    end = f"\n… (the file goes on: {left})" if left else ""
    language = _LANGUAGES.get(path.suffix.lower().lstrip("."), "")
    body = f"{_name(path)}:\n{fenced(text, language)}{end}"
    note = ", ".join(each for each in (left, guess) if each)
    return Rendered("file", (Text(body),), note, cut=bool(left), block=True)


def _folder(path: Path, name: str) -> Rendered:
    try:
        with os.scandir(path) as entries:
            listed = sorted(map(_entry, entries), key=lambda line: (not line.endswith("/"), line))
    except OSError as problem:
        raise _unreadable(name, problem) from None
    shown = listed[:_LISTED]
    lines = [*shown, *([f"… ({len(listed) - len(shown):,} more were left out)"] if len(shown) < len(listed) else [])]
    note = f"{len(shown):,} of {len(listed):,} entries" if len(shown) < len(listed) else ""
    text = f"{name}, a folder:\n{fenced(chr(10).join(lines) or '(empty)')}"
    return Rendered("folder", (Text(text),), note, cut=bool(note), block=True)


def _entry(entry: os.DirEntry[str]) -> str:
    with contextlib.suppress(OSError):  # it may be gone by now
        return f"{entry.name}/" if entry.is_dir() else f"{entry.name} ({entry.stat().st_size:,} bytes)"
    return entry.name


def _name(path: Path) -> str:
    # Where a file lies is no news to a model, and often names a person.
    return visible(path.name or str(path.absolute().name or path) if path.is_absolute() else str(path))


def _size(path: Path) -> int | None:
    """How many bytes a file has; None for a folder."""
    name = _name(path)
    try:
        seen = path.stat()
    except FileNotFoundError:
        raise OptionError(f"There is no file '{visible(str(path))}'.", hint=_near(path)) from None
    except (OSError, ValueError) as problem:
        raise _unreadable(name, problem) from None
    if stat.S_ISDIR(seen.st_mode):
        return None
    if not stat.S_ISREG(seen.st_mode):
        raise OptionError(f"{name} is a device or a pipe.", hint="read it yourself and send the text: {{ text }}")
    return seen.st_size


def _near(path: Path) -> str:
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _LOOKED_AT)]
    except OSError:
        return f"there is no folder '{visible(str(path.parent))}' either; paths begin at {visible(str(Path.cwd()))}"
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(visible(name) for name in near)}?"
    return f"paths begin at {visible(str(Path.cwd()))}"


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as problem:
        raise _unreadable(_name(path), problem) from None


def _whole(path: Path, size: int) -> bytes:
    if size > _LARGEST_WHOLE:
        what = f"{_name(path)} is too large: {_megabytes(size)}; at most {_megabytes(_LARGEST_WHOLE)} are read."
        raise OptionError(what, hint="send a part of it as a text: {{ text }}")
    return _read(path, _LARGEST_WHOLE)


def _unreadable(name: str, problem: Exception) -> OptionError:
    why = getattr(problem, "strerror", None) or str(problem)
    return OptionError(f"{name} cannot be read: {visible(why)}.", hint="look at its permissions")


def _megabytes(size: int) -> str:
    if size < 1024 * 1024:
        return f"{size:,} bytes"
    return f"{size / 1024 / 1024:,.1f} MB".replace(".0 MB", " MB")
