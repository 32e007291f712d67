"""Plots as SVG text: axes, curves, marks, in the colours of the page around them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Plot"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 18, 14, 48


@dataclass(kw_only=True)
class Plot:
    """One plot; every value is in the units of its axes.

    Attributes
    ----------
    label
        What it shows, for those who do not see it.
    x, y
        First and last value of each axis.
    x_title, y_title
        What stands along them.
    x_ticks, y_ticks
        Where a value stands.
    """

    label: str
    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    width: int = 700
    height: int = 340
    _parts: list[str] = field(default_factory=list)

    def band(self, first: float, last: float, words: str) -> None:
        """Shade a stretch of the horizontal axis."""
        left, right = self._x(first), self._x(last)
        self._parts.append(
            f'<rect class="band" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{self._y_span:.1f}"/>'
        )
        self._parts.append(_text((left + right) / 2, _TOP + 16, words, "middle"))

    def level(self, value: float, words: str) -> None:
        """Draw a horizontal line."""
        y = self._y(value)
        self._parts.append(f'<path class="level" d="M{_LEFT} {y:.1f}H{self.width - _RIGHT}"/>')
        self._parts.append(_text(self.width - _RIGHT - 4, y - 6, words, "end"))

    def curve(self, function: Callable[[float], float], words: str = "", at: float | None = None, n: int = 240) -> None:
        """Draw a function of the horizontal axis, with words beside it at a place."""
        first, last = self.x
        points = [(x, function(x)) for x in (first + (last - first) * i / n for i in range(n + 1))]
        self.line(points)
        if at is not None:
            self._parts.append(_text(self._x(at) + 8, self._y(function(at)) + 4, words, "start"))

    def line(self, points: Iterable[tuple[float, float]]) -> None:
        """Draw a line through points."""
        path = "L".join(f"{self._x(x):.1f} {self._y(y):.1f}" for x, y in points)
        self._parts.append(f'<path class="curve" d="M{path}"/>')

    def bars(self, heights: Iterable[tuple[float, float]], wide: float) -> None:
        """Draw bars, each from where it begins and so high."""
        floor = self._y(self.y[0])
        for x, height in heights:
            left, right, top = self._x(x), self._x(x + wide), self._y(height)
            self._parts.append(
                f'<rect class="bar" x="{left:.1f}" y="{top:.1f}" '
                f'width="{max(right - left - 0.6, 0.6):.1f}" height="{floor - top:.1f}"/>'
            )

    def note(self, x: float, y: float, words: str, anchor: str = "middle") -> None:
        """Write words at a place."""
        self._parts.append(_text(self._x(x), self._y(y), words, anchor))

    def mark(self, x: float, y: float, words: str, anchor: str = "start") -> None:
        """Mark a point, with words beside it."""
        left, top = self._x(x), self._y(y)
        shift = {"start": 9, "end": -9, "middle": 0}[anchor]
        self._parts.append(f'<circle class="mark" cx="{left:.1f}" cy="{top:.1f}" r="4"/>')
        self._parts.append(_text(left + shift, top - (10 if anchor == "middle" else -4), words, anchor))

    def text(self) -> str:
        """Return the whole as an element that stands in a page."""
        right, bottom = self.width - _RIGHT, self.height - _BOTTOM
        axes = [f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>']
        for value in self.x_ticks:
            axes.append(f'<path class="axis" d="M{self._x(value):.1f} {bottom}v5"/>')
            axes.append(_text(self._x(value), bottom + 20, _number(value), "middle"))
        for value in self.y_ticks:
            axes.append(f'<path class="grid" d="M{_LEFT} {self._y(value):.1f}H{right}"/>')
            axes.append(_text(_LEFT - 8, self._y(value) + 4, _number(value), "end"))
        axes.append(_text((_LEFT + right) / 2, self.height - 8, self.x_title, "middle"))
        middle = (_TOP + bottom) / 2
        axes.append(
            f'<text transform="translate(16 {middle:.1f}) rotate(-90)" text-anchor="middle">'
            f"{html.escape(self.y_title)}</text>"
        )
        return (
            f'<svg class="plot" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{html.escape(self.label)}">\n' + "\n".join([*axes, *self._parts]) + "\n</svg>\n"
        )

    @property
    def _y_span(self) -> float:
        return self.height - _BOTTOM - _TOP

    def _x(self, value: float) -> float:
        first, last = self.x
        return _LEFT + (self.width - _RIGHT - _LEFT) * (value - first) / (last - first)

    def _y(self, value: float) -> float:
        first, last = self.y
        return self.height - _BOTTOM - self._y_span * (value - first) / (last - first)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}".replace("-", "−")  # noqa: RUF001
