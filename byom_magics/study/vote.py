"""One blind vote: what was shown in which order, and what was said of it."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone

from byom_magics.errors import OptionError
from byom_magics.plain import one_line, visible

__all__ = ["MOST_SHOWN", "OUTCOMES", "Vote", "prompt_hash"]

OUTCOMES = ("win", "tie", "bad")
"""What a vote may say: one was best, all were equally good, all were bad."""

MOST_SHOWN = 8
"""How many answers can be shown side by side for a vote."""

_LONGEST_LABEL = 300
_LONGEST_VOTER = 100
_ID = re.compile(r"[0-9a-f]{32}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")


def prompt_hash(prompt: str | bytes) -> str:
    """The SHA-256 of what was asked, as 64 hexadecimal digits: tells prompts apart and does not give them away."""
    content = prompt if isinstance(prompt, bytes) else prompt.encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()


def _new_id() -> str:
    return uuid.uuid4().hex


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Vote:
    """
    A vote on answers whose models were hidden.

    Labels and the voter's name are kept as one line of visible text: what hides in them is written out.

    Attributes:
        prompt: What was asked, as `prompt_hash` gives it.
        shown: The labels of the answers in the order shown, 2 to 8: the key of the model, and what else tells the
            column from others, such as ``llama · temperature=0.7``. At least two differ.
        outcome: ``win``, ``tie`` (equally good) or ``bad`` (all bad).
        winner: The label that won; None unless the outcome is ``win``.
        when: When it was given, with a time zone.
        voter: Who voted, if it is to be known.
        id: 32 hexadecimal digits; a vote that is met twice is known by it and counts once.

    Raises:
        OptionError: These values do not make a vote.
    """

    prompt: str
    shown: tuple[str, ...]
    outcome: str
    winner: str | None = None
    when: datetime = field(default_factory=_now)
    voter: str = ""
    id: str = field(default_factory=_new_id)

    def __post_init__(self) -> None:
        _check(self, "id", _is_text(self.id) and _ID.match(self.id), "32 hexadecimal digits, as uuid4().hex has")
        digest = "the SHA-256 of what was asked, as 64 hexadecimal digits"
        _check(self, "prompt", _is_text(self.prompt) and _HASH.match(self.prompt), digest)
        _check(self, "shown", not _is_text(self.shown) and all(map(_is_text, self.shown)), "a sequence of texts")
        object.__setattr__(self, "shown", tuple(one_line(label, _LONGEST_LABEL) for label in self.shown))
        count = len(self.shown)
        _check(self, "shown", 2 <= count <= MOST_SHOWN and all(self.shown), f"2 to {MOST_SHOWN} labels, none empty")
        _check(self, "shown", len(set(self.shown)) > 1, "at least two different labels: a model is not its own rival")
        _check(self, "outcome", self.outcome in OUTCOMES, f"one of {', '.join(OUTCOMES)}")
        self._check_winner()
        moment = "a datetime with a time zone, such as datetime.now(timezone.utc)"
        _check(self, "when", _is_moment(self.when), moment)
        _check(self, "voter", _is_text(self.voter), "a text, or empty")
        object.__setattr__(self, "voter", one_line(self.voter, _LONGEST_VOTER))

    def _check_winner(self) -> None:
        if self.outcome != "win":
            _check(self, "winner", self.winner is None, f"None where the outcome is {self.outcome}")
            return
        _check(self, "winner", _is_text(self.winner), "one of the labels shown")
        object.__setattr__(self, "winner", one_line(str(self.winner), _LONGEST_LABEL))
        _check(self, "winner", self.winner in self.shown, "one of the labels shown")

    @property
    def place(self) -> int | None:
        """Where the winner stood, 0 for the first place; None without a winner, or if its label stood in several."""
        if self.winner is None or self.shown.count(self.winner) > 1:
            return None
        return self.shown.index(self.winner)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _check(vote: Vote, name: str, holds: object, wanted: str) -> None:
    if not holds:
        shown = visible(repr(getattr(vote, name))[:100])
        raise OptionError(f"This is no vote: {name} cannot be {shown}.", hint=f"{name} is {wanted}")
