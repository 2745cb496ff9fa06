"""How many tokens something is, about: what is said before anything is sent, when only the server could count them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from byom_magics.messages import Image

if TYPE_CHECKING:
    from byom_magics.messages import Message, Part

__all__ = ["tokens_in", "tokens_of", "tokens_of_text"]

_CHARACTERS = 4  # in a token, about: https://platform.openai.com/tokenizer
_IMAGE = 1_000  # providers count 85 to some thousands, by an image's size and their own grid


def tokens_of_text(text: str) -> int:
    """A text's tokens, rounded up."""
    return -(-len(text) // _CHARACTERS)


def tokens_of(part: Part | str) -> int:
    """A part's tokens: text by its length, an image as one of middling size."""
    if isinstance(part, Image):
        return _IMAGE
    return tokens_of_text(part if isinstance(part, str) else part.text)


def tokens_in(messages: Iterable[Message]) -> int:
    """The tokens of messages, their tool calls included."""
    characters = images = 0
    for message in messages:
        if isinstance(message.content, str):
            characters += len(message.content)
        else:
            characters += len(message.text)
            images += len(message.images)
        for call in message.tool_calls:
            characters += len(call.name) + len(call.arguments)
    return characters // _CHARACTERS + images * _IMAGE
