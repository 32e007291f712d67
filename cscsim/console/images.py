"""Images as rows of a table, and as pictures drawn when somebody looks at one."""

from __future__ import annotations

import io
from typing import Any

from csc.latiss.images import Exposure

__all__ = ["draw_picture", "image_row", "measure"]

_SCALE = 0.12
"""Size of the images that are rendered, of the full one."""
_PIXELS_AN_INCH = 100.0
_COLOURS = 64
"""Of a picture: noise in more of them takes much room and tells nothing."""


def image_row(exposure: Exposure, tai_start: float) -> dict[str, Any]:
    """Return what is known of an image without its pixels."""
    return {
        "name": exposure.name,
        "seq_num": exposure.seq_num,
        "day_obs": exposure.day_obs,
        "type": exposure.image_type,
        "exposure_time": exposure.exposure_time,
        "dark_time": exposure.dark_time,
        "filter": exposure.filter,
        "grating": exposure.grating,
        "reason": exposure.reason,
        "program": exposure.program,
        "group": exposure.group_id,
        "t": round(exposure.tai_end - tai_start, 3),
        "counts": round(exposure.counts, 3),
        "saturated": exposure.saturated,
    }


def draw_picture(exposure: Exposure, size: int) -> bytes:
    """Draw an image as PNG; its longer side has so many pixels."""
    from PIL import Image, ImageOps

    from cscsim.pictures.drawing import draw_thumbnail

    drawn = Image.open(io.BytesIO(draw_thumbnail(_developed(exposure), side=size / _PIXELS_AN_INCH))).convert("RGB")
    small = io.BytesIO()
    drawn.crop(ImageOps.invert(drawn).getbbox()).quantize(  # without the paper beside what is not square
        _COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    ).save(small, "PNG", optimize=True)
    return small.getvalue()


def measure(exposure: Exposure) -> dict[str, Any]:
    """Return what is measured in the pixels of an image [adu above the overscan]."""
    import numpy as np

    pixels = _developed(exposure).pixels
    return {
        "name": exposure.name,
        "shape": list(pixels.shape),
        "scale": _SCALE,
        "statistics": {
            "mean": round(float(pixels.mean(dtype=np.float64)), 3),
            "median": round(float(np.median(pixels)), 3),
            "deviation": round(float(pixels.std(dtype=np.float64)), 3),
            "minimum": round(float(pixels.min()), 3),
            "maximum": round(float(pixels.max()), 3),
        },
    }


def _developed(exposure: Exposure) -> Any:
    from csc.ocps.developing import develop
    from cscsim.pictures.sources import Run

    run = Run(exposures=(exposure,))
    [shot] = run.shots
    detector = shot.detectors[len(shot.detectors) // 2]
    return develop(run.raw(shot, detector, _SCALE), shot.instrument, detector, is_raw=False, calibrations={})
