"""Arrays of numpy: their shape, type and range, and as many of their values as fit."""

from __future__ import annotations

import sys
from typing import Any

from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.lineage import kind_of, lineage

__all__ = ["array", "is_array"]

_WHOLE = 1_000  # elements that are all shown
_MEASURED = 50_000_000  # elements that are gone through for their range, which takes about a second
_LINE = 120


def is_array(value: object) -> bool:
    """Whether this is an array of numpy."""
    return "numpy.ndarray" in lineage(value) and "numpy" in sys.modules


def array(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - an array
    """
    The array in words and numbers.

    Args:
        value: One that `is_array`.
        limit: How many characters may be sent.
    """
    numpy = sys.modules["numpy"]
    kind = "array" if kind_of(value) == "ndarray" else kind_of(value)
    told = f"{kind} of shape {tuple(map(int, value.shape))}, {value.dtype}"
    measured = _range(value, numpy)
    head = f"{told}{f'; {measured}' if measured else ''}.\n"
    edge = 3 if value.ndim > 1 else 20
    with numpy.printoptions(threshold=_WHOLE, edgeitems=edge, linewidth=_LINE):
        text = str(value)
    text, missing = cut_end(text, limit)
    cut = bool(missing) or value.size > _WHOLE
    note = f"some of {value.size:,} values" if cut else ""
    return Rendered("array", (Text(f"{head}{text}"),), note=note, cut=cut, block=True)


def _range(value: Any, numpy: Any) -> str:  # noqa: ANN401 - an array, and its package
    """The smallest and the largest value, and the mean where there is one; empty where that means nothing."""
    if value.dtype.kind not in "biuf" or not 0 < value.size <= _MEASURED:
        return ""
    values = value.compressed() if "numpy.MaskedArray" in lineage(value) else numpy.asarray(value).ravel()
    total = values.size
    if value.dtype.kind == "f":
        values = values[numpy.isfinite(values)]
    if not values.size:
        return "no finite values" if total else "all masked"
    with numpy.errstate(all="ignore"):
        mean = float(values.mean(dtype="float64"))
    lost = total - values.size
    odd = f", {lost:,} NaN or infinite" if lost else ""
    low, high = (f"{each:.6g}" if value.dtype.kind == "f" else str(each) for each in (values.min(), values.max()))
    return f"min {low}, max {high}, mean {mean:.6g}{odd}"
