"""What is not as usual with the detector or its light while an image is taken."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Condition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an exposure remembers of a detector that is not as it was; the defaults are a healthy one.

    Attributes
    ----------
    dark_current, read_noise
        How many times what they are on a good day.
    tilt
        How much brighter the lamp's light is at the right edge than at the left one, of its mean.
    bad_columns
        How many columns went bad that were good when defects were looked for.
    """

    dark_current: float = 1.0
    read_noise: float = 1.0
    tilt: float = 0.0
    bad_columns: int = 0

    def __post_init__(self) -> None:
        if self.dark_current < 0.0 or self.read_noise < 0.0 or self.bad_columns < 0:
            raise ValueError(f"{self} must have no negative factor or number")
        if not -2.0 < self.tilt < 2.0:
            raise ValueError(f"tilt={self.tilt} leaves an edge without light; it lies between -2 and 2")
