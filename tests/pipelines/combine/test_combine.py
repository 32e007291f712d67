from __future__ import annotations

import numpy as np
import pytest

from pipelines.combine import CcdReader, CombineSettings, calibration_header, combine, distribution, scales
from pipelines.image import CcdImage, MaskPlane
from tests.pipelines.sensors import DETECTOR

SHAPE = (40, 64)


def frames(count: int, level: float = 100.0, noise: float = 5.0, **header: float) -> list[CcdImage]:
    found = []
    for number in range(count):
        frame = CcdImage.blank(SHAPE, {"OBSID": f"image {number}", **header})
        frame.image[...] = np.random.default_rng(number).normal(level, noise, SHAPE)
        frame.variance[...] = noise**2
        found.append(frame)
    return found


def readers(images: list[CcdImage]) -> list[CcdReader]:
    return [CcdReader(each) for each in images]


def test_combine_has_the_mean_and_its_variance():
    found = combine(readers(frames(25)))

    assert found.image.dtype == found.variance.dtype == np.float32
    assert abs(found.image.mean() - 100) < 5 * 5 / np.sqrt(25 * found.image.size)
    assert found.image.std() == pytest.approx(1.0, rel=0.1)
    assert found.variance.mean() == pytest.approx(1.0, rel=0.1)  # a clip takes 5 % of it
    assert not found.mask.any()


@pytest.mark.parametrize("settings", [{"strip_rows": 1}, {"strip_rows": 7}, {"threads": 1}, {"threads": 3}])
def test_strips_and_threads_do_not_show(settings):
    images = frames(6)

    found = combine(readers(images), CombineSettings(**settings))

    np.testing.assert_array_equal(found.image, combine(readers(images)).image)
    np.testing.assert_array_equal(found.variance, combine(readers(images)).variance)


def test_rays_are_clipped_and_masked_pixels_do_not_count():
    images = frames(12)
    images[3].image[5, 5] = 9000
    for image in images[:6]:
        image.image[7, 7] = 160
        image.mask[7, 7] = MaskPlane.SAT

    found = combine(readers(images))

    assert found.image[5, 5] == pytest.approx(100, abs=6)
    assert found.image[7, 7] == pytest.approx(100, abs=8)


WITH_RAYS = CombineSettings(ignored=CombineSettings().ignored | MaskPlane.CR)


@pytest.mark.parametrize(("struck", "value"), [(3, 100), (6, 100), (7, 160), (12, 160)])
def test_a_ray_that_strikes_most_inputs_is_none(struck, value):
    """A hot pixel is found as a ray in every dark, and is a part of the dark."""
    images = frames(12, noise=2.0)
    for image in images if struck > 6 else images[:struck]:
        image.image[7, 7] = 160
    for image in images[:struck]:
        image.mask[7, 7] = MaskPlane.CR

    found = combine(readers(images), WITH_RAYS)

    assert found.image[7, 7] == pytest.approx(value, abs=3)
    assert not found.mask[7, 7]


def test_a_ray_counts_where_nobody_asks_for_rays_to_be_left_out():
    images = frames(4, noise=2.0)
    for image in images[:2]:
        image.image[7, 7] = 160
        image.mask[7, 7] = MaskPlane.CR

    assert combine(readers(images)).image[7, 7] == pytest.approx(130, abs=3)
    assert combine(readers(images), WITH_RAYS).image[7, 7] == pytest.approx(100, abs=5)


def test_one_image_does_not_vote():
    (image,) = frames(1)
    image.mask[7, 7] = MaskPlane.CR

    assert combine(readers([image]), WITH_RAYS).mask[7, 7] == MaskPlane.BAD


def darks(times: tuple[float, ...], noise: float = 8.0, rate: float = 0.5) -> list[CcdImage]:
    """Return darks with the same noise, however long they are."""
    found = []
    for number, seconds in enumerate(times):
        frame = CcdImage.blank(SHAPE, {"OBSID": f"dark {number}", "DARKTIME": seconds})
        frame.image[...] = np.random.default_rng(number).normal(rate * seconds, noise, SHAPE)
        frame.variance[...] = noise**2
        found.append(frame)
    return found


