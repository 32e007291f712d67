"""Our decoder against astropy's, tile by tile."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipelines.middleware import rice
from pipelines.middleware.errors import FileFault
from pipelines.middleware.raw_fits import read_raw
from pipelines.middleware.rice import decode_rows, is_plain_rice, prepare
from tests.pipelines import raws

LIMIT = 2**31

pytestmark = pytest.mark.timeout(120)  # the first one compiles


def table_of(pixels: np.ndarray, **more: Any) -> tuple[Any, bytes]:
    """Return header and bytes of an image as the cameras compress it."""
    options = {"compression_type": "RICE_1", "tile_shape": (1, pixels.shape[1]), **more}
    table = fits.CompImageHDU(pixels, **options)
    file = fits.HDUList([fits.PrimaryHDU(), table])
    stream = BytesIO()
    file.writeto(stream)
    with fits.open(BytesIO(stream.getvalue()), disable_image_compression=True) as units:
        place = units[1].fileinfo()
        return units[1].header, stream.getvalue()[place["datLoc"] : place["datLoc"] + place["datSpan"]]


@pytest.mark.parametrize("scatter", [0, 1, 8, 300, 40_000, 10**9])
@pytest.mark.parametrize("columns", [1, 31, 32, 33, 576])
def test_noise_of_any_strength_comes_back(scatter: int, columns: int) -> None:
    rng = np.random.default_rng([scatter, columns])
    pixels = (20_000 + rng.normal(0.0, scatter, (7, columns))).clip(-LIMIT, LIMIT - 1).astype(np.int32)

    header, data = table_of(pixels)

    assert is_plain_rice(header)
    assert np.array_equal(decode_rows(data, header), pixels)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(np.int32, st.tuples(st.integers(1, 4), st.integers(1, 70)), elements=st.integers(-LIMIT, LIMIT - 1))
)
def test_any_pixels_come_back(pixels: np.ndarray) -> None:
    header, data = table_of(pixels)

    if is_plain_rice(header):  # what cannot be compressed, astropy keeps in another column
        assert np.array_equal(decode_rows(data, header), pixels)


@pytest.mark.parametrize(
    "more", [{"compression_type": "GZIP_1"}, {"tile_shape": (2, 16)}, {"compression_type": "PLIO_1"}]
)
def test_other_codes_are_left_to_astropy(more: dict[str, Any]) -> None:
    header, _ = table_of(np.ones((4, 32), np.int32), **more)

    assert not is_plain_rice(header)


def test_a_tile_that_ends_early_is_told() -> None:
    header, data = table_of(np.random.default_rng(1).integers(0, 100_000, (3, 64)).astype(np.int32))
    short = bytearray(data)
    short[8 * 1 : 8 * 1 + 4] = (20).to_bytes(4, "big")  # the length of the second tile
    beyond = bytearray(data)
    beyond[8 * 2 + 4 : 8 * 2 + 8] = (10**6).to_bytes(4, "big")  # the place of the third

    with pytest.raises(ValueError, match="row 1 ends early"):
        decode_rows(bytes(short), header)
    with pytest.raises(ValueError, match="row 2 ends early"):
        decode_rows(bytes(beyond), header)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = raws.write(raws.biases(1)[0], tmp_path, compress=True)
    with fits.open(path, disable_image_compression=True) as units:
        place = units["SEGMENT07"].fileinfo()["datLoc"]
    damaged = bytearray(path.read_bytes())
    damaged[place : place + 4] = (9).to_bytes(4, "big")
    path.write_bytes(bytes(damaged))

    with pytest.raises(
        FileFault, match=rf"{path.name}: its pixels cannot be read \(row 0 ends early\); fetch it again"
    ):
        read_raw(path)


def test_without_a_compiler_astropy_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raws.write(raws.biases(1)[0], tmp_path, compress=True)
    ours = read_raw(path)
    monkeypatch.setattr(rice, "find_spec", lambda _: None)

    prepare()
    theirs = read_raw(path)

    assert all(np.array_equal(ours.amplifiers[name], pixels) for name, pixels in theirs.amplifiers.items())
