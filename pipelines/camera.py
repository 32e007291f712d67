"""What a camera is, as far as calibrations need to know it: sensors, amplifiers, nominal gains, filters.

The numbers are those of ``sim_configs/cameras``, plain data that whoever simulates the camera reads, too. What the
pixels of an amplifier are is read from each image: a file may have been written at a smaller scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

__all__ = ["CAMERAS", "Amplifier", "Camera", "Detector", "Geometry", "amplifier_box", "load_camera"]

CAMERAS = {"LATISS": "latiss", "LSSTComCam": "comcam"}
"""Name of each instrument, and of its file."""

_COLUMNS, _ROWS = 8, 2
_LATISS = "latiss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Pixels of the raw image of one amplifier, in readout order: prescan, data, overscan; overscan rows on top."""

    serial_prescan: int
    data_columns: int
    serial_overscan: int
    data_rows: int
    parallel_overscan: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the raw image."""
        return (
            self.data_rows + self.parallel_overscan,
            self.serial_prescan + self.data_columns + self.serial_overscan,
        )

    @property
    def data(self) -> tuple[slice, slice]:
        """Rows and columns that saw the sky."""
        return slice(0, self.data_rows), slice(self.serial_prescan, self.serial_prescan + self.data_columns)

    @property
    def serial(self) -> tuple[slice, slice]:
        """Rows and columns of the serial overscan, beside the data."""
        return slice(0, self.data_rows), slice(self.serial_prescan + self.data_columns, None)

    @property
    def parallel(self) -> tuple[slice, slice]:
        """Rows and columns of the parallel overscan, above the data."""
        return slice(self.data_rows, None), slice(self.serial_prescan, self.serial_prescan + self.data_columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amplifier:
    """One amplifier: its place in the image, nominal `gain` [electron/adu] and `read_noise` [electron].

    Row 1 is the top half of the image. The flips turn readout order into the image's order.
    """

    name: str
    row: int
    column: int
    flip_x: bool
    flip_y: bool
    gain: float
    read_noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One sensor: its number, its names in the middleware, and its amplifiers in the order of a file's extensions."""

    number: int
    name: str
    raft: str
    name_in_raft: str
    serial: str
    amplifiers: Mapping[str, Amplifier]

    @property
    def header_name(self) -> str:
        """Raft and sensor as the names of files spell them."""
        return f"{self.raft.replace('RXX', 'R00')}_{self.name_in_raft}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera.

    Attributes
    ----------
    geometry
        At full size.
    filters
        Band of each `physical_filter`.
    """

    name: str
    geometry: Geometry
    detectors: Mapping[int, Detector]
    filters: Mapping[str, str]


def amplifier_box(amplifier: Amplifier, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns of an amplifier in an assembled image of whatever size.

    Parameters
    ----------
    shape
        Rows and columns of the image; 8 x 2 amplifiers tile it.

    Examples
    --------
    >>> amplifier_box(load_camera("LATISS").detectors[0].amplifiers["C11"], (4000, 4072))
    (slice(2000, 4000, None), slice(509, 1018, None))
    """
    height, width = shape[0] // _ROWS, shape[1] // _COLUMNS
    return (
        slice(amplifier.row * height, (amplifier.row + 1) * height),
        slice(amplifier.column * width, (amplifier.column + 1) * width),
    )


@cache
def load_camera(name: str) -> Camera:
    """Read a camera by the name of its instrument.

    Raises
    ------
    KeyError
        If there is no such instrument; `CAMERAS` has all.
    """
    return _latiss(name) if CAMERAS[name] == _LATISS else _raft(name)


def _read(name: str) -> Any:
    text = (files("sim_configs") / "cameras" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _geometry(readout: Mapping[str, Any]) -> Geometry:
    return Geometry(**{field: readout[field] for field in Geometry.__slots__})


def _amplifiers(readout: Mapping[str, Any], factor: float = 1.0) -> dict[str, Amplifier]:
    found = (Amplifier(**each) for each in readout["amplifiers"])
    return {
        each.name: Amplifier(
            **{field: getattr(each, field) for field in Amplifier.__slots__ if field != "gain"},
            gain=each.gain * factor,
        )
        for each in found
    }


def _latiss(name: str) -> Camera:
    data = _read(CAMERAS[name])
    ccd, readout = data["ccd"], data["readout"]
    raft, _, sensor = ccd["name"].partition("_")
    detector = Detector(
        number=ccd["detector"],
        name=ccd["name"],
        raft=raft,
        name_in_raft=sensor,
        serial=ccd["serial"],
        amplifiers=_amplifiers(readout),
    )
    filters = {
        f"{filter}~{grating}": "white" if below["band"] == above["band"] == "white" else _band(below, above)
        for filter, below in data["filters"].items()
        for grating, above in data["gratings"].items()
    }
    return Camera(name=name, geometry=_geometry(readout), detectors={detector.number: detector}, filters=filters)


def _band(filter: Mapping[str, Any], grating: Mapping[str, Any]) -> str:
    """Return the band of two elements in the light: that of the one that is not white."""
    return str(grating["band"] if filter["band"] == "white" else filter["band"])


def _raft(name: str) -> Camera:
    """Return a camera whose sensors have the amplifiers of LATISS', with gains of their own mean."""
    data, readout = _read(CAMERAS[name]), _read(_LATISS)["readout"]
    mean = sum(each["gain"] for each in readout["amplifiers"]) / len(readout["amplifiers"])
    detectors = {}
    for sensor in data["sensors"]:
        raft, _, place = sensor["header_name"].partition("_")
        detectors[sensor["detector"]] = Detector(
            number=sensor["detector"],
            name=sensor["header_name"],
            raft=raft,
            name_in_raft=place,
            serial=sensor["serial"],
            amplifiers=_amplifiers(readout, sensor["gain"] / mean),
        )
    filters = {filter: each["band"] for filter, each in data["filters"].items()}
    return Camera(name=name, geometry=_geometry(readout), detectors=detectors, filters=filters)
