"""The keywords of a raw file: what the exposure says of itself, and what was known of the observatory.

Decides which keyword carries what. A keyword whose value nobody knew stands in the header without one, as in the real
files. Times are TAI.

References
----------
lsst-ts/HeaderService: etc/LATISS/primary_hdu.header (keywords)
lsst/obs_lsst: tests/headers/, python/lsst/obs/lsst/translators/latiss.py, comCam.py (values)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from csc.latiss.detector.description import Amplifier, element_name, load_detector
from csc.latiss.detector.sensor import Sensor
from fsm import nearest

if TYPE_CHECKING:
    from csc.latiss.images import Exposure

__all__ = ["KNOWN", "Card", "Value", "amplifier_cards", "primary_cards"]

Value: TypeAlias = str | int | float | bool | None
Card: TypeAlias = tuple[str, Value, str]
"""Keyword, value and comment."""

KNOWN: Mapping[str, tuple[tuple[str, ...], str]] = {
    "dome_azimuth": (("DOMEAZ",), "[deg] Dome azimuth"),
    "main_door": (("SHUTUPPR",), "[%] Opening of the dome's main door"),
    "dropout_door": (("SHUTLOWR",), "[%] Opening of the dome's dropout door"),
    "mount_azimuth": (("AZSTART", "AZEND"), "[deg] Telescope azimuth"),
    "mount_elevation": (("ELSTART", "ELEND"), "[deg] Telescope elevation"),
    "airmass": (("AMSTART", "AMEND"), "Airmass"),
    "ra": (("RA", "RASTART", "RAEND"), "[deg] Right ascension"),
    "dec": (("DEC", "DECSTART", "DECEND"), "[deg] Declination"),
    "rotator_angle": (("ROTPA",), "[deg] Rotation angle relative to the sky"),
    "tracking": (("TRACKSYS",), "Tracking coordinate system"),
    "focus_z": (("FOCUSZ",), "[mm] Focus"),
    "instrument_port": (("INSTPORT",), "Port that the instrument is at"),
    "target": (("OBJECT",), "Name of the observed object"),
    "image_index": (("CURINDEX",), "Index number for exposure within the sequence"),
    "images_in_sequence": (("MAXINDEX",), "Number of requested images in sequence"),
    "test_type": (("TESTTYPE",), "Test type"),
    "filter_slot": (("FILTSLOT",), "Slot of the filter"),
    "grating_slot": (("GRATSLOT",), "Slot of the grating"),
    "stage_position": (("LINSPOS",), "[mm] Position of the linear stage"),
    "open_time": (("SHUTTIME",), "[s] Time of the open shutter"),
    "air_temperature": (("AIRTEMP",), "[degC] Air temperature"),
    "pressure": (("PRESSURE",), "[Pa] Atmospheric pressure"),
    "humidity": (("HUMIDITY",), "[%] Relative humidity"),
    "wind_speed": (("WINDSPD",), "[m/s] Wind speed"),
    "wind_direction": (("WINDDIR",), "[deg] Wind direction"),
    "seeing": (("SEEING",), "[arcsec] Seeing"),
    "ccd_temperature": (("CCDTEMP",), "[degC] Temperature of the CCD"),
    "ccd_set_point": (("TEMP_SET",), "[degC] Temperature set point"),
    "sequencer_file": (("SEQFILE", "SEQNAME"), "Sequencer"),
}
"""What may be known of an exposure beside its recipe: by name, its keywords and their comment."""


@dataclass(frozen=True, slots=True)
class _Instrument:
    """What an instrument's headers have in common: names, and the components that a flag calls simulated."""

    telescope: str
    camera: str
    simulated: tuple[str, ...]


_INSTRUMENTS = {
    "LATISS": _Instrument(
        "LSST AuxTelescope", "AT", ("ATMCS", "ATHEXAPOD", "ATPNEUMATICS", "ATDOME", "ATSPECTROGRAPH")
    ),
    "LSSTComCam": _Instrument(
        "Simonyi Survey Telescope",
        "CC",
        (*("MTMOUNT", "MTM1M3", "MTM2", "CAMHEXAPOD", "M2HEXAPOD", "MTROTATOR", "MTDOME", "MTDOMETRAJECTORY"),),
    ),
}
_SITE = (
    ("FACILITY", "Vera C. Rubin Observatory", "Facility name"),
    ("OBS-LONG", -70.7476862, "[deg] Observatory east longitude"),
    ("OBS-LAT", -30.2447889, "[deg] Observatory latitude"),
    ("OBS-ELEV", 2663.0, "[m] Observatory elevation"),
)
_MJD_OF_1970 = 40587.0
_DAY = 86400.0


