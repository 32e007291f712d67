"""The light path: from the lamp over the dome's screen and the telescope to the counts of an exposure.

Pure functions of histories, the detector's data and a random generator; no bus and no clock::

    lamp -> lamp shutter -> screen (dome) -> telescope (mount) -> M1 cover -> M3 -> filter, grating -> detector
                                 doors (stray light) ----------------^

Decides how each of them weakens the light and how the detector answers.
The numbers stand in ``sim_configs/cameras/latiss.yaml``; pixels are rendered by `csc.latiss.detector`, from what
is kept here of an exposure.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from csc.kinematics import wrap180
from csc.latiss.detector import Detector, Levels, Screen
from fsm.timeline import Timeline, integral

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LightPath", "Received", "alignment_factor", "expected_counts", "is_saturated", "observed_counts"]
__all__ += ["pointing_factor", "received", "shot", "soft_saturation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LightPath:
    """The true histories of what the light meets, whatever the components report.

    Attributes
    ----------
    lamp
        Brightness, of that at nominal power and warmed up; 0 when dark.
    lamp_shutter
        Open part of the shutter in front of the lamp, 0 to 1.
    dome_azimuth
        Where the dome, and with it the screen, really stands [deg], wrapped or not.
    mount_azimuth, mount_elevation
        Where the telescope looks [deg].
    m1_cover
        Open part of the cover of the primary mirror, 0 to 1.
    m3
        Part of the light that M3 sends to Nasmyth 2, where LATISS is: 1 there, else 0.
    main_door, dropout_door
        How far the dome's doors are open [%].
    """

    lamp: Timeline
    lamp_shutter: Timeline
    dome_azimuth: Timeline
    mount_azimuth: Timeline
    mount_elevation: Timeline
    m1_cover: Timeline
    m3: Timeline
    main_door: Timeline
    dropout_door: Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What an exposure collected, mean over the detector, before saturation and noise.

    Attributes
    ----------
    lamp, stray, dark
        Levels from the white light, from open doors, and from the dark current [adu].
    sky
        Level from the sky, where somebody makes an image of it [adu].
    misalignment
        True azimuth of the dome minus that of the flat field, halfway through the open shutter [deg]; 0 without light.
    flicker, bias
        What this shot's lamp gave more than usual, and what overscan correction leaves of this shot's bias level [adu].
    """

    lamp: float = 0.0
    stray: float = 0.0
    dark: float = 0.0
    sky: float = 0.0
    misalignment: float = 0.0
    flicker: float = 0.0
    bias: float = 0.0

    @property
    def total(self) -> float:
        """Sum of the levels, as of a usual shot [adu]."""
        return self.lamp + self.stray + self.dark + self.sky


def alignment_factor(offset: float, width: float) -> float:
    """Give the part of the light that is left when the dome stands `offset` off; both [deg]."""
    return math.exp(-0.5 * (offset / width) ** 2)


def pointing_factor(distance: float, flat: float, edge: float) -> float:
    """Give the part of the light that is left when the telescope looks `distance` beside the screen; all [deg].

    Chosen here: all of it up to `flat`, nothing from `edge` on, half a cosine between, so that no step shows.
    """
    if distance <= flat:
        return 1.0
    if distance >= edge:
        return 0.0
    return 0.5 * (1.0 + math.cos(math.pi * (distance - flat) / (edge - flat)))


