"""Pixels from an exposure's recipe: always the same, whatever was rendered before.

::

    light -> illuminate, see_sky -> count_photons -> collect_dark -> cross_by_cosmic_rays -> push_charge -> fill_wells
          -> divide -> transfer -> amplify -> cross_talk -> bend -> add_bias -> add_noise -> digitise -> numbers

Decides the order of the effects. Each is a module of `effects`, with random numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector.effects.brighter_fatter import push_charge
from csc.latiss.detector.effects.cosmic_rays import cross_by_cosmic_rays
from csc.latiss.detector.effects.dark_current import collect_dark
from csc.latiss.detector.effects.electronics import add_bias, add_noise, digitise
from csc.latiss.detector.effects.full_well import fill_wells
from csc.latiss.detector.effects.illumination import illuminate
from csc.latiss.detector.effects.photons import count_photons
from csc.latiss.detector.effects.readout import divide, transfer
from csc.latiss.detector.effects.signal_chain import amplify, bend, cross_talk
from csc.latiss.detector.effects.sky_light import see_sky
from csc.latiss.detector.patterns import patterns
from csc.latiss.detector.scene import Effect, Scene
from csc.latiss.detector.sensor import Sensor

if TYPE_CHECKING:
    from csc.latiss.images import Exposure

__all__ = ["EFFECTS", "render"]

EFFECTS: tuple[Effect, ...] = (
    illuminate,
    see_sky,
    count_photons,
    collect_dark,
    cross_by_cosmic_rays,
    push_charge,
    fill_wells,
    divide,
    transfer,
    amplify,
    cross_talk,
    bend,
    add_bias,
    add_noise,
    digitise,
)
"""What happens to pixels, in this order."""


def render(exposure: Exposure, sensor: Sensor, *, effects: Sequence[Effect] = EFFECTS) -> dict[str, NDArray[np.int32]]:
    """Render the raw image of each amplifier [adu].

    Parameters
    ----------
    exposure
        What was seen, and the seed.
    sensor
        At whatever scale.
    effects
        All, unless somebody wants to see what one of them does; `divide` must be among them.

    Returns
    -------
    dict
        Arrays (rows, columns) in readout order, by amplifier, in the order of a file's extensions.

    Raises
    ------
    ValueError
        If `divide` is not among the effects.
    """
    if divide not in effects:
        raise ValueError("without the effect divide there are no amplifiers")
    scene = Scene(exposure=exposure, sensor=sensor, patterns=patterns(sensor))
    pixels = np.zeros(sensor.shape, np.float32)
    for effect in effects:
        pixels = effect(pixels, scene)
    return {
        amplifier.name: raw.astype(np.int32) for amplifier, raw in zip(sensor.readout.amplifiers, pixels, strict=True)
    }
