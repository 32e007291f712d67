"""ComCam's camera: takes images as LATISS' camera does, with nine sensors and a filter changer of its own.

The course of a filter change is stated in the data sheet. What is computed here: which filter a name means, what is
told of it, and the light of an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from csc.behaviour import Refused, on_enter, on_leave, on_trigger
from csc.blueprint import Blueprint
from csc.comcam.focal_plane import load_focal_plane
from csc.latiss.atcamera import ATCamera, Sensor
from csc.latiss.detector import Levels
from csc.latiss.light import Received

__all__ = ["CCCamera"]

_LISTED = 6
"""Elements of the arrays in availableFilters; what is beyond the installed filters is 0."""


class CCCamera(ATCamera):
    """Computes for the camera."""

    def start(self) -> None:
        """Set up: no image was taken yet, and a filter is in the light."""
        super().start()
        self._settle()

    @classmethod
    def wrong_with(cls, blueprint: Blueprint, name: str, p: Any) -> str:
        """Look at the names of the configuration: what the light passes must be known."""
        names, positions = p.filter_names, p.filter_positions
        unknown = [each for each in names if each not in load_focal_plane().filters]
        if unknown:
            return f"there is no filter {', '.join(unknown)}"
        if not 0 < len(names) == len(positions) <= _LISTED:
            listed = f"1 to {_LISTED}, each with its position, can be installed"
            return f"{len(names)} filters at {len(positions)} positions; {listed}"
        return ""

    def do_setFilter(self, data: SimpleNamespace) -> None:
        """Find the slot."""
        if data.name not in self.p.filter_names:
            raise Refused(f"Invalid filter name {data.name!r}; installed are {', '.join(self.p.filter_names)}")
        self.v.filter_target = self.p.filter_names.index(data.name)

    # The filter changer

    @on_trigger("enter_DISABLED")
    def _list_filters(self) -> None:
        names = self.p.filter_names
        times = self.p.unload_time + self.p.latch_time + self.p.rotation_time + self.p.load_time
        longest = (times,) * len(names) + (0.0,) * (_LISTED - len(names))
        self.publish(
            "availableFilters",
            filterNames=",".join(names),
            filterTypes=",".join(map(_band, names)),
            maxChangeAngle=self.p.max_change_angle,
            maxFastChangeAngle=self.p.max_change_angle,
            maxSlowChangeTime=longest,
            maxFastChangeTime=longest,
        )

    @on_trigger("filter_wanted")
    @on_leave("filter_changer", "LOADED")
    @on_leave("filter_changer", "NOFILTER")
    def _begin_change(self) -> None:
        name = self.p.filter_names[self.v.filter_target]
        self.publish("startSetFilter", filterName=name, filterType=_band(name), force=True)

    @on_enter("filter_changer", "UNLOADING")
    def _begin_unloading(self) -> None:
        self.publish("startUnloadFilter", force=True)

    @on_enter("filter_changer", "UNLOADED")
    def _unloaded(self) -> None:
        self.publish("endUnloadFilter", force=True)

    @on_enter("filter_changer", "ROTATING")
    def _begin_rotating(self) -> None:
        self.publish("startRotateCarousel", force=True)

    @on_enter("filter_changer", "LOADING")
    def _begin_loading(self) -> None:
        self.publish("endRotateCarousel", force=True)
        self.publish("startLoadFilter", force=True)

    @on_enter("filter_changer", "LOADED")
    def _loaded(self) -> None:
        self.publish("endLoadFilter", force=True)

    @on_trigger("filter_in_place")
    def _end_change(self) -> None:
        self._settle()
        self.publish(
            "endSetFilter",
            filterName=self.v.filter,
            filterType=self.v.filter_type,
            filterSlot=self.v.filter_slot,
            filterPosition=self.v.filter_position,
            force=True,
        )

    def _settle(self) -> None:
        slot = self.v.filter_slot = self.v.filter_target
        self.v.filter = name = self.p.filter_names[slot]
        self.v.filter_type = _band(name)
        self.v.filter_position = self.p.filter_positions[slot]

    # What it is made of, and what light it sees

    def sensors(self) -> Sequence[Sensor]:
        """Give the sensors of the raft, in the order of their numbers."""
        return load_focal_plane().sensors

    def levels(self) -> Levels:
        """Give what the sensors' pixels do to light."""
        return load_focal_plane().levels

    def lamp_scatter(self) -> float:
        """Give the relative scatter of the light of flats from shot to shot, one sigma."""
        return load_focal_plane().flat_light.scatter

    def elements(self) -> tuple[str, str]:
        """Give the filter that is in the light now; ComCam has no disperser."""
        return self.v.filter, ""

    def collect(self, shutter_open: tuple[float, float] | None, dark_time: float) -> Received:
        """Add up what the image saw; parameters as for LATISS' camera."""
        opened, closed = shutter_open or (0.0, 0.0)
        return load_focal_plane().received(
            self._elements[0],
            brightness=self.p.flat_light,
            open_time=closed - opened,
            dark_time=dark_time,
        )

    def sample_focal_plane_Ccd(self) -> dict[str, Any]:
        """Name the sensors whose values the arrays hold."""
        return {"location": self._places()["ccdLocation"]}


def _band(name: str) -> str:
    return load_focal_plane().filters[name].band