TIMES = (*(5.0,) * 4, *(15.0,) * 2, *(30.0,) * 16)
BEST = 8.0 / np.sqrt(sum(seconds**2 for seconds in TIMES))
"""Noise of the best estimate [adu/s]."""


def test_darks_count_by_the_square_of_their_time():
    images = darks(TIMES)

    found, plain = (
        combine(readers(images), CombineSettings(weighted=each), scaling="DarkTime") for each in (True, False)
    )

    assert found.image.mean() == pytest.approx(0.5, abs=0.01)
    assert found.image.std() == pytest.approx(BEST, rel=0.05)
    assert np.sqrt(found.variance.mean()) == pytest.approx(BEST, rel=0.08)
    assert plain.image.std() > 1.2 * BEST
    assert [found.header[f"CPP_INPUT_WEIGHT_{number}"] for number in (0, 21)] == pytest.approx(
        [0.0368, 1.3244], abs=1e-3
    )
    assert "CPP_INPUT_WEIGHT_0" not in plain.header


def test_few_darks_propagate_their_weighted_variance():
    found = combine(readers(darks((5.0, 30.0, 30.0))), scaling="DarkTime")

    assert np.sqrt(found.variance.mean()) == pytest.approx(8.0 / np.sqrt(2 * 900 + 25), rel=1e-3)


def test_rays_vote_by_weight():
    """Long darks show a hot pixel as a ray, short ones do not: the long ones are right."""
    images = darks((*(5.0,) * 12, *(30.0,) * 8))
    for image in images:
        image.image[7, 7] += 20 * image.header["DARKTIME"]
    for image in images[12:]:
        image.mask[7, 7] = MaskPlane.CR

    found = combine(readers(images), WITH_RAYS, scaling="DarkTime")

    assert found.image[7, 7] == pytest.approx(20.5, abs=0.5)


def test_pixel_without_good_input_is_bad_and_has_the_median():
    images = frames(8)
    for image in images:
        image.mask[2, 3] = MaskPlane.SAT
        image.image[4, 4] = np.inf

    found = combine(readers(images))

    assert found.mask[2, 3] == found.mask[4, 4] == MaskPlane.BAD
    assert np.count_nonzero(found.mask) == 2
    assert found.image[2, 3] == found.image[4, 4] == pytest.approx(np.median(found.image), rel=1e-3)
    assert np.isfinite(found.variance).all()


def test_pixel_that_no_input_has_is_an_error():
    images = frames(4)
    for image in images:
        image.mask[30, 9] = MaskPlane.NO_DATA

    with pytest.raises(
        ValueError, match="1 pixels have NO_DATA in every one of 4 inputs, the first in row 30, column 9"
    ):
        combine(readers(images), CombineSettings(strip_rows=16))


def test_few_inputs_have_the_variance_they_bring():
    images = frames(4)
    for image in images:
        image.variance[...] = 36.0

    found = combine(readers(images), scaling="InputList", given=[2.0] * 4)

    np.testing.assert_allclose(found.variance, 36.0 / 4 / 4)


@pytest.mark.parametrize(
    ("scaling", "expected"), [("Unity", 1.0), ("DarkTime", 30.5), ("ExposureTime", 30.0), ("MeanStats", 100.0)]
)
def test_inputs_are_divided_by_their_scale(scaling, expected):
    images = frames(5, EXPTIME=30.0, DARKTIME=30.5)

    found = combine(readers(images), scaling=scaling)

    assert found.image.mean() == pytest.approx(100 / expected, rel=2e-3)


