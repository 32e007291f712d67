"""A folder of raw files is listed as a run is: what headers say, and counts from a few rows."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from csc.comcam.focal_plane import true_sensors
from csc.latiss.detector.raw_file import write_raw
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.sensor import latiss_sensor
from cscsim.pictures.raw_files import RawFiles
from cscsim.pictures.sources import Run, open_source
from fsm import AuthorError

SENSOR = latiss_sensor(0.1)
FLAT = make_exposure("FLAT", 7, exposure_time=6.0, filter="SDSSr_65mm")
BIAS = make_exposure("BIAS", 3)
FULL = make_exposure("FLAT", 9, exposure_time=80.0, filter="SDSSr_65mm")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("raw")
    for exposure in (FLAT, BIAS, FULL):
        write_raw(exposure, path / str(exposure.seq_num), SENSOR)
    return path


def test_files_say_what_the_recipes_say(folder):
    files, run = open_source(folder), Run(exposures=(BIAS, FLAT, FULL))

    assert files.notes == ()
    for found, known in zip(files.shots, run.shots, strict=True):
        assert found.counts == pytest.approx(known.counts, rel=0.01, abs=3.0)
        assert found.tai == pytest.approx(known.tai, abs=0.001)
        same = set(known.as_json()) - {"counts_adu", "time_tai"}
        assert {key: found.as_json()[key] for key in same} == {key: known.as_json()[key] for key in same}
    assert [shot.saturated for shot in files.shots] == [False, False, True]


def test_pixels_are_those_that_a_run_renders(folder):
    files, run = open_source(folder), Run(exposures=(BIAS, FLAT, FULL))

    read, rendered = files.raw(files.shots[1], 0, 1.0), run.raw(run.shots[1], 0, 0.1)

    assert read.geometry == rendered.geometry
    assert all(np.array_equal(read.amplifiers[name], rendered.amplifiers[name]) for name in rendered.amplifiers)


def test_sensors_of_one_image_belong_together(tmp_path):
    exposure = make_exposure("FLAT", 7, exposure_time=1.0)
    comcam = [sensor for sensor in true_sensors(0.1) if sensor.detector in (2, 4)]
    for sensor in comcam:
        path = write_raw(exposure, tmp_path, sensor)
        _rename(path, "CC_O_20260115_000007")

    (shot,) = open_source(tmp_path).shots

    assert (shot.instrument, shot.detectors, shot.filter) == ("LSSTComCam", (2, 4), "empty_1")


def _rename(path, name):
    from astropy.io import fits

    with fits.open(path, mode="update") as units:
        units[0].header["OBSID"] = name
    path.rename(path.with_name(path.name.replace("AT_O_20260115_000007", name)))


def test_one_file_is_a_source_whatever_its_name(folder, tmp_path):
    path = tmp_path / "mine.fits"
    shutil.copy(next(folder.rglob("*000007*")), path)

    assert [shot.name for shot in open_source(path).shots] == [FLAT.name]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no pixels", "no raw image: No SIMPLE card found"),
        (30_000, "truncated: it ends before its last image; fetch it again"),
        (40_000, "images of amplifiers are in it, of 16"),
    ],
)
def test_what_is_no_raw_image_is_left_out_and_named(folder, tmp_path, content, reason):
    good = next(folder.rglob("*000003*"))
    shutil.copy(good, tmp_path)
    bad = tmp_path / "AT_O_20260115_000008_R00_S00.fits"
    bad.write_bytes(good.read_bytes()[:content] if isinstance(content, int) else content)

    source = open_source(tmp_path)

    assert [shot.seq_num for shot in source.shots] == [3]
    assert source.notes[0].startswith(f"{bad}: left out: ")
    assert reason in source.notes[0]
    with pytest.raises(AuthorError, match=reason):
        RawFiles.find(bad)


def test_an_image_of_something_else_is_left_out(tmp_path):
    from astropy.io import fits

    path = tmp_path / "AT_O_20260115_000001_R00_S00.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((4, 4), np.int32))]).writeto(path)

    with pytest.raises(AuthorError, match="no image in it; .* its header has no"):
        open_source(tmp_path)


def test_a_folder_without_images_and_one_that_is_not_there(tmp_path):
    with pytest.raises(AuthorError, match="there is no image in it"):
        open_source(tmp_path)
    with pytest.raises(AuthorError, match="there is no such file or folder"):
        open_source(tmp_path / "none.fits")
