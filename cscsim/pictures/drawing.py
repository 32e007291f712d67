"""An image of one sensor as PNG: its amplifiers with a colour bar, their figures, a histogram and profiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from cscsim.pictures.canvas import (
    BLUE,
    INK,
    ORANGE,
    add_colour_bar,
    draw,
    place,
    sampled,
    show_pixels,
    stretch,
    tidy,
    write_lines,
)
from cscsim.pictures.shots import Shot
from cscsim.pictures.words import subtitle, table_lines, title

if TYPE_CHECKING:
    from csc.ocps.developing import Developed

__all__ = ["draw_image", "draw_thumbnail", "mark_amplifiers"]

_SIZE = (14.0, 8.6)
_BOX = (0.045, 0.06, 0.49, 0.84)
_BINS = 200
_WIDEST = (0.02, 99.98)
_PROFILE = (1.0, 99.0)
_MARGIN = 0.4
_UNITS = "adu above the overscan; noise e- and nominal [electron], gain nominal [electron/adu]"


def draw_image(shot: Shot, image: Developed, *, is_log: bool = False) -> bytes:
    """Draw an image of a sensor.

    Parameters
    ----------
    is_log
        Whether colours stand for logarithms.

    Returns
    -------
    bytes
        PNG.
    """

    def paint(figure: Figure) -> None:
        figure.text(0.045, 0.965, title(shot, image), fontsize=15, fontweight="bold", va="center")
        figure.text(0.045, 0.93, subtitle(shot, image), fontsize=10.5, color=INK, va="center")
        norm = stretch(image.pixels, is_log=is_log)
        left, bottom, width, height = place(_BOX, image.shape, figure)
        axes = figure.add_axes((left, bottom, width, height))
        shown = show_pixels(axes, image.pixels, image.saturated, norm)
        mark_amplifiers(axes, image)
        axes.set_xlabel("column [pixels]" + ("; vermillion: saturated" if image.saturated.any() else ""))
        axes.set_ylabel("row [pixels]")
        add_colour_bar(figure, shown, (0.545, bottom, 0.014, height))
        lines = table_lines(sorted(image.amplifiers, key=lambda one: one.name))
        write_lines(figure, 0.613, 0.895, lines, step=0.0212, fontsize=8.6, below=_UNITS)
        _draw_histogram(figure.add_axes((0.66, 0.305, 0.32, 0.165)), image)
        _draw_profiles(figure.add_axes((0.66, 0.06, 0.32, 0.165)), image)

    return draw(_SIZE, paint)


def draw_thumbnail(image: Developed, *, side: float = 2.0) -> bytes:
    """Draw only the pixels of an image, to stand in a row of others; `side` [inch], 100 pixels each."""

    def paint(figure: Figure) -> None:
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        show_pixels(axes, image.pixels, image.saturated, stretch(image.pixels, is_log=False))

    return draw((side, side), paint)


def mark_amplifiers(axes: Axes, image: Developed, *, fontsize: float = 9.0) -> None:
    """Draw the borders of the amplifiers, and their names."""
    for one in image.amplifiers:
        rows, columns = one.box
        x, y = (columns.start, columns.stop), (rows.start, rows.stop)
        axes.plot([x[0], x[1], x[1]], [y[0], y[0], y[1]], color="white", linewidth=0.5, alpha=0.6)
        at_edge = y[1] - 0.03 * (y[1] - y[0]) if y[0] else y[0] + 0.03 * (y[1] - y[0])
        axes.text(
            sum(x) / 2.0,
            at_edge,
            one.name,
            color="white",
            fontsize=fontsize,
            ha="center",
            va="top" if y[0] else "bottom",
            path_effects=[withStroke(linewidth=2.0, foreground="black")],
        )
    axes.set_xlim(0, image.pixels.shape[1])
    axes.set_ylim(0, image.pixels.shape[0])


def _draw_histogram(axes: Axes, image: Developed) -> None:
    low, high = (float(each) for each in np.percentile(sampled(image.pixels), _WIDEST))
    width = max(1, math.ceil((high - low) / _BINS))  # whole numbers: pixels are counts
    first, bins = math.floor(low) - 0.5, math.ceil((high - low) / width) + 1
    heights, edges = np.histogram(image.pixels, bins, (first, first + bins * width))
    axes.stairs(heights, edges, color=BLUE, fill=True, alpha=0.85)
    axes.set_yscale("log")
    axes.set_xlabel("adu")
    axes.set_ylabel("pixels")
    axes.set_title("How many pixels have which value", loc="left")
    tidy(axes)


def _draw_profiles(axes: Axes, image: Developed) -> None:
    """Draw the middle of each column in both halves: a gradient or a step between amplifiers shows at once."""
    rows, columns = image.shape
    step = max(1, rows // 1000)
    halves = {
        "upper half": (ORANGE, image.pixels[rows // 2 :: step]),
        "lower half": (BLUE, image.pixels[: rows // 2 : step]),
    }
    medians = {words: (colour, np.median(pixels, axis=0)) for words, (colour, pixels) in halves.items()}
    for words, (colour, values) in medians.items():
        axes.plot(values, color=colour, linewidth=0.8, label=words)
    low, high = np.percentile([values for _, values in medians.values()], _PROFILE)
    room = max(high - low, 1.0) * _MARGIN
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(0, columns)
    axes.set_xlabel("column [pixels]")
    axes.set_ylabel("adu")
    axes.set_title("Median of each column", loc="left")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.02), ncols=2, borderaxespad=0.0)
    tidy(axes)
