import json
from functools import cache

import numpy as np
import pytest

from pipelines.camera import amplifier_box
from pipelines.crosstalk import (
    CrosstalkMatrix,
    CrosstalkRatios,
    CrosstalkSettings,
    correct,
    extract_ratios,
    in_read_order,
    solve_crosstalk,
)
from pipelines.image import CcdImage, MaskPlane
from tests.pipelines.ptc.flats import LATISS

NAMES = tuple(LATISS.amplifiers)
SHAPE = (240, 960)  # 120 x 120 pixels in each amplifier
SETTINGS = CrosstalkSettings(background_size=60, grow=6, wings=8)


def planted():
    """Return coefficients by source, then target: neighbours on one side, a little everywhere else, none to C05."""
    rng = np.random.default_rng(1)
    found = np.full((16, 16), 2e-5)
    for source, target in np.ndindex(16, 16):
        one, other = LATISS.amplifiers[NAMES[source]], LATISS.amplifiers[NAMES[target]]
        if one.row == other.row and abs(one.column - other.column) == 1:
            found[source, target] = rng.uniform(1e-4, 3e-4)
    found[:, NAMES.index("C05")] = 0.0
    np.fill_diagonal(found, 0.0)
    return found


def spread(image, coefficients):
    """Return the image with crosstalk: equal places, counted from each amplifier's corner of readout."""
    found = image.copy()
    for source, name in enumerate(NAMES):
        one = LATISS.amplifiers[name]
        signal = in_read_order(image[amplifier_box(one, SHAPE)], one)
        for target, other in enumerate(LATISS.amplifiers.values()):
            in_read_order(found[amplifier_box(other, SHAPE)], other)[...] += coefficients[source, target] * signal
    return found


