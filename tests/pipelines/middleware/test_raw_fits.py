from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from csc.latiss.detector.raw_file import write_raw
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import latiss_sensor
from pipelines.camera import load_camera
from pipelines.middleware.errors import FileFault
from pipelines.middleware.raw_fits import read_raw, read_raw_geometry, read_raw_header
from pipelines.middleware.translate import translate
from tests.pipelines import raws

SHOT = raws.flats(1)[0]


@pytest.fixture(scope="module", params=[True, False], ids=["compressed", "plain"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return raws.write(SHOT, tmp_path_factory.mktemp("raw"), compress=request.param)


def test_a_raw_image_comes_back_with_its_geometry_and_pixels(path: Path) -> None:
    raw = read_raw(path)

    assert raw.geometry == raws.GEOMETRY
    assert list(raw.amplifiers) == list(load_camera("LATISS").detectors[0].amplifiers)
    with fits.open(path) as units:
        assert np.array_equal(raw.amplifiers["C07"], units["SEGMENT07"].data)
    assert raw.amplifiers["C07"].dtype == np.int32


def test_the_header_is_read_without_what_describes_the_file(path: Path) -> None:
    header = read_raw_header(path)

    assert (header["OBSID"], header["SIMULATE ATMCS"]) == ("AT_O_20260301_000201", True)
    assert not {"SIMPLE", "BITPIX", "NAXIS", "EXTEND"} & set(header)


def test_geometry_is_that_of_the_file(tmp_path: Path) -> None:
    small = replace(raws.GEOMETRY, serial_prescan=2, data_columns=10, data_rows=12, parallel_overscan=0)

    assert read_raw_geometry(raws.write(replace(SHOT, geometry=small), tmp_path)) == small


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_truncated_file_is_named(path: Path, tmp_path: Path, part: float) -> None:
    whole = path.read_bytes()
    cut = tmp_path / "cut.fits"
    cut.write_bytes(whole[: int(len(whole) * part)])

    with pytest.raises(FileFault, match=r"cut\.fits"):
        read_raw_header(cut)


def test_a_file_that_is_no_fits_file_is_named(tmp_path: Path) -> None:
    other = tmp_path / "notes.fits"
    other.write_text("dear diary")

    with pytest.raises(FileFault, match=r"notes\.fits: not a FITS file"):
        read_raw(other)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    other = tmp_path / "empty.fits"
    other.touch()

    with pytest.raises(FileFault, match=r"empty\.fits: not a FITS file"):
        read_raw(other)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match=r"gone\.fits: there is no such file"):
        read_raw(tmp_path / "gone.fits")


def test_a_foreign_fits_file_is_told_from_a_raw_image(tmp_path: Path) -> None:
    other = tmp_path / "other.fits"
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(other)

    with pytest.raises(FileFault, match="0 extensions named Segment00 to Segment17, a raw image has 16"):
        read_raw(other)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("all of it", "DATASEC of C03 is 'all of it'"),
        ("[4:900,1:100]", "outside its 91 x 116 pixels"),
        ("[4:60,1:100]", "the pixels of C03 are laid out otherwise than those of C10"),
    ],
)
def test_a_wrong_section_of_data_is_named(path: Path, tmp_path: Path, section: str, message: str) -> None:
    other = tmp_path / "section.fits"
    with fits.open(path) as units:
        units["SEGMENT03"].header["DATASEC"] = section
        units.writeto(other)

    with pytest.raises(FileFault, match=message):
        read_raw(other)


def test_the_simulated_cameras_own_files_are_read(tmp_path: Path) -> None:
    exposure = make_exposure("BIAS", 12)
    sensor = latiss_sensor(0.05)
    path = write_raw(exposure, tmp_path, sensor)

    raw = read_raw(path)

    assert translate(raw.header).exposure == 2026011500012
    for name, pixels in render(exposure, sensor).items():
        assert np.array_equal(raw.amplifiers[name], pixels), name
        assert raw.amplifiers[name].shape == raw.geometry.shape
