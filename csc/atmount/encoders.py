"""Telemetry of the mount: what encoders, motors and drives have shown over the last second.

Everything is computed from the histories of the axes when somebody asks.

References
----------
lsst-ts/ts_atmcs: python/lsst/ts/atmcs/mcs_simulator.py
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from csc.axis import Axis
from csc.behaviour import Behaviour

__all__ = ["FIELDS", "MountTelemetry"]

FIELDS = {
    "elevation": "elevation",
    "azimuth": "azimuth",
    "nasmyth1": "nasmyth1RotatorAngle",
    "nasmyth2": "nasmyth2RotatorAngle",
}
"""The field of a target for each main axis, in the order of SAL's arrays."""


class MountTelemetry(Behaviour):
    """Measures the axes of the mount.

    Attributes
    ----------
    axes
        The four main axes and M3, by name.
    """

    axes: dict[str, Axis]

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
        rates = {name: tuple(ratio * rate for rate in self._derivative(name, 1)) for name in self.axes}
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
            name: tuple(self.p.torque_per_acceleration * a for a in self._derivative(name, 2)) for name in self.axes
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
        history, now, step = self.axes[name].timeline, self.now, self.p.sample_interval
        count = self._length() + extra
        return tuple(history.value(max(history.oldest, now - step * back)) for back in range(count - 1, -1, -1))

    def _derivative(self, name: str, order: int) -> tuple[float, ...]:
        """Return the speeds [deg/s] or accelerations [deg/s2] of the last second."""
        values, step = self._series(name, extra=order), self.p.sample_interval
        for _ in range(order):
            values = tuple((after - before) / step for before, after in pairwise(values))
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
