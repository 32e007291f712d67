"""LATISS' spectrograph: which slot a name means, and what is reported of the element in the light.

Moves and their times are stated in the data sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from csc.behaviour import Behaviour, on_enter, on_trigger
from csc.blueprint import Blueprint
from csc.latiss.detector import element_name, load_detector

__all__ = ["ATSpectrograph"]

_SLOTS = 4


class ATSpectrograph(Behaviour):
    """Computes for the spectrograph."""

    def start(self) -> None:
        """Set up: the stage stands."""
        self._left_at = 0.0
        self._report()

    @classmethod
    def wrong_with(cls, blueprint: Blueprint, name: str, p: Any) -> str:
        """Look at the names of the configuration: what the light passes must be known."""
        detector = load_detector()
        for kind, names, known in (
            ("filter", p.filter_names, detector.filters),
            ("grating", p.grating_names, detector.gratings),
        ):
            unknown = [each for each in names if element_name(each) not in known]
            if unknown or len(names) != _SLOTS:
                return f"there is no {kind} {', '.join(unknown)}" if unknown else f"{len(names)} of {_SLOTS} {kind}s"
        return ""

    @on_enter("ls", "MOVING")
    def _leave(self) -> None:
        self._left_at = self.now

    @on_enter("ls", "NOTINPOSITION")
    def _stand(self) -> None:
        """Stop on the way: the stage has gone as far as its time allowed."""
        start, target = self.v.stage_position, self.v.stage_target
        way = min(abs(target - start), (self.now - self._left_at) * self._stage_speed())
        self.v.stage_position = start + way if target > start else start - way

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _report(self) -> None:
        self._report_filter()
        self._report_grating()
        self._report_settings()

    @on_enter("fw", "STATIONARY")
    def _report_filter(self) -> None:
        slot = self.v.filter_slot
        self._publish_when_connected(
            "reportedFilterPosition",
            slot=slot,
            name=self.v.filter,
            band=self.p.filter_bands[slot],
            centralWavelength=self.p.filter_wavelengths[slot],
            focusOffset=self.p.filter_focus_offsets[slot],
            pointingOffsets=(self.p.filter_offsets_x_arcsec[slot], self.p.filter_offsets_y_arcsec[slot]),
        )

    @on_enter("gw", "STATIONARY")
    def _report_grating(self) -> None:
        slot = self.v.grating_slot
        self._publish_when_connected(
            "reportedDisperserPosition",
            slot=slot,
            name=self.v.grating,
            band=self.p.grating_bands[slot],
            focusOffset=self.p.grating_focus_offsets[slot],
            pointingOffsets=(self.p.grating_offsets_x_arcsec[slot], self.p.grating_offsets_y_arcsec[slot]),
        )

    def _report_settings(self) -> None:
        p = self.p
        self._publish_when_connected(
            "settingsAppliedValues",
            host=p.host,
            port=p.port,
            connectionTimeout=p.connection_timeout,
            responseTimeout=p.response_timeout,
            moveTimeout=p.move_timeout,
            linearStageMinPos=p.stage_min,
            linearStageMaxPos=p.stage_max,
            linearStageSpeed=self._stage_speed(),
            filterNames=_listed(p.filter_names),
            filterCentralWavelengths=_listed(p.filter_wavelengths),
            filterFocusOffsets=_listed(p.filter_focus_offsets),
            filterPointingOffsets=_paired(p.filter_offsets_x_arcsec, p.filter_offsets_y_arcsec),
            gratingNames=_listed(p.grating_names),
            gratingFocusOffsets=_listed(p.grating_focus_offsets),
            gratingPointingOffsets=_paired(p.grating_offsets_x_arcsec, p.grating_offsets_y_arcsec),
            instrumentPort=p.instrument_port,
        )

    def _publish_when_connected(self, event: str, **fields: Any) -> None:
        if self.component.publisher.connected:
            self.publish(event, **fields)

    def _stage_speed(self) -> float:
        """Give the speed of the stage in SAL's unit [mm/s]."""
        field = self.component.blueprint.topics["settingsAppliedValues"].fields["linearStageSpeed"]
        return float(self.p.stage_speed) / field.scale


def _listed(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def _paired(x: Sequence[float], y: Sequence[float]) -> str:
    return ",".join(f"[{dx},{dy}]" for dx, dy in zip(x, y, strict=True))
