"""What is known of an image without its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from csc.latiss.detector import element_name
from csc.latiss.images import exposure_id

__all__ = ["INSTRUMENTS", "Shot"]

INSTRUMENTS = {"AT": "LATISS", "CC": "LSSTComCam"}
"""The camera of an image, by the first letters of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """An image that was taken.

    Attributes
    ----------
    image_type
        In capitals: BIAS, DARK, FLAT, ...
    filter, grating
        As installed; empty if the camera has none.
    exposure_time
        [s]
    counts
        Mean level above the bias [adu]; None if nobody has measured it.
    saturated
        Whether that reached saturation.
    tai
        Beginning of the integration [s since 1970, TAI].
    detectors
        Numbers of the sensors that there are pixels of.
    """

    name: str
    image_type: str
    filter: str
    grating: str
    exposure_time: float
    counts: float | None
    saturated: bool
    reason: str
    program: str
    group_id: str
    tai: float
    detectors: tuple[int, ...]

    @property
    def id(self) -> int:
        """The exposure id."""
        return exposure_id(self.name)

    @property
    def seq_num(self) -> int:
        """Number within the observing day."""
        return int(self.name.rpartition("_")[2])

    @property
    def instrument(self) -> str:
        """Name of the camera in the middleware."""
        return INSTRUMENTS[self.name[:2]]

    @property
    def elements(self) -> tuple[str, ...]:
        """All by which its light may be called: filter, grating unless empty, both as the middleware joins them."""
        filter, grating = element_name(self.filter), element_name(self.grating)
        names = [self.filter, filter] if self.filter else []
        if self.grating:
            names += [] if grating == "empty" else [self.grating]
            names.append(f"{filter}~{grating}")
        return tuple(dict.fromkeys(names))

    @property
    def time(self) -> str:
        """Beginning of the integration, TAI, to the second."""
        moment = datetime.fromtimestamp(0.0, UTC) + timedelta(seconds=self.tai)
        return moment.replace(tzinfo=None).isoformat(timespec="seconds")

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name,
            "id": self.id,
            "instrument": self.instrument,
            "type": self.image_type,
            "filter": self.filter,
            "grating": self.grating,
            "exposure_time": self.exposure_time,
            "counts_adu": None if self.counts is None else round(self.counts, 3),
            "saturated": self.saturated,
            "reason": self.reason,
            "program": self.program,
            "group": self.group_id,
            "time_tai": self.time,
            "detectors": list(self.detectors),
        }