def primary_cards(exposure: Exposure, sensor: Sensor, known: Mapping[str, Value], file_name: str) -> Iterator[Card]:
    """Yield the cards of the primary header, each keyword once.

    Parameters
    ----------
    known
        Values by the names in `KNOWN`.
    file_name
        Of the file that is written, without its folder.

    Raises
    ------
    ValueError
        If there is no such name in `KNOWN`.
    """
    for name in known:
        if name not in KNOWN:
            near = nearest(name, KNOWN)
            raise ValueError(f"a header has no place for {name}" + (f"; did you mean {near}?" if near else ""))
    values: dict[str, Value] = {
        "target": exposure.sky.target if exposure.sky else None,
        "image_index": 1,
        "images_in_sequence": 1,
        "test_type": exposure.image_type,
        "open_time": 0.0 if exposure.kind in ("bias", "dark") else exposure.exposure_time,
        **known,
    }
    yield from _identity(exposure, sensor, file_name)
    yield from _times(exposure)
    yield from _light(exposure, sensor)
    yield from _SITE
    for name, (keywords, comment) in KNOWN.items():
        for keyword in keywords:
            yield keyword, values.get(name), comment
    on_sky = "ra" in known
    yield "ROTCOORD", "sky", "Telescope rotation coordinates"
    yield "RADESYS", "ICRS" if on_sky else None, "Equatorial coordinate system"
    yield "VIGN_MIN", "NO" if on_sky else "FULLY", "Minimum vignetting"
    yield "HEADVER", 2, "Version of header"
    for component in _INSTRUMENTS[sensor.instrument].simulated:
        yield f"HIERARCH SIMULATE {component}", True, "Simulation mode"


def amplifier_cards(sensor: Sensor, amplifier: Amplifier, channel: int) -> Iterator[Card]:
    """Yield the cards of an amplifier's image; `channel` counts from 1.

    ``DETSEC`` runs backwards where the read-out does.
    """
    readout = sensor.readout
    rows, columns = sensor.shape
    first, last = readout.serial_prescan + 1, readout.serial_prescan + readout.data_columns
    y, x = sensor.box(amplifier)
    yield "EXTNAME", f"Segment{amplifier.name[1:]}", "name of this binary table extension"
    yield "CHANNEL", channel, "Number of the amplifier"
    yield "BUNIT", "adu", "Unit of the pixels"
    yield "CCDSUM", "1 1", "Binning"
    yield "DATASEC", f"[{first}:{last},1:{readout.data_rows}]", "Pixels that saw light"
    yield "DETSEC", f"[{_span(x, back=amplifier.flip_x)},{_span(y, back=amplifier.flip_y)}]", "Where they lie"
    yield "DETSIZE", f"[1:{columns},1:{rows}]", "Size of the detector"


def _identity(exposure: Exposure, sensor: Sensor, file_name: str) -> Iterator[Card]:
    instrument = _INSTRUMENTS[sensor.instrument]
    raft, _, slot = sensor.header_name.partition("_")
    yield "ORIGIN", "cscsim", "Simulated: no light of any star"
    yield "INSTRUME", sensor.instrument, "Instrument used to obtain these data"
    yield "TELESCOP", instrument.telescope, "Telescope name"
    yield "CAMCODE", instrument.camera, "The code for the camera"
    yield "CONTRLLR", exposure.name.split("_")[1], "The controller (O for OCS)"
    yield "DAYOBS", str(exposure.day_obs), "The observation day as defined by image name"
    yield "SEQNUM", exposure.seq_num, "The sequence number from the image name"
    yield "OBSID", exposure.name, "Image name"
    yield "GROUPID", exposure.group_id or None, "Group of the image"
    yield "IMGTYPE", exposure.image_type, "BIAS, DARK, FLAT, OBJECT"
    yield "PROGRAM", exposure.program or None, "Name of the program"
    yield "REASON", exposure.reason or None, "Reason for observation"
    yield "IMAGETAG", hashlib.sha256(exposure.name.encode()).hexdigest()[:16], "DAQ image id"
    yield "FILENAME", file_name, "Original file name"
    yield "LSST_NUM", sensor.serial, "Serial of the sensor"
    yield "CCD_MANU", "ITL", "Maker of the sensor"
    yield "CCD_TYPE", "3800C", "Model of the sensor"
    yield "RAFTBAY", raft, "Place of the raft"
    yield "CCDSLOT", slot, "Place of the sensor in the raft"
    yield "BUNIT", "adu", "Brightness units for pixel array"


def _times(exposure: Exposure) -> Iterator[Card]:
    yield "TIMESYS", "TAI", "The time scale used"
    begin, end = exposure.tai_begin, exposure.tai_end
    for keyword, tai, comment in (
        ("", end, "File was begun"),
        ("-OBS", begin, "Start of the integration"),
        ("-BEG", begin, "Start of the integration"),
        ("-END", end, "End of the integration"),
        ("-TRG", end, "Trigger of the read-out"),
    ):
        yield f"DATE{keyword}", _iso(tai), comment
        yield f"MJD{keyword}", _MJD_OF_1970 + tai / _DAY, f"[d] {comment}"
    yield "EXPTIME", exposure.exposure_time, "[s] Exposure time"
    yield "DARKTIME", exposure.dark_time, "[s] Dark time"


def _light(exposure: Exposure, sensor: Sensor) -> Iterator[Card]:
    yield "FILTER", exposure.filter or None, "Name of the physical filter"
    if sensor.instrument != "LATISS":
        yield "FILTBAND", exposure.filter.partition("_")[0], "Name of the filter band"
        return
    detector = load_detector()
    yield "FILTBAND", detector.filters[element_name(exposure.filter)].band, "Name of the filter band"
    yield "GRATING", exposure.grating or None, "Name of the physical grating"
    grating = element_name(exposure.grating)
    yield "GRATBAND", "EMPTY" if grating == "empty" else detector.gratings[grating].band, "Descriptive name"


def _iso(tai: float) -> str:
    moment = datetime.fromtimestamp(0.0, UTC) + timedelta(seconds=tai)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _span(pixels: slice, *, back: bool) -> str:
    first, last = pixels.start + 1, pixels.stop
    return f"{last}:{first}" if back else f"{first}:{last}"
