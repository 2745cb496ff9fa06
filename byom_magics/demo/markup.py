"""
From the reference's plain text to Markdown, block by block.

The text is what Sphinx writes for ``help()``: underlined headings, ``"literals"`` in quotes, code known only by
its indentation, tables drawn with ``+--+``, and descriptions such as ``str.split(…)`` over an indented text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Union

from byom_magics.demo.inline import as_code, inline, joined
from byom_magics.demo.tables import table

__all__ = ["Definition", "Heading", "Node", "Prose", "parse"]


@dataclass(frozen=True)
class Heading:
    """A heading, in Markdown without its marks."""

    title: str


@dataclass(frozen=True)
class Prose:
    """Any block that is neither heading nor definition, as Markdown. ``code`` tells fenced blocks."""

    markdown: str
    code: bool = False


@dataclass(frozen=True)
class Definition:
    """What a name or a term means: itself in Markdown, and the blocks below it."""

    title: str
    body: tuple[Node, ...]


Node = Union[Heading, Prose, Definition]

_UNDERLINE = re.compile(r"([*=\-~^\"#+])\1{2,}$")
_RULE = re.compile(r"(=|-){10,}$")
_FOOTNOTES = re.compile(r"-\[ (.+) \]-$")
_ITEM = re.compile(r"(\*|\d+\.|[a-z]\.|[IVX]+\.|\[\d+\]) +")
_LABEL = re.compile(
    r"(Note|Warning|Caution|Tip|Hint|Important|See also|Availability"
    r"|(?:Changed|Added|New|Deprecated)(?: in version| since version)? ?[^:]*):(?: |$)"
)
_GRAMMAR = re.compile(r"[\w-]+ *::=|[\w-]+: +.*(?:\"|\||<)")
_SENTENCE = re.compile(
    r"(?!Traceback\b)(?:\*{0,2}[A-Z][\w’-]*[,;:]?\*{0,2}|\"[^\"]+\"|\*\w+\*|\[\d+\]) +[a-z\"*(“‘]"
    r"|\"__\w+__\"$|(?:Changed|Added|New) in version|(?:Note|See also):|\* |[A-Z]\w+\.$"
)
_SINCE = re.compile(r"(?:Added|New) in version [\d.]+\.$")
_SIGNATURE_ENDS_NOT = re.compile(r"[.:,;]$")
_COLUMNS = re.compile(r"\S {3,}\S")
_LONG = 12
_OPENS_A_BLOCK = re.compile(r"(#|>|\+ |- |\d+[.)] )")


def parse(text: str) -> list[Node]:
    """The blocks of a text, in order. Headings are found at the left border only."""
    return _blocks(text.splitlines())


def _blocks(lines: list[str]) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        node, at = _block(lines, at)
        if node is not None:
            nodes.append(node)
    return nodes


def _block(lines: list[str], at: int) -> tuple[Node | None, int]:
    line = lines[at]
    if line.startswith(" "):
        chunk, end = _indented(lines, at, 1)
        return _code_or_quote(chunk), end
    if line.startswith(("+-", ">>>")):
        drawn = list(takewhile(str.strip, lines[at:]))
        return Prose(table(drawn)) if line.startswith("+-") else _fenced(drawn), at + len(drawn)
    if _RULE.match(line):
        return None, at + 1
    if footnotes := _FOOTNOTES.match(line):
        return Heading(inline(footnotes[1])), at + 1
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if _UNDERLINE.match(following) and len(following) >= len(line):
        return Heading(inline(line)), at + 2
    if _ITEM.match(line):
        return _list(lines, at)
    return _paragraph(lines, at)


def _indented(lines: list[str], at: int, depth: int) -> tuple[list[str], int]:
    """The lines from ``at`` that are blank or at least ``depth`` in, moved to the left border; and where they end."""
    end = at
    while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) >= depth):
        end += 1
    chunk = lines[at:end]
    while chunk and not chunk[-1].strip():
        chunk.pop()
    margin = min((_depth(line) for line in chunk if line.strip()), default=0)
    return [line[margin:].rstrip() for line in chunk], end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _list(lines: list[str], at: int) -> tuple[Node, int]:
    items: list[str] = []
    loose = False
    while at < len(lines) and (mark := _ITEM.match(lines[at])):
        width = mark.end()
        rest, end = _indented(lines, at + 1, 2)
        nodes = _blocks([lines[at][width:], *rest])
        items.append(_item(mark[1], nodes))
        loose = loose or len(nodes) > 1
        at = end
    return Prose(("\n\n" if loose else "\n").join(items)), at


def _item(mark: str, nodes: list[Node]) -> str:
    # A footnote or a Roman number is no list mark in Markdown: it stays as text in front of its item.
    bullet = mark if re.fullmatch(r"\d+\.", mark) else "-"
    text = _flat(nodes)
    if mark != "*" and bullet == "-":
        text = f"{mark} {text}"
    return f"{bullet} " + _shifted(text, " " * (len(bullet) + 1))


def _shifted(text: str, margin: str) -> str:
    return "\n".join(f"{margin}{line}" if line and number else line for number, line in enumerate(text.split("\n")))


def _paragraph(lines: list[str], at: int) -> tuple[Node, int]:
    end = at
    while end < len(lines) and lines[end].strip() and not lines[end].startswith(" "):
        end += 1
    said = lines[at:end]
    tight = end < len(lines) and bool(lines[end].strip())
    below = end
    while below < len(lines) and not lines[below].strip():
        below += 1
    depth = _depth(lines[below]) if below < len(lines) else 0
    label = _LABEL.match(joined(said))
    if depth and label and label.end() >= len(joined(said)):
        body, after = _indented(lines, below, depth)
        text = _flat(_blocks(body))
        gap = "\n\n" if text.startswith("- ") else " "
        return Prose(_quoted(f"**{label[1]}:**{gap}{text}")), after
    if depth and tight:
        body, after = _indented(lines, below, depth)
        return _term(joined(said), body), after
    if depth >= 3 and not any(map(_SIGNATURE_ENDS_NOT.search, said)):
        body, after = _indented(lines, below, depth)
        if _is_prose(body):
            return Definition(", ".join(as_code(name.strip()) for name in said), tuple(_blocks(body))), after
    return Prose(_said(joined(said), label)), end


def _said(text: str, label: re.Match[str] | None) -> str:
    if label is None:
        if _SINCE.match(text):
            return f"*{text}*"
        markdown = inline(text)
        return f"\\{markdown}" if _OPENS_A_BLOCK.match(markdown) else markdown
    if label[1] in ("Note", "Warning", "Caution", "Tip", "Hint", "Important"):
        return _quoted(f"**{label[1]}:** {inline(text[label.end() :])}")
    return f"*{inline(label[1])}:* {inline(text[label.end() :])}".strip()


def _term(term: str, body: list[str]) -> Node:
    meaning = Definition(inline(term.rstrip(":")), tuple(_blocks(body)))
    is_a_topic = not term.endswith(":") and ('"' not in term or len(body) > _LONG)
    return meaning if is_a_topic else Prose(_markdown(meaning))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _is_prose(body: list[str]) -> bool:
    return bool(_SENTENCE.match(body[0])) and not _COLUMNS.search(body[0])


def _code_or_quote(chunk: list[str]) -> Prose:
    if chunk[0].startswith("+-") or _is_prose(chunk):
        return Prose(_flat(_blocks(chunk)))
    return _fenced(chunk)


def _fenced(chunk: list[str]) -> Prose:
    code = "\n".join(chunk)
    return Prose(f"```{_language(chunk)}\n{code}\n```", code=True)


def _language(chunk: list[str]) -> str:
    if _GRAMMAR.match(chunk[0]):
        return "text"
    if any(line.startswith(">>> ") for line in chunk):
        return "pycon"
    if re.match(r"\(Pdb\)|>|->|python |~*\$|Traceback|\d+\. |alias |[\w.]+ {3,}\w", chunk[0]) or "(Pdb)" in chunk:
        return "text"
    return "python"


def _flat(nodes: list[Node]) -> str:
    """Nested blocks as one Markdown text: inside a list or a quotation nothing is split off."""
    return "\n\n".join(map(_markdown, nodes))


def _markdown(node: Node) -> str:
    if isinstance(node, Prose):
        return node.markdown
    if isinstance(node, Heading):
        return f"**{node.title}**"
    return f"- **{node.title}**: {_shifted(_flat(list(node.body)), '  ')}"
