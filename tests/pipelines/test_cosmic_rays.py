from __future__ import annotations

import numpy as np
import pytest

from pipelines.cosmic_rays import (
    CosmicRaySettings,
    TooManyCosmicRays,
    fill_in,
    find_cosmic_rays,
    repair_cosmic_rays,
)
from pipelines.image import CcdImage, MaskPlane

SHAPE = (400, 512)
NOISE = 9.0


def dark(seed: int = 1) -> CcdImage:
    """Return a frame of read noise [electron]."""
    image = CcdImage.blank(SHAPE, {"OBSID": "a dark"})
    image.image[...] = np.random.default_rng(seed).normal(0, NOISE, SHAPE)
    image.variance[...] = NOISE**2
    return image


def hit(image: CcdImage, number: int, seed: int = 2) -> np.ndarray:
    """Put rays into an image: 80 electrons for each micrometre of 100 of silicon; return the pixels they hit."""
    rng = np.random.default_rng(seed)
    charge = np.zeros(SHAPE)
    for _ in range(number):
        row, column = rng.uniform(20, SHAPE[0] - 20), rng.uniform(20, SHAPE[1] - 20)
        slope, angle = np.tan(np.arccos(rng.uniform(0.3, 1.0))), rng.uniform(0, 2 * np.pi)
        length = 10 * slope
        steps = np.linspace(0, 1, 400)
        rows = (row + steps * length * np.sin(angle)).astype(int)
        columns = (column + steps * length * np.cos(angle)).astype(int)
        np.add.at(charge, (rows, columns), 80 * 100 * np.hypot(1, slope) / 400)
    image.image += charge.astype(np.float32)
    return charge > 0


def test_rays_are_found_and_nothing_else():
    image = dark()
    pixels = hit(image, 40)
    strong = pixels & (image.image > 10 * NOISE)

    found = find_cosmic_rays(image)

    assert np.count_nonzero(found.pixels & strong) > 0.97 * np.count_nonzero(strong)
    assert np.count_nonzero(found.pixels & ~pixels) < 0.05 * np.count_nonzero(pixels)
    assert 36 <= found.number <= 44


def test_noise_alone_has_no_rays():
    assert find_cosmic_rays(dark()).number == 0


def test_stars_are_no_rays():
    image = dark()
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    rng = np.random.default_rng(3)
    for flux in (1e3, 1e4, 1e5) * 5:
        row, column = rng.uniform(30, 370), rng.uniform(30, 480)
        spot = flux * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 2 / (3.5 / 2.3548) ** 2)
        image.image += (spot / spot.sum() * flux).astype(np.float32)
        image.variance += (spot / spot.sum() * flux).astype(np.float32)

    assert find_cosmic_rays(image).number == 0


def test_weak_spikes_are_left():
    image = dark()
    image.image[100, 100] = 130
    image.image[200, 200] = 300

    found = find_cosmic_rays(image)

    assert np.argwhere(found.pixels).tolist() == [[200, 200]]


def test_later_passes_take_the_rest_of_a_wide_ray():
    image = dark()
    image.image[100:102, 100:140] += 900  # two rows: each covers the other's side

    once = find_cosmic_rays(image, CosmicRaySettings(passes=1)).pixels.sum()
    thrice = find_cosmic_rays(image, CosmicRaySettings(passes=3)).pixels.sum()

    assert thrice > once


def test_bad_column_is_no_ray():
    image = dark()
    image.image[50:350, 77] += 500
    image.image[200, 300] += 5000

    found = find_cosmic_rays(image)

    assert np.argwhere(found.pixels).tolist() == [[200, 300]]


def test_masked_pixels_are_no_rays():
    image = dark()
    image.image[10, 10] = 50_000
    image.mask[10, 10] = MaskPlane.BAD
    image.image[20, 20] = np.nan

    assert find_cosmic_rays(image).number == 0


def test_too_many_rays_are_an_error():
    image = dark()
    image.image[::4, ::4] += 900

    with pytest.raises(
        TooManyCosmicRays, match="a dark: more than 1000 pixels look like cosmic rays; mask its defects"
    ):
        find_cosmic_rays(image, CosmicRaySettings(max_pixels=1000))


def test_repair_marks_and_grows():
    image = dark()
    image.image[200, 300] += 5000
    before = image.image.copy()

    rays = repair_cosmic_rays(image, CosmicRaySettings(grow=2))

    assert rays.number == 1
    assert np.argwhere(image.masked(MaskPlane.CR))[[0, -1]].tolist() == [[198, 298], [202, 302]]
    assert np.count_nonzero(image.mask) == 25
    np.testing.assert_array_equal(image.image, before)


def test_repair_fills_in_and_gives_back_the_noise():
    image, clean = dark(), dark()
    hit(image, 40)

    repair_cosmic_rays(image, CosmicRaySettings(grow=0), keep=False)

    assert dark().image.std() * 1.02 > image.image.std()
    assert abs(image.image.mean() - clean.image.mean()) < 0.1


def test_units_of_adu_are_made_electrons():
    image = dark()
    image.image /= 4
    image.variance /= 16
    image.image[200, 200] = 50  # 200 electrons

    assert repair_cosmic_rays(image.copy(), gain=4.0).number == 1
    assert repair_cosmic_rays(image.copy(), gain=1.0).number == 0


def test_holes_are_filled_from_their_edges():
    image = np.full((9, 9), 7, np.float32)
    holes = np.zeros((9, 9), bool)
    holes[2:7, 2:7] = holes[0, 0] = True
    image[holes] = np.nan

    assert (fill_in(image, holes) == 7).all()
    assert (fill_in(image, np.ones((9, 9), bool)) == 0).all()
