from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image as Pil

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.talk.pictures import is_drawn, media_type, picture

mpl.use("Agg")


def size(image: Image) -> tuple[int, int]:
    found: tuple[int, int] = Pil.open(io.BytesIO(image.data)).size
    return found


def made(value: Any) -> tuple[Image, str]:
    found = picture(value)
    assert found is not None
    return found


def test_a_figure_is_a_png() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2])
    for value in (figure, axes):
        image, _ = made(value)
        assert media_type(image.data) == image.media_type == "image/png"
    assert is_drawn(figure)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P", "CMYK", "I", "F"])
def test_an_image_of_pil_is_a_png_whatever_its_mode(mode: str) -> None:
    image, note = made(Pil.new(mode, (20, 10)))
    assert (size(image), note) == ((20, 10), "")


def test_what_is_larger_than_models_see_is_made_smaller_and_says_so() -> None:
    image, note = made(Pil.new("RGB", (3_000, 30)))
    assert max(size(image)) == 1_568
    assert "3,000 × 30" in note


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 6), "uint8"),
        np.ones((4, 6, 3), "uint8"),
        np.zeros((4, 6, 4), "uint8"),
        np.zeros((4, 6)),
        np.ones((4, 6), bool),
    ],
)
def test_an_array_of_pixels_is_a_png(pixels: Any) -> None:
    assert size(made(pixels)[0]) == (6, 4)


@pytest.mark.parametrize(
    "value", [np.zeros(3), np.zeros((2, 2, 2)), np.zeros((0, 3), "uint8"), np.zeros((2, 2), "int64"), 5, "text", None]
)
def test_what_is_no_picture_is_none(value: Any) -> None:
    assert picture(value) is None


def test_bytes_are_known_by_how_they_begin() -> None:
    assert media_type(b"\x89PNG\r\n\x1a\n") == "image/png"
    assert media_type(b"RIFF0000WEBP") == "image/webp"
    assert media_type(b"GIF89a") == "image/gif"
    assert media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type(b"<svg") is None
    with pytest.raises(OptionError, match="SVG"):
        picture(b"<svg xmlns='http://www.w3.org/2000/svg'>")


def test_objects_draw_themselves() -> None:
    class Drawn:
        def _repr_png_(self) -> bytes:
            return b"\x89PNG\r\n\x1a\nx"

    assert is_drawn(Drawn())
    assert made(Drawn())[0].data.endswith(b"x")


def test_a_value_that_answers_to_every_name_is_no_picture() -> None:
    class Everything:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: b"\x89PNG\r\n\x1a\n"

    assert not is_drawn(Everything())
    assert picture(Everything()) is None


def test_an_image_of_ours_is_itself() -> None:
    image = Image(b"x")
    assert made(image) == (image, "")
