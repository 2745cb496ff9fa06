from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from byom_magics.talk.glance import glance, module_version, sounds_secret


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (3, "int = 3"),
        (None, "NoneType = None"),
        ("ab", "str, len 2 = 'ab'"),
        ([1, "a", None], "list, len 3 = [1, 'a', None]"),
        ((1,), "tuple, len 1 = (1,)"),
        ({}, "dict, len 0 = {}"),
        ({"a": [1, 2]}, "dict, len 1 = {'a': [1, 2]}"),
        ([[[1]]], "list, len 1 = [[[…]]]"),
        (10**1000, "int = <int of 3,322 bits>"),
        (int, "class int"),
        (math, "module math"),
        (len, "function len(obj)"),
    ],
)
def test_built_in_values_are_told_in_short(value: object, told: str) -> None:
    assert glance(value) == told


def test_a_large_value_takes_a_line() -> None:
    for value in ("x" * 10_000_000, list(range(1_000_000)), {str(n): "y" * 1_000 for n in range(1_000)}):
        assert len(glance(value)) <= 600


def test_parts_that_are_named_like_secrets_are_told_by_kind() -> None:
    @dataclass
    class Login:
        user: str
        password: str

    assert "canary" not in glance({"api_key": "canary", "nested": {"token": "canary"}})
    shown = glance(Login("me", "canary"))
    assert "user: 'me'" in shown
    assert "canary" not in shown


def test_a_table_is_told_by_its_shape_and_columns() -> None:
    pandas = pytest.importorskip("pandas")
    shown = glance(pandas.DataFrame({"a": [1], "b": ["canary"]}))
    assert "shape (1, 2)" in shown
    assert "columns a (int64), b" in shown
    assert "canary" not in shown


def test_an_array_is_told_by_its_shape_and_type() -> None:
    numpy = pytest.importorskip("numpy")
    assert glance(numpy.zeros((3, 4))) == "numpy.ndarray, shape (3, 4), float64"


def test_a_value_that_fails_at_every_touch_is_told_by_its_kind() -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

        def __repr__(self) -> str:
            raise RuntimeError

    assert "Hostile" in glance(Hostile())
    assert "Hostile" in glance([Hostile()])


def test_the_code_of_other_values_is_not_run() -> None:
    asked: list[str] = []

    class Costly:
        def __repr__(self) -> str:
            asked.append("repr")
            return "x" * 100_000_000

        def __len__(self) -> int:
            asked.append("len")
            return 3

    glance(Costly())
    glance({"a": Costly()})
    assert asked == []


def test_a_list_in_itself_comes_to_an_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert glance(endless) == "list, len 1 = [[[…]]]"


def test_a_module_tells_its_version_if_it_has_one() -> None:
    assert module_version(sys.modules["pytest"]) == pytest.__version__
    assert module_version(math) == ""


@pytest.mark.parametrize(("name", "secret"), [("API_KEY", True), ("passwd", True), ("author", False), ("rate", False)])
def test_names_sound_like_secrets_or_do_not(name: str, secret: bool) -> None:
    assert sounds_secret(name) is secret
