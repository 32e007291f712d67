"""What must be computed for ATDomeTrajectory: when the dome must move on, and what is in the beam.

Targets and the dome's requests arrive as events. The beam is looked at when something has changed, and from time
to time while the dome turns or the telescope slews.

References
----------
lsst-ts/ts_atdometrajectory: python/lsst/ts/atdometrajectory/dome_trajectory.py, simple_algorithm.py
"""

from __future__ import annotations

import math
from collections.abc import Callable

from csc.behaviour import Behaviour, on_trigger
from csc.kinematics import shortest
from csc.messages import AckError, Sample
from csc.summary_state import SummaryState

__all__ = ["ATDomeTrajectory", "slit_distance"]

CONNECTED = ("DISABLED", "ENABLED")
"""Summary states in which a component can be asked."""
GOTOPOSITION = 2
"""ATDome's request for an azimuth (lsst-ts/ts_xml: python/lsst/ts/xml/enums/ATDome.py)."""
NOTINMOTION = 1
"""ATDome stands."""
IN_MOTION = (9, 10)
"""ATMCS tracks or stops (lsst-ts/ts_xml: python/lsst/ts/xml/enums/ATMCS.py)."""


def slit_distance(elevation: float, radius: float, height: float) -> float:
    """Give the way from the telescope's axes to the slit, along the beam.

    Parameters
    ----------
    elevation
        Of the telescope [deg].
    radius
        Of the dome [mm].
    height
        Of the telescope's axes above the centre of the dome [mm].

    Examples
    --------
    >>> round(slit_distance(90.0, 4648.0, 940.0))
    3708
    """
    angle = math.radians(elevation)
    return math.sqrt(radius**2 - (height * math.cos(angle)) ** 2) - height * math.sin(angle)


def _ignore(_: Sample) -> None:
    """Only ask for samples."""


class ATDomeTrajectory(Behaviour):
    """Computes for the dome's trajectory."""

    def start(self) -> None:
        """Listen to dome and telescope."""
        self._dome, self._telescope = self.remote("ATDome"), self.remote("ATMCS")
        self._looks_again = False
        self._looked_at = (math.nan, math.nan)
        for topic in ("summaryState", "azimuthState", "mainDoorState", "dropoutDoorState"):
            self._dome.event(topic).callback(self._inspect)
        for topic in ("summaryState", "atMountState", "allAxesInPosition"):
            self._telescope.event(topic).callback(self._inspect)
        self._dome.event("summaryState").callback(self._follow_return)
        self._telescope.event("target").callback(self._follow_target, sampled=False)
        self._stop_hearing: Callable[[], None] | None = None
        self._dome.event("azimuthCommandedState").callback(self._follow_request)

    # ----------------------------------------------------------- following

    def _follow_target(self, target: Sample) -> None:
        self._hear_stream(target.azimuthVelocity != 0.0 or target.elevationVelocity != 0.0)
        if self.state("following") == "ON" and self.state("dome_move") == "IDLE" and self.move_wanted():
            self.fire("look")
        azimuth, elevation = self._looked_at
        step = self.p.inspection_step
        if not (abs(target.elevation - elevation) < step and abs(shortest(target.azimuth, azimuth)) < step):
            self._inspect()

    def _hear_stream(self, moving: bool) -> None:
        """Have targets sampled while they move; one that stands still says all in its first message."""
        if moving and self._stop_hearing is None:
            self._stop_hearing = self._telescope.event("target").callback(_ignore)
        elif not moving and self._stop_hearing is not None:
            self._stop_hearing()
            self._stop_hearing = None

    def _follow_request(self, request: Sample) -> None:
        if self.state("following") == "ON":
            self.fire("look")

    def _follow_return(self, sample: Sample) -> None:
        """Send a dome that takes commands again; a target that stands still would not try again by itself."""
        if self.state("following") == "ON" and sample.summaryState == SummaryState.ENABLED:
            self.fire("look")

    def move_wanted(self) -> bool:
        """Whether the dome was last sent too far from where the telescope goes."""
        target = self._telescope.event("target").get()
        if target is None:
            return False
        asked = self._dome.event("azimuthCommandedState").get()
        if asked is None or asked.commandedState != GOTOPOSITION:
            return True
        mismatch = shortest(asked.azimuth, target.azimuth) * math.cos(math.radians(target.elevation))
        return bool(abs(mismatch) >= self.p.max_delta_azimuth)

    @on_trigger("send_move")
    def _send(self) -> None:
        target = self._telescope.event("target").get()
        if target is not None:
            self.spawn(self._move_dome(target.azimuth), "ATDomeTrajectory.moveAzimuth")

    async def _move_dome(self, azimuth: float) -> None:
        try:
            await self._dome.command("moveAzimuth", azimuth=azimuth, timeout=self.p.move_timeout)
        except AckError as error:
            if error.ack.result != self.v.last_refusal:
                self.log("warning", f"ATDome.moveAzimuth to {azimuth:.2f} deg: {error.ack.result}")
            self.v.last_refusal = error.ack.result
            self.fire("move_refused")
        else:
            self.v.last_refusal = ""
            self.fire("move_accepted")

    @on_trigger("start")
    def _announce_algorithm(self) -> None:
        self.publish(
            "algorithm",
            algorithmName=self.p.algorithm_name,
            algorithmConfig=f"max_delta_azimuth: {self.p.max_delta_azimuth:g}\n",
        )

    # ---------------------------------------------------------- vignetting

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    @on_trigger("enter_STANDBY")
    @on_trigger("enter_FAULT")
    def _look_around(self) -> None:
        self.fire("inspected")

    def _inspect(self, _: Sample | None = None) -> None:
        """Look into the beam now, and again while something moves."""
        if self.summary_state not in CONNECTED:
            return
        target = self._telescope.event("target").get()
        if target is not None:
            self._looked_at = (target.azimuth, target.elevation)
        self.fire("inspected")
        if not self._looks_again and self._something_moves():
            self._looks_again = True
            self.call_later(self.p.inspection_period, self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self._inspect()

    def _something_moves(self) -> bool:
        dome, mount = self._dome.event("azimuthState").get(), self._telescope.event("atMountState").get()
        arrived = self._telescope.event("allAxesInPosition").get()
        if dome is not None and dome.state != NOTINMOTION:
            return True
        if mount is None or mount.state not in IN_MOTION:
            return False
        return not (arrived is not None and arrived.inPosition)

    def shutter_readable(self) -> bool:
        """Whether all three are there to be asked."""
        states = (self.summary_state, self._dome.summary_state, self._telescope.summary_state)
        return all(state in CONNECTED for state in states)

    def azimuth_mismatch(self) -> float | None:
        """Give how far the slit is from the beam [deg], brought to the horizon."""
        if not self.shutter_readable():
            return None
        elevation = self.sense("telescope_elevation")
        radius, height = self.p.dome_inner_radius, self.p.telescope_height_offset
        ratio = slit_distance(0.0, radius, height) / slit_distance(elevation, radius, height)
        mismatch = abs(shortest(self.sense("dome_azimuth"), self.sense("telescope_azimuth")))
        return float(mismatch * math.cos(math.radians(elevation)) * ratio)
