"""What a telescope on the sky would see: a recipe for science exposures, without a telescope.

The simulated observatory takes calibrations with its dome shut. Crosstalk, fringes and the sky's own shape need
images of the sky; a test or a guide makes them from these values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Sky", "Star", "star_field"]

_STRONGEST = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Star:
    """A star: `x` and `y` from 0 to 1 across the image, `peak` [electron/s] in its middle, at any scale."""

    x: float
    y: float
    peak: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.x <= 1.0 and 0.0 <= self.y <= 1.0 and self.peak >= 0.0):
            raise ValueError(f"{self} must lie within 0 to 1 and not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """A piece of the sky; the level of its background is `Received.sky`.

    Attributes
    ----------
    stars
        What stands out of the background.
    seeing
        Full width of a star at half of its peak [arcsec].
    fringes
        How strong the fringes are, of what is usual in the band of the filter.
    target
        What the image is of, as its header says.
    """

    stars: tuple[Star, ...] = ()
    seeing: float = 1.0
    fringes: float = 1.0
    target: str = "sky"

    def __post_init__(self) -> None:
        if not self.seeing > 0.0:
            raise ValueError(f"seeing={self.seeing} arcsec must be above 0")
        if not 0.0 <= self.fringes <= _STRONGEST:
            raise ValueError(
                f"fringes={self.fringes} must lie in 0 to {_STRONGEST:g}; beyond, no light is left in them"
            )


def star_field(seed: int, number: int, *, faintest: float = 100.0, brightest: float = 20_000.0) -> tuple[Star, ...]:
    """Draw stars, evenly over the image and over the logarithm of their peaks [electron/s].

    Chosen here: faint and bright stars are equally many, so that a few images have bright ones on every amplifier.

    Examples
    --------
    >>> [round(star.peak) for star in star_field(1, 3)] == [round(star.peak) for star in star_field(1, 3)]
    True
    """
    if not 0.0 < faintest <= brightest:
        raise ValueError(f"{faintest=} must be above 0 and at most {brightest=} electron/s")
    from fsm import Streams

    draws = Streams(seed).stream("stars").random((number, 3))
    span = math.log(brightest / faintest)
    return tuple(Star(x=float(x), y=float(y), peak=faintest * math.exp(span * float(u))) for x, y, u in draws)
