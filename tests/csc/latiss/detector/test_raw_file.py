"""Raw files have the keywords, names and pixels of the real ones, and are there whole or not at all."""

import dataclasses
import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector import Sky
from csc.latiss.detector.header import KNOWN, Value
from csc.latiss.detector.raw_file import raw_name, write_raw
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import latiss_sensor

SENSOR = latiss_sensor(0.05)
FLAT = dataclasses.replace(
    make_exposure("FLAT", 12, exposure_time=6.0, filter="SDSSr_65mm"),
    reason="daily",
    program="BLOCK-295",
    group_id="2026-01-15T13:00:00.000",
)
KNOWN_NOW: dict[str, Value] = {
    "dome_azimuth": 2.58,
    "mount_azimuth": 188.7,
    "mount_elevation": 39.0,
    "filter_slot": 2,
    "target": "FlatField position",
    "ccd_temperature": -104.0,
    "image_index": 3,
    "images_in_sequence": 20,
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw(FLAT, tmp_path_factory.mktemp("raws"), SENSOR, known=KNOWN_NOW)


@pytest.fixture
def primary(written: Path) -> Any:
    return fits.getheader(written)


def test_the_file_has_the_name_of_image_raft_and_sensor(written):
    assert written.name == "AT_O_20260115_000012_R00_S00.fits"
    assert raw_name(FLAT, true_sensors(0.05)[4]).endswith("_R22_S11.fits")


def test_pixels_come_back_as_they_were_rendered(written):
    pixels = render(FLAT, SENSOR)

    with fits.open(written) as hdus:
        assert hdus[0].data is None
        assert [hdu.name for hdu in hdus[1:]] == [f"Segment{name[1:]}" for name in pixels]
        for hdu, raw in zip(hdus[1:], pixels.values(), strict=True):
            assert hdu.data.dtype == np.dtype("int32")
            assert np.array_equal(hdu.data, raw)


def test_images_are_compressed_row_by_row(written):
    with fits.open(written, disable_image_compression=True) as hdus:
        assert len(hdus) == 17
        for hdu in hdus[1:]:
            header = hdu.header
            assert header["ZCMPTYPE"] == "RICE_1"
            assert (header["ZTILE1"], header["ZTILE2"], header["ZBITPIX"]) == (SENSOR.readout.width, 1, 32)
            assert header["EXTNAME"].startswith("Segment")


def test_sections_tile_the_image_and_fit_its_scale(written):
    covered = np.zeros(SENSOR.shape, int)
    with fits.open(written) as hdus:
        for hdu in hdus[1:]:
            assert hdu.header["DETSIZE"] == f"[1:{SENSOR.shape[1]},1:{SENSOR.shape[0]}]"
            assert hdu.header["DATASEC"] == "[4:28,1:100]"
            (x0, x1), (y0, y1) = (
                sorted(map(int, span.split(":"))) for span in hdu.header["DETSEC"].strip("[]").split(",")
            )
            covered[y0 - 1 : y1, x0 - 1 : x1] += 1
            assert hdu.header["BUNIT"] == "adu"

    assert np.all(covered == 1)


def test_at_full_size_sections_are_the_real_ones():
    from csc.latiss.detector.header import amplifier_cards

    full = latiss_sensor()
    cards = {card[0]: card[1] for card in amplifier_cards(full, full.readout.amplifiers[0], 1)}

    assert (cards["DATASEC"], cards["DETSIZE"]) == ("[4:512,1:2000]", "[1:4072,1:4000]")
    assert (cards["EXTNAME"], cards["DETSEC"]) == ("Segment10", "[509:1,4000:2001]")


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("INSTRUME", "LATISS"),
        ("TELESCOP", "LSST AuxTelescope"),
        ("CAMCODE", "AT"),
        ("CONTRLLR", "O"),
        ("DAYOBS", "20260115"),
        ("SEQNUM", 12),
        ("OBSID", "AT_O_20260115_000012"),
        ("FILENAME", "AT_O_20260115_000012_R00_S00.fits"),
        ("GROUPID", "2026-01-15T13:00:00.000"),
        ("IMGTYPE", "FLAT"),
        ("TESTTYPE", "FLAT"),
        ("REASON", "daily"),
        ("PROGRAM", "BLOCK-295"),
        ("CURINDEX", 3),
        ("MAXINDEX", 20),
        ("OBJECT", "FlatField position"),
        ("TIMESYS", "TAI"),
        ("EXPTIME", 6.0),
        ("DARKTIME", 6.01),
        ("SHUTTIME", 6.0),
        ("FILTER", "SDSSr_65mm"),
        ("FILTBAND", "r"),
        ("FILTSLOT", 2),
        ("GRATING", "empty_1"),
        ("GRATBAND", "EMPTY"),
        ("DOMEAZ", 2.58),
        ("AZSTART", 188.7),
        ("ELSTART", 39.0),
        ("ELEND", 39.0),
        ("CCDTEMP", -104.0),
        ("LSST_NUM", "ITL-3800C-068"),
        ("CCD_MANU", "ITL"),
        ("CCD_TYPE", "3800C"),
        ("RAFTBAY", "R00"),
        ("CCDSLOT", "S00"),
        ("HEADVER", 2),
        ("VIGN_MIN", "FULLY"),
        ("SIMULATE ATDOME", True),
        ("SIMULATE ATMCS", True),
    ],
)
def test_the_primary_header_says(primary, keyword, value):
    assert primary[keyword] == (pytest.approx(value) if isinstance(value, float) else value)


