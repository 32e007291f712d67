"""Tiny raw images as the cameras write them, of a sensor whose truth the tests know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.time import Time, TimeDelta

from pipelines.camera import Camera, Detector, Geometry, amplifier_box, load_camera

GEOMETRY = Geometry(serial_prescan=3, data_columns=64, serial_overscan=24, data_rows=100, parallel_overscan=16)
DAY = 20260301
DARK_CURRENT = 0.2
OFFSET = 20_000
R_RATE = 5000.0
CROSSTALK = {("C10", "C11"): 2e-3}
STAR = 60_000.0


@dataclass(frozen=True)
class Shot:
    """What an image shall be."""

    seq_num: int
    image_type: str
    exposure_time: float = 0.0
    day_obs: int = DAY
    filter: str = "SDSSr_65mm"
    grating: str = "empty_1"
    target: str = "Park position"
    rate: float = 0.0
    noise: float = 1.0
    stars: int = 0
    instrument: str = "LATISS"
    detector: int = 0
    geometry: Geometry = GEOMETRY

    @property
    def exposure(self) -> int:
        return self.day_obs * 100_000 + self.seq_num


def biases(count: int, first: int = 1, **changes: Any) -> list[Shot]:
    return [replace(Shot(first + number, "BIAS"), **changes) for number in range(count)]


def darks(count: int, first: int = 101, exposure_time: float = 30.0, **changes: Any) -> list[Shot]:
    return [replace(Shot(first + number, "DARK", exposure_time), **changes) for number in range(count)]


def flats(count: int, first: int = 201, exposure_time: float = 2.0, **changes: Any) -> list[Shot]:
    shot = Shot(first, "FLAT", exposure_time, target="FlatField", rate=R_RATE)
    return [replace(shot, seq_num=first + number, **changes) for number in range(count)]


def stars(count: int, first: int = 301, **changes: Any) -> list[Shot]:
    shot = Shot(first, "OBJECT", 10.0, target="NGC 4755", rate=100.0, stars=3)
    return [replace(shot, seq_num=first + number, **changes) for number in range(count)]


def write(shot: Shot, folder: Path, *, header: dict[str, Any] | None = None, compress: bool = False) -> Path:
    """Write an image; `header` changes keywords, and removes those that are None.

    The cameras compress; most tests need not wait for it.
    """
    camera = load_camera(shot.instrument)
    sensor = camera.detectors[shot.detector]
    primary = fits.PrimaryHDU()
    for key, value in {**_keywords(shot, sensor), **(header or {})}.items():
        if value is not None:
            primary.header[key] = value
    units = [primary]
    for name, pixels in _amplifiers(shot, camera, sensor).items():
        kind = partial(fits.CompImageHDU, compression_type="RICE_1") if compress else fits.ImageHDU
        unit = kind(pixels, name=f"Segment{name[1:]}")
        unit.header["DATASEC"] = _data_section(shot.geometry)
        units.append(unit)
    path = folder / f"{_prefix(shot)}_{sensor.header_name}.fits"
    fits.HDUList(units).writeto(path, overwrite=True)
    return path


def write_all(shots: list[Shot], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return [write(shot, folder) for shot in shots]


def _prefix(shot: Shot) -> str:
    return f"{'AT' if shot.instrument == 'LATISS' else 'CC'}_O_{shot.day_obs}_{shot.seq_num:06d}"


def _data_section(geometry: Geometry) -> str:
    first = geometry.serial_prescan + 1
    return f"[{first}:{geometry.serial_prescan + geometry.data_columns},1:{geometry.data_rows}]"


def _keywords(shot: Shot, sensor: Detector) -> dict[str, Any]:
    day = str(shot.day_obs)
    begin = Time(f"{day[:4]}-{day[4:6]}-{day[6:]}T14:00:00", scale="tai") + TimeDelta(60.0 * shot.seq_num, format="sec")
    end = begin + TimeDelta(shot.exposure_time, format="sec")
    raft, _, place = sensor.header_name.partition("_")
    science = shot.image_type == "OBJECT"
    return {
        "INSTRUME": "LATISS" if shot.instrument == "LATISS" else "ComCam",
        "CONTRLLR": "O",
        "OBSID": _prefix(shot),
        "DAYOBS": day,
        "SEQNUM": shot.seq_num,
        "IMGTYPE": shot.image_type,
        "EXPTIME": shot.exposure_time,
        "DARKTIME": shot.exposure_time + 0.01,
        "DATE-BEG": begin.isot,
        "DATE-END": end.isot,
        "TIMESYS": "TAI",
        "OBJECT": shot.target,
        "FILTER": shot.filter,
        "GRATING": shot.grating if shot.instrument == "LATISS" else None,
        "PROGRAM": "BLOCK-295",
        "REASON": "calibration",
        "GROUPID": begin.isot,
        "RAFTBAY": raft,
        "CCDSLOT": place,
        "AZSTART": 188.7,
        "ELSTART": 39.0,
        "RA": 30.0 if science else None,
        "DEC": -40.0 if science else None,
        "ROTPA": 10.0 if science else None,
        "ROTCOORD": "sky" if science else None,
        "HIERARCH SIMULATE ATMCS": True,
    }


@cache
def pattern(serial: str, rows: int, columns: int) -> dict[str, np.ndarray]:
    """What a sensor always does to pixels: bias pattern, response, hot pixels."""
    rng = np.random.default_rng(list(serial.encode()))
    shape = (rows, columns)
    y, x = np.mgrid[:rows, :columns] / np.array([rows, columns])[:, None, None] - 0.5
    hot = np.zeros(shape)
    hot.flat[rng.integers(0, rows * columns, 20)] = 60.0
    return {
        "bias": rng.normal(0.0, 2.0, shape),
        "response": (1.0 - 0.06 * (x**2 + y**2)) * rng.normal(1.0, 0.02, shape),
        "hot": hot,
    }


def _amplifiers(shot: Shot, camera: Camera, sensor: Detector) -> dict[str, np.ndarray]:
    geometry, rng = shot.geometry, np.random.default_rng([shot.day_obs, shot.seq_num, shot.detector])
    shape = (2 * geometry.data_rows, 8 * geometry.data_columns)
    sensor_pattern = pattern(sensor.serial, *shape)
    dark_time = shot.exposure_time + 0.01
    signals = {}
    for name, amplifier in sensor.amplifiers.items():
        box = amplifier_box(amplifier, shape)
        response, bias = sensor_pattern["response"][box], sensor_pattern["bias"][box]
        electrons = shot.rate * amplifier.gain * shot.exposure_time * response
        electrons = electrons + (DARK_CURRENT + sensor_pattern["hot"][box]) * dark_time
        for y, x in rng.integers(0, np.array(response.shape) - 6, (shot.stars, 2)):
            electrons[y : y + 6, x : x + 6] += STAR * amplifier.gain
        turn = (slice(None, None, -1 if amplifier.flip_y else 1), slice(None, None, -1 if amplifier.flip_x else 1))
        signals[name] = (rng.poisson(electrons) / amplifier.gain + bias)[turn]
    for (source, target), part in CROSSTALK.items():
        signals[target] = signals[target] + part * signals[source]
    read = {}
    for name, amplifier in sensor.amplifiers.items():
        pixels = np.zeros(geometry.shape)
        pixels[geometry.data] = np.minimum(signals[name], 123_000)
        noise = rng.normal(0.0, shot.noise * amplifier.read_noise / amplifier.gain, geometry.shape)
        read[name] = np.clip(np.rint(pixels + OFFSET + noise), 0, 2**18 - 1).astype(np.int32)
    return read
