"""Ratings with their intervals as a picture (SVG), and as lines of text for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.show.ranked import interval_words, rating_words, scale_letter
from byom_magics.show.tables import text_width

if TYPE_CHECKING:
    from byom_magics.show.ranked import Ranked, Ranking

__all__ = ["plot", "plot_plain"]

_FONT = 'font-family="system-ui,sans-serif" font-size="13"'
# A picture cannot read the colours of the page, light or dark, so it brings its own ground.
_GROUND, _INK, _FAINT, _MARK = "#ffffff", "#1f2328", "#d0d7de", "#0b57d0"
_ROW, _TOP, _BOTTOM = 30, 58, 52
_LETTER = 7.6  # pixels that a letter takes, about
_AXIS = 440
_RIGHT = 150
_LONGEST_LABEL = 40
_MOST_ROWS = 200
_LEAST_SPAN = 100.0
_COLUMNS = 48


@dataclass(frozen=True)
class _Scale:
    """From points to places."""

    low: float
    high: float
    start: float
    length: float

    def at(self, points: float) -> float:
        return self.start + (points - self.low) / (self.high - self.low) * self.length


def plot(ranking: Ranking) -> str:
    """
    Draw ratings with their intervals, one row a model.

    A bar with end strokes is an interval, an arrow an end that no vote limits, a dot the rating.

    Args:
        ranking: The models; their labels may come from anywhere.
    """
    rows = _rows(ranking)
    left = 24 + _LETTER * max([12, *(text_width(words) for _, words in rows)])
    width, height = left + _AXIS + _RIGHT, _TOP + _ROW * len(rows) + _BOTTOM
    scale = _Scale(*_span(rows), left, _AXIS)
    title = f"Ratings with {ranking.confidence * 100:.4g}% intervals"
    size = f'width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" {size} {_FONT}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_told(rows))}</desc>',
        f'<rect width="{width:.0f}" height="{height}" rx="6" fill="{_GROUND}" stroke="{_FAINT}"/>',
        f'<text x="16" y="26" font-size="15" font-weight="600" fill="{_INK}">{escape(title)}</text>',
        *_grid(scale, height),
    ]
    for number, (each, words) in enumerate(rows):
        parts += _row(each, words, scale, _TOP + _ROW * number + _ROW / 2)
    parts.append(
        f'<text x="{left + _AXIS / 2:.0f}" y="{height - 12}" text-anchor="middle" fill="{_INK}">'
        "points: mean 1,000; 400 more are odds of ten to one</text>"
    )
    return "\n".join([*parts, "</svg>"])


def plot_plain(ranking: Ranking) -> str:
    """Draw the same with letters: ``├──●──┤`` is an interval with its rating, an arrow an end that no vote limits."""
    rows = _rows(ranking)
    low, high = _span(rows)
    scale = _Scale(low, high, 0, _COLUMNS - 1)
    widest = max([0, *(text_width(words) for each, words in rows if each)])
    lines = []
    for each, words in rows:
        padded = words + " " * (widest - text_width(words))
        lines.append(f"{padded}  {_line(each, scale)}  {rating_words(each)}".rstrip() if each else words)
    ends = f"{low:,.0f}", f"{high:,.0f}"
    axis = f"{ends[0]}{' ' * (_COLUMNS - len(ends[0]) - len(ends[1]))}{ends[1]}"
    return "\n".join([*lines, f"{' ' * widest}  {axis}"])


def _rows(ranking: Ranking) -> list[tuple[Ranked | None, str]]:
    """What stands in each row: a model with its label, or a line over models that are rated for themselves."""
    shown = list(ranking.standings)[:_MOST_ROWS]
    groups = len({each.group for each in shown})
    numbered = {(each.group, each.scale) for each in shown if each.rating is not None}
    before: list[str] = []
    rows: list[tuple[Ranked | None, str]] = []
    for each in shown:
        scales = sorted(scale for group, scale in numbered if group == each.group)
        title = [f"Group {each.group + 1} of {groups}"] if groups > 1 else []
        title += [f"scale {scale_letter(each, scales)}"] if len(scales) > 1 and each.rating is not None else []
        if title and title != before:
            rows.append((None, ", ".join(title)))
        before = title
        rows.append((each, one_line(each.label, _LONGEST_LABEL)))
    return rows


def _span(rows: Sequence[tuple[Ranked | None, str]]) -> tuple[float, float]:
    """The range of points that is drawn, on round numbers."""
    ends = [end for each, _ in rows if each for end in (each.rating, each.rating_low, each.rating_high)]
    known = [end for end in ends if end is not None and math.isfinite(end)] or [1000.0]
    low, high = min(known), max(known)
    spare = max(0.06 * (high - low), (_LEAST_SPAN - (high - low)) / 2)
    step = _step(high - low + 2 * spare)
    return math.floor((low - spare) / step) * step, math.ceil((high + spare) / step) * step


def _step(span: float) -> float:
    """A round distance that goes 4 to 10 times into a range."""
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next((part * power for part in (5, 2.5, 2, 1) if part * power <= span / 4), power)


def _grid(scale: _Scale, height: int) -> list[str]:
    parts = []
    step = _step(scale.high - scale.low)
    for number in range(round((scale.high - scale.low) / step) + 1):
        points = scale.low + number * step
        x = scale.at(points)
        parts.append(
            f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - _BOTTOM + 4}" stroke="{_FAINT}"/>'
            f'<text x="{x:.1f}" y="{height - _BOTTOM + 20}" text-anchor="middle" font-size="12" fill="{_INK}">'
            f"{points:,.0f}</text>"
        )
    return parts


def _row(one: Ranked | None, label: str, scale: _Scale, y: float) -> list[str]:
    left, right = scale.start, scale.start + scale.length
    if one is None:
        return [f'<text x="16" y="{y + 8:.1f}" font-size="12" font-weight="600" fill="{_INK}">{escape(label)}</text>']
    parts = [f'<text x="{left - 12:.1f}" y="{y + 4.5:.1f}" text-anchor="end" fill="{_INK}">{escape(label)}</text>']
    if one.rating is None:
        words = escape(one_line(one.place, _LONGEST_LABEL))
        parts.append(
            f'<text x="{(left + right) / 2:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" font-style="italic" '
            f'fill="{_INK}">no number: {words}</text>'
        )
        return parts
    if one.rating_low is not None and one.rating_high is not None:
        start, start_mark = _end(one.rating_low, scale, left, y, out=-1)
        stop, stop_mark = _end(one.rating_high, scale, right, y, out=1)
        parts.append(
            f'<path d="M{start:.1f} {y:.1f}H{stop:.1f}{start_mark}{stop_mark}" fill="none" stroke="{_MARK}" '
            'stroke-width="2"/>'
        )
    parts.append(f'<circle cx="{scale.at(one.rating):.1f}" cy="{y:.1f}" r="5" fill="{_MARK}"/>')
    words = f"{rating_words(one)} ({interval_words(one)})" if one.rating_low is not None else rating_words(one)
    parts.append(f'<text x="{right + 12:.1f}" y="{y + 4.5:.1f}" font-size="12" fill="{_INK}">{escape(words)}</text>')
    return parts


def _end(points: float, scale: _Scale, edge: float, y: float, *, out: int) -> tuple[float, str]:
    """Where a bar ends, and how: a stroke across, or an arrow at the edge of the picture."""
    if math.isinf(points):
        back = edge - out * 7
        return edge, f"M{back:.1f} {y - 5:.1f}L{edge:.1f} {y:.1f}L{back:.1f} {y + 5:.1f}"
    x = scale.at(points)
    return x, f"M{x:.1f} {y - 6:.1f}V{y + 6:.1f}"


def _line(one: Ranked, scale: _Scale) -> str:
    if one.rating is None:
        return f"{'no number':^{_COLUMNS}}"
    letters = [" "] * _COLUMNS
    if one.rating_low is not None and one.rating_high is not None:
        start = 0 if math.isinf(one.rating_low) else round(scale.at(one.rating_low))
        stop = _COLUMNS - 1 if math.isinf(one.rating_high) else round(scale.at(one.rating_high))
        letters[start : stop + 1] = "─" * (stop + 1 - start)
        letters[start] = "◄" if math.isinf(one.rating_low) else "├"
        letters[stop] = "►" if math.isinf(one.rating_high) else "┤"
    letters[round(scale.at(one.rating))] = "●"
    return "".join(letters)


def _told(rows: Sequence[tuple[Ranked | None, str]]) -> str:
    """The picture in words, for those who do not see it."""
    told = []
    for each, label in rows:
        if each is None:
            told.append(label)
            continue
        words = rating_words(each) if each.rating is not None else f"no number, {one_line(each.place)}"
        interval = "" if each.rating_low is None else f", interval {interval_words(each)}"
        told.append(f"{label}: {words}{interval}")
    return "; ".join(told)
