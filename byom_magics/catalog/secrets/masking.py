"""Keys that come back: what a server, a command or an error says is masked, whatever form the key has there."""

from __future__ import annotations

import base64
import copy
import functools
import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from byom_magics.catalog.secrets.reference import looks_like_key

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Masker", "hide", "look_for", "mask", "masker"]

_HIDDEN = "[key hidden]"
_URL_SAFE = str.maketrans("+/", "-_")
_SHORTEST = 8  # shorter ones are words of any text

_WORD = re.compile(r"[A-Za-z0-9_.~+/-]{16,}=*")  # what keys and tokens are written with

_OF_ONE_SOURCE = 4  # short-lived tokens: as many of each source; looking for a thousand would slow every answer

_seen: set[str] = set()  # values to be masked in what is shown
_short_lived: dict[str, list[str]] = {}
_lock = threading.Lock()


def look_for(value: str, *, token_of: str = "") -> None:
    """
    Mask this key from now on; one that is too short for a key is left alone.

    Args:
        value: The key.
        token_of: For a short-lived token, where it comes from: only its last few are looked for.
    """
    if len(value) < _SHORTEST:
        return
    with _lock:
        if token_of:
            mine = _short_lived.setdefault(token_of, [])
            if value not in _seen:
                mine.append(value)
                _seen.difference_update(mine[:-_OF_ONE_SOURCE])
                del mine[:-_OF_ONE_SOURCE]
        _seen.add(value)


def mask(text: str) -> str:
    """``text`` with every key that was used in this session replaced, in its encoded forms too."""
    with _lock:
        values = sorted(_seen, key=len, reverse=True)
    for value in values:
        for form in _forms(value):
            text = text.replace(form, _HIDDEN)
    return text


def hide(text: str) -> str:
    """``text`` with every key of this session replaced, and every word that looks like a key that nobody knows yet."""
    return _WORD.sub(lambda word: _HIDDEN if looks_like_key(word[0]) else word[0], mask(text))


class Masker:
    """
    Masks keys in a text that comes in pieces.

    Args:
        forms: Every form of every key.
    """

    def __init__(self, forms: Iterable[str]) -> None:
        self._forms = sorted(forms, key=len, reverse=True)
        self._first = re.compile(f"[{re.escape(''.join({form[0] for form in self._forms}))}]")
        self._whole = re.compile("|".join(map(re.escape, self._forms)))
        self._held = ""

    def feed(self, text: str) -> str:
        """The next piece, masked; an end that may be the beginning of a key is held back."""
        if not self._held and self._first.search(text) is None:
            return text
        text = self._whole.sub(_HIDDEN, self._held + text)
        for begun in self._first.finditer(text, max(0, len(text) - len(self._forms[0]) + 1)):
            end = text[begun.start() :]
            if any(form.startswith(end) for form in self._forms):
                self._held = end
                return text[: begun.start()]
        self._held = ""
        return text

    def another(self) -> Masker:
        """The same for another text."""
        made = copy.copy(self)
        made._held = ""  # noqa: SLF001 - of the same class
        return made

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def flush(self) -> str:
        """What was held back, when no more will come."""
        text, self._held = self._held, ""
        return text


def masker() -> Masker | None:
    """What masks the keys of this session in a text that comes in pieces; None while none was used."""
    with _lock:
        forms = {form for value in _seen for form in _forms(value)}
    return Masker(forms) if forms else None


@functools.lru_cache(maxsize=256)
def _forms(value: str) -> list[str]:
    """A key as it is, as in a URL, in JSON and in HTML, and as base64 at any place of a longer text; longest first."""
    import html  # noqa: PLC0415 - has a long table, and is not needed to load
    import json  # noqa: PLC0415 - not needed to load

    forms = {value, quote(value, safe=""), quote(value), quote_plus(value)}
    forms |= {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in forms}
    quoted = json.dumps(value)[1:-1]
    forms |= {quoted, quoted.replace("/", r"\/"), repr(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {html.escape(value), html.escape(value, quote=False), html.escape(value).replace("&#x27;", "&#39;")}
    raw = value.encode()
    for before in range(3):
        # Of the characters that share bits with a neighbour nothing can be known.
        start, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        coded = base64.b64encode(bytes(before) + raw)[start:end].decode()
        forms |= {coded, coded.translate(_URL_SAFE)}
    return sorted(forms, key=len, reverse=True)
