from __future__ import annotations

import pytest

from byom_magics.messages import Image
from byom_magics.show.pictures import kind_of, pictures_html
from tests.show.safe import read, text_of

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
STARTS = {"png": PNG, "jpeg": b"\xff\xd8\xff\xe0", "gif": b"GIF89a\x01", "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 "}


@pytest.mark.parametrize("kind", STARTS)
def test_an_image_is_shown_as_what_its_bytes_are(kind: str) -> None:
    html = pictures_html([Image(STARTS[kind], "text/html")])
    assert f'src="data:image/{kind};base64,' in html
    read(html)


def test_each_says_which_it_is_and_is_no_wider_than_the_page() -> None:
    html = pictures_html([Image(PNG), Image(PNG)])
    assert 'alt="image 1 of 2 by the model"' in html
    assert 'alt="image 2 of 2 by the model"' in html
    assert html.count("max-width:100%") == 2


def test_one_of_a_series_is_counted_on() -> None:
    assert 'alt="image 3 by the model"' in pictures_html([Image(PNG)], first=2)
    assert 'alt="image 3 of 4 by the model"' in pictures_html([Image(PNG)], first=2, of=4)


@pytest.mark.parametrize("data", [b"", b"<svg onload=x>", b"%PDF-1.4", b"RIFF1234WAVE", b"<html>", b"\x89PN"])
def test_sec_02_what_is_no_image_is_told_of(data: bytes) -> None:
    assert kind_of(data) == ""
    html = pictures_html([Image(data, "image/svg+xml\"><script>'")])
    assert not {"img", "script"} & set(read(html).tags)
    assert f"{len(data):,} bytes" in text_of(html)
    assert "reply.images[0].data" in text_of(html)


def test_what_is_too_large_is_told_of() -> None:
    text = text_of(pictures_html([Image(PNG), Image(PNG + b"x" * 10_000_000)]))
    assert "image 2: image/png, 10,000,028 bytes, too large" in text
    assert "reply.images[1].data" in text


def test_many_images_are_bounded_together() -> None:
    large = Image(PNG + b"x" * 8_000_000)
    assert pictures_html([large] * 10).count("<img") == 3
    many = pictures_html([Image(PNG)] * 60)
    assert many.count("<img") == 50
    assert "10 more images" in text_of(many)


def test_without_images_there_is_nothing() -> None:
    assert pictures_html([]) == ""
