from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from typing import Any, cast

import matplotlib as mpl
import numpy as np
import pytest
from IPython.display import Image as _Shown
from matplotlib.figure import Figure
from PIL import Image as Pillow

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.talk.image_bytes import dimensions
from byom_magics.talk.pictures import of_array, picture, shown_picture
from byom_magics.talk.scaling import LONGEST

Shown: Any = _Shown


@pytest.fixture(autouse=True)
def _without_a_window() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        yield


def png(size: tuple[int, int] = (4, 2)) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


def size(value: Any) -> tuple[int, int]:
    found = picture(value)
    assert found is not None
    found_size = dimensions(found.image.data)
    assert found_size is not None
    return found_size


# Figures


def test_a_figure_is_a_png_of_bounded_size() -> None:
    figure = Figure(figsize=(6, 4))
    figure.subplots().plot([1, 2])
    found = picture(figure)
    assert found is not None
    assert found.image.media_type == "image/png"
    assert 500 < max(size(figure)) <= LONGEST
    assert 500 < max(size(Figure(figsize=(80, 4)))) <= LONGEST


def test_axes_stand_for_their_figure_alone_nested_or_in_an_array() -> None:
    figure = Figure()
    axes = cast("Any", figure.subplots(2, 2))
    inner = cast("Any", Figure().subfigures(1, 2))[0]
    inner_axes = inner.subplots()
    assert size(axes[0, 0]) == size(axes) == size(figure)
    assert size(inner) == size(inner_axes)


def test_what_is_drawn_far_outside_makes_no_huge_picture() -> None:
    figure = Figure(figsize=(6, 4))
    figure.subplots().text(1e4, 1e4, "far away")
    assert max(size(figure)) <= LONGEST


def test_a_figure_of_a_thousand_inches_is_refused() -> None:
    with pytest.raises(OptionError, match="1,000 inches"):
        picture(Figure(figsize=(1_000, 1)))


def test_a_grid_of_seaborn_stands_for_its_figure() -> None:
    grid = type("Grid", (), {"__module__": "seaborn.axisgrid", "figure": Figure()})
    assert max(size(grid())) <= LONGEST


# Images


def test_images_of_ours_of_pillow_of_ipython_and_bytes_are_pictures() -> None:
    ours = Image(png())
    found = picture(ours)
    assert found is not None
    assert found.image is ours
    assert size(Pillow.new("RGB", (4, 2))) == size(png()) == size(bytearray(png())) == (4, 2)
    assert size(memoryview(png())) == size(Shown(data=png())) == (4, 2)


def test_an_image_that_holds_only_an_address_is_refused() -> None:
    with pytest.raises(OptionError, match="never fetched"):
        picture(Shown(url="http://example.org/plot.png"))


@pytest.mark.parametrize("value", [1, "plot.png", b"text", b"", None, [png()], np.zeros((2, 2), "uint8"), np.array([None, 1]), object()])  # fmt: skip
def test_what_is_no_picture_is_none(value: Any) -> None:
    assert picture(value) is None


# Objects that show themselves as an image


@pytest.mark.parametrize("shown", [png(), base64.b64encode(png()).decode(), (png(), {"width": 3})])
@pytest.mark.parametrize("name", ["_repr_png_", "_repr_jpeg_"])
def test_an_object_that_shows_itself_as_an_image_is_that_image(name: str, shown: Any) -> None:
    found = shown_picture(type("Drawing", (), {name: lambda self: shown})())
    assert found is not None
    assert found.image.data == png()


def _fails(self: object) -> bytes:
    raise OSError("no")


@pytest.mark.parametrize(
    "show", [lambda self: None, lambda self: "no base64!", lambda self: b"text", lambda self: (), _fails, 3]
)
def test_an_object_that_fails_to_show_itself_as_an_image_is_none(show: Any) -> None:
    assert shown_picture(type("Drawing", (), {"_repr_png_": show})()) is None


def test_an_object_that_answers_to_every_name_shows_nothing() -> None:
    class Answers:
        def __getattr__(self, name: str) -> Any:
            return png

    assert picture(Answers()) is None
    assert shown_picture(Answers()) is None


def test_a_figure_of_plotly_is_an_image_where_it_can_draw_one() -> None:
    def to_image(self: object, format: str) -> bytes:  # noqa: A002 - its own name
        return png()

    drawn = shown_picture(type("BaseFigure", (), {"__module__": "plotly.basedatatypes", "to_image": to_image})())
    assert drawn is not None
    assert drawn.image.data == png()
    assert shown_picture(type("BaseFigure", (), {"__module__": "plotly.basedatatypes", "to_image": _fails})()) is None


# Arrays


def pixels(value: Any) -> Pillow.Image:
    found = of_array(value)
    assert found is not None
    return Pillow.open(io.BytesIO(found.image.data))


@pytest.mark.parametrize(
    ("array", "mode", "first"),
    [
        (np.full((2, 3), 7, "uint8"), "L", 7),
        (np.full((2, 3, 1), 7, "int64"), "L", 7),
        (np.full((2, 3, 3), 7, "uint8"), "RGB", (7, 7, 7)),
        (np.full((2, 3, 4), 7, "uint8"), "RGBA", (7, 7, 7, 7)),
        (np.full((2, 3), 1.0), "L", 255),
        (np.full((2, 3), fill_value=True), "L", 255),
        (np.full((3, 2), 7, "uint8").T, "L", 7),
    ],
)
def test_an_array_of_pixels_is_an_image(array: Any, mode: str, first: Any) -> None:
    image = pixels(array)
    assert (image.mode, image.size, image.getpixel((0, 0))) == (mode, (3, 2), first)


@pytest.mark.parametrize("with_pillow", [True, False])
def test_a_large_array_is_made_smaller(with_pillow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.zeros((10, 4000, 3), "uint8")
    if not with_pillow:
        monkeypatch.delitem(sys.modules, "PIL.Image")
    found = of_array(array)
    assert found is not None
    width, _ = dimensions(found.image.data) or (0, 0)
    assert 1_000 < width <= LONGEST
    assert found.note


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(3), "shape 3 is no image"),
        (np.zeros((3, 4, 5)), "3 × 4 × 5"),
        (np.zeros((0, 4)), "0 × 4"),
        (np.full((2, 2), 300), "from 300 to 300"),
        (np.full((2, 2), -1.0), "from -1.0"),
        (np.full((2, 2), np.nan), "nan"),
        (np.full((2, 2), "x"), "<U1"),
    ],
)
def test_an_array_that_is_no_image_is_refused_with_what_one_is(array: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        of_array(array)
    assert caught.value.hint


def test_what_gives_an_array_is_an_image_and_a_table_is_none() -> None:
    class Tensor:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.full((2, 3), 9, "uint8")

    assert pixels(Tensor()).getpixel((0, 0)) == 9
    assert of_array(sys.modules["pandas"].DataFrame({"a": [1]}) if "pandas" in sys.modules else 1) is None
    assert of_array([[1]]) is None
