"""The archive of images on disk: raw files as the camera writes them, in a repository of a real butler.

A file that cannot be written or ingested is told in one sentence and leaves nothing behind; the run goes on, as at the
observatory.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector.raw_file import raw_name, write_raw
from csc.latiss.detector.sensor import Sensor, latiss_sensor
from pipelines.middleware.ingest import Intake

if TYPE_CHECKING:
    from csc.latiss.images import Exposure
    from csc.observatory import Observatory

__all__ = ["ButlerArchive"]

_KNOWN: Mapping[str, tuple[str, str]] = {
    "dome_azimuth": ("ATDome", "azimuth"),
    "main_door": ("ATDome", "main_door_opening"),
    "dropout_door": ("ATDome", "dropout_door_opening"),
    "mount_azimuth": ("ATMCS", "azimuth"),
    "mount_elevation": ("ATMCS", "elevation"),
    "filter_slot": ("ATSpectrograph", "filter_slot"),
    "grating_slot": ("ATSpectrograph", "grating_slot"),
    "stage_position": ("ATSpectrograph", "stage_position"),
    "ccd_temperature": ("ATCamera", "ccd_temperature"),
    "ccd_set_point": ("ATCamera", "set_point"),
    "humidity": ("ESS:301", "relative_humidity"),
    "wind_speed": ("ESS:301", "wind_speed"),
    "wind_direction": ("ESS:301", "wind_direction"),
}
"""What a header says of the observatory, and whose output it is."""


class ButlerArchive:
    """Writes files, and ingests them.

    Used as a context, so that it is closed at the end.

    Parameters
    ----------
    raws
        Folder of the files, by observing day.
    repository
        Of the butler; made by `pipelines.middleware`.
    scale
        Of the images, 1 is full size.
    """

    def __init__(self, raws: Path, repository: Path, scale: float) -> None:
        self._raws = raws
        self._intake = Intake(repository)
        self._scale = scale
        self._known: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._intake.close()

    def note(self, image: str, observatory: Observatory) -> None:
        """Keep what the components that are there say now."""
        there = observatory.components
        found = {
            name: there[component].output(output) for name, (component, output) in _KNOWN.items() if component in there
        }
        self._known[image] = {name: value for name, value in found.items() if isinstance(value, (int, float, str))}

    def take(self, exposure: Exposure, instrument: str, sensor: str) -> str:
        """Write the file of an exposure and a sensor, and ingest it; return what went wrong."""
        folder, pixels = self._raws / instrument / str(exposure.day_obs), self._sensor(instrument, sensor)
        if (folder / raw_name(exposure, pixels)).exists():
            return f"there is a file {raw_name(exposure, pixels)} already"
        try:
            path = write_raw(exposure, folder, pixels, known=self._known.get(exposure.name))
        except OSError as error:
            return error.strerror or str(error)
        return self._intake.take(path)

    def _sensor(self, instrument: str, name: str) -> Sensor:
        sensors = (latiss_sensor(self._scale),) if instrument == "LATISS" else true_sensors(self._scale)
        return next(sensor for sensor in sensors if sensor.header_name == name)
