from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from byom_magics.talk.arrays import array, is_array


def text(value: Any, limit: int = 20_000) -> str:
    return array(value, limit).text


def test_an_array_tells_its_shape_type_range_and_values() -> None:
    assert text(np.array([[1, 2], [3, 4]])) == "array of shape (2, 2), int64; min 1, max 4, mean 2.5.\n[[1 2]\n [3 4]]"


@pytest.mark.parametrize(
    ("value", "head"),
    [
        (np.array([0.5, np.nan, np.inf]), "shape (3,), float64; min 0.5, max 0.5, mean 0.5, 2 NaN or infinite."),
        (np.array([np.nan]), "shape (1,), float64; no finite values."),
        (np.zeros((0, 3)), "shape (0, 3), float64.\n[]"),
        (np.array([True, False]), "shape (2,), bool; min False, max True, mean 0.5."),
        (np.array(["a"]), "shape (1,), <U1.\n['a']"),
        (np.array([1 + 2j]), "shape (1,), complex128."),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), "shape (1,), datetime64[D]."),
        (np.array([None, {}], dtype=object), "shape (2,), object.\n[None {}]"),
        (np.ma.array([1, 2, 90], mask=[False, False, True]), "shape (3,), int64; min 1, max 2, mean 1.5.\n[1 2 --]"),
        (np.ma.array([1, 2], mask=[True, True]), "shape (2,), int64; all masked.\n[-- --]"),
        (np.array([60_000, 60_000], dtype="float16"), "mean 60000."),
    ],
)
def test_odd_arrays_are_told_too(value: Any, head: str) -> None:
    assert head in text(value)


def test_a_large_array_is_shown_by_its_ends() -> None:
    rendered = array(np.arange(1_000_000), 20_000)
    assert "shape (1000000,), int64; min 0, max 999999, mean 500000" in rendered.text
    assert "..." in rendered.text
    assert len(rendered.text) < 1_000
    assert (rendered.kind, rendered.note, rendered.cut) == ("array", "some of 1,000,000 values", True)


def test_settings_of_numpy_make_no_difference() -> None:
    with np.printoptions(threshold=10**9):
        assert len(text(np.zeros(100_000))) < 1_000


def test_long_texts_in_an_array_are_bounded() -> None:
    assert len(text(np.array(["x" * 100_000] * 3), 500)) < 700


def test_numbers_of_numpy_and_other_values_are_no_arrays() -> None:
    assert is_array(np.zeros(1))
    assert is_array(np.array(1))
    assert text(np.array(1)) == "array of shape (), int64; min 1, max 1, mean 1.\n1"
    assert not any(map(is_array, (np.float64(1), [1], 1, memoryview(b"a"))))
