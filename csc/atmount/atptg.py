"""What the pointing component computes: targets, and what it says to the mount.

It sends one target to the mount per change, and says by `trackPosting` that it goes on; a point of the sky
needs a new straight line whenever the last one has bent away from the sky.

References
----------
lsst-ts/ts_xml: ATPtg; lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/auxtel/atcs.py
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from csc.atmount.offsets import PointingOffsets
from csc.atmount.target import AzElTarget, Place, SkyTarget, Target, nearest_turn, straight_for
from csc.behaviour import Refused, on_enter, on_trigger
from csc.messages import AckError, Sample
from csc.remote import Remote
from csc.summary_state import SummaryState
from fsm import parse_quantity

__all__ = ["ATPtg"]

HOUR_ANGLE = 15.0
"""Degrees in an hour of right ascension."""
SECONDS_A_DAY = parse_quantity("1 day")[0]
MJD_OF_1970 = 40587.0


class MountState(enum.IntEnum):
    """SAL's numbers for ATMCS.atMountState."""

    TRACKINGDISABLED = 8
    TRACKINGENABLED = 9
    STOPPING = 10


class Kind(enum.IntEnum):
    """SAL's numbers for the kind of a target."""

    RADEC = 1
    AZEL = 2


class Frame(enum.IntEnum):
    """SAL's numbers for the frame of a target."""

    FK5 = 1
    ICRS = 2
    AZEL = 3


class Focus(enum.IntEnum):
    """SAL's numbers for the foci."""

    PRIME = 1
    NASMYTH1 = 2
    NASMYTH2 = 3


FOCUS_PORTS = {Focus.PRIME: 3, Focus.NASMYTH1: 1, Focus.NASMYTH2: 2}
"""The number of M3's port for each focus."""


