"""What must be computed for ATPneumatics: where the petals are, and how the pressures settle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from csc.behaviour import Behaviour, on_enter, on_trigger
from csc.kinematics import constant_rate
from fsm import Timeline

__all__ = ["ATPneumatics", "Settling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """A pressure on its way to another, first order.

    Attributes
    ----------
    start, target
        Pressures [Pa].
    t0
        When it starts [s].
    time_constant
        Time constant [s].
    """

    start: float
    target: float
    t0: float
    time_constant: float

    def __call__(self, t: float) -> float:
        """Give the pressure [Pa] at a time [s]."""
        return self.target + (self.start - self.target) * math.exp((self.t0 - t) / self.time_constant)


class ATPneumatics(Behaviour):
    """Computes for the pneumatics."""

    def start(self) -> None:
        """Begin with a closed cover, full supply and no air under M1."""
        self._cover = Timeline(0.0)
        self._main = Timeline(self.p.supply_pressure)
        self._m1 = Timeline(0.0)
        self.track("m1_cover_open", self._cover)
        self.track("main_pressure", self._main)
        self.track("m1_pressure", self._m1)

    # --------------------------------------------------------------- cover

    def cover_travel_time(self) -> float:
        """Time [s] the petals need to the end they move to; jammed ones never say that they are there."""
        opens = self.state("cover_drive") == "OPENING"
        way = abs(float(opens) - self._cover.value(self.now))
        return way * float(self.p.cover_open_time if opens else self.p.cover_close_time)

    @on_enter("cover_drive", "OPENING")
    @on_enter("cover_drive", "CLOSING")
    def _move_cover(self) -> None:
        here, opens = self._cover.value(self.now), self.state("cover_drive") == "OPENING"
        end = float(opens)
        if self.p.cover_jammed:
            end = self.p.cover_jam_at if min(here, end) <= self.p.cover_jam_at <= max(here, end) else here
        rate = 1.0 / (self.p.cover_open_time if opens else self.p.cover_close_time)
        path = constant_rate(here, end, rate=rate, t0=self.now)
        self._cover.follow(self.now, path.position, path.kinks)

    @on_enter("cover_drive", "STILL")
    def _stop_cover(self) -> None:
        self._cover.follow(self.now, self._cover.value(self.now))

    @on_enter("m1_cover", "OPENED")
    def _cover_is_open(self) -> None:
        self._cover.follow(self.now, 1.0)

    @on_enter("m1_cover", "CLOSED")
    def _cover_is_closed(self) -> None:
        self._cover.follow(self.now, 0.0)

    # ----------------------------------------------------------------- air

    def cell_load(self) -> float:
        """Weigh what rests on a hard point [kg]."""
        return float(self.p.hardpoint_load)

    @on_trigger("supply_changed")
    @on_trigger("low_air_cleared")
    def _follow_supply(self) -> None:
        self._settle(self._main, self.p.supply_pressure, self.p.supply_time_constant)
        self._follow_demand()

    @on_trigger("m1SetPressure")
    @on_enter("main_valve", "OPENED")
    @on_enter("main_valve", "CLOSED")
    @on_enter("m1_valve", "OPENED")
    @on_enter("m1_valve", "CLOSED")
    def _follow_demand(self) -> None:
        fed = self.state("main_valve") == "OPENED" and self.state("m1_valve") == "OPENED"
        asked = max(0.0, self.v.m1_set_pressure)  # a valve lets air in and no vacuum
        target = min(asked, self.p.m1_share * self.p.supply_pressure) if fed else 0.0
        rises = target > self._m1.value(self.now)
        self._settle(self._m1, target, self.p.m1_rise_time_constant if rises else self.p.m1_fall_time_constant)

    def _settle(self, pressure: Timeline, target: float, time_constant: float) -> None:
        here = pressure.value(self.now)
        if here == target:
            pressure.follow(self.now, target)
        else:
            settling = Settling(start=here, target=target, t0=self.now, time_constant=time_constant)
            pressure.follow(self.now, settling)
