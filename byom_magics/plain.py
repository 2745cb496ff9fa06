"""
Text that shows all that is in it: what could steer a terminal or hide from a reader is shown escaped.

Everything that came from outside (answers, reasoning, error bodies, model ids) passes here before it is printed.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["VisibleStream", "bounded", "one_line", "visible"]

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"

# The flags of England, Scotland and Wales are the only emoji that are spelt with tag characters.
_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in name) for name in ("gbeng", "gbsct", "gbwls"))
_FLAG = f"\U0001f3f4(?:{_REGIONS})\U000e007f"

_ALWAYS_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and newline, DEL, C1 (so every OSC, DCS and CSI introducer)
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b"  # soft hyphen, joiners and fillers without a shape
    "\u2028-\u202e\u2060-\u206f"  # line separators, embeddings and overrides, invisible operators, isolates
    "\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # tags, supplementary variation selectors
)

# What a mark without a shape of its own may belong to: a visible character that is no such mark itself.
_NO_BASE = f"{_ALWAYS_HIDDEN}\u200c-\u200f\ufe00-\ufe0f"
_SELECTOR = "[\ufe00-\ufe0f]"

# One class, searched quickly: most texts have nothing of the kind.
_SUSPECT = re.compile(f"[{_NO_BASE}]")

# The end of a text that may yet become something else when more of the text arrives.
_OPEN_END = re.compile("(?:\r|[\u200e\u200f]|\U0001f3f4[\U000e0020-\U000e007e]{0,6})\\Z")


@cache
def _hidden() -> re.Pattern[str]:
    """All that hides; made when the first suspect is met, since it takes as long as loading a whole room."""
    return re.compile(
        f"{_FLAG}"
        f"|[{_ALWAYS_HIDDEN}]"
        # A variation selector belongs to a visible character; a run of them is a place to hide data.
        f"|(?<![^\x00-\x22{_NO_BASE}]){_SELECTOR}"
        # The same for (non-)joiners, which emoji, Persian and Indic scripts need after a letter of theirs.
        f"|(?<![^\x00-\x7f{_NO_BASE}])(?<![^\x00-\x22{_NO_BASE}]{_SELECTOR})[\u200c\u200d]"
        # Direction marks do their work beside right-to-left letters only.
        f"|[\u200e\u200f](?<![{_RTL}][\u200e\u200f])(?![{_RTL}])"
    )


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if len(found) > 1:
        return found
    code = ord(found)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    r"""
    Show what a text hides, such as ``\x1b`` for the escape character or ``\u202e`` for an override of direction.

    Newlines and tabs stay, a carriage return before a newline goes, emoji and all scripts stay as they are.
    The result is safe to print; applying the function again changes nothing.
    """
    if _SUSPECT.search(text) is None:
        return text
    return _hidden().sub(_escape, text.replace("\r\n", "\n"))


class VisibleStream:
    """`visible` for a text that arrives in pieces: the pieces that come out, joined, are ``visible(whole)``."""

    def __init__(self) -> None:
        self._before = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Give what can be shown by now. A character whose meaning depends on the next one waits for it."""
        text = self._held + piece
        end = _OPEN_END.search(text)
        self._held = end.group() if end else ""
        return self._show(text[: len(text) - len(self._held)])

    def flush(self) -> str:
        """Give what was held back, since nothing more comes."""
        text, self._held = self._held, ""
        return self._show(text)

    def _show(self, text: str) -> str:
        if not text:
            return ""
        before, self._before = self._before, (self._before + text)[-2:]
        return visible(before + text)[len(visible(before)) :]


def bounded(text: str, limit: int) -> str:
    """Cut a text after ``limit`` characters, and say how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def one_line(text: str, limit: int = 200) -> str:
    """Give the text as one visible line of about ``limit`` characters at most, for status lines and table cells."""
    # Twice the limit leaves room for white space that is folded away; the rest is never looked at.
    line = " ".join(visible(text[: 2 * limit]).split())
    return line if len(line) <= limit and len(text) <= 2 * limit else line[: limit - 1] + "…"
