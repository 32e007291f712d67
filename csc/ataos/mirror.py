"""The air under the primary mirror: valves, pressure, and the way back onto the hardpoints.

The machine `m1` of the data sheet says what follows what; here are the conversations with ATPneumatics.

References
----------
lsst-ts/ts_ataos: python/lsst/ts/ataos/ataos_csc.py
"""

from __future__ import annotations

import enum

from csc.ataos.model import clipped, mirror_pressure
from csc.behaviour import Behaviour, on_enter
from csc.messages import AckError

__all__ = ["MirrorAir"]

VALVES = (
    ("mainValveState", "openMasterAirSupply"),
    ("instrumentState", "openInstrumentAirValve"),
    ("m1State", "m1OpenAirValve"),
)
"""The valves between compressor and M1: the event that tells the state, the command that opens."""


class Valve(enum.IntEnum):
    """SAL's number for an open valve of ATPneumatics."""

    OPENED = 6


class MirrorAir(Behaviour):
    """Raises and lowers the primary mirror."""

    @on_enter("m1", "OPENING")
    def _begin_opening(self) -> None:
        self.spawn(self._open_valves(), "ATAOS opens valves")

    async def _open_valves(self) -> None:
        pneumatics = self.remote("ATPneumatics")
        try:
            for event, command in VALVES:
                sample = pneumatics.event(event).get()
                if sample is None or sample.state != Valve.OPENED:
                    await pneumatics.command(command, timeout=self.p.command_timeout)
        except AckError as error:
            self._give_m1_up(error)
        else:
            self.fire("m1_valves_open")

    @on_enter("m1", "ZEROING")
    def _begin_zeroing(self) -> None:
        self.spawn(self._zero_pressure(), "ATAOS sets M1 to 0 Pa")

    async def _zero_pressure(self) -> None:
        try:
            await self.command_pressure(0.0)
        except AckError as error:
            self._give_m1_up(error)
        else:
            self.fire("m1_zeroed")

    def _give_m1_up(self, error: AckError) -> None:
        self.v.m1_problem = str(error)
        self.fire("m1_failed")

    @on_enter("m1", "LOWERING")
    def _begin_lowering(self) -> None:
        self.spawn(self._lower(), "ATAOS lowers M1")

    async def _lower(self) -> None:
        """Put M1 on its hardpoints; what fails is only logged, for there is nothing else to do."""
        try:
            await self.command_pressure(0.0)
            await self.remote("ATPneumatics").command("m1CloseAirValve", timeout=self.p.command_timeout)
        except AckError as error:
            self.log("warning", f"M1 could not be lowered: {error}")
        else:
            self.log("info", "M1 mirror lowered onto hardpoints")
        self.fire("m1_lowered")

    async def command_pressure(self, pressure: float) -> None:
        """Have ATPneumatics set the pressure [Pa]."""
        pneumatics = self.remote("ATPneumatics")
        await pneumatics.command("m1SetPressure", pressure=pressure, timeout=self.p.command_timeout)

    def m1_pressure(self) -> float:
        """Return the pressure that the elevation of now asks for [Pa]."""
        return self.pressure(float(self.sense("elevation")))

    def pressure(self, elevation: float) -> float:
        """Return the pressure that an elevation [deg] asks for, offset included [Pa]."""
        p = self.p
        within = clipped(elevation, p.m1_elevation_min, p.m1_elevation_max)
        return max(float(p.m1_pressure_minimum), mirror_pressure(within, p.m1_polynomial) + float(self.v.offset_m1))
