from __future__ import annotations

import io

import pytest
from PIL import Image

from byom_magics.talk.png import png


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_a_png_holds_the_pixels_that_it_was_given(channels: int, mode: str) -> None:
    pixels = bytes(range(3 * 2 * channels))
    with Image.open(io.BytesIO(png(pixels, 3, 2, channels))) as image:
        assert (image.format, image.mode, image.size, image.tobytes()) == ("PNG", mode, (3, 2), pixels)
