"""Texts that are too long: what is kept of them, and what is said of the rest."""

from __future__ import annotations

__all__ = ["cut_end", "cut_middle", "left_out"]

_TAIL = 0.6  # of what is kept of a text's two ends: errors and logs say what matters at their end


def left_out(characters: int, *, at_least: bool = False) -> str:
    """Say how many characters are missing."""
    few = "1 more character was" if characters == 1 else f"{characters:,} more characters were"
    return f"{'more than ' if at_least else ''}{few} left out"


def cut_end(text: str, limit: int) -> tuple[str, int]:
    """
    The beginning of a text, with words where it is cut.

    Args:
        text: Any text.
        limit: How many characters of it may stay.

    Returns:
        The text that is sent, and how many characters are missing from it.
    """
    missing = len(text) - limit
    if missing <= 0:
        return text, 0
    return f"{text[:limit]}… ({left_out(missing)})", missing


def cut_middle(text: str, limit: int) -> tuple[str, int]:
    """Both ends of a text, with words between them; arguments and result as in `cut_end`."""
    missing = len(text) - limit
    if missing <= 0:
        return text, 0
    tail = int(limit * _TAIL)
    return f"{text[: limit - tail]}\n… ({left_out(missing)}) …\n{text[len(text) - tail :]}", missing
