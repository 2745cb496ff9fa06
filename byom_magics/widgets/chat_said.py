"""What was said in one turn, as a panel handles it: text to edit and to copy, and a reply to adopt. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import mask
from byom_magics.events import Reply
from byom_magics.messages import Message, Text
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.talk.exchange import Exchange

__all__ = ["Asked", "answer_text", "messages", "reply_of", "reworded", "words"]

Asked = str | Sequence[Message]
"""A question: a text, or messages."""


def messages(asked: Asked) -> tuple[Message, ...]:
    """Give a question as messages."""
    return (Message("user", asked),) if isinstance(asked, str) else tuple(asked)


def words(asked: Asked) -> str:
    """Give the text of a question."""
    return "\n\n".join(each.text for each in messages(asked) if each.role == "user" and each.text)


def reworded(asked: Asked, text: str) -> Asked:
    """Give a question with another text; its pictures stay."""
    images = [image for each in messages(asked) for image in each.images]
    return [Message("user", (*images, Text(text)))] if images else text


def answer_text(exchange: Exchange) -> str:
    """Give what the model said as text to copy: its source, with what hides shown."""
    said = [each.text for each in exchange.answered if each.role == "assistant" and each.text]
    return visible(mask("\n\n".join(said)))


def reply_of(exchange: Exchange) -> Reply:
    """Give the reply as far as a conversation keeps it."""
    last = next((each for each in reversed(exchange.answered) if each.role == "assistant"), None)
    return Reply(
        text="" if last is None else last.text,
        state=exchange.state,
        reason=exchange.reason,
        usage=exchange.usage,
        model=exchange.model,
        images=exchange.images,
        messages=exchange.answered,
    )
