"""The images of all sensors of a raft as PNG: side by side as they stand in the focal plane, with one colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cscsim.pictures.canvas import BLUE, add_colour_bar, draw, sampled, show_pixels, stretch, tidy, write_lines
from cscsim.pictures.drawing import mark_amplifiers
from cscsim.pictures.shots import Shot
from cscsim.pictures.words import raft_lines, subtitle, title

if TYPE_CHECKING:
    from csc.ocps.developing import Developed

__all__ = ["draw_mosaic"]

_SIZE = (14.0, 8.6)
_LEFT, _BOTTOM, _WIDTH, _HEIGHT = 0.045, 0.03, 0.52, 0.86
_GAP = 0.006
_TITLE = 0.022
_UNITS = "mean [adu above the overscan] of all amplifiers, of the least\nand of the greatest one; noise [electron]"


def draw_mosaic(shot: Shot, images: Sequence[Developed], *, is_log: bool = False) -> bytes:
    """Draw the images of several sensors.

    Colours mean the same on all of them. The first digit of a sensor's place is its row, from the bottom.

    Returns
    -------
    bytes
        PNG.

    References
    ----------
    lsst/obs_lsst: policy/lsstCam/rafts.yaml (places)
    """

    def paint(figure: Figure) -> None:
        figure.text(_LEFT, 0.965, title(shot), fontsize=15, fontweight="bold", va="center")
        figure.text(_LEFT, 0.93, subtitle(shot, images[0]), fontsize=10.5, va="center")
        norm = stretch(np.concatenate([sampled(image.pixels).ravel() for image in images])[None, :], is_log=is_log)
        wide, high = _WIDTH / 3.0, _HEIGHT / 3.0
        for image in images:
            row, column = int(image.name[-2]), int(image.name[-1])
            left, bottom = _LEFT + column * wide, _BOTTOM + row * high
            axes = figure.add_axes((left, bottom, wide - _GAP, high - _TITLE - _GAP))
            shown = show_pixels(axes, image.pixels, image.saturated, norm)
            mark_amplifiers(axes, image, fontsize=5.5)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_anchor("SW")
            axes.set_title(f"{image.name}  detector {image.detector}", fontsize=9, loc="left", pad=3.0)
        add_colour_bar(figure, shown, (0.575, 0.07, 0.014, 0.80))
        write_lines(figure, 0.65, 0.85, raft_lines(images), step=0.028, fontsize=9.5, below=_UNITS)
        _draw_means(figure.add_axes((0.68, 0.07, 0.30, 0.36)), images)

    return draw(_SIZE, paint)


def _draw_means(axes: Axes, images: Sequence[Developed]) -> None:
    """Draw the mean of each amplifier, a column of points for each sensor: an odd one stands apart."""
    for place, image in enumerate(images):
        means = [one.mean for one in image.amplifiers]
        axes.plot([place] * len(means), means, "o", color=BLUE, markersize=4.0, alpha=0.7)
    axes.set_xticks(range(len(images)), [image.name[-3:] for image in images])
    axes.set_ylabel("adu")
    axes.set_title("Mean of each amplifier", loc="left")
    tidy(axes)
