"""What ComCam's focal plane is, and how much light reaches it: ``cameras/comcam.yaml`` as frozen values.

Decides how bright an image is; all numbers, with their sources, stand in the data file. What pixels do to light is
LATISS' model (`csc.latiss.light`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import ConfigDict, Field, RootModel

from csc.latiss.detector import Element, Levels, Ratio, load_detector
from csc.latiss.light import Received
from fsm import load_document, nearest, validate

if TYPE_CHECKING:
    from csc.latiss.detector.sensor import Sensor as TrueSensor

__all__ = ["FlatLight", "FocalPlane", "Sensor", "load_focal_plane", "true_sensors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One sensor: number, raft and sensor as headers spell them, serial, mean `gain` [electron/adu]."""

    detector: Annotated[int, Field(ge=0)]
    header_name: Annotated[str, Field(pattern="^R[0-9]{2}_S[0-2]{2}$")]
    serial: str
    gain: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatLight:
    """The light of flats; `scatter` is relative, from shot to shot, one sigma."""

    scatter: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPlane:
    """Everything the data file states; filters by name."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")  # holds for the parts, too

    source: str
    sensors: Annotated[tuple[Sensor, ...], Field(min_length=1)]
    levels: Levels
    flat_light: FlatLight
    filters: dict[str, Element]

    @property
    def mean_gain(self) -> float:
        """Mean of the gains [electron/adu]."""
        return sum(sensor.gain for sensor in self.sensors) / len(self.sensors)

    def received(self, filter: str, *, brightness: float, open_time: float, dark_time: float) -> Received:
        """Collect the light of one exposure.

        Parameters
        ----------
        filter
            The filter in the light.
        brightness
            Of the light of flats, of its nominal one.
        open_time
            How long the shutter was open [s].
        dark_time
            How long charge was collected, light or not [s].

        Raises
        ------
        ValueError
            If there is no such filter.

        Examples
        --------
        >>> load_focal_plane().received("r_03", brightness=1.0, open_time=1.6, dark_time=3.6).lamp
        19200.0
        """
        if filter not in self.filters:
            near = nearest(filter, self.filters)
            raise ValueError(f"there is no filter {filter}" + (f"; did you mean {near}?" if near else ""))
        return Received(
            lamp=self.filters[filter].rate * brightness * open_time,
            dark=self.levels.dark_current * dark_time / self.mean_gain,
        )


@lru_cache(maxsize=1)
def load_focal_plane() -> FocalPlane:
    """Read ``sim_configs/cameras/comcam.yaml``, once.

    Raises
    ------
    AuthorError
        If the file is wrong.
    """
    with as_file(files("sim_configs") / "cameras" / "comcam.yaml") as path:
        return validate(load_document(path, name="comcam.yaml"), _File).root


@lru_cache(maxsize=8)
def true_sensors(scale: float = 1.0) -> tuple[TrueSensor, ...]:
    """Give the sensors of the raft as their pixels are rendered, at a scale above 0 and up to 1, the full size.

    Amplifiers have the nominal values of LATISS', with gains of the sensor's own mean.
    """
    from csc.latiss.detector.sensor import true_sensor

    plane, latiss = load_focal_plane(), load_detector()
    factors = [each.gain / latiss.mean_gain for each in plane.sensors]
    inverse = [1.0 / (one.gain * factor) for one in latiss.readout.amplifiers for factor in factors]
    sensors = []
    for each, factor in zip(plane.sensors, factors, strict=True):
        amplifiers = tuple(replace(one, gain=one.gain * factor) for one in latiss.readout.amplifiers)
        sensor = true_sensor(
            instrument="LSSTComCam",
            detector=each.detector,
            header_name=each.header_name,
            serial=each.serial,
            readout=replace(latiss.readout, amplifiers=amplifiers),
            levels=plane.levels,
            camera_gain=len(inverse) / sum(inverse),
        )
        sensors.append(replace(sensor, readout=sensor.full_size.scaled(scale)))
    return tuple(sensors)


class _File(RootModel[FocalPlane]):
    """The data file as a whole."""
