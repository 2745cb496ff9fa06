from __future__ import annotations

import dataclasses
import enum
import json
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pydantic
import pytest

from byom_magics.messages import Image
from byom_magics.talk.results import result_text


@dataclasses.dataclass
class City:
    name: str
    where: Path


class Model(pydantic.BaseModel):
    x: int


class Colour(enum.Enum):
    RED = "red"


class Bad:
    def __repr__(self) -> str:
        raise ValueError("no")


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError("no")


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - as notebooks have them
pd: Any = pytest.importorskip("pandas")  # it has no types of its own
PICTURE = Image(b"picture")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        ("", ""),
        (None, "Done. There is no result to tell."),
        (True, "true"),
        (3, "3"),
        ([1, None, "ä"], '[1, null, "ä"]'),
        ({"a": {1: 2}}, '{"a": {"1": 2}}'),
        (City("Bern", Path("a")), '{"name": "Bern", "where": "a"}'),
        (Model(x=1), '{"x": 1}'),
        ([Model(x=1)], '[{"x": 1}]'),
        (Pair(1, 2), '{"a": 1, "b": 2}'),
        (Colour.RED, '"red"'),
        (np.float64(1.5), "1.5"),
        (np.bool_(True), "true"),
        ({"n": np.int64(3)}, '{"n": 3}'),
        (b"text", "text"),
        (b"\xff\x00", "2 bytes that are no text."),
        ("\udc80", "?"),
        (Loud("quiet"), "quiet"),
    ],
    ids=repr,
)
def test_a_result_is_told_as_text_or_json(value: object, text: str) -> None:
    assert result_text(value) == (text, 0, ())


def test_what_is_no_json_is_rendered() -> None:
    table = pd.DataFrame({"a": [1]})
    assert result_text(table, render=lambda value: f"a {type(value).__name__}")[0] == "a DataFrame"
    assert result_text({"t": table}, render=lambda value: f"a {type(value).__name__}")[0] == '{"t": "a DataFrame"}'
    assert result_text(np.arange(3))[0] == "[0 1 2]"
    assert result_text({(1, 2): 3})[0] == "{(1, 2): 3}"


def test_a_value_inside_itself_is_rendered() -> None:
    ring: list[Any] = []
    ring.append(ring)
    assert result_text(ring)[0] == "[[...]]"


def test_an_object_that_cannot_be_shown_is_told_of() -> None:
    told = "The result is of the class Bad, and cannot be shown: ValueError: no"
    assert result_text(Bad())[0] == told
    assert result_text([Bad()])[0] == json.dumps([told])


def test_a_long_result_is_cut_and_says_so() -> None:
    text, left_out, images = result_text("x" * 25_000)
    assert text == "x" * 20_000 + "\n… 5,000 more characters were left out."
    assert (left_out, images) == (5_000, ())
    assert result_text("abcdef", 4) == ("abcd\n… 2 more characters were left out.", 2, ())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (PICTURE, "One image."),
        ([PICTURE], "One image."),
        ((PICTURE, PICTURE), "2 images."),
        (["a plot", PICTURE], "a plot"),
        ([1, PICTURE, 2], "[1, 2]"),
    ],
    ids=str,
)
def test_images_of_a_result_stand_beside_its_text(value: object, text: str) -> None:
    told, left_out, images = result_text(value)
    assert (told, left_out) == (text, 0)
    assert set(images) == {PICTURE}


def test_what_is_drawn_is_an_image_too() -> None:
    def drawn(value: object) -> Image | None:
        if isinstance(value, Bad):
            raise TypeError
        return PICTURE if isinstance(value, City) else None

    assert result_text(City("Bern", Path()), image=drawn) == ("One image.", 0, (PICTURE,))
    assert result_text([City("Bern", Path()), "Bern"], image=drawn) == ("Bern", 0, (PICTURE,))
    assert result_text(Bad(), image=drawn)[2] == ()


def test_images_are_counted_and_bounded() -> None:
    text, _, images = result_text([PICTURE] * 100)
    assert len(images) == 16
    assert text == "100 images; 84 of them were left out."
