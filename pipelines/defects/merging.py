"""One table of defects from what many frames show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.defects.boxes import Defects

__all__ = ["MERGES", "MergeSettings", "merge_defects"]

Bad = NDArray[np.bool_]

MERGES: Mapping[str, Callable[[NDArray[np.uint16], int, float], Bad]] = {
    "FRACTION": lambda counts, frames, fraction: counts > fraction * frames,
    "AND": lambda counts, frames, fraction: counts == frames,
    "OR": lambda counts, frames, fraction: counts > 0,
}
"""When a pixel is a defect: by the frames that have it, all frames, and the fraction that must be exceeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSettings:
    """How frames of one kind vote.

    Attributes
    ----------
    combination
        One of `MERGES`.
    fraction
        Of the frames, which ``FRACTION`` must exceed.
    edge
        Width of the frame around the sensor that is a defect in any case [pixels]. LATISS' combined images: 5.

    References
    ----------
    lsst/cp_pipe: python/lsst/cp/pipe/defects.py, MergeDefects
    """

    combination: str = "FRACTION"
    fraction: float = 0.7
    edge: int = 0


def merge_defects(frames: Iterable[tuple[str, Bad]], settings: MergeSettings | None = None) -> Defects:
    """Return the defects that frames agree on: within a kind of frame they vote, then every kind counts.

    Parameters
    ----------
    frames
        The kind of each, and its bad pixels, all of one shape; read one by one.

    Raises
    ------
    ValueError
        If there is no frame, shapes differ, or there is no such combination.
    """
    settings = settings or MergeSettings()
    if settings.combination not in MERGES:
        raise ValueError(f"there is no combination {settings.combination}; there is {', '.join(MERGES)}")
    counts: dict[str, NDArray[np.uint16]] = {}
    numbers: dict[str, int] = {}
    for kind, bad in frames:
        known = next(iter(counts.values()), None)
        if known is not None and known.shape != bad.shape:
            raise ValueError(f"defects of frames of different shapes: {known.shape} and {bad.shape}")
        counts[kind] = counts.get(kind, np.zeros(bad.shape, np.uint16)) + bad
        numbers[kind] = numbers.get(kind, 0) + 1
    if not counts:
        raise ValueError("there are no defects to merge: no frame")
    merge = MERGES[settings.combination]
    merged: Bad = np.zeros(next(iter(counts.values())).shape, bool)
    for kind, count in counts.items():
        merged |= merge(count, numbers[kind], settings.fraction)
    if settings.edge:
        inner = slice(settings.edge, -settings.edge)
        frame = np.ones_like(merged)
        frame[inner, inner] = False
        merged |= frame
    return Defects.from_mask(merged)
