"""What goes into a prompt beside what was typed: its parts, and what a person is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.messages import Image, Message, Text
from byom_magics.talk.estimate import tokens_of

if TYPE_CHECKING:
    from byom_magics.messages import Part

__all__ = ["Expansion", "Item", "Rendered", "item_of", "joined", "together"]


@dataclass(frozen=True)
class Rendered:
    """
    What became of one value or file.

    Attributes:
        kind: What it is, such as ``DataFrame``.
        parts: What is sent.
        note: What was left out or changed, as a few words such as ``40 of 2,000 rows``; empty if nothing was.
        cut: Whether something was left out.
        block: Whether it stands on lines of its own, as a table does.
    """

    kind: str
    parts: tuple[Part, ...]
    note: str = ""
    cut: bool = False
    block: bool = False

    @property
    def text(self) -> str:
        """The text, without images."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True)
class Item:
    """
    What a person is told of something that goes with a prompt.

    Attributes:
        name: The expression or the file, as it was typed.
        kind: What it is, such as ``DataFrame``.
        characters: How many are sent of it.
        images: How many images are sent of it.
        tokens: How many that is, about.
        note: What was left out or changed, in a few words; empty if nothing was.
        cut: Whether something was left out.
    """

    name: str
    kind: str
    characters: int = 0
    images: int = 0
    tokens: int = 0
    note: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Expansion:
    """
    A prompt that is filled in, or what goes with one.

    Attributes:
        parts: Texts and images in order; no two texts stand side by side.
        items: What was filled in or added, in order.
    """

    parts: tuple[Part, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def text(self) -> str:
        """The text, without images."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def images(self) -> tuple[Image, ...]:
        """The images."""
        return tuple(part for part in self.parts if isinstance(part, Image))

    @property
    def content(self) -> str | tuple[Part, ...]:
        """What a message takes: the text if there are no images, else the parts."""
        return self.parts if self.images else self.text

    @property
    def prompt(self) -> str | list[Message]:
        """What is asked with it: a text, or a message where there are images."""
        return [Message("user", self.content)] if self.images else self.text


def item_of(name: str, rendered: Rendered) -> Item:
    """What a person is told of this."""
    return Item(
        name,
        rendered.kind,
        characters=len(rendered.text),
        images=sum(isinstance(part, Image) for part in rendered.parts),
        tokens=sum(tokens_of(part) for part in rendered.parts),
        note=rendered.note,
        cut=rendered.cut,
    )


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, texts that stand side by side made one, empty ones gone."""
    whole: list[Part] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, Text):
            texts.append(part.text)
            continue
        if text := "".join(texts):
            whole.append(Text(text))
        texts = []
        whole.append(part)
    if text := "".join(texts):
        whole.append(Text(text))
    return tuple(whole)


def together(*expansions: Expansion) -> Expansion:
    """
    All of them as one, in this order, a blank line between texts that meet.

    Args:
        expansions: Such as the last cells, files, and the prompt.
    """
    parts: list[Part] = []
    for each in expansions:
        if parts and each.parts and isinstance(parts[-1], Text) and isinstance(each.parts[0], Text):
            parts.append(Text("\n\n" if not parts[-1].text.endswith("\n") else "\n"))
        parts += each.parts
    return Expansion(joined(parts), tuple(item for each in expansions for item in each.items))
