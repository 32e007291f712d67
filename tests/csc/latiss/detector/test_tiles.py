"""Images that are compressed together have the bytes of those that astropy compresses one by one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from csc.latiss.detector.tiles import compressed_units


def header(number: int) -> fits.Header:
    return fits.Header(
        [("EXTNAME", f"Segment{number}", "name of this binary table extension"), ("CHANNEL", number, "From 1")]
    )


def alone(image: np.ndarray, number: int) -> bytes:
    """Return the unit as astropy writes it into a file of its own."""
    file = io.BytesIO()
    unit = fits.CompImageHDU(
        data=image, header=header(number), compression_type="RICE_1", tile_shape=(1, image.shape[1])
    )
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(file)
    return file.getvalue()[2880:]


@pytest.mark.parametrize("shape", [(1, 1), (1, 33), (7, 64), (60, 131)])
def test_units_are_those_that_astropy_writes(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    images = [rng.normal(1000.0, spread, shape).astype(np.int32) for spread in (0.0, 3.0, 300.0)]
    images.append(rng.integers(-(2**31), 2**31 - 1, shape, dtype=np.int32))
    headers = [header(number).tostring(endcard=False, padding=False) for number, _ in enumerate(images, 1)]

    units = b"".join(compressed_units(images, headers))

    assert units == b"".join(alone(image, number) for number, image in enumerate(images, 1))
