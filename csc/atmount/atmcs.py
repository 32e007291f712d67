"""What the mount computes: how its axes slew and track, in closed form.

An axis follows a target by one path per change of target; between changes nothing runs. Positions are
histories that other components, such as the camera, may sense.

References
----------
lsst-ts/ts_atmcs: python/lsst/ts/atmcs/mcs_simulator.py;
lsst-ts/ts_simactuators: python/lsst/ts/simactuators/tracking_actuator.py
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from csc.atmount.encoders import FIELDS, MountTelemetry
from csc.axis import Axis, pursue
from csc.behaviour import on_enter, on_leave, on_trigger
from csc.kinematics import trapezoid
from csc.messages import Sample
from csc.summary_state import SummaryState
from fsm import Timeline

__all__ = ["ATMCS"]


class ATMCS(MountTelemetry):
    """Four axes that follow targets, and M3."""

    def start(self) -> None:
        """Set the axes up where they wake, and listen to ATPtg."""
        self.axes = {name: Axis(getattr(self.p, f"{name}_start"), self.now) for name in (*FIELDS, "m3")}
        for name in FIELDS:
            self.track(name, self.axes[name].timeline)
        self._light = Timeline(1.0, self.now)
        self.track("m3_at_nasmyth2", self._light)
        self._target: dict[str, Any] = {}
        pointing = self.remote("ATPtg")
        pointing.event("trackPosting").callback(self._hear_posting)
        pointing.event("summaryState").callback(self._hear_pointing)

    # ------------------------------------------------------- what is heard

    def _hear_posting(self, sample: Sample) -> None:
        self.fire("posting_begins" if sample.status else "posting_ends")

    def _hear_pointing(self, sample: Sample) -> None:
        if sample.summaryState == SummaryState.STANDBY:
            self.fire("pointing_cycled")

    # ------------------------------------------------------------- commands

    def do_trackTarget(self, data: SimpleNamespace) -> None:
        """Take a new path on each axis that is driven."""
        now, p, v = self.now, self.p, self.v
        v.azimuth_step = abs(data.azimuth - self.axes["azimuth"].position(now))
        v.target_in_limits = self._is_within_limits(data)
        if not v.target_in_limits:
            return
        at = data.taiTime - self.clock.tai_start
        for name, field in FIELDS.items():
            if self.state(f"{name}_axis") == "OFF":
                continue
            path = pursue(
                self.axes[name],
                getattr(data, field),
                rate=getattr(data, f"{field}Velocity"),
                at=at,
                t=now,
                max_velocity=p.max_velocity,
                max_acceleration=p.max_acceleration,
            )
            self.axes[name].follow(now, path)
        v.target_azimuth, v.target_elevation = data.azimuth, data.elevation
        v.target_time, v.track_id = data.taiTime, data.trackId
        self._target = dict(vars(data))
        self.publish("target", force=True, **self._target)

    def _is_within_limits(self, data: SimpleNamespace) -> bool:
        p = self.p
        return all(
            getattr(p, f"{name}_min") <= getattr(data, field) <= getattr(p, f"{name}_max")
            and abs(getattr(data, f"{field}Velocity")) < p.max_velocity
            for name, field in FIELDS.items()
        )

    def do_setInstrumentPort(self, data: SimpleNamespace) -> None:
        """Turn M3 towards a port."""
        axis, p = self.axes["m3"], self.p
        path = trapezoid(
            axis.position(self.now),
            p.m3_ports[data.port - 1],
            max_velocity=p.max_velocity,
            max_acceleration=p.max_acceleration,
            t0=self.now,
            velocity=axis.velocity(self.now),
        )
        axis.follow(self.now, path)

    # ---------------------------------------------------------------- hooks

    @on_enter("elevation_axis", "SETTLING")
    @on_enter("azimuth_axis", "SETTLING")
    @on_enter("nasmyth1_axis", "SETTLING")
    @on_enter("nasmyth2_axis", "SETTLING")
    @on_enter("elevation_axis", "OFF")
    @on_enter("azimuth_axis", "OFF")
    @on_enter("nasmyth1_axis", "OFF")
    @on_enter("nasmyth2_axis", "OFF")
    def _stand(self) -> None:
        """Let the brakes hold what is off, and note what has arrived."""
        for name in FIELDS:
            if self.state(f"{name}_axis") == "OFF":
                self.axes[name].hold(self.now)
            else:
                self.axes[name].rest(self.now)

    @on_enter("tracking", "STOPPING")
    @on_enter("tracking", "HANDPADDLECONTROL")
    def _brake(self) -> None:
        for name in FIELDS:
            if self.state(f"{name}_axis") != "OFF":
                self.axes[name].brake(self.now, self.p.max_acceleration)

    @on_enter("m3", "NASMYTH1")
    @on_enter("m3", "PORT3")
    @on_enter("m3", "UNKNOWNPOSITION")
    def _hold_m3(self) -> None:
        self.axes["m3"].hold(self.now)

    @on_enter("m3", "NASMYTH2")
    def _let_light_in(self) -> None:
        self.axes["m3"].hold(self.now)
        self._light.follow(self.now, 1.0)

    @on_leave("m3", "NASMYTH2")
    def _take_light_away(self) -> None:
        self._light.follow(self.now, 0.0)

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _publish_limits(self) -> None:
        names = (*FIELDS, "m3")
        self.publish(
            "positionLimits",
            minimum=tuple(getattr(self.p, f"{name}_min") for name in names),
            maximum=tuple(getattr(self.p, f"{name}_max") for name in names),
        )
        self.publish("m3RotatorLimitSwitchCCW", active=False)
        self.publish("m3RotatorLimitSwitchCW", active=False)

    # -------------------------------------------------------------- outputs

    def m3_angle(self) -> float:
        """Return the angle of M3 [deg]."""
        return self.axes["m3"].position(self.now)

    def elevation_remaining(self) -> float:
        """Return the time until elevation has arrived [s]."""
        return self.axes["elevation"].remaining(self.now)

    def azimuth_remaining(self) -> float:
        """Return the time until azimuth has arrived [s]."""
        return self.axes["azimuth"].remaining(self.now)

    def nasmyth1_remaining(self) -> float:
        """Return the time until rotator 1 has arrived [s]."""
        return self.axes["nasmyth1"].remaining(self.now)

    def nasmyth2_remaining(self) -> float:
        """Return the time until rotator 2 has arrived [s]."""
        return self.axes["nasmyth2"].remaining(self.now)

    def m3_remaining(self) -> float:
        """Return the time until M3 has arrived [s]."""
        return self.axes["m3"].remaining(self.now)

    def elevation_velocity(self) -> float:
        """Return the speed of elevation [deg/s]."""
        return self.axes["elevation"].velocity(self.now)

    def azimuth_velocity(self) -> float:
        """Return the speed of azimuth [deg/s]."""
        return self.axes["azimuth"].velocity(self.now)

    def nasmyth1_velocity(self) -> float:
        """Return the speed of rotator 1 [deg/s]."""
        return self.axes["nasmyth1"].velocity(self.now)

    def nasmyth2_velocity(self) -> float:
        """Return the speed of rotator 2 [deg/s]."""
        return self.axes["nasmyth2"].velocity(self.now)

    def azimuth_topple_ccw(self) -> bool:
        """Tell whether the counter-clockwise topple block acts."""
        return self.axes["azimuth"].position(self.now) < float(self.p.topple_ccw)

    def azimuth_topple_cw(self) -> bool:
        """Tell whether the clockwise topple block acts."""
        return self.axes["azimuth"].position(self.now) > float(self.p.topple_cw)

    # ------------------------------------------------------------ telemetry

    def sample_target(self) -> Mapping[str, Any] | None:
        """Measure the target of now; nothing unless targets stream in."""
        if self.state("targets") != "STREAMING" or not self._target:
            return None
        moved = dict(self._target)
        for field in FIELDS.values():
            moved[field] += moved[f"{field}Velocity"] * (self.tai - moved["taiTime"])
        moved["taiTime"] = self.tai
        return moved
