from __future__ import annotations

from byom_magics.demo.tables import table


def test_a_drawn_table_becomes_a_pipe_table_with_wrapped_cells_joined() -> None:
    drawn = [
        "+----------+----------------+",
        "| Operator | Description    |",
        "|==========|================|",
        '| "**"     | Exponentiation |',
        "|          | [5]            |",
        "+----------+----------------+",
        '| "|"      | Bitwise OR     |',
        "+----------+----------------+",
    ]
    assert table(drawn).split("\n") == [
        "| Operator | Description |",
        "| --- | --- |",
        "| `**` | Exponentiation [5] |",
        r"| `\|` | Bitwise OR |",
    ]


def test_a_table_without_heading_gets_an_empty_one() -> None:
    assert table(["+---+---+", "| a | b |", "+---+---+"]) == "|  |  |\n| --- | --- |\n| a | b |"


def test_a_table_that_cannot_be_told_stays_as_drawn() -> None:
    drawn = ["+---+---+", "| spans |", "+---+---+"]
    assert table(drawn) == "```text\n+---+---+\n| spans |\n+---+---+\n```"
