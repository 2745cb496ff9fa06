"""What is said to a model: messages, and the call that carries them. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Call", "Message", "Role", "Sampling"]

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Message:
    """One message: who says it, and what."""

    role: Role
    content: str


@dataclass(frozen=True)
class Sampling:
    """
    How the answer is to be sampled. None leaves a choice to the model's own defaults.

    Attributes:
        temperature: Usually 0 to 2.
        top_p: Nucleus sampling, above 0 up to 1.
        max_tokens: The longest answer, in tokens.
        seed: For servers that sample reproducibly.
        stop: Texts at which the answer ends.
        extra_body: Further fields of the request body, as they are. They win over ours,
            except ``messages``, ``model`` and ``stream``.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    extra_body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call to one model: the messages, and how the answer is to be sampled."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
