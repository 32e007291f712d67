"""From the header of a raw image to what the butler wants to know of the exposure.

Pure: values in, values out. All that is wrong with a header is said at once, with the keywords' names.

References
----------
Rules: lsst/obs_lsst: python/lsst/obs/lsst/translators/lsst.py, latiss.py, lsstCam.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipelines.camera import Camera, load_camera
from pipelines.middleware.errors import FileFault

__all__ = ["EXPOSURE_MAX", "INSTRUMENTS", "UNKNOWN", "Observation", "exposure_id", "translate"]

INSTRUMENTS = {"latiss": "LATISS", "comcam": "LSSTComCam", "lsstcomcam": "LSSTComCam"}
"""Instrument by the lower-case value of INSTRUME."""

UNKNOWN = "unknown"
"""Filter or grating where a header names none."""

EXPOSURE_MAX = 7050123199999
"""No exposure has a larger number. Source: lsst/obs_lsst: python/lsst/obs/lsst/_instrument.py."""

_EPOCHS: Mapping[str, tuple[int, int | None]] = {
    "O": (0, None),
    "C": (1000, 20231004),
    "H": (2000, None),
    "P": (3000, 20250417),
    "Q": (4000, 20250417),
    "S": (5000, 20250417),
}
"""Years that a controller's images are moved by, and the day from which on they no longer are."""

