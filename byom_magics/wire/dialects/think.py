"""
Reasoning that a server leaves in the text, between tags.

Two forms: ``<think>…</think>`` at the beginning of the answer, and a ``</think>`` that the answer never opened, since
the prompt's template had (`transformers serve` sends it so): then all text before it was reasoning.
"""

from __future__ import annotations

import re

from byom_magics.events import Event, ReasoningDelta, Reclassified, TextDelta

__all__ = ["ThinkTags"]

_OPEN = ("<think>", "<thought>", "<thinking>")
_CLOSE = re.compile(r"</(think|thought|thinking)>")
_CLOSERS = ("</think>", "</thought>", "</thinking>")
_QUOTES = "`'\"“‘"


class ThinkTags:
    """Sorts pieces of text into answer and reasoning; tags may be cut anywhere."""

    def __init__(self) -> None:
        self._held = ""
        self._last = ""  # the character before what is held, once something was passed on
        self._state = "start"  # → opened → inside → after → passed, or → outside → after or passed

    def feed(self, text: str, out: list[Event]) -> None:
        """Sort the next piece, and append what is certain now to ``out``."""
        state = self._state
        if state == "passed" or (state == "outside" and not self._held and "<" not in text):
            if text:
                self._last = text[-1]
                out.append(TextDelta(text))
            return
        self._held += text
        while self._step(out):
            pass

    def flush(self, out: list[Event]) -> None:
        """The text has ended: what was held back is what it looks like."""
        if self._held:
            inside = self._state in ("opened", "inside")
            out.append(ReasoningDelta(self._held) if inside else TextDelta(self._held))
            self._held = ""

    def leave(self, out: list[Event]) -> None:
        """The server has a field of its own for reasoning: tags in the text mean nothing from now on."""
        if self._state not in ("opened", "inside"):
            self.flush(out)
            self._state = "passed"

    def _step(self, out: list[Event]) -> bool:
        """One decision on the held text; whether another one may follow."""
        if self._state == "start":
            return self._begin()
        if self._state == "opened":
            return self._trim("inside")
        if self._state == "inside":
            return self._close(out)
        if self._state == "after":
            return self._trim("passed")
        if self._state == "outside":
            return self._watch(out)
        self._emit(self._held, out)
        self._held = ""
        return False

    def _begin(self) -> bool:
        text = self._held.lstrip()
        for tag in _OPEN:
            if text.startswith(tag):
                self._state, self._held = "opened", text[len(tag) :]
                return True
            if tag.startswith(text):
                return False
        self._state = "outside"
        return True

    def _close(self, out: list[Event]) -> bool:
        found = _CLOSE.search(self._held)
        if found:
            if found.start():
                out.append(ReasoningDelta(self._held[: found.start()]))
            self._held, self._state = self._held[found.end() :], "after"
            return True
        keep = _partial(self._held, _CLOSERS)
        if len(self._held) > keep:
            cut = len(self._held) - keep
            out.append(ReasoningDelta(self._held[:cut]))
            self._held = self._held[cut:]
        return False

    def _trim(self, then: str) -> bool:
        """Line ends beside a tag belong to neither side."""
        self._held = self._held.lstrip("\r\n")
        if not self._held:
            return False
        self._state = then
        return True

    def _watch(self, out: list[Event]) -> bool:
        """In an answer that opened no tag: wait for one that closes nevertheless."""
        text = self._held
        found = _CLOSE.search(text)
        opened = min((at for at in map(text.find, _OPEN) if at >= 0), default=len(text))
        if opened < len(text) and (found is None or opened < found.start()):
            self._state = "passed"  # the answer talks about tags
            return True
        if found:
            before = text[found.start() - 1] if found.start() else self._last
            if before and before in _QUOTES:
                self._state = "passed"
                return True
            self._emit(text[: found.start()], out)
            out.append(Reclassified())
            self._held, self._state = text[found.end() :], "after"
            return True
        keep = _partial(text, _OPEN + _CLOSERS)
        cut = len(text) - keep
        self._emit(text[:cut], out)
        self._held = text[cut:]
        return False

    def _emit(self, text: str, out: list[Event]) -> None:
        if text:
            self._last = text[-1]
            out.append(TextDelta(text))


def _partial(text: str, tags: tuple[str, ...]) -> int:
    """How many of the last characters may be the beginning of a tag."""
    at = text.rfind("<", max(0, len(text) - max(map(len, tags)) + 1))
    if at < 0:
        return 0
    end = text[at:]
    return len(end) if any(tag.startswith(end) for tag in tags) else 0