def stars(seed, coefficients, number=24, brightness=90_000.0):
    """Return an image of stars on a sloping sky, with and without crosstalk, both with the same noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    true = 200.0 + 0.05 * x + 0.1 * y
    for row, column in rng.uniform((8, 8), (SHAPE[0] - 8, SHAPE[1] - 8), (number, 2)):
        box = (slice(int(row) - 8, int(row) + 9), slice(int(column) - 8, int(column) + 9))
        true[box] += brightness * np.exp(-((y[box] - row) ** 2 + (x[box] - column) ** 2) / 4.5)
    noise = rng.normal(0.0, 6.0, SHAPE)
    images = []
    for signal in (spread(true, coefficients), true):
        image = CcdImage.blank(SHAPE)
        image.image[...] = signal + noise
        images.append(image)
    return images


@cache
def measured():
    found = [extract_ratios(stars(seed, planted())[0], LATISS, SETTINGS) for seed in range(10, 26)]
    return found, solve_crosstalk(found, LATISS, SETTINGS)


def test_coefficients_are_recovered_within_their_errors():
    _, matrix = measured()

    pulls = (matrix.coefficients - planted())[~np.eye(16, dtype=bool)] / matrix.mean_errors[~np.eye(16, dtype=bool)]
    assert np.abs(pulls).max() < 6.0
    assert pulls.std() < 1.6
    assert np.abs(np.median(pulls)) < 0.5
    assert matrix.mean_errors.max() < 3e-5


def test_strong_coefficients_are_valid_and_no_amplifier_disturbs_itself():
    _, matrix = measured()

    assert matrix.valid[planted() > 9e-5].all()
    assert matrix.valid[:, NAMES.index("C05")].sum() <= 2
    assert not np.diag(matrix.coefficients).any()
    assert not np.diag(matrix.valid).any()


def exact(coefficients=None):
    coefficients = planted() if coefficients is None else coefficients
    return CrosstalkMatrix(
        amplifiers=NAMES,
        coefficients=coefficients,
        errors=np.zeros((16, 16)),
        numbers=np.ones((16, 16)),
        valid=coefficients != 0.0,
    )


def test_a_known_matrix_takes_off_what_it_put_on():
    seen, true = stars(1, planted())

    found = correct(seen, exact(), LATISS)

    # What is left is the crosstalk of the crosstalk.
    assert np.abs(seen.image - true.image).max() > 15.0
    assert np.abs(found.image - true.image).max() < 0.3


def test_the_measured_matrix_leaves_little():
    seen, true = stars(2, planted())
    _, matrix = measured()

    found = correct(seen, matrix, LATISS)

    ghosts = np.abs(seen.image - true.image) > 5.0
    before, after = (np.abs(image.image - true.image)[ghosts].mean() for image in (seen, found))
    assert after < 0.15 * before


def test_one_source_disturbs_its_target_at_the_mirrored_place():
    coefficients = np.zeros((16, 16))
    coefficients[NAMES.index("C10"), NAMES.index("C00")] = 1e-3
    image = CcdImage.blank(SHAPE)
    source = image.image[amplifier_box(LATISS.amplifiers["C10"], SHAPE)]
    source[-1, -1] = 50_000.0  # first of C10 to be read: both its axes are flipped

    found = correct(image, exact(coefficients), LATISS)

    target = found.image[amplifier_box(LATISS.amplifiers["C00"], SHAPE)]
    assert target[0, -1] == pytest.approx(-50.0)  # first of C00 to be read: it stands below, and only its x is flipped
    assert np.count_nonzero(found.image - image.image) == 1
    marked = found.masked(MaskPlane.CROSSTALK)
    assert marked[amplifier_box(LATISS.amplifiers["C00"], SHAPE)][0, -1]
    assert marked.sum() == 1


def test_a_faint_source_marks_nothing():
    image = CcdImage.blank(SHAPE)
    image.image[100, 100] = 40_000.0

    assert not correct(image, exact(), LATISS).mask.any()
    assert correct(image, exact(), LATISS, mask_above=30_000.0).mask.any()


def test_coefficients_that_are_not_valid_are_not_applied():
    seen, _ = stars(3, planted())
    matrix = exact()
    nothing = CrosstalkMatrix(
        amplifiers=NAMES,
        coefficients=matrix.coefficients,
        errors=matrix.errors,
        numbers=matrix.numbers,
        valid=np.zeros((16, 16), bool),
    )

    np.testing.assert_array_equal(correct(seen, nothing, LATISS).image, seen.image)


def test_a_missing_pixel_spoils_no_other():
    image = CcdImage.blank(SHAPE)
    image.image[10, 10] = np.nan

    assert np.isnan(correct(image, exact(), LATISS).image).sum() == 1


def test_bad_pixels_are_no_sources():
    image = CcdImage.blank(SHAPE)
    image.image[50, 50], image.mask[50, 50] = 1e5, np.uint16(MaskPlane.BAD)
    image.image[60, 300] = 5e4

    found = extract_ratios(image, LATISS, SETTINGS)

    assert not found.ratios["C00"]
    assert {len(found.ratios["C02"][name]) for name in NAMES if name != "C02"} == {1}


def test_without_a_source_nothing_is_valid():
    found = extract_ratios(CcdImage.blank(SHAPE), LATISS, SETTINGS)

    matrix = solve_crosstalk([found], LATISS, SETTINGS)

    assert not matrix.coefficients.any()
    assert not matrix.valid.any()


def test_a_matrix_of_another_detector_is_refused():
    small = CrosstalkMatrix(
        amplifiers=NAMES[:2],
        coefficients=np.zeros((2, 2)),
        errors=np.zeros((2, 2)),
        numbers=np.zeros((2, 2)),
        valid=np.zeros((2, 2), bool),
    )

    with pytest.raises(ValueError, match="crosstalk matrix: lacks C12, .* of RXX_S00"):
        correct(CcdImage.blank(SHAPE), small, LATISS)


def test_matrix_and_ratios_survive_plain_data():
    ratios, matrix = measured()

    again = CrosstalkMatrix.from_dict(json.loads(json.dumps(matrix.as_dict())))
    read = CrosstalkRatios.from_dict(json.loads(json.dumps(ratios[0].as_dict())))

    assert again.as_dict() == matrix.as_dict()
    assert again.valid.dtype == np.bool_
    assert read.as_dict() == ratios[0].as_dict()


def test_a_matrix_of_a_wrong_shape_is_refused():
    data = exact().as_dict()
    data["errors"].pop()

    with pytest.raises(ValueError, match=r"crosstalk matrix, errors: has the shape \(15, 16\); expected 16 x 16"):
        CrosstalkMatrix.from_dict(data)
