"""PDF files as text, through the package pypdf, which is loaded when the first one is read."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from byom_magics.errors import MissingPackageError, OptionError
from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pdf_text"]

_MOST_PAGES = 2_000


def pdf_text(data: bytes, name: str, limit: int) -> Rendered:
    """
    The text of a PDF file, page after page.

    Args:
        data: The file's content.
        name: The file, as a message calls it.
        limit: How many characters may be sent.

    Raises:
        MissingPackageError: pypdf is not installed.
        OptionError: The file is encrypted, broken, or has no text.
    """
    reader = _reader(data, name)
    pieces: list[str] = []
    length = read = 0
    total = len(reader.pages)
    written = False
    for number in range(min(total, _MOST_PAGES)):
        page = _page_text(reader, number).strip()
        written = written or bool(page)
        read += 1
        pieces.append(f"--- page {number + 1} of {total} ---\n{page}")
        length += len(pieces[-1]) + 2
        if length > limit:
            break
    if not written:
        hint = "send its pages as images (--image), or run it through text recognition first"
        raise OptionError(f"{name} has no text in it; its pages are probably scanned.", hint=hint)
    text, missing = cut_end("\n\n".join(pieces), limit)
    note = f"{total:,} pages" if read == total else f"{read:,} of {total:,} pages"
    if missing:
        note = f"{note}, {missing:,} characters left out"
    if read < total:
        text += f"\n\n… (the {total - read:,} pages after this one were left out)"
    return Rendered("PDF file", (Text(text),), note, cut=bool(missing) or read < total, block=True)


def _reader(data: bytes, name: str) -> Any:  # noqa: ANN401 - a reader of pypdf
    try:
        import pypdf  # noqa: PLC0415 - an optional package
    except ImportError:
        hint = "install it: %pip install 'byom-magics[pypdf]'"
        raise MissingPackageError(f"{name} is a PDF file, which needs the package pypdf.", hint=hint) from None
    with _quiet():
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            locked = reader.is_encrypted and not reader.decrypt("")
            _ = 0 if locked else len(reader.pages)
        except Exception as problem:  # noqa: BLE001 - broken files break a reader in many ways
            raise _unreadable(name, problem) from None
    if locked:
        hint = "save a copy without its password, or read it with pypdf and send the text: {{ text }}"
        raise OptionError(f"{name} is encrypted with a password.", hint=hint)
    return reader


def _page_text(reader: Any, number: int) -> str:  # noqa: ANN401 - a reader of pypdf
    with _quiet():
        try:
            return str(reader.pages[number].extract_text())
        except Exception as problem:  # noqa: BLE001 - one broken page is no reason to lose the others
            return f"(this page cannot be read: {type(problem).__name__})"


def _unreadable(name: str, problem: Exception) -> OptionError:
    what = f"{name} cannot be read as a PDF file: {type(problem).__name__}: {str(problem)[:200]}"
    return OptionError(what, hint="open it to see whether it is whole")


@contextmanager
def _quiet() -> Iterator[None]:
    """The package's remarks on files that are not quite right are no news to the person."""
    logger = logging.getLogger("pypdf")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
