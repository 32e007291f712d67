from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from pipelines.image import CcdImage, MaskPlane
from pipelines.middleware.ccd_fits import CcdRows, read_ccd, read_ccd_header, write_ccd
from pipelines.middleware.errors import FileFault


def image() -> CcdImage:
    rng = np.random.default_rng(1)
    made = CcdImage.blank((20, 16), {"OBSID": "AT_O_20260301_000001", "EXPTIME": 0.0})
    made.image[...] = rng.normal(0.0, 8.0, made.shape)
    made.variance[...] = 64.0
    made.mask[3, 4] = MaskPlane.BAD | MaskPlane.UNMASKEDNAN
    return made


def test_an_image_comes_back_as_it_was(tmp_path: Path) -> None:
    path, written = tmp_path / "image.fits", image()

    write_ccd(written, path)
    found = read_ccd(path)

    assert found.header == written.header
    for plane, kind in (("image", np.float32), ("mask", np.uint16), ("variance", np.float32)):
        assert np.array_equal(getattr(found, plane), getattr(written, plane)), plane
        assert getattr(found, plane).dtype == kind
        assert getattr(found, plane).dtype.isnative


def test_rows_are_those_of_the_whole(tmp_path: Path) -> None:
    path, written = tmp_path / "image.fits", image()
    write_ccd(written, path)

    rows = CcdRows(path)

    assert rows.shape == (20, 16)
    assert rows.header == written.header
    assert np.array_equal(rows.image(2, 7), written.image[2:7])
    assert np.array_equal(rows.mask(2, 7), written.mask[2:7])
    assert np.array_equal(rows.variance(19, 20), written.variance[19:])


def test_rows_stay_when_the_file_is_removed(tmp_path: Path) -> None:
    path, written = tmp_path / "image.fits", image()
    write_ccd(written, path)
    rows = CcdRows(path)

    path.unlink()

    assert np.array_equal(rows.image(0, 20), written.image)


def test_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    write_ccd(image(), path)

    with pytest.raises(ValueError, match="no rows 15 to 25, it has 20"):
        CcdRows(path).image(15, 25)


def test_planes_of_zeros_take_no_room(tmp_path: Path) -> None:
    path, plain = tmp_path / "image.fits", image()
    plain.mask[...], plain.variance[...] = 0, 0.0

    write_ccd(plain, path)

    with fits.open(path) as units:
        assert [unit.name for unit in units] == ["PRIMARY", "IMAGE"]
    assert not read_ccd(path).mask.any()
    assert read_ccd(path).variance.shape == (20, 16)


def test_headers_take_what_tasks_say(tmp_path: Path) -> None:
    path, said = tmp_path / "image.fits", image()
    said.header |= {
        "LSST ISR OVERSCAN NOISE C00": 7.123456789012345,
        "LSST ISR STEPS": "saturation, overscan, assemble, bias, variance, defects, nan masking, dark, flat",
        "CPP_INPUT_0": "AT_O_20260301_000001",
        "CALIBRATED": True,
        "DATE-OBS": "2026-03-01T14:00:00",
        "COUNT": np.int64(3),
        "LEVEL": np.float32(0.5),
    }

    write_ccd(said, path)

    assert read_ccd_header(path) == said.header


@pytest.mark.parametrize("value", [None, math.nan, math.inf, np.float64("nan")])
def test_what_fits_cannot_say_is_read_as_nothing(tmp_path: Path, value: float | None) -> None:
    path, said = tmp_path / "image.fits", image()
    said.header["NOISE"] = value

    write_ccd(said, path)

    assert read_ccd_header(path)["NOISE"] is None


def test_a_header_value_that_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    path, wrong = tmp_path / "image.fits", image()
    wrong.header["NAMES"] = ["C00", "C01"]

    with pytest.raises(ValueError, match=r"header keyword 'NAMES': \['C00', 'C01'\] cannot be written"):
        write_ccd(wrong, path)

    assert not path.exists()


def test_a_foreign_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.fits"
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(path)

    with pytest.raises(FileFault, match=r"other\.fits: no extension IMAGE"):
        read_ccd(path)


def test_a_file_of_other_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((4, 4)), name="IMAGE")]).writeto(path)

    with pytest.raises(FileFault, match="IMAGE has BITPIX -64"):
        read_ccd(path)


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    write_ccd(image(), path)
    path.write_bytes(path.read_bytes()[:-2880])

    with pytest.raises(FileFault, match=r"image\.fits: truncated"):
        read_ccd(path)
