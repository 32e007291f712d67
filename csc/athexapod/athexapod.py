"""What the hexapod computes: where its six axes are while they move.

All axes begin together, each at its own constant speed; the slowest decides when a move has ended.

References
----------
lsst-ts/ts_athexapod: python/lsst/ts/athexapod/csc.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from csc.axis import Axis
from csc.behaviour import Behaviour, Refused, on_enter, on_trigger
from csc.kinematics import constant_rate
from fsm import parse_quantity

__all__ = ["ATHexapod"]

AXES = ("x", "y", "z", "u", "v", "w")
TILTS = ("u", "v", "w")

_SECOND_PER_MM = parse_quantity("1 mm/s")[0]
"""A speed of one millimetre a second, in the canonical unit of speeds."""


class ATHexapod(Behaviour):
    """Six axes that move at constant speeds."""

    def start(self) -> None:
        """Set the axes up at 0."""
        self._axes = {name: Axis(0.0, self.now) for name in AXES}
        self._target = dict.fromkeys(AXES, 0.0)
        self._enabling: list[asyncio.Future[None]] = []

    # ------------------------------------------------------------- commands

    async def do_enable(self, data: SimpleNamespace) -> None:
        """Make sure that the controller is ready and the axes are referenced; before the CSC is ENABLED."""
        if self.state("controller") != "READY":
            self.fault("CONTROLLER_NOT_READY")
            raise Refused("hexapod controller not ready; wait for readyForCommand.ready=true")
        if self.state("reference") == "REFERENCED":
            return
        referenced: asyncio.Future[None] = self.clock.loop.create_future()
        self._enabling.append(referenced)
        self.fire("reference_axes")
        await self.clock.wait(referenced, "the hexapod's axes to be referenced")

    def do_moveToPosition(self, data: SimpleNamespace) -> None:
        """Begin a move to a position, if it lies within the limits."""
        self._go({name: getattr(data, name) for name in AXES})

    def do_applyPositionOffset(self, data: SimpleNamespace) -> None:
        """Begin a move by an offset, if it ends within the limits."""
        self._go({name: axis.position(self.now) + getattr(data, name) for name, axis in self._axes.items()})

    def _go(self, target: dict[str, float]) -> None:
        self._target = target
        if not self.target_within_limits():
            return
        speed = self.v.speed / _SECOND_PER_MM
        turn_rate = self.p.max_turn_rate * self.v.speed / self.p.max_speed
        for name, axis in self._axes.items():
            rate = turn_rate if name in TILTS else speed
            axis.follow(self.now, constant_rate(axis.position(self.now), target[name], rate=rate, t0=self.now))

    # ---------------------------------------------------------------- hooks

    @on_enter("motion", "NOTINMOTION")
    def _stand(self) -> None:
        for name, axis in self._axes.items():
            axis.hold(self.now)
            setattr(self.v, name, axis.position(self.now))

    @on_enter("reference", "REFERENCING")
    def _seek_references(self) -> None:
        self._target = dict.fromkeys(AXES, 0.0)
        for axis in self._axes.values():
            way = abs(axis.position(self.now))
            if way and self.p.reference_time:
                rate = way / self.p.reference_time
                axis.follow(self.now, constant_rate(axis.position(self.now), 0.0, rate=rate, t0=self.now))

    @on_trigger("axes_referenced")
    def _tell_referenced(self) -> None:
        for referenced in self._waiting():
            referenced.set_result(None)

    @on_trigger("referencing_failed")
    def _tell_failed(self) -> None:
        for referenced in self._waiting():
            referenced.set_exception(Refused("axes could not be referenced; see errorCode"))

    def _waiting(self) -> list[asyncio.Future[None]]:
        """Take over who waits for the references: the same command may have come twice."""
        waiting, self._enabling = self._enabling, []
        return [referenced for referenced in waiting if not referenced.done()]

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _publish_connection(self) -> None:
        p = self.p
        self.publish(
            "settingsAppliedTcp",
            ip=p.host,
            port=p.port,
            readTimeout=p.movement_timeout,
            writeTimeout=p.movement_timeout,
            connectionTimeout=p.connection_timeout,
        )

    # -------------------------------------------------------------- outputs

    def move_time(self) -> float:
        """Return the time left of the present move [s]."""
        return max(axis.remaining(self.now) for axis in self._axes.values())

    def target_within_limits(self) -> bool:
        """Tell whether the commanded position lies within the soft limits."""
        v, target = self.v, self._target
        return (
            all(abs(target[name]) <= v.limit_xy for name in ("x", "y"))
            and v.limit_z_min <= target["z"] <= v.limit_z_max
            and all(abs(target[name]) <= v.limit_uv for name in ("u", "v"))
            and v.limit_w_min <= target["w"] <= v.limit_w_max
        )

    def target_is_zero(self) -> bool:
        """Tell whether the commanded position is 0 in every axis."""
        return not any(self._target.values())

    def sample_positionStatus(self) -> Mapping[str, Any]:
        """Measure the platform."""
        where = tuple(axis.position(self.now) for axis in self._axes.values())
        aim = tuple(self._target.values())
        return {
            "setpointPosition": aim,
            "reportedPosition": where,
            "positionFollowingError": tuple(is_ - should for is_, should in zip(where, aim, strict=True)),
        }
