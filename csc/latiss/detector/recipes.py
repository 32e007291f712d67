"""Exposures made by hand: for tests and guides that need images and no observatory."""

from __future__ import annotations

from csc.latiss.detector.condition import Condition
from csc.latiss.detector.description import load_detector
from csc.latiss.detector.sky import Sky
from csc.latiss.images import Exposure, exposure_name
from csc.latiss.light import Received, is_saturated, observed_counts, shot
from fsm import Streams

__all__ = ["make_exposure"]

_NOON = 1_768_478_437.0
"""Noon UTC of 2026-01-15 as TAI [s since 1970], from which on exposures follow each other."""
_APART = 120.0


def make_exposure(
    image_type: str,
    seq_num: int,
    *,
    exposure_time: float = 0.0,
    filter: str = "empty_1",
    grating: str = "empty_1",
    brightness: float = 1.0,
    sky: Sky | None = None,
    sky_rate: float = 0.0,
    condition: Condition | None = None,
    day_obs: int = 20260115,
    seed: int | None = None,
) -> Exposure:
    """Make an exposure that LATISS might have taken.

    Parameters
    ----------
    image_type
        BIAS, DARK, FLAT or OBJECT. Only a FLAT sees the lamp, only an OBJECT the sky.
    exposure_time
        Time of the open shutter, or of a dark [s].
    brightness
        Of the lamp, of its nominal light in an aligned dome.
    sky, sky_rate
        What an OBJECT sees, and the level of its background [adu/s].
    condition
        What is not as usual.
    seed
        By default made of day and number.

    Raises
    ------
    ValueError
        If there is no such filter or grating, or the number does not fit into a name.

    Examples
    --------
    >>> flat = make_exposure("FLAT", 7, exposure_time=6.0, filter="SDSSr_65mm")
    >>> flat.name, round(flat.light.lamp), abs(flat.counts - 29520) < 300
    ('AT_O_20260115_000007', 29520, True)
    """
    detector, condition = load_detector(), condition or Condition()
    dark_time = exposure_time + 0.01 * (exposure_time > 0.0)
    seed = (day_obs * 100_000 + seq_num) % 2**32 if seed is None else seed
    usual = Received(
        lamp=detector.rate(filter, grating) * exposure_time * brightness if image_type == "FLAT" else 0.0,
        sky=sky_rate * exposure_time if image_type == "OBJECT" else 0.0,
        dark=condition.dark_current * detector.levels.dark_current * dark_time / detector.mean_gain,
    )
    light = shot(usual, detector.levels, detector.screen.lamp_scatter, Streams(seed).stream("counts"))
    counts = observed_counts(light, detector.levels)
    begin = _NOON + _APART * seq_num
    return Exposure(
        name=exposure_name(day_obs, seq_num),
        image_type=image_type,
        seq_num=seq_num,
        day_obs=day_obs,
        exposure_time=exposure_time,
        dark_time=dark_time,
        filter=filter,
        grating=grating,
        tai_begin=begin,
        tai_end=begin + dark_time,
        seed=seed,
        light=light,
        counts=counts,
        saturated=is_saturated(counts, detector.levels),
        condition=condition,
        sky=(sky or Sky()) if image_type == "OBJECT" else None,
    )
