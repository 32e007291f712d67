"""Images that lie in raw FITS files: what their headers say, and counts from a few of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cscsim.pictures.shots import INSTRUMENTS, Shot
from fsm import AuthorError

if TYPE_CHECKING:
    from csc.ocps.developing import RawImage

__all__ = ["RawFiles"]

_NAME = re.compile(r"(?P<name>(?:AT|CC)_O_\d{8}_\d{6})_(?P<sensor>R\d\d_S\d\d)\.fits")
_AMPLIFIERS = 16
_ROWS = 8  # of each amplifier: their mean is known to a tenth of an adu
_TRUNCATED = "File may have been truncated"
_LEAST = 0.99
"""Part of the saturation level from which on counts are called saturated: the response bends before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFiles:
    """Raw files by image and sensor."""

    files: Mapping[str, Mapping[int, Path]]
    shots: tuple[Shot, ...]
    notes: tuple[str, ...] = ()

    has_files = True

    @classmethod
    def find(cls, path: Path) -> Self:
        """Find the raw files in a folder and those below it, or take one file.

        Raises
        ------
        AuthorError
            If it is not there, or one file that is no raw image.
        """
        if path.is_dir():
            return cls.read(sorted(each for each in path.rglob("*.fits") if _NAME.fullmatch(each.name)))
        if not path.exists():
            raise AuthorError("there is no such file or folder", file=str(path))
        found = cls.read([path])
        if not found.shots:
            raise AuthorError(found.notes[0].removeprefix(f"{path}: left out: "), file=str(path))
        return found

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Self:
        """Read the headers of files; one that is no raw image becomes a note."""
        files: dict[str, dict[int, Path]] = {}
        shots: dict[str, list[Shot]] = {}
        notes = []
        for path in paths:
            try:
                shot = _read(path)
            except (Warning, OSError, KeyError, ValueError, AttributeError, TypeError, IndexError) as error:
                notes.append(f"{path}: left out: {_reason(error)}")
                continue
            files.setdefault(shot.name, {})[shot.detectors[0]] = path
            shots.setdefault(shot.name, []).append(shot)
        ordered = sorted((_merged(each) for each in shots.values()), key=lambda shot: shot.id)
        return cls(files=files, shots=tuple(ordered), notes=tuple(notes))

    def raw(self, shot: Shot, detector: int, scale: float) -> RawImage:
        """Read the pixels of a sensor; they have the scale that they have."""
        from csc.ocps.developing import raw_from_file

        return raw_from_file(self.files[shot.name][detector])


def _read(path: Path) -> Shot:
    import warnings

    from astropy.io import fits

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", _TRUNCATED)  # astropy would read on
        with fits.open(path, memmap=False) as units:
            header = {
                key: None if isinstance(value, fits.Undefined) else value for key, value in units[0].header.items()
            }
            levels = [_level(unit) for unit in units[1:]]
    if len(levels) != _AMPLIFIERS:
        raise ValueError(f"{len(levels)} images of amplifiers are in it, of {_AMPLIFIERS}")
    counts = sum(levels) / len(levels)
    instrument = INSTRUMENTS.get(str(header["OBSID"])[:2])
    if instrument is None or not _NAME.fullmatch(f"{header['OBSID']}_R00_S00.fits"):
        raise ValueError(f"OBSID {header['OBSID']} is no name of an image")
    return Shot(
        name=str(header["OBSID"]),
        image_type=str(header["IMGTYPE"]).upper(),
        filter=_text(header, "FILTER"),
        grating=_text(header, "GRATING"),
        exposure_time=float(str(header["EXPTIME"])),
        counts=counts,
        saturated=counts >= _LEAST * _saturation(instrument),
        reason=_text(header, "REASON"),
        program=_text(header, "PROGRAM"),
        group_id=_text(header, "GROUPID"),
        tai=datetime.fromisoformat(str(header["DATE-BEG"])).replace(tzinfo=UTC).timestamp(),
        detectors=(_detector(instrument, f"{header['RAFTBAY']}_{header['CCDSLOT']}"),),
    )


def _text(header: Mapping[str, Any], key: str) -> str:
    """Return what a keyword says; empty if it is not there or has no value."""
    value = header.get(key)
    return value if isinstance(value, str) else ""


def _level(unit: Any) -> float:
    """Return the mean of some rows above their overscan [adu]."""
    match = re.fullmatch(r"\[(\d+):(\d+),(\d+):(\d+)\]", str(unit.header["DATASEC"]))
    if match is None:
        raise ValueError(f"DATASEC {unit.header['DATASEC']} is not of the form [4:512,1:2000]")
    first, last, _, rows = map(int, match.groups())
    middle = rows // 2
    strip = unit.section[middle - _ROWS // 2 : middle + _ROWS // 2, :]
    return float(strip[:, first - 1 : last].mean() - strip[:, last:].mean())


def _saturation(instrument: str) -> float:
    from csc.comcam.focal_plane import load_focal_plane
    from csc.latiss.detector import load_detector

    levels = load_detector().levels if instrument == "LATISS" else load_focal_plane().levels
    return levels.saturation


def _detector(instrument: str, name: str) -> int:
    from csc.comcam.focal_plane import load_focal_plane
    from csc.latiss.detector import load_detector

    sensors = (load_detector().ccd,) if instrument == "LATISS" else load_focal_plane().sensors
    for sensor in sensors:
        if sensor.header_name == name:
            return sensor.detector
    raise ValueError(f"{instrument} has no sensor {name}")


def _merged(shots: list[Shot]) -> Shot:
    """Return one image of all the sensors that there are files of."""
    from dataclasses import replace

    counts = sum(shot.counts or 0.0 for shot in shots) / len(shots)
    detectors = tuple(sorted(shot.detectors[0] for shot in shots))
    return replace(shots[0], counts=counts, saturated=any(shot.saturated for shot in shots), detectors=detectors)


def _reason(error: Exception) -> str:
    """Say in a few words why a file is no raw image."""
    if isinstance(error, KeyError):
        return f"no raw image: its header has no {error.args[0]}"
    if isinstance(error, Warning):
        return "truncated: it ends before its last image; fetch it again"
    return f"no raw image: {str(error).partition('. ')[0].rstrip('.')}"
