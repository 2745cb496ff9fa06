from __future__ import annotations

import pytest

from byom_magics.demo.spelling import near


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pritn", "print"),
        ("price", "prices"),
        ("lne", "len"),
        ("true", "True"),
        ("X", "x"),
        ("dataframe", "data_frame"),
    ],
)
def test_a_slip_is_near(written: str, meant: str) -> None:
    assert near(written, ["other", meant]) == [meant]


@pytest.mark.parametrize(
    ("written", "other"), [("df", "of"), ("sqrt", "str"), ("total", "title"), ("a", "b"), ("", "a")]
)
def test_another_word_is_not(written: str, other: str) -> None:
    assert near(written, [other]) == []


def test_more_may_be_wrong_where_it_must_be_one_of_them() -> None:
    assert near("OrderDic", ["OrderedDict"]) == []
    assert near("OrderDic", ["OrderedDict"], sure=True) == ["OrderedDict"]


def test_the_nearest_are_told_those_first_that_came_first() -> None:
    assert near("colors", ["colours2", "colour", "color", "colorz"]) == ["color", "colorz"]


def test_itself_is_not_near_and_long_names_and_many_are_left_out() -> None:
    assert near("abc", ["abc"]) == []
    assert near("a" * 100_000, ["a" * 99_999]) == []
    assert near("name", [*map(str, range(100_000)), "names"]) == []
