"""What can go wrong on the way, in our own terms. Foreign exceptions become a `Fault` where they appear."""

from __future__ import annotations

from typing import Literal

__all__ = ["Fault", "FaultKind"]

FaultKind = Literal["connect", "broken", "protocol", "policy"]
"""No connection came about; a connection broke; what came is no HTTP or no answer; our rules forbid it."""


class Fault(Exception):  # noqa: N818 - it is turned into an error where its call is known
    """
    A failure of the way, not of the server's own making.

    Args:
        kind: The family, which decides the state that the call ends in.
        what: What happened, in a sentence with a full stop.
        hint: What to do next.
        passing: Whether it may be gone the next time.
    """

    def __init__(self, kind: FaultKind, what: str, *, hint: str | None = None, passing: bool = False) -> None:
        super().__init__(what)
        self.kind: FaultKind = kind
        self.what = what
        self.hint = hint
        self.passing = passing