def test_what_nobody_knew_has_no_value(primary):
    nothing = [keyword for keyword, value in primary.items() if value is None]

    assert {"RA", "DEC", "AIRTEMP", "SEEING", "RADESYS", "AMSTART"} <= set(nothing)
    assert not set(nothing) & {"DOMEAZ", "FILTER", "DATE-OBS"}


def test_every_keyword_stands_once(primary):
    keywords = [keyword for keyword in primary if keyword]

    assert len(keywords) == len(set(keywords))


def test_times_are_tai_and_agree(primary):
    begin = Time(FLAT.tai_begin + Time("1970-01-01", scale="tai").unix_tai, format="unix_tai", scale="tai")

    for keyword in ("OBS", "BEG"):
        assert abs((Time(primary[f"DATE-{keyword}"], scale="tai") - begin).sec) < 1e-3
        assert primary[f"MJD-{keyword}"] == pytest.approx(begin.mjd, abs=1e-8)
    end = Time(primary["DATE-END"], scale="tai")
    assert (end - begin).sec == pytest.approx(FLAT.dark_time, abs=2e-3)
    assert primary["MJD-END"] == pytest.approx(end.mjd, abs=2e-8)
    assert primary["DATE-OBS"].startswith("2026-01-15T12:2")


def test_an_image_of_the_sky_says_where():
    exposure = make_exposure("OBJECT", 1, exposure_time=20.0, filter="RG610", sky=Sky(target="NGC 4755"))
    from csc.latiss.detector.header import primary_cards

    cards = {card[0]: card[1] for card in primary_cards(exposure, SENSOR, {"ra": 193.4, "dec": -60.4}, "x.fits")}

    assert (cards["OBJECT"], cards["RA"], cards["DECSTART"], cards["RADESYS"]) == ("NGC 4755", 193.4, -60.4, "ICRS")


def test_comcam_has_its_own_names(tmp_path):
    exposure = dataclasses.replace(
        make_exposure("FLAT", 1, exposure_time=1.6), name="CC_O_20260115_000001", filter="r_03", grating=""
    )

    path = write_raw(exposure, tmp_path, true_sensors(0.05)[4])

    header = fits.getheader(path)
    assert path.name == "CC_O_20260115_000001_R22_S11.fits"
    assert (header["INSTRUME"], header["CAMCODE"], header["FILTBAND"]) == ("LSSTComCam", "CC", "r")
    assert (header["RAFTBAY"], header["CCDSLOT"], header["LSST_NUM"]) == ("R22", "S11", "ITL-3800C-283")
    assert header["SIMULATE MTMOUNT"] is True
    assert "GRATING" not in header


def test_the_same_exposure_gives_the_same_bytes(written, tmp_path):
    again = write_raw(FLAT, tmp_path / "made" / "for it", SENSOR, known=KNOWN_NOW, pixels=render(FLAT, SENSOR))

    assert again.read_bytes() == written.read_bytes()


def test_a_name_that_no_keyword_carries_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="no place for dome_azimut; did you mean dome_azimuth"):
        write_raw(FLAT, tmp_path, SENSOR, known={"dome_azimut": 3.0})

    assert list(tmp_path.iterdir()) == []


def test_pixels_of_another_sensor_are_refused(tmp_path):
    with pytest.raises(ValueError, match="must be those of 16 amplifiers"):
        write_raw(FLAT, tmp_path, SENSOR, pixels=render(FLAT, latiss_sensor(0.06)))


def test_a_full_disk_leaves_nothing_and_what_was_there(tmp_path, monkeypatch):
    path = write_raw(FLAT, tmp_path, SENSOR)
    before = path.read_bytes()

    def full(file: int) -> None:
        assert os.fstat(file).st_size > 0
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"000012_R00_S00.fits was not written: No space left on device") as caught:
        write_raw(FLAT, tmp_path, SENSOR)

    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="was not written"):
        write_raw(FLAT, tmp_path / "file" / "folder", SENSOR)


def test_every_known_name_has_a_keyword_of_its_own():
    keywords = [keyword for names, _ in KNOWN.values() for keyword in names]

    assert len(keywords) == len(set(keywords))
