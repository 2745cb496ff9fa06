"""Figures, images of several packages and arrays as images that can be sent, none of these packages imported here."""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import sys
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.talk.image_bytes import media_type
from byom_magics.talk.lineage import kind_of, lineage, method
from byom_magics.talk.png import png
from byom_magics.talk.scaling import LONGEST, Picture, of_bytes, of_pillow

__all__ = ["of_array", "picture", "shown_picture"]

_DPI = 150
_LOWEST_DPI = 10
_MARGIN = 0.3  # inches
_HOPS = 5  # from axes over nested subfigures to their figure


def picture(value: Any) -> Picture | None:  # noqa: ANN401 - any value
    """
    The value as an image, if it is one and nothing else; None if it is not.

    Args:
        value: Figures and axes of matplotlib (an array of axes too) and seaborn, images of Pillow, IPython and ours,
            and bytes of image files.

    Raises:
        OptionError: It is an image that cannot be sent.
    """
    types = lineage(value)
    if "byom_magics.Image" in types:
        return Picture(value)
    if issubclass(type(value), (bytes, bytearray, memoryview)):
        start = bytes(value[:16])
        return of_bytes(bytes(value), "The image") if media_type(start) else None
    if "PIL.Image" in types:
        return of_pillow(value, "The image")
    if "IPython.Image" in types:
        return _of_ipython(value)
    figure = _figure(value, types)
    return None if figure is None else _drawn(figure)


def shown_picture(value: Any) -> Picture | None:  # noqa: ANN401 - any value
    """
    The value as the image that it shows itself as in a notebook; None if it does not.

    Raises:
        OptionError: The image is too large.
    """
    for name in ("_repr_png_", "_repr_jpeg_"):
        show = method(value, name)
        shown = None
        if callable(show):
            with contextlib.suppress(Exception):  # it is shown as text then, as it is in the notebook
                shown = show()
        if isinstance(shown, tuple) and shown:
            shown = shown[0]
        data = _unpacked(shown)
        if data is not None and media_type(data):
            return of_bytes(data, f"The image of this {kind_of(value)}")
    if "plotly.BaseFigure" in lineage(value):
        with contextlib.suppress(Exception):  # the package that draws its images is an extra of its own
            return of_bytes(value.to_image(format="png"), "The figure")
    return None


def of_array(value: Any) -> Picture | None:  # noqa: ANN401 - any value
    """
    An array of pixels as an image; None if it is no array.

    Args:
        value: Of numpy, or convertible to it: rows × columns, with 1, 3 or 4 channels as a third dimension; whole
            numbers from 0 to 255, or floating-point ones from 0 to 1.

    Raises:
        OptionError: The array is no image.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if "numpy.ndarray" not in lineage(value):
        if method(value, "__array__") is None or "pandas.NDFrame" in lineage(value):
            return None
        value = numpy.asarray(value)
    shape = tuple(value.shape)
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in (1, 3, 4) or not value.size:
        said = " × ".join(f"{length:,}" for length in shape) or "no dimensions"
        hint = "an image has rows × columns, or rows × columns × 1, 3 or 4 channels; draw other data with matplotlib"
        raise OptionError(f"An array of shape {said} is no image.", hint=hint)
    value = _as_bytes(value)
    step = -(-max(shape[:2]) // LONGEST)
    pillow = sys.modules.get("PIL.Image")
    if step > 1 and pillow is not None:
        mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
        return of_pillow(pillow.frombytes(mode, (shape[1], shape[0]), value.tobytes()), "The array")
    value = value[::step, ::step]
    height, width = value.shape[:2]
    note = f"one in {step} rows and columns" if step > 1 else ""
    return Picture(Image(png(value.tobytes(), width, height, channels)), note)


def _as_bytes(value: Any) -> Any:  # noqa: ANN401 - an array
    kind = value.dtype.kind
    if kind == "b":
        return value.astype("uint8") * 255
    if kind in "iu" and value.min() >= 0 and value.max() <= 255:
        return value.astype("uint8")
    if kind == "f" and value.min() >= 0 and value.max() <= 1:
        return (value * 255).round().astype("uint8")
    what = f"An array of {value.dtype} from {value.min()} to {value.max()} is no image." if kind in "iuf" else ""
    hint = "scale it to whole numbers from 0 to 255 (dtype uint8), or draw it: plt.imshow(array)"
    raise OptionError(what or f"An array of {value.dtype} is no image.", hint=hint)


def _of_ipython(value: Any) -> Picture:  # noqa: ANN401 - an IPython.display.Image
    data = _unpacked(value.data)
    if data is None:
        hint = "make it with Image(filename=…), or Image(url=…, embed=True)"
        raise OptionError("The image holds only an address, and addresses are never fetched.", hint=hint)
    return of_bytes(data, "The image")


def _unpacked(shown: object) -> bytes | None:
    """Bytes as they are, and those that a text has in base64."""
    if isinstance(shown, (bytes, bytearray, memoryview)):
        return bytes(shown)
    if isinstance(shown, str):
        with contextlib.suppress(binascii.Error, ValueError):
            return base64.b64decode(shown)
    return None


def _figure(value: Any, types: frozenset[str]) -> Any:  # noqa: ANN401 - any value, and a figure of matplotlib
    if "numpy.ndarray" in types and value.dtype.kind == "O" and value.size:
        first = value.flat[0]
        return _figure(first, lineage(first)) if "matplotlib.Axes" in lineage(first) else None
    if "seaborn.Grid" in types:
        value = value.figure
    for _ in range(_HOPS):
        types = lineage(value)
        if "matplotlib.Figure" in types:
            return value
        if not types & {"matplotlib.Axes", "matplotlib.SubFigure", "matplotlib._AxesBase"}:
            return None
        value = value.figure
    return None


def _drawn(figure: Any) -> Picture:  # noqa: ANN401 - a figure of matplotlib
    longest = max(figure.get_size_inches())
    box = figure.get_tightbbox()
    # What is drawn far outside of the figure would make a huge picture of it.
    tight = box is not None and max(box.width, box.height) <= 2 * longest
    if tight:
        longest = max(box.width, box.height) + _MARGIN
    dpi = min(_DPI, LONGEST / longest)
    if dpi < _LOWEST_DPI:
        what = f"The figure is too large: {longest:,.0f} inches on its longer side."
        raise OptionError(what, hint="make it smaller: figure.set_size_inches(8, 6)")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight" if tight else None, pad_inches=_MARGIN / 3)
    return of_bytes(file.getvalue(), "The figure")
