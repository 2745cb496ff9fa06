from __future__ import annotations

import pytest

from byom_magics.show.json_place import Place
from byom_magics.show.partial_json import Reader


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('{"na', "key"),
        ('{"name": "Ad', "string"),
        ("[12", "scalar"),
        ("[12,", None),
        ('{"a":', None),
        ("Words", "prose"),
        ('{"a" oops', "broken"),
        ("[" * 31, "deep"),
    ],
)
def test_a_place_says_what_it_is_in_the_middle_of(text: str, inside: str | None) -> None:
    reader = Reader()
    reader.feed(text)
    assert reader.place.inside == inside


def test_a_place_knows_what_is_open_and_which_value_is_due() -> None:
    reader = Reader()
    reader.feed('{"a": [1, {"b": ')
    assert [(level.is_list, level.count, level.key) for level in reader.place.levels] == [
        (False, 1, "a"),
        (True, 2, ""),
        (False, 0, "b"),
    ]


def test_from_a_place_that_was_given_up_all_is_text() -> None:
    reader = Reader(Place.given_up())
    assert [(token.kind, token.text) for token in reader.feed('{"a": 1}')] == [("broken", '{"a": 1}')]
