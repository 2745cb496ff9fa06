"""Notebook files as text: the cells' sources and what they printed, without pictures and metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from byom_magics.messages import Text
from byom_magics.talk.cells import Cell, cells_text
from byom_magics.talk.expansion import Rendered

__all__ = ["notebook_text"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def notebook_text(text: str, limit: int) -> Rendered | None:
    """
    A notebook file as a model reads it; None if this is none.

    Args:
        text: The whole file.
        limit: How many characters may be sent.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        return None
    language = _language(content.get("metadata"))
    read = [_cell(each, language) for each in listed if isinstance(each, dict)]
    pictures = sum(count for _, count in read)
    told = cells_text([cell for cell, _ in read], limit, whole=True)
    notes = [told.note] if told.note else []
    if pictures:
        notes.append("1 picture left out" if pictures == 1 else f"{pictures:,} pictures left out")
    kind = f"notebook of {told.kind}"
    return Rendered(kind, told.parts or (Text(""),), ", ".join(notes), cut=bool(notes), block=True)


def _language(metadata: object) -> str:
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) and re.fullmatch(r"[\w+#.-]{1,20}", name) else "python"


def _cell(cell: Mapping[str, Any], language: str) -> tuple[Cell, int]:
    source = _text(cell.get("source"))
    if cell.get("cell_type") != "code":
        return Cell(0, source, language="markdown"), 0
    number = cell.get("execution_count")
    outputs = cell.get("outputs")
    listed = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    printed = "\n".join(text.rstrip("\n") for each in listed if (text := _output(each)))
    errors = "\n".join(_error(each) for each in listed if each.get("output_type") == "error")
    pictures = sum(_is_picture(each) for each in listed)
    return Cell(number if isinstance(number, int) else 0, source, printed, errors, language), pictures


def _output(output: Mapping[str, Any]) -> str:
    data = output.get("data")
    if not isinstance(data, dict):
        return _COLOURS.sub("", _text(output.get("text")))
    return _text(data.get("text/markdown") or data.get("text/plain"))


def _error(output: Mapping[str, Any]) -> str:
    lines = output.get("traceback")
    told = "\n".join(map(str, lines)) if isinstance(lines, list) else ""
    return _COLOURS.sub("", told) or f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"


def _is_picture(output: Mapping[str, Any]) -> bool:
    data = output.get("data")
    return isinstance(data, dict) and any(str(kind).startswith("image/") for kind in data)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "".join(map(str, value)) if isinstance(value, Sequence) else ""