_MOST_IN_A_DAY = 99_999
_TYPES = {"object": "science", "skyexp": "science"}
_UNDER_COVER = frozenset({"bias", "dark", "flat"})
_EMPTY = re.compile(r"empty(_\d+)?", re.IGNORECASE)
_SIMULATED = re.compile(r"SIMULATE\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One exposure of one detector, in the butler's words.

    Attributes
    ----------
    begin, end
        TAI, as ISO text.
    exposure_time, dark_time
        [s].
    tracking_ra, tracking_dec, sky_angle, azimuth, zenith_angle
        [deg], None where the exposure did not see the sky or the header does not say.
    """

    instrument: str
    detector: int
    exposure: int
    obs_id: str
    day_obs: int
    seq_num: int
    seq_start: int
    seq_end: int
    group: str
    physical_filter: str
    exposure_time: float
    dark_time: float
    observation_type: str
    observation_reason: str
    target_name: str
    science_program: str
    begin: str
    end: str
    tracking_ra: float | None
    tracking_dec: float | None
    sky_angle: float | None
    azimuth: float | None
    zenith_angle: float | None
    has_simulated: bool
    can_see_sky: bool


def exposure_id(day_obs: int, seq_num: int, controller: str = "O") -> int:
    """Return the number of an exposure.

    Parameters
    ----------
    day_obs
        As YYYYMMDD.
    controller
        Who commanded the image: O the observatory, others laboratories and simulators, which have years of their own.

    Raises
    ------
    ValueError
        If the sequence number has more than five digits, or nobody knows the controller.

    Examples
    --------
    >>> exposure_id(20210120, 19)
    2021012000019
    >>> exposure_id(20210120, 19, "H")
    4021012000019
    """
    if not 0 <= seq_num <= _MOST_IN_A_DAY:
        raise ValueError(f"sequence number {seq_num}: a day has at most {_MOST_IN_A_DAY} exposures")
    if controller not in _EPOCHS:
        raise ValueError(f"controller {controller!r} is none of {', '.join(_EPOCHS)}")
    years, until = _EPOCHS[controller]
    shift = years * 10_000 if until is None or day_obs < until else 0
    return (day_obs + shift) * 100_000 + seq_num


def translate(header: Mapping[str, Any], file: str = "header") -> Observation:
    """Return what a raw image's header says of its exposure.

    Parameters
    ----------
    file
        Name for errors.

    Raises
    ------
    FileFault
        If keywords are missing or make no sense; it names all of them.
    """
    missing = [key for key, _, default in _KEYWORDS.values() if default is ... and header.get(key) is None]
    if missing:
        raise FileFault(f"{file}: no {', '.join(missing)} in its header; write the keyword, or fetch the file again")
    said, faults = _read(header)
    if faults:
        raise FileFault(f"{file}: {'; '.join(faults)}")
    try:
        return _observation(header, said)
    except ValueError as error:
        raise FileFault(f"{file}: {error}") from error


def _read(header: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what the keywords say, and what is wrong with some."""
    said: dict[str, Any] = {}
    faults = []
    for name, (key, convert, default) in _KEYWORDS.items():
        value = header.get(key)
        try:
            said[name] = default if value is None else convert(value)
        except (ValueError, TypeError) as error:
            faults.append(f"{key} is {value!r} ({error})")
    return said, faults


def _observation(header: Mapping[str, Any], said: Mapping[str, Any]) -> Observation:
    camera: Camera = said["camera"]
    covered = said["kind"] in _UNDER_COVER
    if said["end"] < said["begin"]:
        raise ValueError(f"DATE-END {said['end']} is before DATE-BEG {said['begin']}")
    return Observation(
        instrument=camera.name,
        detector=_detector(camera, said["raft"], said["place_in_raft"]),
        exposure=exposure_id(said["day_obs"], said["seq_num"], said["controller"]),
        obs_id=said["obs_id"],
        day_obs=said["day_obs"],
        seq_num=said["seq_num"],
        seq_start=said["seq_num"] - said["index"] + 1,
        seq_end=said["seq_num"] + said["of"] - said["index"],
        group=said["group"] or said["obs_id"],
        physical_filter=_filter(camera, said["filter"], said["grating"]),
        exposure_time=said["exposure_time"],
        dark_time=max(said["dark_time"], said["exposure_time"]),
        observation_type=_TYPES.get(said["kind"], said["kind"]),
        observation_reason=str(said["reason"] or header.get("TESTTYPE") or UNKNOWN).lower(),
        target_name=said["target_name"] or UNKNOWN,
        science_program=said["science_program"] or UNKNOWN,
        begin=said["begin"],
        end=said["end"],
        tracking_ra=None if covered else said["ra"],
        tracking_dec=None if covered else said["dec"],
        sky_angle=said["angle"] if said["angle_of"] == "sky" and not covered else None,
        azimuth=said["azimuth"],
        zenith_angle=None if said["elevation"] is None else 90.0 - said["elevation"],
        has_simulated=any(value is True for key, value in header.items() if _SIMULATED.match(key)),
        can_see_sky=not covered,
    )


def _camera(value: Any) -> Camera:
    name = INSTRUMENTS.get(str(value).strip().lower())
    if name is None:
        raise ValueError(f"known are {', '.join(sorted(set(INSTRUMENTS.values())))}")
    return load_camera(name)


def _text(value: Any) -> str:
    return str(value).strip()


def _name(value: Any) -> str:
    text = _text(value)
    if not text:
        raise ValueError("nothing to call it by")
    return text


def _day(value: Any) -> int:
    return int(f"{date.fromisoformat(_text(value)):%Y%m%d}")


def _moment(value: Any) -> str:
    return datetime.fromisoformat(_text(value)).isoformat(timespec="microseconds")


def _duration(value: Any) -> float:
    seconds = float(value)
    if not 0.0 <= seconds < math.inf:
        raise ValueError("not a length of time")
    return seconds


def _angle(value: Any) -> float:
    degrees = float(value)
    if not math.isfinite(degrees):
        raise ValueError("not an angle")
    return degrees


def _element(value: Any) -> str:
    name = _text(value)
    return "empty" if not name or _EMPTY.fullmatch(name) else name


_KEYWORDS: Mapping[str, tuple[str, Callable[[Any], Any], Any]] = {
    "camera": ("INSTRUME", _camera, ...),
    "raft": ("RAFTBAY", _text, None),
    "place_in_raft": ("CCDSLOT", _text, None),
    "controller": ("CONTRLLR", _text, "O"),
    "obs_id": ("OBSID", _name, ...),
    "day_obs": ("DAYOBS", _day, ...),
    "seq_num": ("SEQNUM", int, ...),
    "index": ("CURINDEX", int, 1),
    "of": ("MAXINDEX", int, 1),
    "group": ("GROUPID", _text, None),
    "kind": ("IMGTYPE", lambda value: _name(value).lower(), ...),
    "reason": ("REASON", _text, None),
    "target_name": ("OBJECT", _text, None),
    "science_program": ("PROGRAM", _text, None),
    "filter": ("FILTER", _element, UNKNOWN),
    "grating": ("GRATING", _element, UNKNOWN),
    "exposure_time": ("EXPTIME", _duration, ...),
    "dark_time": ("DARKTIME", _duration, 0.0),
    "begin": ("DATE-BEG", _moment, ...),
    "end": ("DATE-END", _moment, ...),
    "ra": ("RA", _angle, None),
    "dec": ("DEC", _angle, None),
    "angle": ("ROTPA", _angle, None),
    "angle_of": ("ROTCOORD", _text, None),
    "azimuth": ("AZSTART", _angle, None),
    "elevation": ("ELSTART", _angle, None),
}
"""Keyword, how its value is read, and what holds without it; `...` if the header must have it."""


def _detector(camera: Camera, raft: str | None, place: str | None) -> int:
    if raft is None and len(camera.detectors) == 1:
        return next(iter(camera.detectors))
    found = {detector.header_name: number for number, detector in camera.detectors.items()}
    if f"{raft}_{place}" not in found:
        raise ValueError(f"RAFTBAY and CCDSLOT say {raft}_{place}; {camera.name} has {', '.join(found)}")
    return found[f"{raft}_{place}"]


def _filter(camera: Camera, filter: str, grating: str) -> str:
    """Return filter and grating, or the filter of a camera that has no gratings."""
    return f"{filter}~{grating}" if any("~" in each for each in camera.filters) else filter
