"""Rendering: how fast an exposure's recipe becomes pixels, and pixels a file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.measure import rate

__all__ = ["EXPOSURES", "megapixels", "small_frames", "write_seconds"]

EXPOSURES = {
    "bias": ("BIAS", 0.0),
    "dark": ("DARK", 30.0),
    "flat": ("FLAT", 6.0),
    "saturated flat": ("FLAT", 46.44),
}
"""Image types and their exposure times [s]."""

_SMALL = 0.05


def megapixels(name: str) -> float:
    """Return the pixels of a full frame, without overscan, rendered per CPU second [1e6]."""
    from csc.latiss.detector.recipes import make_exposure
    from csc.latiss.detector.rendering import render
    from csc.latiss.detector.sensor import latiss_sensor

    image_type, exposure_time = EXPOSURES[name]
    sensor = latiss_sensor()
    exposures = [make_exposure(image_type, n, exposure_time=exposure_time, filter="SDSSr_65mm") for n in range(1, 4)]
    render(exposures[0], sensor)
    started = time.process_time()
    for exposure in exposures:
        render(exposure, sensor)
    rows, columns = sensor.shape
    return len(exposures) * rows * columns / 1e6 / (time.process_time() - started)


def small_frames() -> float:
    """Return small flats (scale 0.05) rendered per CPU second."""
    from csc.latiss.detector.recipes import make_exposure
    from csc.latiss.detector.rendering import render
    from csc.latiss.detector.sensor import latiss_sensor

    sensor = latiss_sensor(_SMALL)

    def work(count: int) -> None:
        for n in range(count):
            render(make_exposure("FLAT", n + 1, exposure_time=6.0, filter="SDSSr_65mm"), sensor)

    return rate(work, 400)


def write_seconds() -> float:
    """Return the CPU seconds that compressing and writing a full frame takes."""
    from csc.latiss.detector.raw_file import write_raw
    from csc.latiss.detector.recipes import make_exposure
    from csc.latiss.detector.rendering import render
    from csc.latiss.detector.sensor import latiss_sensor

    sensor, exposure = latiss_sensor(), make_exposure("FLAT", 1, exposure_time=6.0, filter="SDSSr_65mm")
    pixels = render(exposure, sensor)
    with tempfile.TemporaryDirectory() as folder:
        write_raw(exposure, Path(folder), latiss_sensor(_SMALL))
        started = time.process_time()
        write_raw(exposure, Path(folder), sensor, pixels=pixels)
        return time.process_time() - started
