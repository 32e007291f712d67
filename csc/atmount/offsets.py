"""Offsets and settings of the pointing component: numbers that it keeps, and those that shift its target.

What a shift does to the mount is left to whoever posts the target.
"""

from __future__ import annotations

import enum
from types import SimpleNamespace

from csc.behaviour import Behaviour
from fsm import parse_quantity

__all__ = ["PointingOffsets"]

ARCSEC = parse_quantity("1 arcsec")[0]
MICRON = parse_quantity("1 micron")[0]


class Who(enum.IntEnum):
    """SAL's numbers for whose offset it is."""

    USER = 0
    HANDSET = 1
    BOTH = 2


class PointingOffsets(Behaviour):
    """Keeps offsets and settings."""

    # -------------------------------------------------------------- offsets

    def do_offsetAzEl(self, data: SimpleNamespace) -> None:
        """Shift the target."""
        self.v.offset_azimuth += data.az * ARCSEC
        self.v.offset_elevation += data.el * ARCSEC

    def do_offsetRADec(self, data: SimpleNamespace) -> None:
        """Shift the target on the sky."""
        self._shift("offset_ra", "offset_dec", data.num, data.off1 * ARCSEC, data.off2 * ARCSEC)

    def do_offsetClear(self, data: SimpleNamespace) -> None:
        """Clear the offsets of the target."""
        self._clear("offset_ra", "offset_dec", data.num)
        self.v.offset_azimuth = self.v.offset_elevation = 0.0

    def do_collOffset(self, data: SimpleNamespace) -> None:
        """Shift the collimation, as a number."""
        self._shift("collimation_ca", "collimation_ce", data.num, data.ca * ARCSEC, data.ce * ARCSEC)

    def do_clearCollOffset(self, data: SimpleNamespace) -> None:
        """Clear the shifts of the collimation."""
        self._clear("collimation_ca", "collimation_ce", data.num)

    def do_poriginOffset(self, data: SimpleNamespace) -> None:
        """Shift the pointing origin, as a number."""
        self._shift("origin_dx", "origin_dy", data.num, data.dx, data.dy)

    def do_poriginClear(self, data: SimpleNamespace) -> None:
        """Clear the shifts of the pointing origin."""
        self._clear("origin_dx", "origin_dy", data.num)

    def do_poriginXY(self, data: SimpleNamespace) -> None:
        """Set the pointing origin, as a number."""
        self.v.pointing_origin_x, self.v.pointing_origin_y = data.x, data.y

    def do_rotOffset(self, data: SimpleNamespace) -> None:
        """Set the offset of the instrument angle, as a number."""
        self.v.instrument_angle = data.iaa

    def _shift(self, first: str, second: str, whose: int, one: float, two: float) -> None:
        for who in _owners(whose):
            for name, value in ((first, one), (second, two)):
                setattr(self.v, f"{who}_{name}", getattr(self.v, f"{who}_{name}") + value)

    def _clear(self, first: str, second: str, whose: int) -> None:
        for who in _owners(whose):
            for name in (first, second):
                setattr(self.v, f"{who}_{name}", 0.0)

    # ------------------------------------------------------------- settings

    def do_focusName(self, data: SimpleNamespace) -> None:
        """Choose the focus."""
        self.v.focus = data.focus

    def do_azCurrentWrap(self, data: SimpleNamespace) -> None:
        """Keep the wrap of azimuth."""
        self.v.azimuth_wrap_in_use = data.wrap

    def do_rotCurrentWrap(self, data: SimpleNamespace) -> None:
        """Keep the wrap of the rotator."""
        self.v.rotator_wrap_in_use = data.wrap

    def do_wavelength(self, data: SimpleNamespace) -> None:
        """Keep the wavelength."""
        self.v.wavelength_in_use = data.wavelength * MICRON


def _owners(whose: int) -> tuple[str, ...]:
    return {Who.USER: ("user",), Who.HANDSET: ("handset",), Who.BOTH: ("user", "handset")}[Who(whose)]
