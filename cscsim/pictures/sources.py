"""Where images come from: the journal of a run, which is run again for their recipes, or raw FITS files.

Pixels are rendered, or read, only when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cscsim.pictures.shots import INSTRUMENTS, Shot
from fsm import AuthorError

if TYPE_CHECKING:
    from csc.latiss.detector.sensor import Sensor
    from csc.latiss.images import Exposure
    from csc.ocps.developing import RawImage

__all__ = ["ImageSource", "Run", "open_source", "sensor_of"]


class ImageSource(Protocol):
    """Images that can be looked at."""

    @property
    def shots(self) -> Sequence[Shot]:
        """What there is, in the order in which it was taken."""

    @property
    def notes(self) -> Sequence[str]:
        """What somebody should know of the source, in sentences."""

    @property
    def has_files(self) -> bool:
        """Whether the pixels have a size of their own: no scale can be asked for, and no file written."""

    def raw(self, shot: Shot, detector: int, scale: float) -> RawImage:
        """Give the pixels of a sensor."""


def open_source(path: Path) -> ImageSource:
    """Open the journal of a run, a folder of raw FITS files, or one of them.

    Raises
    ------
    AuthorError
        If it is none of these, or there are no images in it.
    """
    if path.is_dir() or path.suffix == ".fits":
        from cscsim.pictures.raw_files import RawFiles

        source: ImageSource = RawFiles.find(path)
    else:
        source = replay_images(path)
    if not source.shots:
        raise AuthorError("; ".join(["there is no image in it", *source.notes]), file=str(path))
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The images of a run, as recipes."""

    exposures: tuple[Exposure, ...]
    notes: tuple[str, ...] = ()

    has_files = False

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Return what was taken."""
        return tuple(map(_shot, self.exposures))

    def raw(self, shot: Shot, detector: int, scale: float) -> RawImage:
        """Render the pixels of a sensor."""
        from csc.latiss.detector.rendering import render
        from csc.ocps.developing import raw_from_pixels

        sensor = sensor_of(shot.instrument, detector, scale)
        exposure = self.exposure(shot)
        header = {"OBSID": exposure.name, "EXPTIME": exposure.exposure_time, "DARKTIME": exposure.dark_time}
        return raw_from_pixels(render(exposure, sensor), sensor.readout, header)

    def write(self, shot: Shot, detector: int, scale: float, folder: Path) -> Path:
        """Write the raw file of a sensor."""
        from csc.latiss.detector.raw_file import write_raw

        return write_raw(self.exposure(shot), folder, sensor_of(shot.instrument, detector, scale))

    def exposure(self, shot: Shot) -> Exposure:
        """Return the recipe of an image."""
        return next(each for each in self.exposures if each.name == shot.name)


def replay_images(journal: Path) -> Run:
    """Run again what a journal has recorded, for the recipes of its images.

    Raises
    ------
    AuthorError
        If it cannot be run again, or its images were written to files.
    """
    from cscsim.recorded import find_recorded
    from cscsim.replay import follow
    from procedures.replay import Verdict, read_recording

    recording = read_recording(journal)
    if "archive" in recording.circumstances.get("lent", ()):
        words = "the images of this run were written to files: give the folder of its --images, not the journal"
        raise AuthorError(words, file=str(journal))
    recorded = find_recorded(recording)
    follower, report = follow(recorded)
    notes = [*recorded.changes]
    if follower.verdict is Verdict.PARTED and follower.parting is not None:
        notes.append(
            f"the run is no longer the one of the journal from record #{follower.parting.number} on: "
            f"images are those before it; `cscsim replay {journal}` tells more"
        )
    return Run(exposures=report.images, notes=tuple(notes))


def sensor_of(instrument: str, detector: int, scale: float) -> Sensor:
    """Give a sensor as it truly is.

    Raises
    ------
    AuthorError
        If there is no such sensor, or the scale leaves too few pixels.
    """
    from csc.comcam.focal_plane import true_sensors
    from csc.latiss.detector.sensor import latiss_sensor

    try:
        sensors = (latiss_sensor(scale),) if instrument == "LATISS" else true_sensors(scale)
    except ValueError as error:
        raise AuthorError(str(error)) from error
    found = {each.detector: each for each in sensors}
    if detector not in found:
        numbers = ", ".join(map(str, found))
        raise AuthorError(f"{instrument} has no detector {detector}; it has {numbers}")
    return found[detector]


def _shot(exposure: Exposure) -> Shot:
    return Shot(
        name=exposure.name,
        image_type=exposure.image_type,
        filter=exposure.filter,
        grating=exposure.grating,
        exposure_time=exposure.exposure_time,
        counts=exposure.counts,
        saturated=exposure.saturated,
        reason=exposure.reason,
        program=exposure.program,
        group_id=exposure.group_id,
        tai=exposure.tai_begin,
        detectors=_detectors(INSTRUMENTS[exposure.name[:2]]),
    )


def _detectors(instrument: str) -> tuple[int, ...]:
    from csc.comcam.focal_plane import load_focal_plane
    from csc.latiss.detector import load_detector

    if instrument == "LATISS":
        return (load_detector().ccd.detector,)
    return tuple(sensor.detector for sensor in load_focal_plane().sensors)