def received(
    path: LightPath,
    detector: Detector,
    *,
    filter: str,
    grating: str,
    shutter_open: tuple[float, float] | None,
    dark_time: float,
) -> Received:
    """Collect the light of one exposure.

    Parameters
    ----------
    path
        Histories that reach back to the opening of the shutter.
    detector
        Rates and levels.
    filter, grating
        Elements in the light.
    shutter_open
        When the camera's shutter was opened and closed [s]; None if it stayed closed (BIAS, DARK).
    dark_time
        How long charge was collected, light or not [s].

    Raises
    ------
    ValueError
        If there is no such filter or grating, `dark_time` is negative, or a history does not reach back far enough.
    """
    if not dark_time >= 0.0:
        raise ValueError(f"{dark_time=} s must not be negative")
    dark = detector.levels.dark_current * dark_time / detector.mean_gain
    if shutter_open is None:
        return Received(dark=dark)
    opened, closed = shutter_open
    screen = detector.screen
    telescope = (path.m1_cover, path.m3)
    pointing = (path.dome_azimuth, path.mount_azimuth, path.mount_elevation)
    lamp = integral((*telescope, path.lamp, path.lamp_shutter, *pointing), _screen_light(screen), opened, closed)
    stray = integral((*telescope, path.main_door, path.dropout_door), _door_light, opened, closed)
    return Received(
        lamp=detector.rate(filter, grating) * lamp,
        stray=screen.stray_rate * detector.transmission(filter, grating) * stray,
        dark=dark,
        misalignment=wrap180(path.dome_azimuth.value(0.5 * (opened + closed)) - screen.dome_azimuth),
    )


def soft_saturation(counts: float, levels: Levels) -> float:
    """Bend a level [adu above bias] towards saturation, which it never passes.

    Chosen here: linear up to the roll-off, then an exponential of the same slope.
    """
    room = levels.roll_off * levels.saturation
    excess = counts - (levels.saturation - room)
    if excess <= 0.0:
        return counts
    return levels.saturation - room * math.exp(-excess / room)


def is_saturated(counts: float, levels: Levels) -> bool:
    """Tell whether an observed level [adu above bias] comes from light that would have reached saturation."""
    return counts >= soft_saturation(levels.saturation, levels)


def expected_counts(
    path: LightPath,
    detector: Detector,
    *,
    filter: str,
    grating: str,
    shutter_open: tuple[float, float] | None,
    dark_time: float,
) -> float:
    """Give the mean level above bias [adu] that an exposure shows, without noise; parameters as for `received`."""
    light = received(path, detector, filter=filter, grating=grating, shutter_open=shutter_open, dark_time=dark_time)
    return soft_saturation(light.total, detector.levels)


def shot(light: Received, levels: Levels, lamp_scatter: float, rng: "np.random.Generator") -> Received:
    """Draw what differs from shot to shot: the lamp scatters, and the bias level is known only so well.

    Parameters
    ----------
    light
        What a usual exposure collects.
    levels
        What the pixels do to it.
    lamp_scatter
        Relative scatter of the lamp from shot to shot, one sigma.
    rng
        The camera's own stream; two normal deviates are drawn, whatever the exposure.
    """
    lamp, bias = (float(deviate) for deviate in rng.standard_normal(2))
    return replace(light, flicker=light.lamp * lamp_scatter * lamp, bias=levels.bias_residual * bias)


def observed_counts(light: Received, levels: Levels) -> float:
    """Give the mean level above bias [adu] that an exposure shows.

    Photon noise of the mean over 16 million pixels is below 0.1 adu and left out.
    """
    return soft_saturation(light.total + light.flicker, levels) + light.bias


def _screen_light(screen: Screen) -> Callable[..., float]:
    shrink = math.cos(math.radians(screen.mount_elevation))  # degrees of azimuth are shorter on the sky

    def light(cover: float, m3: float, lamp: float, shutter: float, dome: float, azimuth: float, elev: float) -> float:
        shining = cover * m3 * lamp * shutter
        if shining == 0.0:
            return 0.0
        aside = wrap180(azimuth - screen.mount_azimuth) * shrink
        distance = math.hypot(aside, elev - screen.mount_elevation)
        aligned = alignment_factor(wrap180(dome - screen.dome_azimuth), screen.alignment_width)
        return shining * aligned * pointing_factor(distance, screen.pointing_flat, screen.pointing_edge)

    return light


def _door_light(cover: float, m3: float, main_door: float, dropout_door: float) -> float:
    return cover * m3 * (main_door + dropout_door) / 200.0
