"""What ``?`` shows: the manuals of the magics, made from the tables that the parser reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Option, Table

__all__ = ["ASK", "RERUN", "manual"]

_WIDTH = 120

ASK = """
Ask a model; the answer streams into the cell.

    %%byom [MODEL] [options]        the prompt is the cell below
    %byom MODEL [options] prompt    the same on one line
    %byom                           what models there are, and how to go on

MODEL is the key of a registered model (%byom_models shows all, Tab completes them). Without one, the default is
asked: %byom_default KEY or %byom_picker choose it.

In the prompt, {{ expression }} is filled in with its value from the notebook: tables, figures, exceptions, functions,
paths and modules as a model can read them. Everything else is sent as typed. What is large says so before it goes.

A cell stands alone unless -c continues a conversation; running it again replaces its turn there. --tools lets the model
call functions of the notebook, each shown and allowed before it runs; --schema checks the answer and makes an object of
it (_byom.parsed).

The reply is in _byom, whatever came of it: _byom.text, _byom.usage, _byom.state, … An answer that broke off, stalled
or is an error stays visible with a badge, and raises (see --on-error). The stop button, or Ctrl-C, hangs up.

Examples:

    %%byom demo/pydoc
    How does the with statement work?

    %%byom demo/5gram -t 0.7 --seed 1 --max-tokens 80 --out story
    The interpreter

    %%byom llama -s "You review code. Be brief." -f markdown
    What is wrong with this function?
    {{ source }}

    %%byom gpt -o reasoning_effort=low -o 'response_format={"type": "json_object"}' -f json --timeouts first_token=600
    Three capitals, as JSON.

    %%byom llama -c lesson --tools get_weather --allow get_weather
    Shall I take an umbrella in {{ city }}?

    %%byom llama --schema Country --out answer
    The largest country of Europe.

    %byom llama Why is the sky blue?
    %byom llama -c=lesson And why is it red at night?

On one line a value that may be left out, such as NAME of -c, stands behind a =, since the next word is the prompt's.
"""

RERUN = """
Ask the last question again: of another model, or with other options. What is not said stays as it was.

    %byom_rerun [MODEL] [options]

Examples:

    %byom_rerun gpt
    %byom_rerun -t 1.2 --n 3
"""


def manual(text: str, table: Table | None = None) -> str:
    """The docstring of a magic: its text, and its options in a table."""
    if table is None or not table.options:
        return text
    rows = [(_written(option), option.help) for option in table.options]
    width = max(len(written) for written, _ in rows)
    left = width + 6
    options = "\n".join(f"    {written:<{width}}  {_broken(words, left)}" for written, words in rows)
    return f"{text.rstrip()}\n\nOptions:\n\n{options}\n"


def _broken(words: str, left: int) -> str:
    """A sentence in lines that are not too long, all of which begin so far from the left."""
    lines, room = [""], max(40, _WIDTH - left)
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) >= room:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return f"\n{'':<{left}}".join(lines)


def _written(option: Option) -> str:
    return ", ".join(option.flags) + (f" {option.metavar}" if option.metavar else "")
