"""What the active optics compute, and what they say to ATPneumatics, ATHexapod and ATPtg.

A correction is one conversation: look at the elevation, command what has changed by more than its tolerance.
It begins when something has changed: a target, the mount's state, the shutter, a filter, an offset. While the
elevation changes it is repeated, more often the faster that goes; while nothing changes nothing runs.

References
----------
lsst-ts/ts_ataos: python/lsst/ts/ataos/ataos_csc.py
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from csc.ataos.mirror import MirrorAir
from csc.ataos.model import clipped, position
from csc.behaviour import Refused, on_enter, on_trigger
from csc.messages import AckError, Sample
from csc.summary_state import SummaryState
from fsm import parse_quantity

__all__ = ["ATAOS"]

AXES = ("x", "y", "z", "u", "v", "w")
ARCSEC = parse_quantity("1 arcsec")[0]
LISTENS = {
    "ATMCS": ("atMountState", "allAxesInPosition", "elevationInPosition"),
    "ATPtg": ("currentTarget",),
    "ATCamera": ("shutterDetailedState",),
    "ATSpectrograph": ("reportedFilterPosition", "reportedDisperserPosition", "summaryState"),
}
"""Events after which a correction may be due."""


class MountState(enum.IntEnum):
    """SAL's number for ATMCS.atMountState while it tracks."""

    TRACKINGENABLED = 9


class Shutter(enum.IntEnum):
    """SAL's number for a closed shutter of ATCamera."""

    CLOSED = 1


class Bit(enum.IntFlag):
    """SAL's bits for the corrections that are under way."""

    M1 = 2
    M2 = 4
    HEXAPOD = 8
    FOCUS = 16
    ATSPECTROGRAPH = 32


