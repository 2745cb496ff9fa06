"""Images that a model makes: what is one, what is none, and that nothing is fetched."""

from __future__ import annotations

import pytest

from byom_magics.events import Event, ImageMade
from byom_magics.messages import Image
from byom_magics.wire.dialects.made_images import MadeImages
from tests.wire.dialects.dots import GIF, JPEG, PNG, WEBP, address, encoded


def taken(*said: object) -> tuple[list[Image], tuple[str, ...]]:
    """The images that come of these, and what is warned of."""
    images, out = MadeImages(), list[Event]()
    for each in said:
        images.take(each, out)
    found = [event.image for event in out if isinstance(event, ImageMade)]
    assert len(found) == len(out) == images.count
    return found, images.warnings()


@pytest.mark.parametrize(
    ("data", "kind"), [(PNG, "image/png"), (GIF, "image/gif"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
def test_an_image_is_what_its_bytes_begin_as_whatever_it_is_called(data: bytes, kind: str) -> None:
    for said in (
        encoded(data),
        address(data, "image/png"),
        address(data, "text/html"),
        f"DATA:;base64,{encoded(data)}",
    ):
        assert taken(said) == ([Image(data, kind)], ())


def test_base64_may_be_broken_into_lines() -> None:
    halves = encoded(PNG)[:40], encoded(PNG)[40:]
    assert taken("\r\n".join(halves))[0] == [Image(PNG)]


def test_an_image_that_comes_twice_is_one() -> None:
    assert taken(encoded(PNG), address(PNG), encoded(GIF))[0] == [Image(PNG), Image(GIF, "image/gif")]


@pytest.mark.parametrize(
    "said",
    [
        encoded(b"<svg onload='alert(1)'/>"),
        encoded(b"<html>"),
        encoded(b"RIFF\x1a\x00\x00\x00WAVEfmt "),
        encoded(b"\x89PNG"),
        "iVBORw0KGgo",
        "…",
        "\ud800",
        "A" * 1001,
    ],
)
def test_what_is_no_image_is_told_and_not_given_out(said: str) -> None:
    found, warnings = taken(said)
    assert found == []
    assert warnings == ("1 image came as something else than a whole PNG, JPEG, GIF or WebP, not shown",)


def test_an_address_is_named_and_never_fetched() -> None:
    found, warnings = taken("https://images.test/a.png", "http://images.test/\x1b[31m", "data:image/svg+xml,<svg/>")
    assert found == []
    assert warnings[0] == "an image came as an address, which is not fetched: https://images.test/a.png"
    assert "\x1b" not in "".join(warnings)
    assert "data:image/svg+xml" in warnings[2]


def test_any_number_of_addresses_of_any_length_is_a_few_lines() -> None:
    warnings = taken(*(f"https://images.test/{number}/{'x' * 100_000}" for number in range(1000)))[1]
    assert len(warnings) == 4
    assert len("".join(warnings)) < 2000


@pytest.mark.parametrize("said", [None, "", 7, [], {}, ["https://x"], True])
def test_what_is_no_text_is_nothing(said: object) -> None:
    images = MadeImages()
    assert images.take(said, []) is False
    assert images.warnings() == ()
