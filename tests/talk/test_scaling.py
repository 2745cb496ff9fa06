from __future__ import annotations

import io
import random
import sys
from typing import Any

import pytest
from PIL import Image

from byom_magics.errors import OptionError
from byom_magics.talk.image_bytes import dimensions
from byom_magics.talk.scaling import LARGEST, LONGEST, Picture, of_bytes, of_pillow


def saved(size: tuple[int, int], form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, form, **options)
    return file.getvalue()


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.image.data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_image_that_fits_is_sent_as_it_is(form: str) -> None:
    data = saved((LONGEST, 10), form)
    picture = of_bytes(data, "it")
    assert (picture.image.data, picture.image.media_type, picture.note) == (data, f"image/{form.lower()}", "")


@pytest.mark.parametrize(("form", "kind"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "png"), ("WEBP", "png")])
def test_an_image_that_is_too_large_is_made_smaller_and_says_so(form: str, kind: str) -> None:
    picture = of_bytes(saved((3136, 200), form), "it")
    assert picture.image.media_type == f"image/{kind}"
    assert dimensions(picture.image.data) == (LONGEST, 100)
    assert picture.note == "scaled from 3,136 × 200 to 1,568 × 100 pixels"


def test_without_pillow_a_large_image_is_sent_as_it_is_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved((2000, 10))
    monkeypatch.delitem(sys.modules, "PIL.Image")
    picture = of_bytes(data, "it")
    assert picture.image.data == data
    assert "2,000 × 10 pixels as they are; import PIL" in picture.note


def test_which_way_the_camera_was_held_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = of_bytes(saved((3000, 200), "JPEG", exif=exif), "it")
    assert dimensions(picture.image.data) == (105, LONGEST)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16", "PA", "La", "RGBa"])  # fmt: skip
@pytest.mark.parametrize("size", [(40, 20), (3136, 20)])
def test_images_of_every_mode_can_be_sent(mode: str, size: tuple[int, int]) -> None:
    image = Image.new(mode, size)
    shown = opened(of_pillow(image, "it"))
    assert shown.size == (min(size[0], LONGEST), 20 if size[0] < LONGEST else 10)
    assert image.size == size


def test_transparency_is_kept() -> None:
    image = Image.new("P", (3136, 20))
    image.info["transparency"] = 0
    assert opened(of_pillow(image, "it")).mode == "RGBA"


def test_a_photo_stays_one_and_a_heavy_picture_becomes_one() -> None:
    photo = Image.open(io.BytesIO(saved((40, 20), "JPEG")))
    assert of_pillow(photo, "it").image.media_type == "image/jpeg"
    noise = Image.frombytes("RGB", (1500, 1500), random.Random(1).randbytes(1500 * 1500 * 3))
    picture = of_pillow(noise, "it")
    assert (picture.image.media_type, picture.note) == ("image/jpeg", "as JPEG")


def test_a_thin_picture_keeps_a_pixel_of_height() -> None:
    assert opened(of_pillow(Image.new("L", (100_000, 1)), "it")).size == (LONGEST, 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg/>", "is no image that a model takes"),
        (saved((1, 1)) + bytes(LARGEST), "too large"),
        (saved((1, 1))[:16] + b"\0\0\xff\xff\0\0\xff\xff", "65,535 × 65,535 pixels"),
        (saved((3000, 10))[:60], "cannot be read as an image"),
    ],
)
def test_what_cannot_be_sent_is_told_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        of_bytes(data, "'plot.png'")
    assert "'plot.png'" in str(caught.value)
    assert caught.value.hint


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(OptionError, match="no pixels"):
        of_pillow(Image.new("RGB", (0, 10)), "it")
