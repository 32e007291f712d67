"""LATISS' camera: names its images, publishes their events, and adds up the light they saw.

The course of an image is stated in the data sheet. What is computed here: the name and number of an image, the
times in its events, and at the end of its read-out the exposure's recipe, which goes to the image store.
A camera that takes its images in the same way overrides what it is made of and what light it sees: `sensors`,
`levels`, `lamp_scatter`, `elements` and `collect`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, Protocol

from csc.behaviour import Behaviour, on_enter, on_leave, on_trigger
from csc.latiss.detector import Condition, Levels, load_detector
from csc.latiss.image_request import DARK_TYPES, ImageRequest, read_key_value_map
from csc.latiss.images import Exposure, ImageStore, day_obs, exposure_name
from csc.latiss.light import LightPath, Received, is_saturated, observed_counts, received, shot

__all__ = ["ATCamera", "Sensor"]

_ITL = 2
_SEED_LIMIT = 2**32
_HOUR = 3600.0
_STEEPEST = 1.0
"""Steepest tilt of the light: half as bright at one edge as in the middle."""
_HISTORIES = tuple(field.name for field in fields(LightPath))


class Sensor(Protocol):
    """What a camera says of each of its sensors."""

    @property
    def header_name(self) -> str:
        """Raft and sensor as headers spell them, ``R00_S00``."""

    @property
    def serial(self) -> str:
        """The serial, which ends in the maker's number."""


