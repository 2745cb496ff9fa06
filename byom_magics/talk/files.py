"""Files and folders as a model can read them: text, notebooks, PDF as text, pictures; never what is binary."""

from __future__ import annotations

import difflib
import io
import json
from pathlib import Path
from typing import Any

from byom_magics.errors import MissingPackageError, OptionError
from byom_magics.messages import Text
from byom_magics.plain import visible
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.fence import fenced
from byom_magics.talk.pictures import LARGEST, media_type, picture

__all__ = ["MOST", "file"]

MOST = 200_000
"""Characters of a file that are sent."""

_MOST_ENTRIES = 200
_READ = 50 * 1024 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LANGUAGES = {".py": "python", ".md": "markdown", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".toml": "toml",
              ".yaml": "yaml", ".yml": "yaml", ".html": "html", ".sql": "sql", ".sh": "bash",
              ".js": "javascript"}  # fmt: skip


def file(path: Path, limit: int = MOST) -> Rendered:
    """
    A file, or what a folder holds.

    Args:
        path: Where it is.
        limit: How many characters may be sent.

    Raises:
        OptionError: There is none, it cannot be read, or nothing in it is text.
        MissingPackageError: It is a PDF, and pypdf is not installed.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if path.stat().st_size > _READ:
            raise OptionError(f"{_shown(path)} is larger than {_READ // 1024**2} MB.", hint="send a part of it")
        data = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path, problem) from None
    if media_type(data[:16]) is not None:
        if len(data) > LARGEST:
            raise OptionError(f"The picture {_shown(path)} is too large.", hint="make it smaller first")
        found = picture(data)
        if found is not None:
            return Rendered("picture", (found[0],), note=found[1])
    text, note = _text(path, data)
    shown, missing = cut_end(text, limit)
    if missing:
        note = ", ".join(filter(None, (note, f"{missing:,} more characters left out")))
    body = f"{path.name}:\n{fenced(shown, _LANGUAGES.get(path.suffix.lower(), ''))}"
    return Rendered("file", (Text(body),), note=note, cut=bool(missing), block=True)


def _text(path: Path, data: bytes) -> tuple[str, str]:
    if data[:5] == b"%PDF-":
        return _pdf(path, data)
    if path.suffix.lower() == ".ipynb":
        return _notebook(data), ""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace"), ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in data[:8_000]:
            what = f"{_shown(path)} is no text: nothing of it can be sent."
            raise OptionError(what, hint="send what a program reads out of it, such as {{ table }}") from None
        return data.decode("latin-1"), "read as Latin-1, since it is not UTF-8"
    if "\0" in text[:8_000]:
        what = f"{_shown(path)} is no text: nothing of it can be sent."
        raise OptionError(what, hint="send what a program reads out of it, such as {{ table }}")
    return text, ""


def _pdf(path: Path, data: bytes) -> tuple[str, str]:
    try:
        import pypdf  # noqa: PLC0415 - an optional package, for PDF files only
    except ImportError:
        what = f"{_shown(path)} is a PDF, and the package that reads them is not installed."
        raise MissingPackageError(what, hint="pip install 'byom-magics[pypdf]', then run the cell again") from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        sealed = reader.is_encrypted and not reader.decrypt("")
        pages = [] if sealed else [page.extract_text() or "" for page in reader.pages]
    except Exception as problem:  # noqa: BLE001 - a broken PDF makes pypdf fail in many ways
        what = f"{_shown(path)} cannot be read as a PDF: {visible(str(problem))[:200]}"
        raise OptionError(what, hint="open it elsewhere, and save it anew") from None
    if sealed:
        raise OptionError(f"{_shown(path)} is encrypted.", hint="save it without a password first")
    text = "\n\n".join(f"[page {number}]\n{page}" for number, page in enumerate(pages, 1))
    if not any(page.strip() for page in pages):
        what = f"{_shown(path)} has no text in its {len(pages)} pages: it is probably scanned."
        raise OptionError(what, hint="send its pages as pictures, to a model that reads pictures: --image page.png")
    return text, f"the text of {len(pages)} pages"


def _notebook(data: bytes) -> str:
    try:
        cells = json.loads(data)["cells"]
        return "\n\n".join(_cell(cell) for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return data.decode("utf-8", "replace")  # a file that only has the name of one


def _cell(cell: Any) -> str:  # noqa: ANN401 - a cell as JSON
    written = _joined(cell.get("source"))
    if cell.get("cell_type") != "code":
        return written
    outputs = [
        _joined(each.get("text") or (each.get("data") or {}).get("text/plain")) for each in cell.get("outputs", [])
    ]
    shown = "\n".join(each for each in outputs if each)
    return fenced(written, "python") + (f"\n{fenced(shown, 'output')}" if shown else "")


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def _folder(path: Path) -> Rendered:
    entries = sorted(path.iterdir(), key=lambda each: (each.is_file(), each.name))
    lines = [
        f"{each.name}/" if each.is_dir() else f"{each.name} ({each.stat().st_size:,} bytes)"
        for each in entries[:_MOST_ENTRIES]
    ]
    note = f"{_MOST_ENTRIES} of {len(entries):,} entries" if len(entries) > _MOST_ENTRIES else ""
    listing = "\n".join(lines) or "(empty)"
    return Rendered(
        "folder", (Text(f"{path.name or path}/:\n{fenced(listing)}"),), note=note, cut=bool(note), block=True
    )


def _unreadable(path: Path, problem: OSError) -> OptionError:
    if not isinstance(problem, FileNotFoundError):
        return OptionError(f"{_shown(path)} cannot be read: {problem.strerror}.", hint="see who may read it")
    try:
        near = difflib.get_close_matches(path.name, [each.name for each in path.parent.iterdir()], n=3)
    except OSError:
        near = []
    hint = f"did you mean {' or '.join(near)}?" if near else "look at the path; it is read from the notebook's folder"
    return OptionError(f"There is no file {_shown(path)}.", hint=hint)


def _shown(path: Path) -> str:
    return f"'{visible(str(path))[:200]}'"
