"""Whether a server takes a key: asked before one is replaced."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from byom_magics import sending
from byom_magics.asking import Question, asked
from byom_magics.catalog.spec import Timeouts
from byom_magics.errors import OptionError
from byom_magics.talk.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.catalog.secrets import Secret
    from byom_magics.messages import Message
    from byom_magics.session import Session

__all__ = ["verify_key"]

_LONGEST_S = 60.0  # a model may have to be loaded first
_TOKENS = 16  # the least that some services take
_NOT_OF_THE_KEY = (400, 402, 413, 422, 429)
_PIECES = ("text", "reasoning", "tool_call")


def verify_key(session: Session, model: str, key: Secret) -> str | None:
    """
    Whether a model's server takes another key than the one in use: one small question is sent with it.

    Args:
        session: Whose model it is, and whose client is used.
        model: The key of the model in the registry.
        key: What is tried.

    Returns:
        None if it does, else what came in place of an answer.
    """
    ready = asked(session.spec(model), Question("Say hello.", {"max_tokens": _TOKENS}), _unneeded)
    spec = session.transformers.filled_in(ready.spec)
    limits = Timeouts(**{**session.timeouts, **spec.timeouts, "total": _LONGEST_S})
    send = partial(sending.send, session.client, session.policies, spec, ready.call, timeouts=limits, key=key)
    with Turn(spec, send, lambda _: None) as turn:
        for batch in turn.batches():
            if any(event.kind in _PIECES for event in batch):
                return None  # it answers: the rest need not be paid for
    error = turn.reply.error
    # What a server says of the question itself, it says after it has taken the key.
    if error is None or getattr(error, "status", None) in _NOT_OF_THE_KEY:
        return None
    return getattr(error, "what", None) or str(error)


def _unneeded(model: str, messages: Sequence[Message]) -> str:  # noqa: ARG001 - no conversation is continued
    raise OptionError("nothing is summed up")
