from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from byom_magics.talk.image_bytes import dimensions, media_type, size_text


def saved(form: str, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (300, 200)).save(file, form, **options)
    return file.getvalue()


KINDS = {
    "png": saved("PNG"),
    "jpeg": saved("JPEG"),
    "gif": saved("GIF"),
    "webp": saved("WEBP"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_known_by_its_bytes(kind: str) -> None:
    assert media_type(KINDS[kind]) == f"image/{kind}"
    assert dimensions(KINDS[kind]) == (300, 200)


@pytest.mark.parametrize(
    "data",
    [saved("JPEG", progressive=True), saved("JPEG", "L", comment=b"\xff\xc0" * 20), saved("WEBP", lossless=True),
     saved("WEBP", exif=Image.Exif().tobytes() or b"Exif\0\0MM\0*\0\0\0\x08\0\0")],
)  # fmt: skip
def test_each_form_of_a_kind_has_its_size_elsewhere(data: bytes) -> None:
    assert dimensions(data) == (300, 200)


@pytest.mark.parametrize("data", [b"", b"text", b"<svg xmlns=''/>", b"%PDF-1.7", b"BM", b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_image_that_models_take_is_none(data: bytes) -> None:
    assert media_type(data) is None
    assert dimensions(data) is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_that_is_cut_anywhere_has_a_size_or_none(kind: str) -> None:
    data = KINDS[kind]
    assert {dimensions(data[:end]) for end in range(min(len(data), 700))} <= {None, (300, 200)}


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X"]), st.binary())
def test_any_bytes_behind_the_beginning_of_an_image_do_no_harm(start: bytes, rest: bytes) -> None:
    size = dimensions(start + rest)
    assert size is None or len(size) == 2


def test_a_size_is_told_in_words() -> None:
    assert size_text((1568, 176)) == "1,568 × 176"
