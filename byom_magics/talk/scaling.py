"""Images in the size that models take: what is larger is made smaller, where the notebook has Pillow loaded."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.talk.image_bytes import dimensions, media_type, size_text

__all__ = ["LARGEST", "LONGEST", "Picture", "of_bytes", "of_pillow"]

LONGEST = 1_568  # pixels of the longer side; services make larger images smaller themselves, or refuse them
LARGEST = 20 * 1024 * 1024  # bytes
_PIXELS = 80_000_000  # decoded, that takes up to a third of a gigabyte
_HEAVY = 4 * 1024 * 1024  # bytes: what has no transparency is sent as JPEG instead
_PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
_QUALITY = 90
_ORIENTATION = 0x0112
_UPRIGHT = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF's orientation: Pillow's transposition that undoes it


@dataclass(frozen=True)
class Picture:
    """An image that can be sent, and how it was changed, in a few words."""

    image: Image
    note: str = ""


def of_bytes(data: bytes, what: str) -> Picture:
    """
    An image file's content, made smaller if it is too large.

    Args:
        data: The bytes of a PNG, JPEG, GIF or WebP image.
        what: What a message calls it.

    Raises:
        OptionError: It is none of these, or too large.
    """
    kind = media_type(data)
    if kind is None:
        hint = "PNG, JPEG, GIF and WebP can be sent; convert it, for example with Pillow"
        raise OptionError(f"{what} is no image that a model takes.", hint=hint)
    if len(data) > LARGEST:
        raise _too_large(what, f"{len(data) / 1024 / 1024:,.0f} MB; at most {LARGEST // 1024 // 1024} MB can be sent")
    size = dimensions(data)
    if size is None or max(size) <= LONGEST:
        return Picture(Image(data, kind))
    _check_pixels(size, what)
    pillow = sys.modules.get("PIL.Image")
    if pillow is None:
        return Picture(Image(data, kind), f"{size_text(size)} pixels as they are; import PIL, and they are scaled down")
    try:
        with pillow.open(io.BytesIO(data)) as opened:
            return of_pillow(opened, what)
    except OSError as problem:
        hint = "open it with Pillow to see what is wrong with it"
        raise OptionError(f"{what} cannot be read as an image: {problem}.", hint=hint) from None


def of_pillow(image: Any, what: str) -> Picture:  # noqa: ANN401 - an image of Pillow's
    """
    An image of Pillow's, made smaller if it is too large: JPEG if it came as one or is heavy, else PNG.

    Args:
        image: A ``PIL.Image.Image``; it is not changed.
        what: What a message calls it.

    Raises:
        OptionError: It is empty or too large.
    """
    like, size = image.format, image.size
    if not all(size):
        raise OptionError(f"{what} has no pixels.", hint="look at its size")
    _check_pixels(size, what)
    image = _upright(image)
    if image.mode not in _PNG_MODES or (image.mode == "P" and max(size) > LONGEST):
        image = image.convert(_mode(image))
    note = ""
    if max(image.size) > LONGEST:
        factor = LONGEST / max(image.size)
        before = size_text(image.size)
        image = image.resize(tuple(max(1, round(side * factor)) for side in image.size))
        note = f"scaled from {before} to {size_text(image.size)} pixels"
    if like == "JPEG" and image.mode in ("L", "RGB"):
        return Picture(_saved(image, "JPEG"), note)
    saved = _saved(image, "PNG")
    if len(saved.data) > _HEAVY and image.mode in ("L", "RGB"):
        return Picture(_saved(image, "JPEG"), f"{note}, as JPEG" if note else "as JPEG")
    return Picture(saved, note)


def _upright(image: Any) -> Any:  # noqa: ANN401 - an image of Pillow's
    """The image as it is to be seen: a new file does not say which way a camera was held."""
    how = _UPRIGHT.get(image.getexif().get(_ORIENTATION))
    return image if how is None else image.transpose(how)


def _mode(image: Any) -> str:  # noqa: ANN401 - an image of Pillow's
    if image.mode in ("F", "I", "I;16B", "I;16L"):
        return "L"
    if image.mode == "La":
        return "LA"
    return "RGBA" if image.mode in ("PA", "RGBa") or "transparency" in image.info else "RGB"


def _saved(image: Any, form: str) -> Image:  # noqa: ANN401 - an image of Pillow's
    file = io.BytesIO()
    image.save(file, form, **({"quality": _QUALITY} if form == "JPEG" else {}))
    return Image(file.getvalue(), f"image/{form.lower()}")


def _check_pixels(size: tuple[int, int], what: str) -> None:
    if size[0] * size[1] > _PIXELS:
        raise _too_large(what, f"{size_text(size)} pixels; at most {_PIXELS:,} in all can be sent")


def _too_large(what: str, why: str) -> OptionError:
    return OptionError(f"{what} is too large: {why}.", hint="make it smaller, or send a part of it")
