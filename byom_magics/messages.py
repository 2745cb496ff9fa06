"""What is said to a model: messages, and the call that carries them. Plain frozen values."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

__all__ = [
    "INSIDE",
    "Call",
    "Image",
    "Message",
    "Part",
    "Role",
    "Sampling",
    "Schema",
    "Text",
    "Tool",
    "ToolCall",
    "ToolResult",
]

INSIDE = "answer"
"""The field that holds the value of a shape that is no object: services take only objects as the whole answer."""

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
class ToolCall:
    """A tool that the model asks for. ``arguments`` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ToolResult:
    """
    What came of a tool that the model asked for.

    Attributes:
        call: What the model asked for.
        text: What the model is told.
        outcome: ``done``; ``failed`` (it raised, or its arguments do not fit); ``refused`` (nobody gave leave);
            ``unknown`` (there is no such tool); ``interrupted`` (the person stopped it); ``left`` (it was not begun).
        duration_s: How long it ran, in seconds; None if it was not begun.
        left_out: How many characters of its result the model is not told.
        images: Images that it returned.
    """

    call: ToolCall
    text: str
    outcome: Literal["done", "failed", "refused", "unknown", "interrupted", "left"] = "done"
    duration_s: float | None = None
    left_out: int = 0
    images: tuple[Image, ...] = ()


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
        if isinstance(self.content, str):
            return ()
        return tuple(part for part in self.parts if isinstance(part, Image))


@dataclass(frozen=True)
class Tool:
    """
    A tool that the model may ask for.

    Attributes:
        name: What the model calls it.
        description: What it does.
        parameters: The JSON Schema of its arguments.
        run: What is called with the arguments, as keywords; None where the caller runs it.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    run: Callable[..., Any] | None = field(default=None, repr=False, compare=False)


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
        logprobs: How many alternatives to tell with each token, with their log-probabilities; None for none of it.
        makes_images: Whether the answer is to be made of images.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    schema: Schema | None = None
    effort: str | int | None = None
    logprobs: int | None = None
    makes_images: bool = False