class ATAOS(MirrorAir):
    """Corrects mirror, hexapod and focus."""

    def start(self) -> None:
        """Listen to what may call for a correction."""
        self._pointing = {"filter": (0.0, 0.0), "disperser": (0.0, 0.0)}
        self._held = False
        self._single = 0
        for component, topics in LISTENS.items():
            for topic in topics:
                self.remote(component).event(topic).callback(self._hear)

    def _hear(self, sample: Sample) -> None:
        if sample.topic == "summaryState" and sample.summaryState == SummaryState.ENABLED:
            self.fire("spectrograph_enabled")
        if sample.topic == "shutterDetailedState" and not (self._held and sample.substate == Shutter.CLOSED):
            return  # only a correction that an open shutter has held back waits for it
        self._held = False
        self.fire("look")

    # ------------------------------------------------------------- the loop

    @on_enter("loop", "CORRECTING")
    def _begin_correcting(self) -> None:
        self.spawn(self._correct(), "ATAOS corrects")

    async def _correct(self) -> None:
        try:
            if self.p.loop_broken:
                raise Refused("error inside ATAOS")
            azimuth, elevation = self.sense("azimuth"), self._elevation_ahead()
            if self.state("atspectrograph") == "ON" and self._may_move():
                await self._correct_spectrograph()
            if self.state("m1") == "ON":
                await self._correct_m1(azimuth, elevation)
            if self._may_move():
                if self.state("hexapod") == "ON":
                    await self._correct_hexapod(azimuth, elevation, AXES)
                elif self.state("focus") == "ON":
                    await self._correct_hexapod(azimuth, elevation, ("z",))
        except (AckError, Refused) as error:
            if self.summary_state == "ENABLED":
                self.fault("CORRECTION_LOOP_DIED", f"Correction loop died: {error}")
        if self._rate() > 0.0:
            self.fire("elevation_changes")
        self.fire("corrected")

    def _elevation_ahead(self) -> float:
        """Return the elevation to correct for [deg]: on the way down, half of what is still to go."""
        elevation = float(self.sense("elevation"))
        mount = self.remote("ATMCS")
        state, target = mount.event("atMountState").get(), mount.event("target").get()
        if state is None or target is None or state.state != MountState.TRACKINGENABLED:
            return elevation
        return (elevation + float(target.elevation)) / 2.0 if target.elevation < elevation else elevation

    def _rate(self) -> float:
        """Return how fast the elevation is going to change [deg/s]."""
        history, interval = self.sensed("elevation"), float(self.p.correction_interval)
        return abs(history.value(self.now + interval) - history.value(self.now)) / interval

    def _may_move(self) -> bool:
        """Tell whether the hexapod may move, the shutter being closed or not mattering; note that it was held back."""
        shutter = self.remote("ATCamera").event("shutterDetailedState").get()
        may = self.state("move_while_exposing") == "ON" or shutter is None or shutter.substate == Shutter.CLOSED
        self._held = self._held or not may
        return may

    @contextmanager
    def _under_way(self, bit: Bit, topic: str, fields: Mapping[str, Any]) -> Iterator[None]:
        """Publish that a correction begins and has ended."""
        self.v.under_way |= int(bit)
        self.changed()
        self.publish(f"{topic}CorrectionStarted", force=True, **fields)
        try:
            yield
        finally:
            self.publish(f"{topic}CorrectionCompleted", force=True, **fields)
            self.v.under_way &= ~int(bit)
            self.changed()

    # ------------------------------------------------------- the corrections

    async def _correct_m1(self, azimuth: float, elevation: float) -> None:
        pressure = self.pressure(elevation)
        present = self.remote("ATPneumatics").event("m1SetPressure").get()
        if present is not None and abs(present.pressure - pressure) < self.p.m1_tolerance:
            return
        fields = {
            "azimuth": azimuth,
            "elevation": elevation,
            "pressure": pressure,
            "temperature": self.p.temperature,
        }
        with self._under_way(Bit.M1, "m1", fields):
            await self.command_pressure(pressure)

    def _aim(self, elevation: float) -> dict[str, float]:
        """Return the position that the hexapod should have [mm, deg]."""
        p, v = self.p, self.v
        within = clipped(elevation, p.hexapod_elevation_min, p.hexapod_elevation_max)
        temperature = clipped(p.temperature, p.hexapod_temperature_min, p.hexapod_temperature_max)
        return {
            "x": position(within, temperature, p.hexapod_x_polynomial) + v.offset_x,
            "y": position(within, temperature, p.hexapod_y_polynomial) + v.offset_y,
            "z": position(within, temperature, p.hexapod_z_polynomial) + v.offset_z,
            "u": p.hexapod_u + v.offset_u,
            "v": p.hexapod_v + v.offset_v,
            "w": v.offset_w,
        }

    async def _correct_hexapod(self, azimuth: float, elevation: float, axes: tuple[str, ...]) -> None:
        p = self.p
        tolerances = {"x": p.xy_tolerance, "y": p.xy_tolerance, "z": p.z_tolerance}
        tolerances |= {"u": p.uv_tolerance, "v": p.uv_tolerance}
        hexapod = self.remote("ATHexapod")
        sample = hexapod.event("positionUpdate").get()
        present = {axis: getattr(sample, f"position{axis.upper()}") if sample else 0.0 for axis in AXES}
        aim = present | {axis: value for axis, value in self._aim(elevation).items() if axis in axes}
        if sample and all(abs(aim[axis] - present[axis]) < tolerances[axis] for axis in axes if axis in tolerances):
            return
        fields: dict[str, Any] = {"azimuth": azimuth, "elevation": elevation, "temperature": p.temperature}
        if axes == AXES:
            bit, topic = Bit.HEXAPOD, "hexapod"
            fields |= {f"hexapod_{axis}": value for axis, value in aim.items()}
        else:
            bit, topic = Bit.FOCUS, "focus"
            fields["focus"] = aim["z"]
        with self._under_way(bit, topic, fields):
            move: dict[str, Any] = aim
            await hexapod.command("moveToPosition", timeout=p.command_timeout, **move)

    async def _correct_spectrograph(self) -> None:
        """Take over what filter and disperser do to focus and pointing, where it has changed."""
        v = self.v
        spectrograph = self.remote("ATSpectrograph")
        enabled = spectrograph.summary_state == "ENABLED"
        focus, pointing = 0.0, [0.0, 0.0]
        wanted = dict(self._pointing)
        for element, topic in (("filter", "reportedFilterPosition"), ("disperser", "reportedDisperserPosition")):
            sample = spectrograph.event(topic).get() if enabled else None
            offset = float(sample.focusOffset) if sample else 0.0
            focus += offset - getattr(v, f"focus_{element}")
            setattr(v, f"focus_{element}", offset)
            wanted[element] = tuple(sample.pointingOffsets) if sample else (0.0, 0.0)
            pointing = [
                total + there - here
                for total, there, here in zip(pointing, wanted[element], self._pointing[element], strict=True)
            ]
        moves = max(abs(offset) for offset in pointing) * ARCSEC > self.p.pointing_tolerance
        if focus == 0.0 and not moves:
            return
        v.offset_z += focus
        self._publish_focus()
        with self._under_way(
            Bit.ATSPECTROGRAPH, "atspectrograph", {"focusOffset": focus, "pointingOffsets": tuple(pointing)}
        ):
            if moves:
                dx, dy = (offset * ARCSEC / self.p.plate_scale for offset in pointing)
                await self.remote("ATPtg").command("poriginOffset", dx=dx, dy=dy, timeout=self.p.command_timeout)
                self._pointing = wanted
        parts = (self._pointing["filter"], self._pointing["disperser"])
        total = tuple(sum(both) for both in zip(*parts, strict=True))
        self.publish("pointingOffsetSummary", total=total, filter=parts[0], disperser=parts[1])

    # -------------------------------------------------------------- commands

    async def do_applyCorrection(self, data: SimpleNamespace) -> None:
        """Correct hexapod and M1 once, for a place; elevation 0 means where the telescope is."""
        elevation = data.elevation or float(self.sense("elevation"))
        azimuth = data.azimuth if data.elevation else float(self.sense("azimuth"))
        self._single += 1
        try:
            await self._correct_hexapod(azimuth, elevation, AXES)
            await self._correct_m1(azimuth, elevation)
        except Exception:
            self._end_single()
            raise
        self._end_single()

    def _end_single(self) -> None:
        """Say that nobody has a correction made any more, when that is so."""
        self._single -= 1
        if not self._single:
            self.fire("applied")

    def do_applyFocusOffset(self, data: SimpleNamespace) -> None:
        """Add to the focus."""
        self.v.offset_z += data.offset
        self.v.focus_user += data.offset
        self._publish_focus()

    def do_offset(self, data: SimpleNamespace) -> None:
        """Add to the offsets."""
        for axis in (*AXES, "m1", "m2"):
            setattr(self.v, f"offset_{axis}", getattr(self.v, f"offset_{axis}") + getattr(data, axis))

    def do_setCorrectionModelOffsets(self, data: SimpleNamespace) -> None:
        """Set the offset of one axis.

        Raises
        ------
        Refused
            If there is no such axis.
        """
        axes = (*AXES, "m1", "m2")
        if data.axis not in axes:
            raise Refused(f"setCorrectionModelOffsets refused: axis {data.axis!r} invalid; one of {', '.join(axes)}")
        setattr(self.v, f"offset_{data.axis}", data.offset)

    def do_resetOffset(self, data: SimpleNamespace) -> None:
        """Reset offsets; what filter, disperser and wavelength do to the focus stays."""
        v = self.v
        for axis in (*AXES, "m1", "m2") if data.axis in ("", "all") else (data.axis,):
            setattr(v, f"offset_{axis}", 0.0)
        if v.offset_z == 0.0 and self.state("atspectrograph") == "ON":
            v.offset_z = v.focus_filter + v.focus_disperser + v.focus_wavelength
        v.focus_user = 0.0
        self._publish_focus()

    def do_setWavelength(self, data: SimpleNamespace) -> None:
        """Focus for a wavelength."""
        wanted = self.p.chromatic_dependence * (data.wavelength - self.p.reference_wavelength)
        self.v.offset_z += wanted - self.v.focus_wavelength
        self.v.focus_wavelength = wanted
        self._publish_focus()

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _publish_focus(self) -> None:
        v = self.v
        self.publish(
            "focusOffsetSummary",
            total=v.offset_z,
            userApplied=v.focus_user,
            filter=v.focus_filter,
            disperser=v.focus_disperser,
            wavelength=v.focus_wavelength,
        )

    def look_after(self) -> float:
        """Return the time after which elevation has changed by a step [s]."""
        rate = self._rate()
        longest = float(self.p.command_timeout)
        return longest if rate == 0.0 else clipped(self.p.elevation_step / rate, self.p.correction_interval, longest)
