"""What must be computed for ATDome: how it turns, what its encoder loses, how far its doors are open.

The machines in `atdome.yaml` say when the dome turns and when it rests. Here a turn is aimed before it begins,
so that the machine knows how long it takes, and followed when it does.

References
----------
lsst-ts/ts_atdome_controller: docs/Dome Manual.pdf; lsst-ts/ts_atdome: python/lsst/ts/atdome/mock_controller.py.
The slip of the encoder is chosen here; it explains the contingency of the weekly calibrations.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

from csc.atdome.rotation import Rotation, is_near, next_crossing
from csc.behaviour import Behaviour, on_enter, on_trigger
from csc.kinematics import constant_rate, shortest, two_speed, wrap180, wrap360
from fsm import Timeline

__all__ = ["ATDome"]

FULLY_OPEN = 100.0
"""Opening [%] of an open door."""
FULL_TURN = 360.0
"""The circle [deg]."""
MOVE_CODES = {
    "azimuth_motion": {"MOVINGCW": 1, "MOVINGCCW": 2},
    "main_door": {"CLOSING": 4, "OPENING": 8},
    "dropout_door": {"CLOSING": 16, "OPENING": 32},
    "homing": {"HOMING": 64},
    "emergency_stop": {"PRESSED": 128},
}
"""Bits of the controller's move code (lsst-ts/ts_atdome: python/lsst/ts/atdome/enums.py)."""