def test_mean_of_a_frame_leaves_out_what_is_masked():
    (image,) = frames(1)
    image.image[:, :20] = 900
    image.mask[:, :20] = MaskPlane.BAD

    assert scales("MeanStats", readers([image]))[0] == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"scaling": "DarkTime"}, "image 0: its header has no DARKTIME to scale it by"),
        ({"scaling": "InputList", "given": [1.0]}, "1 scales are given for 2 inputs"),
        ({"scaling": "InputList", "given": [1.0, 0.0]}, "image 1: InputList scaling would divide it by 0"),
        ({"scaling": "Median"}, "there is no scaling Median; there is Unity, "),
    ],
)
def test_scales_that_are_no_use_are_refused(arguments, text):
    with pytest.raises(ValueError, match=text):
        combine(readers(frames(2)), **arguments)


def test_nothing_and_different_shapes_are_refused():
    with pytest.raises(ValueError, match="no input"):
        combine([])
    with pytest.raises(ValueError, match=r"different shapes .*\(2, 2\), \(40, 64\)"):
        combine(readers([*frames(1), CcdImage.blank((2, 2))]))


def test_all_pixels_bad_is_refused():
    images = frames(2)
    for image in images:
        image.mask[...] = MaskPlane.SAT

    with pytest.raises(ValueError, match="no pixel of any of 2 inputs is good"):
        combine(readers(images))


def test_header_tells_inputs_dates_and_lengths():
    headers = [
        {"OBSID": "b", "DATE-BEG": "2026-03-02", "DATE-END": "2026-03-03", "EXPTIME": 5.0, "INSTRUME": "LATISS"},
        {"OBSID": "a", "DATE-BEG": "2026-03-01", "DATE-END": "2026-03-02", "EXPTIME": 6.0, "INSTRUME": "LATISS"},
    ]

    found = calibration_header("dark", headers, [5.1, 6.1], created="2026-03-04T01:02:03")

    assert found["INSTRUME"] == "LATISS"
    assert (found["DATE-BEG"], found["DATE-END"]) == ("2026-03-01", "2026-03-03")
    assert (found["CALIB_CREATION_DATE"], found["CALIB_CREATION_TIME"]) == ("2026-03-04", "01:02:03")
    assert [found[f"CPP_INPUT_{key}1"] for key in ("", "DATE_", "EXPT_", "SCALE_")] == ["a", "2026-03-01", 6.0, 6.1]
    assert (found["OBSTYPE"], found["EXPTIME"]) == ("dark", 1.0)
    assert calibration_header("bias", headers, [1.0, 1.0])["EXPTIME"] == 0.0


def test_distribution_has_each_amplifiers_percentiles():
    image = CcdImage.blank(SHAPE)
    image.image[...] = np.arange(image.image.size).reshape(SHAPE)
    image.mask[0, 0] = MaskPlane.BAD

    found = distribution(image, DETECTOR, "bias")

    assert found["LSST CALIB BIAS C00 DISTRIBUTION 0.0-PCT"] == 0
    assert found["LSST CALIB BIAS C17 DISTRIBUTION 100.0-PCT"] == image.image.size - 1
    assert found["LSST CALIB BIAS C00 DISTRIBUTION 50.0-PCT"] == np.median(image.image[:20, :8])
    assert found["LSST CALIB BIAS BAD PIXELS"] == 1
    assert len(found) == 16 * 7 + 1


def test_combine_holds_little_more_than_output_and_one_strip():
    import tracemalloc

    rows, columns, count, strip_rows = 256, 512, 12, 32

    class Reader(CcdReader):
        """Makes its rows when they are read."""

        def __init__(self, number: int) -> None:
            super().__init__(CcdImage.blank((0, 0)))
            self.number = number

        @property
        def shape(self) -> tuple[int, int]:
            return rows, columns

        def image(self, start, stop):
            return np.full((stop - start, columns), self.number, np.float32)

        def mask(self, start, stop):
            return np.zeros((stop - start, columns), np.uint16)

    combine([Reader(number) for number in range(6)])  # whatever is imported and kept, is by now
    tracemalloc.start()
    combine([Reader(number) for number in range(count)], CombineSettings(strip_rows=strip_rows, threads=1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    output, strip = rows * columns * 10, strip_rows * columns * count * 4
    block = 4096 * count * 4 * 4  # of what is computed at a time, whatever the size of the image
    assert peak < 1.2 * (output + strip) + block
