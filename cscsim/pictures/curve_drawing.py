"""The photon transfer curves of a sensor as PNG: sixteen small ones with what the fit leaves, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from cscsim.pictures.canvas import BLUE, GREY, INK, ORANGE, VERMILLION, draw, tidy, write_lines
from cscsim.pictures.curves import Truth, curve_lines
from cscsim.pictures.shots import Shot

if TYPE_CHECKING:
    from csc.ocps.photon_transfer import CurvePicture, TransferCurve

__all__ = ["draw_curve"]

_SIZE = (15.0, 11.0)
_ROWS = _COLUMNS = 4
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.05, 0.985, 0.895, 0.335
_THOUSAND = 1000.0
_WITHIN = 0.05
"""Residuals that are shown: what is further off lies at the edge."""
_UNITS = (
    "gain [electron/adu], noise of the fit and of the overscan [electron], a00 [1e-6 / electron],\n"
    "turn-off: highest mean that the fit uses [adu], pairs: how many it uses"
)
_TRUE_UNITS = (
    "gain [electron/adu], noise of the fit and of the overscan [electron], true: what the pixels were made with,\n"
    "turn-off: highest mean that the fit uses [adu], full: where the response ends [adu], pairs: how many the fit uses"
)


def draw_curve(
    curve: TransferCurve, flats: Sequence[Shot], sensor: str, truth: Mapping[str, Truth] | None = None
) -> bytes:
    """Draw the curves of all amplifiers.

    Parameters
    ----------
    sensor
        Its name, for the title.
    truth
        What is true of each amplifier, for those who may know it.

    Returns
    -------
    bytes
        PNG.
    """

    def paint(figure: Figure) -> None:
        first, last = flats[0], flats[-1]
        light = " ~ ".join(each for each in (first.filter, first.grating) if each)
        times = [pair.value for pair in curve.pairs]
        words = [
            f"{first.name} to {last.seq_num:06d}",
            f"{len(curve.pairs)} pairs, {min(times):g} to {max(times):g} s",
            *([f"{len(curve.single)} flats without a partner"] if curve.single else []),
            f"fit {curve.fit_type}, overscan subtracted",
        ]
        figure.text(
            _LEFT, 0.972, f"Photon transfer curve   {sensor}   {light}", fontsize=15, fontweight="bold", va="center"
        )
        figure.text(_LEFT, 0.945, "  ·  ".join(words), fontsize=10.5, va="center")
        _explain(figure, knows_truth=truth is not None)
        wide, high = (_RIGHT - _LEFT) / _COLUMNS, (_TOP - _BOTTOM) / _ROWS
        for place, name in enumerate(curve.pictures):
            row, column = divmod(place, _COLUMNS)
            left, bottom = _LEFT + column * wide, _TOP - (row + 1) * high
            upper = figure.add_axes((left, bottom + 0.36 * high, 0.86 * wide, 0.50 * high))
            lower = figure.add_axes((left, bottom + 0.10 * high, 0.86 * wide, 0.22 * high))
            _draw_one(upper, curve.pictures[name], truth[name] if truth is not None else None)
            _draw_residuals(lower, curve.pictures[name])
            upper.sharex(lower)
            upper.tick_params(labelbottom=False)
            if column == 0:
                upper.set_ylabel("variance\n[1000 adu²]", fontsize=8)
                lower.set_ylabel("off [%]", fontsize=8)
            if row == _ROWS - 1:
                lower.set_xlabel("mean [1000 adu]", fontsize=8)
        units = _UNITS if truth is None else _TRUE_UNITS
        write_lines(figure, _LEFT, 0.305, curve_lines(curve, truth), step=0.0155, fontsize=8.6, below=units)
        _draw_gains(figure.add_axes((0.58, 0.07, _RIGHT - 0.58, 0.215)), curve, truth)

    return draw(_SIZE, paint)


def _draw_one(axes: Axes, one: CurvePicture, truth: Truth | None) -> None:
    means, variances = one.means / _THOUSAND, one.variances / _THOUSAND
    axes.plot(one.fit_means / _THOUSAND, one.poisson_variances / _THOUSAND, color=GREY, linestyle=":", linewidth=1.0)
    axes.plot(one.fit_means / _THOUSAND, one.fit_variances / _THOUSAND, color=ORANGE, linewidth=1.2)
    axes.plot(means[one.used], variances[one.used], "o", color=BLUE, markersize=2.6)
    axes.plot(means[~one.used], variances[~one.used], "x", color=VERMILLION, markersize=3.6)
    if np.isfinite(one.turnoff):
        axes.axvline(one.turnoff / _THOUSAND, color=BLUE, linewidth=0.7)
    if truth is not None:
        axes.axvline(truth.full / _THOUSAND, color=INK, linewidth=0.7, linestyle="--")
    axes.set_title(one.amplifier, loc="left", fontsize=9, pad=2.0, fontweight="bold")
    axes.tick_params(labelsize=7.5)
    tidy(axes)


def _draw_residuals(axes: Axes, one: CurvePicture) -> None:
    residuals = np.clip(one.residuals, -_WITHIN, _WITHIN)
    means = one.means / _THOUSAND
    axes.axhline(0.0, color=ORANGE, linewidth=0.9)
    axes.plot(means[one.used], residuals[one.used], "o", color=BLUE, markersize=2.2)
    axes.plot(means[~one.used], residuals[~one.used], "x", color=VERMILLION, markersize=3.2, clip_on=False)
    axes.set_ylim(-_WITHIN, _WITHIN)
    axes.set_yticks((-_WITHIN, 0.0, _WITHIN))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
    axes.tick_params(labelsize=7.5)
    tidy(axes)


def _explain(figure: Figure, *, knows_truth: bool) -> None:
    lines = [
        Line2D([], [], color=BLUE, marker="o", linestyle="", markersize=4, label="pair of flats used"),
        Line2D([], [], color=VERMILLION, marker="x", linestyle="", markersize=5, label="not used"),
        Line2D([], [], color=ORANGE, label="fit"),
        Line2D([], [], color=GREY, linestyle=":", label="if charge did not repel charge"),
        Line2D([], [], color=BLUE, linewidth=0.8, label="turn-off"),
    ]
    if knows_truth:
        lines.append(Line2D([], [], color=INK, linewidth=0.8, linestyle="--", label="where the response ends"))
    place = (_LEFT - 0.004, 0.917)
    figure.legend(handles=lines, loc="center left", bbox_to_anchor=place, ncols=len(lines), borderaxespad=0.0)


def _draw_gains(axes: Axes, curve: TransferCurve, truth: Mapping[str, Truth] | None) -> None:
    """Draw the gain of each amplifier beside the nominal one: what is off shows at once."""
    places = np.arange(len(curve.curves))
    gains = [one.gain for one in curve.curves.values()]
    errors = [one.gain_err for one in curve.curves.values()]
    nominal = list(curve.nominal.values())
    axes.hlines(nominal, places - 0.35, places + 0.35, color=ORANGE, linewidth=1.6, label="nominal")
    axes.errorbar(places, gains, errors, fmt="o", color=BLUE, markersize=4, elinewidth=1.0, label="measured")
    if truth is not None:
        true = [truth[name].gain for name in curve.curves]
        axes.plot(places, true, "_", color=INK, markersize=14, markeredgewidth=1.2, label="true")
    axes.set_xticks(places, list(curve.curves), rotation=90, fontsize=8.5)
    axes.set_ylabel("gain [electron/adu]")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.0)
    tidy(axes)
