"""What is said to a model: messages, and the call that carries them. Plain frozen values."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Union

if TYPE_CHECKING:
    from byom_magics.events import ToolCall

__all__ = ["Call", "Image", "Message", "Part", "Role", "Sampling", "Schema", "Text", "Tool"]

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Text:
    """A part of a message that is text."""

    text: str


@dataclass(frozen=True)
class Image:
    """A part of a message that is an image: its bytes, and their media type, such as ``image/png``."""

    data: bytes = field(repr=False)
    media_type: str = "image/png"

    @property
    def base64(self) -> str:
        """The bytes in base64."""
        return base64.b64encode(self.data).decode()

    @property
    def data_url(self) -> str:
        """The image as an address that carries it."""
        return f"data:{self.media_type};base64,{self.base64}"


Part = Union[Text, Image]


@dataclass(frozen=True)
class Message:
    """
    One message: who says it, and what.

    Attributes:
        role: Who says it.
        content: A text, or parts.
        tool_calls: The tools that the assistant asked for in this message.
        tool_call_id: Of a tool's result: the call that it answers.
        tool_name: Of a tool's result: the tool's name, which some services want again.
        signatures: What the dialect's reader gave with the assistant's message, and the service wants back with it.
    """

    role: Role
    content: str | tuple[Part, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    tool_name: str | None = None
    signatures: tuple[Mapping[str, Any], ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The content as parts; none for an empty text."""
        if isinstance(self.content, str):
            return (Text(self.content),) if self.content else ()
        return self.content

    @property
    def text(self) -> str:
        """The text of the content, without images."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if isinstance(part, Text))

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of the content."""
        return tuple(part for part in self.parts if isinstance(part, Image))


@dataclass(frozen=True)
class Tool:
    """A tool that the model may ask for; ``parameters`` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Schema:
    """The shape that the answer has to have: a JSON Schema with a name."""

    name: str
    schema: Mapping[str, Any]


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
    """
    One call to one model.

    Attributes:
        messages: What is said.
        sampling: How the answer is to be sampled.
        tools: What the model may ask for.
        tool_choice: ``auto``, ``required``, ``none``, or the name of the one tool that it has to ask for.
        schema: The shape of the answer, or None.
        effort: How much to reason: ``none``, ``low``, ``medium``, ``high``, or a number of tokens.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    schema: Schema | None = None
    effort: str | int | None = None
