"""The code of an answer while it arrives: what stands inside the fences, line by line."""

from __future__ import annotations

from byom_magics.show.fences import Fence, opened_by

__all__ = ["CodeLines"]


class CodeLines:
    """
    `fenced_code` for a text that arrives in pieces.

    Until a fence opens, the text itself is given: the answer may be bare code. When one does, what was given before
    turns out to be prose, and ``feed`` says so.
    """

    def __init__(self) -> None:
        self.language = ""
        self._fence: Fence | None = None
        self._found = False
        self._line = ""

    def feed(self, text: str, *, ended: bool = False) -> tuple[str, bool]:
        """
        Give the code that is new, and whether all that was given before is void.

        Args:
            text: The next piece of the answer.
            ended: Whether it is the last one.
        """
        lines = (self._line + text).splitlines(keepends=True)
        self._line = ""
        if lines and not ended and not lines[-1].endswith("\n"):
            self._line = lines.pop()
        code: list[str] = []
        void = False
        for line in lines:
            if self._fence is not None and not self._fence.leaves(line):
                if self._fence.closed_by(line):
                    self._fence = None
                else:
                    code.append(self._fence.content(line))
                continue
            self._fence = opened_by(line)
            if self._fence is None:
                code += [] if self._found else [line]
            elif self._found:
                code.append("\n")
            else:
                self._found, void, code = True, True, []
                self.language = self._fence.language
        return "".join(code), void
