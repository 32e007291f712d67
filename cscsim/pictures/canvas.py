"""What all pictures share: the look of a figure, its bytes, and how an image of many pixels is shown.

Figures are made by matplotlib's objects, without a window and without state between two of them. Colours tell the same
to those who see red and green alike.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

__all__ = ["BLUE", "GREY", "INK", "ORANGE", "VERMILLION", "add_colour_bar", "draw", "place", "sampled"]
__all__ += ["show_pixels", "stretch", "tidy", "write_lines"]

INK, GREY = "#222222", "#777777"
BLUE, ORANGE, VERMILLION = "#0072B2", "#E69F00", "#D55E00"
"""Of the palette of Okabe and Ito, https://jfly.uni-koeln.de/color/"""

_MAP = "cividis"
_MONO = "DejaVu Sans Mono"
_LOOK: Mapping[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 10.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "text.color": INK,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "axes.formatter.limits": (-4, 7),
    "axes.formatter.useoffset": False,
}
_SHOWN = 1000  # pixels along a side: more than a figure has
_PERCENTILES = (0.5, 99.5)
_LEAST_SPAN = 1.0
_SAMPLE = 2**20


def draw(size: tuple[float, float], paint: Callable[[Figure], None], *, dpi: int = 100) -> bytes:
    """Return a figure as PNG.

    Parameters
    ----------
    size
        Width and height [inch].
    paint
        Puts everything on the empty figure.
    dpi
        Pixels in an inch.
    """
    with rc_context():
        rcdefaults()
        rcParams.update(_LOOK)
        figure = Figure(figsize=size, dpi=dpi, facecolor="white")
        FigureCanvasAgg(figure)
        paint(figure)
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return file.getvalue()


def stretch(pixels: NDArray[np.float32], *, is_log: bool) -> Normalize:
    """Return how values become colours: all but the lowest and highest half per cent differ.

    A logarithmic stretch begins at 1 adu: what is below has no logarithm worth showing.
    """
    sample = sampled(pixels)
    finite = sample[np.isfinite(sample)]
    low, high = (float(each) for each in np.percentile(finite, _PERCENTILES)) if finite.size else (0.0, 1.0)
    if is_log:
        low = max(low, _LEAST_SPAN)
        return LogNorm(low, max(high, 10.0 * low) if high <= low else high)
    if high - low < _LEAST_SPAN:
        low, high = low - _LEAST_SPAN / 2.0, high + _LEAST_SPAN / 2.0
    return Normalize(low, high)


def sampled(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return every so many-th pixel of an image, about a million of them at most, as a view."""
    step = max(1, math.ceil(math.sqrt(pixels.size / _SAMPLE)))
    return pixels[::step, ::step]


def place(
    box: tuple[float, float, float, float], shape: tuple[int, int], figure: Figure
) -> tuple[float, float, float, float]:
    """Return where an image stands in a box of a figure, at the top left, its pixels square.

    Parameters
    ----------
    box
        Left, bottom, width and height, in parts of the figure.
    shape
        Rows and columns of the image.
    """
    left, bottom, width, height = box
    inches_x, inches_y = figure.get_size_inches()
    rows, columns = shape
    side = min(width * inches_x / columns, height * inches_y / rows)
    wide, high = side * columns / inches_x, side * rows / inches_y
    return left, bottom + height - high, wide, high


def add_colour_bar(figure: Figure, shown: AxesImage, box: tuple[float, float, float, float]) -> None:
    """Say in a box of a figure which colour stands for how much [adu]."""
    axes = figure.add_axes(box)
    bar = figure.colorbar(shown, cax=axes, extend="both")
    for which in (bar.ax.yaxis.set_major_formatter, bar.ax.yaxis.set_minor_formatter):
        which(FuncFormatter(lambda value, _: f"{value:g}"))
    words = "adu, log" if isinstance(shown.norm, LogNorm) else "adu"
    figure.text(box[0], box[1] - 0.01, words, va="top")


def write_lines(
    figure: Figure, left: float, top: float, lines: Sequence[str], *, step: float, fontsize: float, below: str
) -> None:
    """Write a table in signs of one width: its titles, its lines, and `below` what they mean."""
    for number, line in enumerate(lines):
        colour = INK if number else GREY
        figure.text(left, top - number * step, line, color=colour, family=_MONO, fontsize=fontsize, va="top")
    figure.text(left, top - (len(lines) + 0.3) * step, below, fontsize=fontsize, color=GREY, va="top")


def tidy(axes: Axes) -> None:
    """Leave of the frame of a plot what is read, and draw a faint grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)


def show_pixels(axes: Axes, pixels: NDArray[np.float32], saturated: NDArray[np.bool_], norm: Normalize) -> AxesImage:
    """Show an image on axes that count its pixels, row 0 at the bottom; what is saturated stands out.

    An image with more pixels than a figure shows the mean of several; one saturated pixel of them is enough to stand
    out.
    """
    rows, columns = pixels.shape
    step = max(1, math.ceil(max(rows, columns) / _SHOWN))
    extent = (0.0, float(columns), 0.0, float(rows))
    values = np.maximum(_blocks(pixels, step).mean(axis=(1, 3)), -math.inf if norm.vmin is None else norm.vmin)
    shown = axes.imshow(values, cmap=_MAP, norm=norm, origin="lower", extent=extent, interpolation="nearest")
    if saturated.any():
        flags = _blocks(saturated, step).any(axis=(1, 3)).astype(np.float32)
        red = np.zeros((*flags.shape, 4), np.float32)
        red[..., :3] = [int(VERMILLION[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
        red[..., 3] = flags
        axes.imshow(red, origin="lower", extent=extent, interpolation="nearest")
    axes.set_aspect("equal")
    return shown


def _blocks(pixels: NDArray[Any], step: int) -> NDArray[Any]:
    """Return square blocks of pixels, shape (rows, step, columns, step); what does not fill one is left out."""
    rows, columns = pixels.shape[0] // step, pixels.shape[1] // step
    return pixels[: rows * step, : columns * step].reshape(rows, step, columns, step)
