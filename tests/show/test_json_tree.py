from __future__ import annotations

import json
from typing import Any

from byom_magics.show.json_nodes import Node, grown
from byom_magics.show.json_place import Place
from byom_magics.show.json_tree import tree_html
from byom_magics.show.partial_json import Reader
from tests.show.safe import read, text_of


def nodes(value: Any) -> list[Node]:
    return grown(Place(), Reader().feed(json.dumps(value))).roots


def lines(value: Any) -> list[str]:
    html = tree_html(nodes(value), whole=True)
    return [line for line in text_of(html.replace("</div>", "\n")).split("\n") if line]


def test_an_object_is_lines_of_key_and_value() -> None:
    assert lines({"name": "Ada", "born": 1815, "alive": False, "none": None}) == [
        "name: Ada",
        "born: 1815",
        "alive: false",
        "none: null",
    ]


def test_no_braces_are_shown() -> None:
    text = "".join(lines({"a": [{"b": 1}, {"c": {"d": [[], {}]}}]}))
    assert not set("{}\"'") & set(text)


def test_what_is_nested_is_indented() -> None:
    html = tree_html(nodes({"a": {"b": {"c": 1}}}), whole=True)
    assert [part.split("em")[0] for part in html.split("padding-left:")[1:]] == ["1", "2.4", "3.8"]


def test_short_values_stand_side_by_side_and_long_ones_below_one_another() -> None:
    assert lines({"tags": ["a", "b"], "v": [1, 2.5]}) == ["tags: a, b", "v: 1, 2.5"]
    long = "word " * 20
    assert lines({"notes": [long, long]}) == ["notes:", f"• {long}", f"• {long}"]


def test_objects_in_a_list_say_which_they_are() -> None:
    assert lines([{"a": {"b": 1}}, {"a": {"b": 2}}]) == ["[0]", "a:", "b: 1", "[1]", "a:", "b: 2"]


def test_what_is_empty_says_so() -> None:
    assert lines({"a": [], "b": {}}) == ["a: empty list", "b: empty object"]
    assert lines([]) == ["empty list"]


def test_sec_01_keys_and_values_are_text() -> None:
    html = tree_html(nodes({"<img src=x onerror=1>": "<script>x</script>\x1b\u202e"}), whole=True)
    assert not {"img", "script"} & set(read(html).tags)
    assert "<img src=x onerror=1>: <script>x</script>\\x1b\\u202e" in text_of(html)


def test_a_long_text_is_cut_and_says_so() -> None:
    html = tree_html(nodes({"a": "x" * 5_000}), whole=True, longest=1_000)
    assert "4,000 more characters" in text_of(html)
    assert len(html) < 2_000


def test_lines_and_rows_are_bounded_and_the_rest_is_counted() -> None:
    value = {"rows": [{"n": number} for number in range(500)], **{f"k{number}": 1 for number in range(500)}}
    html = tree_html(nodes(value), whole=True, most_lines=300)
    assert "701 more lines" in text_of(html)
    assert read(html).tags.count("tr") == 300  # the head, and a line less for the key