class ATDome(Behaviour):
    """Computes for the dome."""

    def start(self) -> None:
        """Stand at the initial azimuth, doors closed."""
        azimuth = self.p.initial_azimuth
        self._sign = float(self.rng("sign of slip").choice((-1.0, 1.0)))
        self._rotation = Rotation.at_rest(0.0, offset=azimuth, slip=self.v.slip)
        self._plan = self._rotation
        self._azimuth = Timeline(self._rotation.reported(0.0))
        self._true_azimuth = Timeline(self._rotation.true(0.0))
        self._openings = {"main_door": Timeline(0.0), "dropout_door": Timeline(0.0)}
        self._forget_switch = _nothing
        self.track("azimuth", self._azimuth)
        self.track("true_azimuth", self._true_azimuth)
        self.track("main_door_opening", self._openings["main_door"])
        self.track("dropout_door_opening", self._openings["dropout_door"])
        self.v.commanded_azimuth = math.nan
        self.v.last_goto = azimuth
        if self._at_switch():
            self.component.machines["home_switch"].place("PRESSED")

    # ------------------------------------------------------------ commands

    def do_moveAzimuth(self, data: SimpleNamespace) -> None:
        """Note where to."""
        self.v.commanded_azimuth = self.v.last_goto = wrap360(data.azimuth)

    def do_homeAzimuth(self, data: SimpleNamespace) -> None:
        """Note since when."""
        self.v.commanded_azimuth = math.nan
        self.v.homing_since = self.now

    @on_enter("connection", "CONNECTED")
    def _announce_settings(self) -> None:
        p = self.p
        self.publish(
            "settingsAppliedDomeController",
            rainSensorEnabled=p.rain_sensor_enabled,
            cloudSensorEnabled=p.cloud_sensor_enabled,
            tolerance=p.tolerance,
            homeAzimuth=p.home_azimuth,
            highSpeedDistance=p.high_speed_distance,
            watchdogTimer=p.watchdog_time,
            dropoutTimer=p.dropout_timer,
            reversalDelay=p.reverse_delay,
            autoShutdownEnabled=p.auto_shutdown,
            coast=p.coast,
            encoderCountsPer360=p.encoder_counts_per_turn,
            azimuthMoveTimeout=p.azimuth_timeout,
            doorMoveTimeout=p.door_timeout,
        )
        self.publish(
            "settingsAppliedDomeTcp",
            host=p.host,
            port=p.port,
            readTimeout=p.read_timeout,
            connectionTimeout=p.connection_timeout,
        )
        self.publish(
            "doorEncoderExtremes",
            mainClosed=p.main_door_encoder_closed,
            mainOpened=p.main_door_encoder_opened,
            dropoutClosed=p.dropout_door_encoder_closed,
            dropoutOpened=p.dropout_door_encoder_opened,
        )

    # ------------------------------------------------------------- azimuth

    @on_trigger("aim")
    def _aim(self) -> None:
        """Work out the turn to the last azimuth given to the controller."""
        if self.state("drive") not in ("STOPPED", "TURNING"):
            return
        p, rotation = self.p, self._ready(start=self.state("drive") == "STOPPED")
        scatter = self.rng("position").normal(0.0, p.position_scatter)
        way = shortest(wrap360(rotation.start + rotation.offset), self.v.last_goto)
        way += min(max(scatter, -p.tolerance), p.tolerance)
        way -= math.copysign(min(p.stall_short, abs(way)), way)
        self._plan = self._turn_by(rotation, way)

    @on_trigger("aim_centre")
    def _aim_centre(self) -> None:
        """Work out the turn that brings the encoder back to the middle of its range."""
        if self.state("drive") == "STOPPED":
            rotation = self._ready(start=True)
            far = abs(rotation.start) > self.p.centre_tolerance
            self._plan = self._turn_by(rotation, -rotation.start if far else 0.0)

    @on_trigger("aim_home")
    def _aim_home(self) -> None:
        """Work out the fast turn to the home switch and past it."""
        if self.state("drive") != "STOPPED":
            return
        p, rotation = self.p, self._ready(start=True)
        way = math.copysign(1.0, shortest(wrap360(rotation.start + rotation.offset), p.home_azimuth))
        distance = 0.0
        if not self._at_switch():
            edge = p.home_azimuth - way * p.home_switch_half_width
            distance = (way * (edge - self._true_azimuth.value(self.now))) % FULL_TURN + p.home_overshoot
        self._plan = self._slide(rotation, way * distance, speed=p.high_speed, t0=self.now)

    @on_enter("drive", "REVERSING")
    def _aim_back(self) -> None:
        """Stand, and work out the slow turn back to where the home switch closes."""
        self._stand()
        p, rotation = self.p, self._ready(start=True)
        limit = 0.5 * p.home_switch_half_width
        miss = min(max(self.rng("home switch").normal(0.0, p.home_scatter), -limit), limit)
        way = wrap180(p.home_azimuth - miss - self._true_azimuth.value(self.now))
        self._plan = self._slide(rotation, way, speed=p.low_speed, t0=self.now + p.reverse_delay)

    @on_enter("drive", "TURNING")
    @on_enter("drive", "SEEKING")
    @on_enter("drive", "RETURNING")
    def _go(self) -> None:
        self._follow(self._plan)

    @on_enter("drive", "RESTING")
    def _stand(self) -> None:
        self._follow(self._rotation.stopped(self.now))

    @on_trigger("home_reached")
    def _take_reference(self) -> None:
        """Call the present position home; what the switch misses is the slip that is left."""
        home, encoder = self.p.home_azimuth, self._rotation.path.position(self.now)
        slip = wrap180(home - self._true_azimuth.value(self.now))
        self._follow(Rotation.at_rest(encoder, offset=home - encoder, slip=slip))

    @on_trigger("encoder_slipped")
    def _lose(self) -> None:
        """Take over a slip that was set from outside; the reported azimuth stays as it is."""
        self._follow(self._rotation.slipped(self.now, self.v.slip))

    def _ready(self, *, start: bool) -> Rotation:
        """Give the present position as that of a turn; from rest, the wheel jerks and the dome does not."""
        now, rotation = self.now, self._rotation
        jerk = self.rng("slip").normal(0.0, self.p.slip_per_start) if start else 0.0
        encoder = rotation.path.position(now) + jerk
        return Rotation(
            path=constant_rate(encoder, encoder, rate=self.p.low_speed, t0=now),
            start=encoder,
            offset=rotation.offset,
            slip=rotation.slip_at(now) + jerk,
            growth=self._sign * self.p.slip_per_turn / FULL_TURN,
        )

    def _turn_by(self, rotation: Rotation, way: float) -> Rotation:
        p = self.p
        path = two_speed(
            rotation.start,
            rotation.start + way,
            high=p.high_speed,
            low=p.low_speed,
            threshold=p.high_speed_distance,
            t0=self.now,
        )
        return replace(rotation, path=path)

    def _slide(self, rotation: Rotation, way: float, *, speed: float, t0: float) -> Rotation:
        target = rotation.start + rotation.encoder_way(way)
        return replace(rotation, path=constant_rate(rotation.start, target, rate=speed, t0=t0))

    def _follow(self, rotation: Rotation) -> None:
        now, kinks = self.now, rotation.path.kinks
        self._rotation = rotation
        moves = rotation.heading != 0
        self._azimuth.follow(now, rotation.reported if moves else rotation.reported(now), kinks)
        self._true_azimuth.follow(now, rotation.true if moves else rotation.true(now), kinks)
        self.v.slip = rotation.slip_at(now)
        at_switch = self._at_switch()
        if at_switch != (self.state("home_switch") == "PRESSED"):
            self.fire("home_switch_pressed" if at_switch else "home_switch_released")
        self._watch_switch()

    def _at_switch(self) -> bool:
        return is_near(self._true_azimuth.value(self.now), self.p.home_azimuth, self.p.home_switch_half_width)

    def _watch_switch(self) -> None:
        """Wait for the dome to run onto the home switch or off it."""
        self._forget_switch()
        self._forget_switch = _nothing
        crossing = next_crossing(self._rotation, self.now, self.p.home_azimuth, self.p.home_switch_half_width)
        if crossing is None:
            return
        when, entered = crossing

        def cross() -> None:
            self.fire("home_switch_pressed" if entered else "home_switch_released")
            self._watch_switch()

        self._forget_switch = self.call_later(when - self.now, cross)

    # ------------------------------------------------------------- outputs

    def azimuth_encoder(self) -> int:
        """Count as the encoder does."""
        turns = self._rotation.path.position(self.now) / FULL_TURN
        return int(self.p.encoder_centre + turns * self.p.encoder_counts_per_turn)

    def distance_to_go(self) -> float:
        """Distance [deg] of the reported azimuth from the last one given to the controller."""
        return abs(shortest(self._azimuth.value(self.now), self.v.last_goto))

    def heading(self) -> int:
        """Which way the dome turns."""
        return self._rotation.heading

    def aimed_heading(self) -> int:
        """Which way the dome is to turn next."""
        return self._plan.heading

    def turn_time(self) -> float:
        """How long [s] the turn that was aimed takes from now."""
        return max(0.0, self._plan.path.end - self.now)

    def azimuth_in_position(self) -> bool:
        """Whether the dome stands at the azimuth asked for."""
        if self.state("azimuth_motion") != "NOTINMOTION" or self.state("azimuth_command") != "GOTOPOSITION":
            return False
        return bool(self.distance_to_go() < self.p.tolerance + self.p.in_position_margin)

    def shutter_in_position(self) -> bool:
        """Whether both doors are fully as asked for."""
        return all(
            self.state(door) == self.state(f"{door}_command") and self.state(door) in ("OPENED", "CLOSED")
            for door in self._openings
        )

    def all_axes_in_position(self) -> bool:
        """Whether azimuth and doors are in position."""
        return self.azimuth_in_position() and self.shutter_in_position()

    def move_code(self) -> int:
        """Bits of what moves."""
        return sum(codes.get(self.state(machine), 0) for machine, codes in MOVE_CODES.items())

    # --------------------------------------------------------------- doors

    def main_door_travel_time(self) -> float:
        """Time [s] the main door needs to the end it moves to."""
        return self._travel_time("main_door", self.p.main_door_time)

    def dropout_door_travel_time(self) -> float:
        """Time [s] the dropout door needs to the end it moves to."""
        return self._travel_time("dropout_door", self.p.dropout_door_time)

    def _travel_time(self, door: str, full: float) -> float:
        opening = self._openings[door].value(self.now)
        return abs(self._end_of(door) - opening) / FULLY_OPEN * full

    def _end_of(self, door: str) -> float:
        return FULLY_OPEN if self.state(door) in ("OPENING", "OPENED") else 0.0

    @on_enter("main_door", "OPENING")
    @on_enter("main_door", "CLOSING")
    def _main_door_moves(self) -> None:
        self._move_door("main_door", self.p.main_door_time)

    @on_enter("dropout_door", "OPENING")
    @on_enter("dropout_door", "CLOSING")
    def _dropout_door_moves(self) -> None:
        self._move_door("dropout_door", self.p.dropout_door_time)

    def _move_door(self, door: str, full: float) -> None:
        timeline = self._openings[door]
        path = constant_rate(timeline.value(self.now), self._end_of(door), rate=FULLY_OPEN / full, t0=self.now)
        timeline.follow(self.now, path.position, path.kinks)

    @on_enter("main_door", "OPENED")
    @on_enter("main_door", "CLOSED")
    def _main_door_is_at_its_end(self) -> None:
        self._openings["main_door"].follow(self.now, self._end_of("main_door"))

    @on_enter("dropout_door", "OPENED")
    @on_enter("dropout_door", "CLOSED")
    def _dropout_door_is_at_its_end(self) -> None:
        self._openings["dropout_door"].follow(self.now, self._end_of("dropout_door"))

    @on_enter("main_door", "PARTIALLYOPENED")
    def _main_door_stands(self) -> None:
        self._openings["main_door"].follow(self.now, self._openings["main_door"].value(self.now))

    @on_enter("dropout_door", "PARTIALLYOPENED")
    def _dropout_door_stands(self) -> None:
        self._openings["dropout_door"].follow(self.now, self._openings["dropout_door"].value(self.now))


def _nothing() -> None:
    """Cancel nothing."""
