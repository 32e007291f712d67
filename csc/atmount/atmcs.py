"""What the mount computes: how its axes slew and track, in closed form.

An axis follows a target by one path per change of target; between changes nothing runs. Positions are
histories that other components, such as the camera, may sense.

References
----------
lsst-ts/ts_atmcs: python/lsst/ts/atmcs/mcs_simulator.py;
lsst-ts/ts_simactuators: python/lsst/ts/simactuators/tracking_actuator.py
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from csc.axis import Axis, pursue
from csc.behaviour import Behaviour, on_enter, on_leave, on_trigger
from csc.kinematics import trapezoid
from csc.messages import Sample
from csc.summary_state import SummaryState
from fsm import Timeline

__all__ = ["ATMCS"]

FIELDS = {
    "elevation": "elevation",
    "azimuth": "azimuth",
    "nasmyth1": "nasmyth1RotatorAngle",
    "nasmyth2": "nasmyth2RotatorAngle",
}
"""The field of a target for each main axis, in the order of SAL's arrays."""


class ATMCS(Behaviour):
    """Four axes that follow targets, and M3."""

    def start(self) -> None:
        """Set the axes up where they wake, and listen to ATPtg."""
        self._axes = {name: Axis(getattr(self.p, f"{name}_start"), self.now) for name in (*FIELDS, "m3")}
        for name in FIELDS:
            self.track(name, self._axes[name].timeline)
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
        v.azimuth_step = abs(data.azimuth - self._axes["azimuth"].position(now))
        v.target_in_limits = self._is_within_limits(data)
        if not v.target_in_limits:
            return
        at = data.taiTime - self.clock.tai_start
        for name, field in FIELDS.items():
            if self.state(f"{name}_axis") == "OFF":
                continue
            path = pursue(
                self._axes[name],
                getattr(data, field),
                rate=getattr(data, f"{field}Velocity"),
                at=at,
                t=now,
                max_velocity=p.max_velocity,
                max_acceleration=p.max_acceleration,
            )
            self._axes[name].follow(now, path)
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
        axis, p = self._axes["m3"], self.p
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
                self._axes[name].hold(self.now)
            else:
                self._axes[name].rest(self.now)

    @on_enter("tracking", "STOPPING")
    def _brake(self) -> None:
        for name in FIELDS:
            if self.state(f"{name}_axis") != "OFF":
                self._axes[name].brake(self.now, self.p.max_acceleration)

    @on_enter("m3", "NASMYTH1")
    @on_enter("m3", "PORT3")
    @on_enter("m3", "UNKNOWNPOSITION")
    def _hold_m3(self) -> None:
        self._axes["m3"].hold(self.now)

    @on_enter("m3", "NASMYTH2")
    def _let_light_in(self) -> None:
        self._axes["m3"].hold(self.now)
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
        return self._axes["m3"].position(self.now)

    def elevation_remaining(self) -> float:
        """Return the time until elevation has arrived [s]."""
        return self._axes["elevation"].remaining(self.now)

    def azimuth_remaining(self) -> float:
        """Return the time until azimuth has arrived [s]."""
        return self._axes["azimuth"].remaining(self.now)

    def nasmyth1_remaining(self) -> float:
        """Return the time until rotator 1 has arrived [s]."""
        return self._axes["nasmyth1"].remaining(self.now)

    def nasmyth2_remaining(self) -> float:
        """Return the time until rotator 2 has arrived [s]."""
        return self._axes["nasmyth2"].remaining(self.now)

    def m3_remaining(self) -> float:
        """Return the time until M3 has arrived [s]."""
        return self._axes["m3"].remaining(self.now)

    def elevation_velocity(self) -> float:
        """Return the speed of elevation [deg/s]."""
        return self._axes["elevation"].velocity(self.now)

    def azimuth_velocity(self) -> float:
        """Return the speed of azimuth [deg/s]."""
        return self._axes["azimuth"].velocity(self.now)

    def nasmyth1_velocity(self) -> float:
        """Return the speed of rotator 1 [deg/s]."""
        return self._axes["nasmyth1"].velocity(self.now)

    def nasmyth2_velocity(self) -> float:
        """Return the speed of rotator 2 [deg/s]."""
        return self._axes["nasmyth2"].velocity(self.now)

    def azimuth_topple_ccw(self) -> bool:
        """Tell whether the counter-clockwise topple block acts."""
        return self._axes["azimuth"].position(self.now) < float(self.p.topple_ccw)

    def azimuth_topple_cw(self) -> bool:
        """Tell whether the clockwise topple block acts."""
        return self._axes["azimuth"].position(self.now) > float(self.p.topple_cw)

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

    def sample_mount_AzEl_Encoders(self) -> Mapping[str, Any]:
        """Measure elevation and azimuth over the last second."""
        return self._stamp() | {
            key: value
            for name in ("elevation", "azimuth")
            for key, value in self._encoders(name, self._series(name)).items()
        }

    def sample_mount_Nasmyth_Encoders(self) -> Mapping[str, Any]:
        """Measure the rotators over the last second; NaN for the one that is not in use."""
        sample = self._stamp()
        for number, name in enumerate(("nasmyth1", "nasmyth2"), start=1):
            series = self._series(name)
            sample |= self._encoders(name, series)
            if self.v.selected_port != number:
                sample[f"{name}CalculatedAngle"] = (math.nan,) * len(series)
        return sample

    def sample_trajectory(self) -> Mapping[str, Any]:
        """Compute where the axes should have been over the last second."""
        sample = self._stamp()
        for name, field in FIELDS.items():
            sample[field] = self._series(name)
            sample[f"{field}Velocity"] = self._derivative(name, 1)
        return sample

    def sample_azEl_mountMotorEncoders(self) -> Mapping[str, Any]:
        """Measure the motors of elevation and azimuth over the last second."""
        return self._stamp() | self._motors({"elevation": "elevation", "azimuth1": "azimuth", "azimuth2": "azimuth"})

    def sample_nasmyth_m3_mountMotorEncoders(self) -> Mapping[str, Any]:
        """Measure the motors of the rotators and M3 over the last second."""
        return self._stamp() | self._motors({name: name for name in ("nasmyth1", "nasmyth2", "m3")})

    def sample_measuredMotorVelocity(self) -> Mapping[str, Any]:
        """Measure the speeds of the motors over the last second."""
        ratio = self.p.motor_ratio
        rates = {name: tuple(ratio * rate for rate in self._derivative(name, 1)) for name in self._axes}
        return self._stamp() | {
            "elevationMotorVelocity": rates["elevation"],
            "azimuthMotor1Velocity": rates["azimuth"],
            "azimuthMotor2Velocity": rates["azimuth"],
            "nasmyth1MotorVelocity": rates["nasmyth1"],
            "nasmyth2MotorVelocity": rates["nasmyth2"],
            "m3Velocity": rates["m3"],
        }

    def sample_torqueDemand(self) -> Mapping[str, Any]:
        """Compute the torques asked for over the last second."""
        torques = {
            name: tuple(self.p.torque_per_acceleration * a for a in self._derivative(name, 2)) for name in self._axes
        }
        return self._stamp() | {
            "elevationMotorTorque": torques["elevation"],
            "azimuthMotor1Torque": torques["azimuth"],
            "azimuthMotor2Torque": torques["azimuth"],
            "nasmyth1MotorTorque": torques["nasmyth1"],
            "nasmyth2MotorTorque": torques["nasmyth2"],
        }

    def sample_measuredTorque(self) -> Mapping[str, Any]:
        """Measure the torques over the last second: as asked for."""
        m3 = tuple(self.p.torque_per_acceleration * a for a in self._derivative("m3", 2))
        return {**self.sample_torqueDemand(), "m3Torque": m3}

    def _stamp(self) -> dict[str, Any]:
        return {"cRIO_timestamp": self.tai - (self._length() - 1) * self.p.sample_interval}

    def _length(self) -> int:
        return self.component.blueprint.topics["trajectory"].fields["azimuth"].length

    def _series(self, name: str, extra: int = 0) -> tuple[float, ...]:
        """Return the positions of the last second, and `extra` before them [deg]."""
        history, now, step = self._axes[name].timeline, self.now, self.p.sample_interval
        count = self._length() + extra
        return tuple(history.value(max(history.oldest, now - step * back)) for back in range(count - 1, -1, -1))

    def _derivative(self, name: str, order: int) -> tuple[float, ...]:
        """Return the speeds [deg/s] or accelerations [deg/s2] of the last second."""
        values, step = self._series(name, extra=order), self.p.sample_interval
        for _ in range(order):
            values = tuple((after - before) / step for before, after in zip(values, values[1:], strict=False))
        return values

    def _encoders(self, name: str, series: tuple[float, ...]) -> dict[str, Any]:
        raw = tuple(round(self.p.encoder_counts * angle) for angle in series)
        return {f"{name}CalculatedAngle": series} | {f"{name}Encoder{number}Raw": raw for number in (1, 2, 3)}

    def _motors(self, encoders: Mapping[str, str]) -> dict[str, Any]:
        sample: dict[str, Any] = {}
        for encoder, name in encoders.items():
            series = self._series(name)
            sample[f"{encoder}Encoder"] = tuple(self.p.motor_ratio * angle for angle in series)
            sample[f"{encoder}EncoderRaw"] = tuple(round(self.p.encoder_counts * angle) for angle in series)
        return sample
