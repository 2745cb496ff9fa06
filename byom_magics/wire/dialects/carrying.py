"""
Who carries an image, and who speaks after whom, where a service has rules for it.

Images of tools and of answers stand in a message of the user behind them, where the service takes images from nobody
else; messages of the user that stand side by side become one, since many templates want the roles to alternate.

https://platform.openai.com/docs/guides/images-vision
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from byom_magics.messages import Message, Part, Text

__all__ = ["carried", "one_by_one"]

_ELSEWHERE = "(an image, which follows)"


def carried(messages: Iterable[Message], without: Collection[str]) -> tuple[Message, ...]:
    """
    The messages, with images moved out of those of certain roles.

    Args:
        messages: The messages.
        without: The roles that cannot carry an image, of ``tool`` and ``assistant``.

    Returns:
        As many messages of tools and of the assistant, in their order. What they carried stands in the next message of
        the user, or in one of its own; results of tools that follow one another stay together.
    """
    made: list[Message] = []
    held: list[Part] = []
    for message in messages:
        said = message
        if held and said.role == "user":
            said = replace(said, content=(*held, *said.parts))
        elif held and said.role != "tool":
            made.append(Message("user", tuple(held)))
        if said.role != "tool":
            held = []
        if said.role in without and said.images:
            held += [Text(_told(said)), *said.images]
            said = replace(said, content=said.text or _ELSEWHERE)
        made.append(said)
    return (*made, Message("user", tuple(held))) if held else tuple(made)


def one_by_one(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The messages as they are sent, each two neighbours of the user made one.

    Args:
        messages: Messages whose content is a text, or a list of parts in which a text has the type ``text``.
    """
    made: list[dict[str, Any]] = []
    for message in messages:
        if made and message["role"] == "user" == made[-1]["role"]:
            made[-1] = {**made[-1], "content": _both(made[-1]["content"], message["content"])}
        else:
            made.append(message)
    return made


def _told(message: Message) -> str:
    if message.role == "assistant":
        return "The image that you made:"
    return f"The image that the tool {message.tool_name} returned:" if message.tool_name else "The image of the tool:"


def _both(first: Any, second: Any) -> str | list[dict[str, Any]]:  # noqa: ANN401 - a text, or parts
    if isinstance(first, str) and isinstance(second, str):
        return "\n\n".join(filter(None, (first, second)))
    return [*_parts(first), *_parts(second)]


def _parts(content: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a text, or parts
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content)
