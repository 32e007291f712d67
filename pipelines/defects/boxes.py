"""Bad parts of a sensor, as boxes of pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Detector, amplifier_box

__all__ = ["Box", "Defects", "amplifier_defects"]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A box of pixels: its lower left corner, and its size."""

    x0: int
    y0: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Defects:
    """The bad parts of one sensor."""

    boxes: tuple[Box, ...] = ()

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return which pixels of an image of `shape` (rows, columns) are bad; what lies outside is nothing."""
        bad = np.zeros(shape, bool)
        for box in self.boxes:
            rows = slice(max(box.y0, 0), max(box.y0 + box.height, 0))
            bad[rows, max(box.x0, 0) : max(box.x0 + box.width, 0)] = True
        return bad

    @classmethod
    def from_mask(cls, bad: NDArray[np.bool_]) -> Defects:
        """Return boxes that cover exactly the pixels of `bad`, shape (rows, columns).

        Runs of bad pixels in a column are as high as they can be; equal runs in neighbouring columns are one box.

        Examples
        --------
        >>> Defects.from_mask(np.array([[False, True, True], [False, True, True]])).boxes
        (Box(x0=1, y0=0, width=2, height=2),)
        """
        columns, starts, stops = _runs(bad)
        boxes: list[Box] = []
        open_boxes: dict[tuple[int, int], Box] = {}
        for column, start, stop in zip(columns.tolist(), starts.tolist(), stops.tolist(), strict=True):
            before = open_boxes.get((start, stop))
            if before is not None and before.x0 + before.width == column:
                open_boxes[start, stop] = Box(before.x0, start, before.width + 1, stop - start)
                continue
            if before is not None:
                boxes.append(before)
            open_boxes[start, stop] = Box(column, start, 1, stop - start)
        return cls(boxes=tuple(sorted([*boxes, *open_boxes.values()])))

    def as_dict(self) -> dict[str, Any]:
        """Return the table of boxes as plain types."""
        return {"boxes": [asdict(box) for box in self.boxes]}

    @classmethod
    def from_dict(cls, data: object) -> Defects:
        """Return the defects that `as_dict` wrote down.

        Raises
        ------
        ValueError
            If it is not such a table.
        """
        rows = data.get("boxes") if isinstance(data, Mapping) else None
        if not isinstance(rows, Iterable) or isinstance(rows, str):
            raise ValueError(f"defects are a mapping with a list of boxes, not {type(data).__name__}")
        return cls(boxes=tuple(_box(number, row) for number, row in enumerate(rows)))


def amplifier_defects(detector: Detector, shape: tuple[int, int], amplifiers: Iterable[str]) -> Defects:
    """Return defects that cover whole amplifiers of an image of `shape`.

    Raises
    ------
    ValueError
        If the detector has no such amplifier.
    """
    boxes = []
    for name in amplifiers:
        if name not in detector.amplifiers:
            raise ValueError(f"{detector.name} has no amplifier {name}; it has {', '.join(detector.amplifiers)}")
        rows, columns = amplifier_box(detector.amplifiers[name], shape)
        boxes.append(Box(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start))
    return Defects(boxes=tuple(boxes))


def _box(number: int, row: Any) -> Box:
    names = Box.__slots__
    if not isinstance(row, Mapping) or set(row) != set(names):
        raise ValueError(f"box {number} of the defects: expected {', '.join(names)}, found {row!r}")
    values = [row[name] for name in names]
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise ValueError(f"box {number} of the defects: its values are whole pixels, not {row!r}")
    box = Box(*values)
    if box.width < 1 or box.height < 1:
        raise ValueError(
            f"box {number} of the defects: width and height are at least 1, not {box.width} x {box.height}"
        )
    return box


def _runs(bad: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return column, first row and row after the last of each run of bad pixels, column by column."""
    padded = np.zeros((bad.shape[1], bad.shape[0] + 2), np.int8)
    padded[:, 1:-1] = bad.T
    steps = np.diff(padded, axis=1)
    columns, starts = np.nonzero(steps == 1)
    _, stops = np.nonzero(steps == -1)
    return columns, starts, stops
