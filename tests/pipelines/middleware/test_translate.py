from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from pipelines.middleware.errors import FileFault
from pipelines.middleware.translate import exposure_id, translate

HEADER = {
    "INSTRUME": "LATISS",
    "OBSID": "AT_O_20240624_000169",
    "CONTRLLR": "O",
    "DAYOBS": "20240624",
    "SEQNUM": 169,
    "IMGTYPE": "OBJECT",
    "EXPTIME": 30.0,
    "DARKTIME": 30.0096,
    "DATE-BEG": "2024-06-25T01:02:03.250",
    "DATE-END": "2024-06-25T01:02:33.256",
    "OBJECT": "HD185975",
    "PROGRAM": "spec-survey",
    "REASON": "Object",
    "GROUPID": "2024-06-25T01:01:00.000#1",
    "FILTER": "SDSSr_65mm",
    "GRATING": "empty_1",
    "RAFTBAY": "R00",
    "CCDSLOT": "S00",
    "RA": 300.0,
    "DEC": -87.5,
    "ROTPA": 12.0,
    "ROTCOORD": "sky",
    "AZSTART": 188.7,
    "ELSTART": 39.0,
    "SIMULATE ATMCS": False,
}


def header(**changes: Any) -> dict[str, Any]:
    names = {key.replace("_", "-") if key.startswith("DATE") else key: value for key, value in changes.items()}
    return {key: value for key, value in {**HEADER, **names}.items() if value is not None}


def test_a_science_exposure_is_said_in_the_butlers_words() -> None:
    assert asdict(translate(HEADER)) == {
        "instrument": "LATISS",
        "detector": 0,
        "exposure": 2024062400169,
        "obs_id": "AT_O_20240624_000169",
        "day_obs": 20240624,
        "seq_num": 169,
        "seq_start": 169,
        "seq_end": 169,
        "group": "2024-06-25T01:01:00.000#1",
        "physical_filter": "SDSSr_65mm~empty",
        "exposure_time": 30.0,
        "dark_time": 30.0096,
        "observation_type": "science",
        "observation_reason": "object",
        "target_name": "HD185975",
        "science_program": "spec-survey",
        "begin": "2024-06-25T01:02:03.250000",
        "end": "2024-06-25T01:02:33.256000",
        "tracking_ra": 300.0,
        "tracking_dec": -87.5,
        "sky_angle": 12.0,
        "azimuth": 188.7,
        "zenith_angle": 51.0,
        "has_simulated": False,
        "can_see_sky": True,
    }


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"IMGTYPE": "SKYEXP"}, "observation_type", "science"),
        ({"IMGTYPE": "BIAS"}, "observation_type", "bias"),
        ({"IMGTYPE": "BIAS"}, "can_see_sky", False),
        ({"IMGTYPE": "FLAT"}, "tracking_ra", None),
        ({"IMGTYPE": "ENGTEST"}, "observation_type", "engtest"),
        ({"REASON": None, "TESTTYPE": "FLAT"}, "observation_reason", "flat"),
        ({"REASON": None}, "observation_reason", "unknown"),
        ({"DARKTIME": None}, "dark_time", 30.0),
        ({"DARKTIME": 29.0}, "dark_time", 30.0),
        ({"CURINDEX": 2, "MAXINDEX": 3}, "seq_start", 168),
        ({"CURINDEX": 2, "MAXINDEX": 3}, "seq_end", 170),
        ({"GROUPID": None}, "group", "AT_O_20240624_000169"),
        ({"ROTCOORD": "mount"}, "sky_angle", None),
        ({"AZSTART": None}, "azimuth", None),
        ({"SIMULATE ATMCS": True}, "has_simulated", True),
        ({"OBJECT": None}, "target_name", "unknown"),
        ({"DAYOBS": "2024-06-24"}, "day_obs", 20240624),
        ({"RAFTBAY": None, "CCDSLOT": None}, "detector", 0),
    ],
)
def test_rules(changes: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(translate(header(**changes)), field) == value


@pytest.mark.parametrize(
    ("filter", "grating", "found"),
    [
        ("empty_1", "empty_1", "empty~empty"),
        ("EMPTY_12", "", "empty~empty"),
        ("empty_1", "SDSSy_65mm", "empty~SDSSy_65mm"),
        ("RG610", None, "RG610~unknown"),
        (None, None, "unknown~unknown"),
        ("emptyish", "empty", "emptyish~empty"),
    ],
)
def test_filters_of_latiss_are_pairs(filter: str | None, grating: str | None, found: str) -> None:
    assert translate(header(FILTER=filter, GRATING=grating)).physical_filter == found


def test_comcams_detector_comes_from_raft_and_slot_and_its_filter_stands_alone() -> None:
    found = translate(header(INSTRUME="comCam", RAFTBAY="R22", CCDSLOT="S11", FILTER="r_03", GRATING=None))

    assert (found.instrument, found.detector, found.physical_filter) == ("LSSTComCam", 4, "r_03")


@pytest.mark.parametrize(
    ("day", "controller", "number"),
    [
        (20210120, "O", 2021012000019),
        (20210120, "C", 3021012000019),
        (20231004, "C", 2023100400019),
        (20260101, "H", 4026010100019),
        (20250416, "P", 5025041600019),
        (20250417, "P", 2025041700019),
        (20250416, "S", 7025041600019),
    ],
)
def test_controllers_have_years_of_their_own_until_they_no_longer_have(day: int, controller: str, number: int) -> None:
    assert exposure_id(day, 19, controller) == number


def test_an_exposure_number_has_room_for_five_digits_of_a_day() -> None:
    with pytest.raises(ValueError, match="100000: a day has at most 99999"):
        exposure_id(20210120, 100_000)


def test_missing_keywords_are_named_all_at_once_with_the_file() -> None:
    with pytest.raises(FileFault, match=r"^a\.fits: no DAYOBS, SEQNUM, DATE-END in its header"):
        translate(header(DAYOBS=None, SEQNUM=None, DATE_END=None), "a.fits")


def test_values_that_make_no_sense_are_named_all_at_once() -> None:
    with pytest.raises(FileFault) as caught:
        translate(header(DAYOBS="tomorrow", EXPTIME=-1.0, SEQNUM="many"), "a.fits")

    assert str(caught.value).startswith("a.fits: DAYOBS is 'tomorrow'")
    assert "; SEQNUM is 'many'" in str(caught.value)
    assert "; EXPTIME is -1.0 (not a length of time)" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"INSTRUME": "HSC"}, r"INSTRUME is 'HSC' \(known are LATISS, LSSTComCam\)"),
        ({"CONTRLLR": "Z"}, "controller 'Z' is none of O, C"),
        ({"SEQNUM": 100000}, "sequence number 100000"),
        ({"DATE_END": "2024-06-25T01:02:00"}, "DATE-END 2024-06-25T01:02:00.000000 is before DATE-BEG"),
        ({"CCDSLOT": "S22"}, "RAFTBAY and CCDSLOT say R00_S22; LATISS has R00_S00"),
        ({"RA": float("nan")}, "RA is nan"),
        ({"OBSID": " "}, "OBSID is ' '"),
    ],
)
def test_a_wrong_header_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FileFault, match=message):
        translate(header(**changes), "a.fits")
