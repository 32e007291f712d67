"""What stands beside an image: its title, and the figures of its amplifiers in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cscsim.pictures.shots import Shot
from cscsim.style import counts

if TYPE_CHECKING:
    from csc.ocps.developing import AmplifierFigures, Developed

__all__ = ["COLUMNS", "as_json", "lines_of", "raft_lines", "subtitle", "table_lines", "title"]

COLUMNS: Mapping[str, Callable[[AmplifierFigures], str]] = {
    "amp": lambda one: one.name,
    "mean": lambda one: f"{one.mean:.1f}",
    "scatter": lambda one: f"{one.scatter:.1f}",
    "overscan": lambda one: f"{one.level:.0f}",
    "noise": lambda one: f"{one.noise:.2f}",
    "noise e-": lambda one: f"{one.noise_electrons:.2f}",
    "nominal": lambda one: f"{one.nominal_noise:.1f}",
    "gain": lambda one: f"{one.gain:.3f}",
    "sat. %": lambda one: f"{100.0 * one.saturated:.3g}" if one.saturated else "",
}
"""Title of each column, and what it says of an amplifier: adu, but for `noise e-`, `nominal` and `gain`."""


def title(shot: Shot, image: Developed | None = None) -> str:
    """Say which image it is, and what of; also of which sensor, if it is one of several."""
    sensor = f"{image.name} (detector {image.detector})" if image is not None and len(shot.detectors) > 1 else ""
    light = " ~ ".join(each for each in (shot.filter, shot.grating) if each)
    return "   ".join(part for part in (shot.name, shot.image_type, light, f"{shot.exposure_time:g} s", sensor) if part)


def subtitle(shot: Shot, image: Developed) -> str:
    """Say what it shows, what it was for, and how it was made ready."""
    level = "" if shot.counts is None else f"{counts(shot.counts)} adu{', saturated' if shot.saturated else ''}"
    purpose = " ".join(part for part in (shot.program, shot.reason) if part)
    rows, columns = image.shape
    subtracted = " and ".join(["overscan", *(kind for kind in image.calibrations if kind != "flat")])
    divided = ", divided by the flat" if "flat" in image.calibrations else ""
    made = "as read out" if image.is_raw else f"{subtracted} subtracted{divided}"
    parts = (level, purpose, f"{shot.time.replace('T', ' ')} TAI", made, f"{columns}×{rows} pixels")
    return "  ·  ".join(part for part in parts if part)


def table_lines(amplifiers: Sequence[AmplifierFigures]) -> list[str]:
    """Return the lines of a table, its titles first, in signs of one width; a column that says nothing is left out."""
    columns = [[name, *(tell(each) for each in amplifiers)] for name, tell in COLUMNS.items()]
    return lines_of([column for column in columns if any(column[1:])])


def raft_lines(images: Sequence[Developed]) -> list[str]:
    """Return the lines of a table of sensors, its titles first."""
    columns = [["sensor"], ["mean"], ["least"], ["greatest"], ["noise"], ["sat. %"]]
    for image in images:
        means = [one.mean for one in image.amplifiers]
        count = len(means)
        saturated = sum(one.saturated for one in image.amplifiers) / count
        cells = (
            image.name,
            f"{sum(means) / count:.1f}",
            f"{min(means):.1f}",
            f"{max(means):.1f}",
            f"{sum(one.noise_electrons for one in image.amplifiers) / count:.2f}",
            f"{100.0 * saturated:.3g}" if saturated else "",
        )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return lines_of([column for column in columns if any(column[1:])])


def lines_of(columns: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table of columns, each its title and its cells."""
    padded = [[cell.rjust(max(map(len, column))) for cell in column] for column in columns]
    return ["  ".join(line) for line in zip(*padded, strict=True)]


def as_json(shot: Shot, images: Sequence[Developed]) -> dict[str, Any]:
    """Return the image and the figures of every amplifier as plain data."""
    return {
        **shot.as_json(),
        "detectors": [
            {"detector": image.detector, "name": image.name, "amplifiers": [_figures(one) for one in image.amplifiers]}
            for image in images
        ],
    }


def _figures(one: AmplifierFigures) -> dict[str, Any]:
    return {
        "name": one.name,
        "mean_adu": round(one.mean, 3),
        "scatter_adu": round(one.scatter, 3),
        "overscan_adu": round(one.level, 3),
        "noise_adu": round(one.noise, 4),
        "noise_electron": round(one.noise_electrons, 4),
        "nominal_noise_electron": one.nominal_noise,
        "nominal_gain": one.gain,
        "saturated_part": round(one.saturated, 6),
    }
