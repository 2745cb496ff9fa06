from __future__ import annotations

import json
from typing import Any

from byom_magics.show.json_nodes import Node, grown
from byom_magics.show.json_place import Place
from byom_magics.show.json_table import columns_of, fits, table_html
from byom_magics.show.partial_json import Reader
from tests.show.safe import read, text_of

PEOPLE = [{"name": "Ada <b>", "born": 1815, "tags": ["x", "y"]}, {"name": "Alan", "born": None, "died": 1954}]


def node(value: Any) -> Node:
    return grown(Place(), Reader().feed(json.dumps(value))).roots[0]


def names(value: Any) -> list[str]:
    return [name for name, _, _ in columns_of(node(value))]


def test_a_list_of_flat_objects_has_their_keys_as_columns() -> None:
    assert names(PEOPLE) == ["name", "born", "tags", "died"]


def test_columns_of_numbers_are_known_as_such() -> None:
    assert [number for _, _, number in columns_of(node(PEOPLE))] == [False, True, False, True]


def test_what_is_nested_long_or_wide_is_no_table() -> None:
    assert names([{"a": {"b": 1}}]) == []
    assert names([{"a": [[1]]}]) == []
    assert names([1, 2]) == []
    assert names([{"a": "x" * 1_000}]) == []
    assert names([{f"c{number}": 1 for number in range(21)}]) == []
    assert not fits(node([1]))


def test_the_rows_are_texts_and_only_texts() -> None:
    html = table_html(columns_of(node(PEOPLE)), node(PEOPLE).children, is_first=True, whole=True, indent=0)
    reader = read(html)
    assert reader.tags.count("tr") == 3
    assert "Ada <b>" in reader.text
    assert "x, y" in reader.text


def test_a_piece_that_goes_on_has_no_head_and_the_same_widths() -> None:
    columns, rows = columns_of(node(PEOPLE)), node(PEOPLE).children
    first = table_html(columns, rows[:1], is_first=True, whole=False, indent=0)
    second = table_html(columns, rows[1:], is_first=False, whole=False, indent=0)
    assert "<th" in first
    assert "<th" not in second
    assert [part.split("%")[0] for part in first.split(";width:")[1:]] == [
        part.split("%")[0] for part in second.split(";width:")[1:]
    ]


def test_a_whole_table_does_not_break_the_names_of_its_columns() -> None:
    columns, rows = columns_of(node(PEOPLE)), node(PEOPLE).children
    assert "overflow-wrap:normal" in table_html(columns, rows, is_first=True, whole=True, indent=0)
    assert "overflow-wrap:normal" not in table_html(columns, rows, is_first=True, whole=False, indent=0)


def test_what_has_no_column_stands_behind_the_row() -> None:
    columns = columns_of(node([{"a": 1}]))
    html = table_html(columns, node([{"a": 2, "b": "more"}]).children, is_first=True, whole=True, indent=0)
    assert "b: more" in text_of(html)


def test_a_long_cell_is_cut_and_says_so() -> None:
    columns = columns_of(node([{"a": "x"}]))
    text = text_of(table_html(columns, node([{"a": "y" * 5_000}]).children, is_first=True, whole=True, indent=0))
    assert "4,000 more characters" in text
