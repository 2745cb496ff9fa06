"""The Python reference as it ships with Python, in passages: a heading or a definition with what stands below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from byom_magics.demo.markup import Definition, Heading, Node, Prose, parse
from byom_magics.demo.once import Once

__all__ = ["Passage", "passages", "shipped"]


@dataclass(frozen=True)
class Passage:
    """
    One thing that the reference explains.

    Attributes:
        topic: The reference's own name for the topic, as in ``pydoc_data.topics``.
        title: The heading, or the signatures of a definition, as Markdown without marks.
        section: The title of the section that a definition stands in; empty for a section itself.
        blocks: The text below the title as Markdown blocks (paragraph, list, table, fenced code).
    """

    topic: str
    title: str
    section: str
    blocks: tuple[str, ...]

    @property
    def markdown(self) -> str:
        """The whole passage with its heading."""
        return "\n\n".join([f"{'###' if self.section else '##'} {self.title}", *self.blocks])


def passages(topics: Mapping[str, str]) -> tuple[Passage, ...]:
    """
    All topics as passages, each text once.

    The reference repeats much of itself: "compound statements" holds all of "the with statement". A passage belongs
    to the shortest topic that has it.

    Args:
        topics: Texts by topic, as in ``pydoc_data.topics``.

    Returns:
        The passages in the order of their topics' names.
    """
    found: dict[tuple[str, tuple[str, ...]], Passage] = {}
    for topic in sorted(topics, key=lambda name: (len(topics[name]), name)):
        for passage in _passages(topic, parse(topics[topic])):
            found.setdefault((passage.title, passage.blocks), passage)
    return tuple(sorted(found.values(), key=lambda passage: passage.topic))


def _passages(topic: str, nodes: list[Node]) -> Iterator[Passage]:
    title = topic
    blocks: list[str] = []
    definitions: list[Definition] = []
    for node in [*nodes, Heading("")]:
        if isinstance(node, Prose):
            blocks.append(node.markdown)
        elif isinstance(node, Definition):
            definitions.append(node)
        else:
            if blocks:
                yield Passage(topic, title, "", tuple(blocks))
            for definition in definitions:
                yield from _defined(topic, title, definition)
            title, blocks, definitions = node.title, [], []


def _defined(topic: str, section: str, definition: Definition) -> Iterator[Passage]:
    blocks = [node.markdown for node in definition.body if isinstance(node, Prose)]
    if blocks:
        yield Passage(topic, definition.title, section, tuple(blocks))
    for node in definition.body:
        if isinstance(node, Definition):
            yield from _defined(topic, definition.title, node)


def _read() -> tuple[Passage, ...]:
    from pydoc_data.topics import topics  # noqa: PLC0415 - half a megabyte, needed only once a model is asked

    return passages(topics)


shipped = Once(_read)
"""The passages of the reference that ships with this Python."""