class ATPtg(PointingOffsets):
    """Points the mount."""

    def start(self) -> None:
        """Listen to the mount."""
        p = self.p
        self._place = Place(latitude=p.latitude, longitude=p.longitude, leap_seconds=p.leap_seconds)
        self._target: Target | None = None
        self._track_id = 0
        self._tellers: Counter[str] = Counter()
        self._last_tai = 0.0
        mount = self.remote("ATMCS")
        mount.event("atMountState").callback(self._hear_mount_state)
        mount.event("summaryState").callback(self._hear_summary_state)
        mount.event("m3PortSelected").callback(lambda sample: self.changed())
        self.remote("ATDome").event("azimuthInPosition").callback(self._hear_dome)

    # ------------------------------------------------------- what is heard

    @property
    def _linked(self) -> bool:
        return self.state("mount_link") == "CONNECTED"

    def _hear_mount_state(self, sample: Sample) -> None:
        if self._linked and sample.state != MountState.TRACKINGENABLED:
            self.fire("mount_stopped")

    def _hear_summary_state(self, sample: Sample) -> None:
        if self._linked and sample.summaryState == SummaryState.FAULT and self.summary_state == "ENABLED":
            self.fault("MOUNT_FAULT")

    def _hear_dome(self, sample: Sample) -> None:
        self.fire("dome_arrived" if sample.inPosition else "dome_left")

    # -------------------------------------------------------------- targets

    def do_azElTarget(self, data: SimpleNamespace) -> Coroutine[Any, Any, None]:
        """Point at an azimuth and an elevation."""
        target = AzElTarget(azimuth=data.azDegs, elevation=data.elDegs, rotator=data.rotPA)
        description = {
            "targetType": Kind.AZEL,
            "targetName": data.targetName,
            "frame": Frame.AZEL,
            "azDegs": data.azDegs,
            "elDegs": data.elDegs,
            "rotPA": data.rotPA,
        }
        return self._aim(target, data.trackId, "azel_accepted", description)

    def do_raDecTarget(self, data: SimpleNamespace) -> Coroutine[Any, Any, None] | None:
        """Follow a point of the sky, or only say whether that is possible.

        Raises
        ------
        Refused
            If it stands outside the limits now.
        """
        ra = data.ra * HOUR_ANGLE
        sky = SkyTarget(ra=ra, declination=data.declination, rotator=data.rotAngle, place=self._place, near=0.0)
        azimuth, elevation, _ = sky.demand(self.tai)
        turn = nearest_turn(azimuth, self.sense("mount_azimuth"), self.p.azimuth_wrap)
        low, high = self.p.elevation_min, self.p.elevation_max
        valid = low <= elevation <= high and turn is not None
        if data.validateOnly:
            self.publish(
                "validatedTarget",
                force=True,
                isValid=valid,
                az=azimuth,
                el=elevation,
                rot=data.rotAngle,
                trackId=data.trackId,
            )
            return None
        if turn is None or not valid:
            raise self.refusal(
                "TARGET_OUT_OF_RANGE",
                f"elevation out of range: target is at {elevation:.2f} deg, not in [{low:g}, {high:g}] deg",
            )
        target = SkyTarget(ra=ra, declination=data.declination, rotator=data.rotAngle, place=self._place, near=turn)
        description = {
            "targetType": Kind.RADEC,
            "targetName": data.targetName,
            "frame": data.frame or Frame.ICRS,
            "ra": math.radians(ra),
            "declination": math.radians(data.declination),
            "raHours": data.ra,
            "decDegs": data.declination,
            "epoch": data.epoch,
            "equinox": data.equinox,
            "rotAngle": data.rotAngle,
            "rotStartFrame": data.rotStartFrame,
            "rotTrackFrame": data.rotTrackFrame,
            "rotMode": data.rotMode,
            "azDegs": turn,
            "elDegs": elevation,
        }
        return self._aim(target, data.trackId, "radec_accepted", description)

    def do_startTracking(self, data: SimpleNamespace) -> Coroutine[Any, Any, None]:
        """Track the last target again; without one, stay where the mount is."""
        target = self._target or AzElTarget(
            azimuth=self.sense("mount_azimuth"),
            elevation=self.sense("mount_elevation"),
            rotator=self.sense("mount_rotator"),
        )
        accepted = "radec_accepted" if isinstance(target, SkyTarget) else "azel_accepted"
        return self._aim(target, data.trackId, accepted, {})

    async def do_stopTracking(self, data: SimpleNamespace) -> None:
        """Stop the mount, if it tracks and hears."""
        mount = self.remote("ATMCS")
        with self._telling("halted"):
            if self._linked and _mount_state(mount) == MountState.TRACKINGENABLED:
                await mount.command("stopTracking", timeout=self.p.mount_timeout)

    async def _aim(self, target: Target, track_id: int, accepted: str, description: dict[str, Any]) -> None:
        """Have the mount track, give it the target, and only then take it as one's own."""
        with self._telling("aimed"):
            if self._linked:
                mount = self.remote("ATMCS")
                await self._start_mount(mount)
                await self._post(mount, target, track_id)
            if self.summary_state != "ENABLED":
                raise Refused(f"interrupted: now {self.summary_state}")
            self._target, self._track_id = target, track_id
            if description:
                self.publish("currentTarget", force=True, **description)
            self.fire(accepted)

    @contextmanager
    def _telling(self, told: str) -> Iterator[None]:
        """Fire a trigger when the mount has been told, or could not be, by everyone who has begun to."""
        self._tellers[told] += 1
        try:
            yield
        except Exception:
            self._end_telling(told)
            raise
        self._end_telling(told)

    def _end_telling(self, told: str) -> None:
        self._tellers[told] -= 1
        if not self._tellers[told]:
            self.fire(told)

    async def _start_mount(self, mount: Remote) -> None:
        if _mount_state(mount) == MountState.TRACKINGENABLED:
            return
        reader = mount.event("atMountState")
        while _mount_state(mount) == MountState.STOPPING:
            await reader.next(flush=True, timeout=self.p.mount_timeout)
        await mount.command("startTracking", timeout=self.p.mount_timeout)

    async def _post(self, mount: Remote, target: Target, track_id: int) -> None:
        """Send the target as it will be one interval ahead, with the rate at which it moves."""
        tai = max(self.tai, self._last_tai) + self.p.target_lead
        self._last_tai = tai
        here = self._demand(target, tai)
        there = self._demand(target, tai + self.p.target_lead)
        rates = [(later - now) / self.p.target_lead for now, later in zip(here, there, strict=True)]
        rotator = "nasmyth1RotatorAngle" if self.v.focus == Focus.NASMYTH1 else "nasmyth2RotatorAngle"
        fields = {
            "azimuth": here[0],
            "azimuthVelocity": rates[0],
            "elevation": here[1],
            "elevationVelocity": rates[1],
            rotator: here[2],
            f"{rotator}Velocity": rates[2],
        }
        await mount.command(
            "trackTarget",
            timeout=self.p.mount_timeout,
            **fields,
            taiTime=tai,
            trackId=track_id,
            tracksys="sidereal" if isinstance(target, SkyTarget) else "local",
            radesys="ICRS",
        )

    @on_enter("reposting", "UNDER_WAY")
    def _repost(self) -> None:
        self.spawn(self._post_again(), f"{self.component.name} posts")

    async def _post_again(self) -> None:
        with self._telling("reposted"):
            try:
                if self._target is not None:
                    await self._post(self.remote("ATMCS"), self._target, self._track_id)
            except AckError as error:
                self.log("warning", f"Target lost: {error}")
                self.fire("mount_stopped")

    def _demand(self, target: Target, tai: float) -> tuple[float, float, float]:
        """Return where the mount should be [deg], offsets included."""
        v = self.v
        if isinstance(target, SkyTarget):
            east = (v.user_offset_ra + v.handset_offset_ra) / math.cos(math.radians(target.declination))
            target = SkyTarget(
                ra=target.ra + east,
                declination=target.declination + v.user_offset_dec + v.handset_offset_dec,
                rotator=target.rotator,
                place=target.place,
                near=target.near,
            )
        azimuth, elevation, rotator = target.demand(tai)
        return azimuth + v.offset_azimuth, elevation + v.offset_elevation, rotator

    # ------------------------------------------------------------- settings

    def do_pointAddData(self, data: SimpleNamespace) -> None:
        """Store where the mount is and where it should be."""
        expected = (0.0, 0.0, 0.0) if self._target is None else self._demand(self._target, self.tai)
        self.publish(
            "pointData",
            force=True,
            expectedAzimuth=expected[0],
            expectedElevation=expected[1],
            measuredAzimuth=self.sense("mount_azimuth"),
            measuredElevation=self.sense("mount_elevation"),
            measuredRotator=self.sense("mount_rotator"),
        )

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _publish_place(self) -> None:
        p = self.p
        metre = parse_quantity("1 m")[0]
        self.publish(
            "observatoryLocation", longitude=p.longitude, latitude=p.latitude, height=p.height / metre, timeZone=0.0
        )

    # -------------------------------------------------------------- outputs

    def focus_inconsistent(self) -> bool:
        """Tell whether M3 serves another focus than the one chosen."""
        sample = self.remote("ATMCS").event("m3PortSelected").get()
        return sample is not None and bool(sample.selected != FOCUS_PORTS[Focus(self.v.focus)])

    def demand_azimuth(self) -> float:
        """Return the azimuth of the target [deg]."""
        return self._demand(self._target, self.tai)[0] if self._target else 0.0

    def demand_elevation(self) -> float:
        """Return the elevation of the target [deg]."""
        return self._demand(self._target, self.tai)[1] if self._target else 0.0

    def demand_rotator(self) -> float:
        """Return the rotator angle of the target [deg]."""
        return self._demand(self._target, self.tai)[2] if self._target else 0.0

    def repost_after(self) -> float:
        """Return the time after which the target has bent away from a straight line [s]."""
        longest = float(self.p.post_at_most)
        if self._target is None:
            return longest
        return straight_for(self._target, self.tai, self.p.tracking_tolerance, longest)

    # ------------------------------------------------------------ telemetry

    def sample_currentTargetStatus(self) -> Mapping[str, Any]:
        """Measure the target."""
        sample: dict[str, Any] = {"timestamp": self.tai}
        if self._target is None:
            return sample
        here = self._demand(self._target, self.tai)
        there = self._demand(self._target, self.tai + self.p.target_lead)
        rates = [(later - now) / self.p.target_lead for now, later in zip(here, there, strict=True)]
        sample |= {"demandAzVelocity": rates[0], "demandElVelocity": rates[1], "demandRotVelocity": rates[2]}
        sample["airmass"] = 1.0 / max(math.sin(math.radians(here[1])), math.sin(math.radians(self.p.elevation_min)))
        if isinstance(self._target, SkyTarget):
            sample["ha"] = self._target.hour_angle(self.tai) / HOUR_ANGLE
            sample["demandRa"] = self._target.ra / HOUR_ANGLE
            sample["demandDec"] = self._target.declination
        return sample

    def sample_mountStatus(self) -> Mapping[str, Any]:
        """Measure the mount."""
        return {
            "timestamp": self.tai,
            "mountAz": self.sense("mount_azimuth"),
            "mountEl": self.sense("mount_elevation"),
            "mountRot": self.sense("mount_rotator"),
        }

    def sample_mountPositions(self) -> Mapping[str, Any]:
        """Measure the mount over the last second."""
        topic = self.component.blueprint.topics["mountPositions"]
        length = topic.fields["azimuthCalculatedAngle"].length
        step = (topic.cadence or 1.0) / length
        sample: dict[str, Any] = {"cRioTimestamp": self.tai - (length - 1) * step}
        for sense, field in (
            ("mount_azimuth", "azimuth"),
            ("mount_elevation", "elevation"),
            ("mount_rotator", "nasmyth"),
        ):
            history = self.sensed(sense)
            times = (max(history.oldest, self.now - step * back) for back in range(length - 1, -1, -1))
            sample[f"{field}CalculatedAngle"] = tuple(history.value(t) for t in times)
        return sample

    def sample_timeAndDate(self) -> Mapping[str, Any]:
        """Tell the time."""
        utc = self.tai - self.p.leap_seconds
        days = utc / SECONDS_A_DAY
        return {
            "timestamp": self.tai,
            "utc": days % 1.0,
            "mjd": MJD_OF_1970 + days,
            "lst": self._place.sidereal_time(self.tai) / HOUR_ANGLE,
            "leapSecs": round(self.p.leap_seconds),
        }


def _mount_state(mount: Remote) -> int | None:
    sample = mount.event("atMountState").get()
    return None if sample is None else int(sample.state)
