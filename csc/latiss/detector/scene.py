"""What an effect works on: pixels, and all that they may depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector.patterns import Patterns
from csc.latiss.detector.sensor import Sensor
from fsm import Streams

if TYPE_CHECKING:
    from csc.latiss.images import Exposure

__all__ = ["Effect", "Pixels", "Scene", "strips"]

Pixels: TypeAlias = "NDArray[np.float32]"
"""An assembled image (rows, columns) [electron]; from the read-out on raw ones (amplifier, rows, columns) [adu]."""

_STRIP = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An exposure, a sensor, and what is fixed in the sensor."""

    exposure: Exposure
    sensor: Sensor
    patterns: Patterns

    def stream(self, effect: str) -> np.random.Generator:
        """Begin the stream of random numbers of an effect: no other one draws from it."""
        return Streams(self.exposure.seed).stream("pixels", self.sensor.serial, effect)


Effect: TypeAlias = Callable[[Pixels, Scene], Pixels]
"""What happens to pixels; it may change them in place."""


def strips(pixels: NDArray[np.generic]) -> Iterator[slice]:
    """Yield runs of an array's first axis that are small enough to stay in the processor's cache.

    Examples
    --------
    >>> list(strips(np.zeros((3, 100_000))))
    [slice(0, 1, None), slice(1, 2, None), slice(2, 3, None)]
    """
    step = max(1, _STRIP * len(pixels) // max(1, pixels.size))
    for begin in range(0, len(pixels), step):
        yield slice(begin, min(begin + step, len(pixels)))
