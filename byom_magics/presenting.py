"""A comparison as it is shown: its columns in their order, without names while it is blind, and as rows of a table."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.plain import one_line
from byom_magics.show.column import Column, figures
from byom_magics.show.columns import columns_bundle
from byom_magics.show.word_diff import count_words

if TYPE_CHECKING:
    from byom_magics.comparing import Comparison
    from byom_magics.show.answer import Bundle

__all__ = ["bundle_of", "letter", "number_of", "prompt_text", "rows_of", "shown_columns", "table_of", "title"]

_VOTED = {"win": "voted best", "tie": "a tie", "bad": "voted bad"}


def letter(place: int) -> str:
    """What a column is called while its name is hidden: A, B, …"""
    return string.ascii_uppercase[place % 26] + (str(place // 26 + 1) if place >= 26 else "")


def title(comparison: Comparison, place: int) -> str:
    """
    The title of the column in a place, from 0 in the order shown.

    While it is blind that is a letter; after the vote the letter stays in front of the name.
    """
    if comparison.hidden:
        return letter(place)
    own = comparison.columns[comparison.order[place]].title
    return f"{letter(place)}: {own}" if comparison.blind else own


def shown_columns(comparison: Comparison) -> tuple[Column, ...]:
    """The columns in the order shown, each with what has come."""
    return tuple(
        Column(
            title(comparison, place),
            comparison.reply(number),
            running=comparison.running(number),
            subtitle=_said_of(comparison, number),
            hidden=comparison.hidden,
        )
        for place, number in enumerate(comparison.order)
    )


def bundle_of(comparison: Comparison, against: int | None = None) -> Bundle:
    """
    The comparison as one output that reads without widgets.

    Args:
        comparison: What is shown.
        against: The place of the column with which the others are compared word by word; None for none.
    """
    return columns_bundle(
        shown_columns(comparison),
        prompt=prompt_text(comparison.prompt),
        note=_note(comparison),
        against=against,
        format_name=comparison.format,
    )


def number_of(comparison: Comparison, word: str) -> int:
    """
    The column that a word means: its place from 1, its letter where it is blind, its title or its model.

    Raises:
        OptionError: It means none, or several.
    """
    if word.isdecimal() and 1 <= int(word) <= len(comparison.order):
        return comparison.order[int(word) - 1]
    places = range(len(comparison.order))
    if comparison.blind:
        found = [comparison.order[place] for place in places if letter(place) == word.upper()]
        if found:
            return found[0]
    if word and not comparison.hidden:
        columns = comparison.columns
        named = [number for number in comparison.order if word == columns[number].title]
        named = named or [number for number in comparison.order if word in (columns[number].model, columns[number].own)]
        if len(named) == 1:
            return named[0]
    titles = ", ".join(f"{place + 1} ({one_line(title(comparison, place), 60)})" for place in list(places)[:8])
    raise OptionError(f"No one column is meant by '{one_line(word, 60)}'.", hint=f"give its number: {titles}")


def rows_of(comparison: Comparison) -> list[dict[str, Any]]:
    """The comparison as rows, a mapping for each column in the order shown; what is not known is None."""
    columns = shown_columns(comparison)
    won = figures(columns).marks
    return [
        _row(comparison, place, number, won[place] if place < len(won) else ())
        for place, number in enumerate(comparison.order)
    ]


def table_of(rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - a DataFrame, if there is pandas
    """The rows as a pandas DataFrame where pandas is installed, else as they are."""
    try:
        import pandas as pd  # noqa: PLC0415 - it takes long to load, and is the person's own
    except ImportError:
        return list(rows)
    return pd.DataFrame(list(rows))


def prompt_text(prompt: Any) -> str:  # noqa: ANN401 - a text, or messages
    """What was said to all, as one text: of messages, what the person said last."""
    if isinstance(prompt, str):
        return prompt
    return next((text for text in map(_said, reversed(prompt)) if text), "")


def _said(part: Any) -> str:  # noqa: ANN401 - a message, or a part that stands alone
    content = part.get("content") if isinstance(part, Mapping) else getattr(part, "text", "")
    if isinstance(content, str):
        return content
    texts = [each.get("text") for each in content or () if isinstance(each, Mapping)]
    return "".join(text for text in texts if isinstance(text, str))


def _row(comparison: Comparison, place: int, number: int, won: Sequence[str]) -> dict[str, Any]:
    reply, running = comparison.reply(number), comparison.running(number)
    row: dict[str, Any] = {"column": title(comparison, place)}
    if not comparison.hidden:
        row["model"] = comparison.columns[number].model
        row.update({"options": dict(comparison.columns[number].options)})
    row["state"] = "running" if running else reply.state_text
    row["text"] = reply.text
    if comparison.hidden:
        return row
    usage, cost = reply.usage, reply.cost
    return {
        **row,
        "words": count_words(reply.text),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "first_token_s": reply.first_token_s,
        "duration_s": None if running else reply.duration_s,
        "tokens_per_s": None if running else reply.tokens_per_s,
        "cost": None if cost is None else float(cost),
        "currency": None if cost is None else cost.currency,
        "marks": ", ".join(won),
        "served_model": reply.served_model,
        "error": None if reply.error is None else str(reply.error),
        "reply": reply,
    }


def _said_of(comparison: Comparison, number: int) -> str:
    vote = comparison.vote
    if vote is None:
        return ""
    if vote.outcome != "win":
        return _VOTED[vote.outcome]
    return _VOTED["win"] if number == comparison.winner else ""


def _note(comparison: Comparison) -> str:
    if comparison.hidden:
        return "A blind comparison: who answered what is told after the vote."
    return ""