class ATCamera(Behaviour):
    """Computes for the camera."""

    def start(self) -> None:
        """Set up: no image was taken yet."""
        store = self.component.services.get("images")
        self._images: ImageStore = ImageStore() if store is None else store
        self._readout = load_detector().readout
        self._day = 0
        self._seq_num = 0
        self._by_hand = False
        self._note = ""
        self._request: ImageRequest
        self._image: dict[str, Any] = {}
        self._elements = ("", "")
        self._began = self._ended = self._opened = self._closed = 0.0
        self.call_later(0.0, self._announce_offline)

    def set_point(self) -> float:
        """Give the wanted temperature of the CCD [deg_C]."""
        return float(self.p.ccd_set_point)

    # What it is made of, and what light it sees

    def sensors(self) -> Sequence[Sensor]:
        """Give the sensors of the focal plane, in the order of their numbers."""
        return (load_detector().ccd,)

    def levels(self) -> Levels:
        """Give what the sensors' pixels do to light."""
        return load_detector().levels

    def lamp_scatter(self) -> float:
        """Give the relative scatter of the light of flats from shot to shot, one sigma."""
        return load_detector().screen.lamp_scatter

    def elements(self) -> tuple[str, str]:
        """Give the filter and the disperser that are in the light now."""
        return self.sense("filter"), self.sense("grating")

    def collect(self, shutter_open: tuple[float, float] | None, dark_time: float) -> Received:
        """Add up what the image saw.

        Parameters
        ----------
        shutter_open
            When the shutter was open and when it began to close [s]; None if it stayed closed.
        dark_time
            How long charge was collected [s].
        """
        filter_name, grating = self._elements
        return received(
            LightPath(**{name: self.sensed(name) for name in _HISTORIES}),
            load_detector(),
            filter=filter_name,
            grating=grating,
            shutter_open=shutter_open,
            dark_time=dark_time,
        )

    # What is asked for

    def do_takeImages(self, data: SimpleNamespace) -> None:
        """Read what is said of the images."""
        self._ask(data, by_hand=False)

    def do_startImage(self, data: SimpleNamespace) -> None:
        """Read what is said of the image."""
        self._ask(data, by_hand=True)

    def _ask(self, data: SimpleNamespace, *, by_hand: bool) -> None:
        self._request = read_key_value_map(data.keyValueMap)
        self._by_hand = by_hand
        self._note = data.obsNote
        self.v.image_type = self._request.image_type
        self.v.opens_shutter = data.shutter and self._request.image_type not in DARK_TYPES

    # What the image meets

    @on_enter("rafts", "INTEGRATING")
    def _integrate(self) -> None:
        self.component.publisher.refresh()  # BUSY and READY are known before the image is
        self._began = self.now
        self._elements = self.elements()
        self._image = self._name_image()
        requested = self._requested_time()
        margin = 2.0 * self.p.shutter_time if self.v.opens_shutter else 0.0
        self.publish(
            "startIntegration",
            **self._image,
            exposureTime=requested,
            timeout=self.v.exposure_time + margin + self.p.readout_time + self.p.telemetry_time,
            force=True,
        )
        self.publish("imageReadoutParameters", **self._readout_parameters(), force=True)

    @on_enter("shutter", "OPENING")
    def _begin_opening(self) -> None:
        self.publish("startShutterOpen", force=True)

    @on_enter("shutter", "OPEN")
    def _shutter_opened(self) -> None:
        self._opened = self.now
        self.publish("endShutterOpen", force=True)

    @on_enter("shutter", "CLOSING")
    def _begin_closing(self) -> None:
        self._closed = self.now
        self.publish("startShutterClose", force=True)

    @on_enter("shutter", "CLOSED")
    def _shutter_closed(self) -> None:
        self.publish("endShutterClose", force=True)

    @on_enter("rafts", "READING_OUT")
    def _start_readout(self) -> None:
        self._ended = self.now
        self.publish(
            "startReadout",
            **self._image,
            exposureTime=self._requested_time(),
            timestampStartOfReadout=self.tai,
            force=True,
        )

    @on_leave("rafts", "READING_OUT")
    def _end_readout(self) -> None:
        if self.summary_state == "FAULT" or self.state("rafts") != "QUIESCENT":
            return
        self._images.append(self._expose())
        self.publish(
            "endReadout",
            **self._image,
            requestedExposureTime=self._requested_time(),
            timestampEndOfReadout=self.tai,
            force=True,
        )

    @on_leave("take", "REPORTING")
    def _report(self) -> None:
        if self.summary_state == "FAULT":
            return
        begin = self._image["timestampAcquisitionStart"]
        self.publish("imageStored", imageName=self.v.image_name)
        self.publish(
            "endOfImageTelemetry",
            **self._image,
            exposureTime=self._requested_time(),
            timestampDateObs=begin,
            timestampDateEnd=begin + self._ended - self._began,
            measuredShutterOpenTime=self._open_time(),
            darkTime=self._ended - self._began,
            force=True,
        )

    @on_leave("take", "FINISHING")
    def _finish(self) -> None:
        if self.summary_state != "FAULT":
            self.publish("endTakeImage", force=True)

    @on_enter("readiness", "GETTING_READY")
    def _prepare(self) -> None:
        self.publish("prepareToTakeImage", force=True)

    @on_enter("readiness", "READY")
    def _ready(self) -> None:
        self.publish("readyToTakeImage", force=True)

    @on_enter("readiness", "NOT_READY")
    def _not_ready(self) -> None:
        self.publish("notReadyToTakeImage", force=True)

    @on_trigger("console_takes_camera")
    @on_trigger("console_releases_camera")
    def _announce_offline(self) -> None:
        """Publish who has the camera; other states wait until the CSC is DISABLED."""
        machine = self.component.machines["offline"]
        self.publish("offlineDetailedState", substate=machine.current.value)

    @on_trigger("enter_DISABLED")
    @on_trigger("enter_ENABLED")
    def _describe_focal_plane(self) -> None:
        serials = [ccd.serial for ccd in self.sensors()]
        self.publish(
            "focalPlaneSummaryInfo",
            **self._places(),
            ccdLSSTName=":".join(serials),
            ccdManSerNum=":".join(serial.rpartition("-")[2] for serial in serials),
            ccdManufacturer=":".join("ITL" for _ in serials),
            ccdType=self._each(_ITL),
            ccdTempSetPoint=self._each(self.p.ccd_set_point),
            sequencerKey=":".join(self.p.sequencer_file for _ in serials),
        )

    def _places(self) -> dict[str, Any]:
        """Give where the sensors are, as events name it: lists separated by colons."""
        names = [ccd.header_name.partition("_") for ccd in self.sensors()]
        return {
            "ccdLocation": ":".join(raft + sensor for raft, _, sensor in names),
            "raftBay": ":".join(raft for raft, _, _ in names),
            "ccdSlot": ":".join(sensor for _, _, sensor in names),
        }

    def _each(self, value: float) -> float | tuple[float, ...]:
        """Give a value that all sensors have: a number for one sensor, an array for more."""
        number = len(self.sensors())
        return value if number == 1 else (value,) * number

    # What an image is

    def _name_image(self) -> dict[str, Any]:
        day = day_obs(self.tai, self.p.tai_minus_utc)
        self._seq_num = self._seq_num + 1 if day == self._day else self._images.next_seq_num(day)
        self._day = day
        self.v.image_name = name = exposure_name(day, self._seq_num, self.p.image_source)
        source, controller, date, _ = name.split("_")
        return {
            "additionalKeys": self._request.keys,
            "additionalValues": self._request.values,
            "imagesInSequence": self.v.images_in_sequence,
            "imageName": self.v.image_name,
            "imageIndex": self.v.image_index,
            "imageSource": source,
            "imageController": controller,
            "imageDate": date,
            "imageNumber": self._seq_num,
            "timestampAcquisitionStart": self.tai,
        }

    def _readout_parameters(self) -> dict[str, Any]:
        readout = self._readout
        return {
            "imageName": self.v.image_name,
            **self._places(),
            "ccdType": self._each(_ITL),
            "overRows": self._each(readout.parallel_overscan),
            "overCols": self._each(readout.serial_overscan),
            "readRows": self._each(readout.data_rows),
            "readCols": self._each(readout.data_columns),
            "preCols": self._each(readout.serial_prescan),
            "daqFolder": "raw",
            "daqAnnotation": self._note,
        }

    def _requested_time(self) -> float:
        """Give the commanded time [s]; an image ended by hand has none."""
        return 0.0 if self._by_hand else float(self.v.exposure_time)

    def _open_time(self) -> float:
        """Give how long the shutter was open for the image [s]."""
        return self._closed - self._opened if self.v.opens_shutter else 0.0

    def _expose(self) -> Exposure:
        """Add up what the image saw: light comes in while the shutter is open, charge collects until the read-out."""
        filter_name, grating = self._elements
        dark_time = self._ended - self._began
        opens = self.v.opens_shutter
        condition, levels = self._condition(), self.levels()
        usual = self.collect((self._opened, self._closed) if opens else None, dark_time)
        usual = replace(usual, dark=usual.dark * condition.dark_current)
        light = shot(usual, levels, self.lamp_scatter(), self.rng("counts"))
        counts = observed_counts(light, levels)
        by_hand = self._open_time() if opens else dark_time
        begin = self._image["timestampAcquisitionStart"]
        return Exposure(
            name=self.v.image_name,
            image_type=self.v.image_type,
            seq_num=self._seq_num,
            day_obs=self._day,
            exposure_time=by_hand if self._by_hand else self.v.exposure_time,
            dark_time=dark_time,
            filter=filter_name,
            grating=grating,
            reason=self._request.reason,
            program=self._request.program,
            group_id=self._request.group_id,
            tai_begin=begin,
            tai_end=begin + dark_time,
            seed=int(self.rng("pixels").integers(_SEED_LIMIT)),
            light=light,
            counts=counts,
            saturated=is_saturated(counts, levels),
            condition=condition,
        )

    def _condition(self) -> Condition:
        """Give what is not as usual now; the light's tilt grows from the beginning of the run on."""
        return Condition(
            dark_current=self.p.dark_current_factor,
            read_noise=self.p.read_noise_factor,
            tilt=max(-_STEEPEST, min(self.p.light_tilt_per_hour * self.now / _HOUR, _STEEPEST)),
            bad_columns=self.p.new_bad_columns,
        )
