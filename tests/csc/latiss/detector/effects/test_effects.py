"""Each effect does what its formula says, to pixels that are known."""

from typing import Any

import numpy as np
import pytest

from csc.latiss.detector import Condition, Sky, Star
from csc.latiss.detector.effects.brighter_fatter import push_charge
from csc.latiss.detector.effects.cosmic_rays import cross_by_cosmic_rays
from csc.latiss.detector.effects.dark_current import collect_dark, poisson_table
from csc.latiss.detector.effects.electronics import HIGHEST, add_bias, add_noise, digitise
from csc.latiss.detector.effects.full_well import fill_wells
from csc.latiss.detector.effects.illumination import dust_of, illuminate
from csc.latiss.detector.effects.photons import count_photons
from csc.latiss.detector.effects.readout import divide, transfer
from csc.latiss.detector.effects.signal_chain import amplify, bend, cross_talk
from csc.latiss.detector.effects.sky_light import see_sky
from csc.latiss.detector.patterns import fringe_pattern, patterns
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.scene import Scene, strips
from csc.latiss.detector.sensor import latiss_sensor
from csc.latiss.light import soft_saturation

SENSOR = latiss_sensor(0.1)
ROWS, COLUMNS = SENSOR.readout.data_rows, SENSOR.readout.data_columns
FULL = SENSOR.full_well


def scene(image_type: str = "FLAT", seq_num: int = 1, **more: Any) -> Scene:
    light: dict[str, Any] = {"exposure_time": 6.0, "filter": "SDSSr_65mm"} if image_type == "FLAT" else {}
    return Scene(
        exposure=make_exposure(image_type, seq_num, **(light | more)), sensor=SENSOR, patterns=patterns(SENSOR)
    )


def dark_image(value: float = 0.0) -> Any:
    return np.full(SENSOR.shape, value, np.float32)


def raw_images(value: float = 0.0) -> Any:
    return np.full(SENSOR.raw_shape, value, np.float32)


def test_strips_cover_an_array_once():
    covered = np.zeros((1000, 408), int)
    for part in strips(covered):
        covered[part] += 1

    assert np.all(covered == 1)


# ---------------------------------------------------------------------- light


def test_light_falls_as_the_pixels_answer_to_it_less_what_dust_takes():
    lit = illuminate(dark_image(), scene())
    light = scene().exposure.light

    part = lit / (SENSOR.camera_gain * (light.lamp + light.flicker) * patterns(SENSOR).response)

    assert part.max() == pytest.approx(1.0, abs=1e-5)
    assert 0.93 < part.min() < 0.99


def test_dust_lies_elsewhere_on_another_day_and_not_far():
    one, same, other = (
        dust_of(scene(seq_num=n, day_obs=day)) for n, day in ((1, 20260115), (2, 20260115), (1, 20260116))
    )

    assert one == same
    assert one != other
    assert all(abs(a.x - b.x) < 30 * SENSOR.side for a, b in zip(one, other, strict=True))


def test_a_tilt_brightens_one_edge_and_dims_the_other():
    tilted = illuminate(dark_image(), scene(condition=Condition(tilt=0.1))) / illuminate(dark_image(), scene())

    assert tilted[:, 0] == pytest.approx(0.95, abs=1e-4)
    assert tilted[:, -1] == pytest.approx(1.05, abs=1e-4)


def test_a_bias_sees_no_light():
    assert not illuminate(dark_image(), scene("BIAS")).any()


def test_a_star_has_its_peak_and_its_width():
    sky = Sky(stars=(Star(x=0.5, y=0.5, peak=1000.0),), seeing=6.0, fringes=0.0)

    seen = see_sky(dark_image(), scene("OBJECT", exposure_time=10.0, sky=sky)) / patterns(SENSOR).response

    middle = seen[SENSOR.shape[0] // 2]
    assert 9500.0 < seen.max() <= 10_000.0
    assert (middle > 5000.0).sum() == pytest.approx(6.0 / 0.095695 * SENSOR.side, abs=1.1)


def test_a_star_at_the_corner_is_cut_off():
    seen = see_sky(dark_image(), scene("OBJECT", exposure_time=1.0, sky=Sky(stars=(Star(x=1.0, y=0.0, peak=100.0),))))

    assert seen[0, -1] > 90.0
    assert seen[-1, 0] == 0.0


@pytest.mark.parametrize(
    ("light", "amplitude"),
    [
        ({"filter": "SDSSz_65mm"}, 0.015),
        ({"grating": "SDSSy_65mm"}, 0.03),
        ({"filter": "SDSSr_65mm"}, 0.0),
        ({"filter": "empty_1"}, 0.0),
    ],
)
def test_fringes_come_with_the_red_bands(light, amplitude):
    seen = see_sky(dark_image(), scene("OBJECT", exposure_time=10.0, sky_rate=100.0, sky=Sky(), **light))

    expected = amplitude * 1000.0 * SENSOR.camera_gain * fringe_pattern(SENSOR) * patterns(SENSOR).response
    assert np.allclose(seen, expected, atol=1e-3)


@pytest.mark.parametrize("brightness", [0.01, 1.0], ids=["few photons", "many photons"])
def test_photons_scatter_by_the_root_of_their_number(brightness):
    where = scene(brightness=brightness)
    expected = illuminate(dark_image(), where)
    level = float(expected.mean())

    off = count_photons(expected.copy(), where) - expected

    error = level / expected.size
    assert off.mean(dtype=float) == pytest.approx(0.0, abs=4.0 * error**0.5)
    assert off.var(dtype=float) == pytest.approx(level, rel=4.0 * (2.0 / expected.size) ** 0.5)


def test_photons_do_not_depend_on_how_an_image_is_cut_into_strips(monkeypatch):
    where = scene()
    expected = illuminate(dark_image(), where)
    counted = count_photons(expected.copy(), where)

    monkeypatch.setattr("csc.latiss.detector.scene._STRIP", 5000)

    assert np.array_equal(count_photons(expected.copy(), where), counted)


# ---------------------------------------------------------------------- charge


@pytest.mark.parametrize("mean", [0.01, 0.9, 18.0, 900.0])
def test_the_table_is_poissons_distribution(mean):
    table = poisson_table(mean).astype(float)

    error = 2e-5 * (mean + 10.0 * mean**0.5 + 10.0)
    assert table.size == 65_536
    assert table.mean() == pytest.approx(mean, abs=error)
    assert table.var() == pytest.approx(mean, abs=0.01 * mean + 1e-3)


def test_darkness_collects_what_the_counts_say():
    where = scene("DARK", exposure_time=60.0)
    collected = collect_dark(dark_image(), where)
    good = ~where.patterns.flaws.mask(SENSOR.shape)

    expected = where.exposure.light.dark * SENSOR.camera_gain
    assert collected[good].mean() == pytest.approx(expected, abs=4.0 * (expected / good.sum()) ** 0.5)
    assert expected == pytest.approx(1.8, rel=0.01)


def test_a_warm_detector_collects_more_everywhere():
    cold, warm = (
        collect_dark(dark_image(), scene("DARK", exposure_time=60.0, condition=Condition(dark_current=factor)))
        for factor in (1.0, 20.0)
    )
    leaking = patterns(SENSOR).flaws.leaking

    assert np.median(warm) == pytest.approx(36.0, abs=1.0)
    assert warm.flat[leaking].sum() > 15.0 * cold.flat[leaking].sum()


def test_a_column_gone_bad_shows_and_shows_differently_in_each_image():
    levels = []
    for number in range(2):
        good = collect_dark(dark_image(), scene("BIAS", number + 1))
        bad = collect_dark(dark_image(), scene("BIAS", number + 1, condition=Condition(bad_columns=1)))
        changed = np.flatnonzero((bad - good).any(axis=0))
        assert changed.size == 1
        levels.append(float((bad - good).max()))

    assert levels[0] != levels[1]


def test_cosmic_rays_come_with_the_time():
    short, long = (
        sum(
            np.count_nonzero(cross_by_cosmic_rays(dark_image(), scene("DARK", n, exposure_time=time))) > 0
            for n in range(1, 41)
        )
        for time in (0.0, 100.0)
    )

    # 0.45 / s x 0.1 x 1 s and 101 s
    assert short <= 8
    assert long >= 35


def test_a_cosmic_ray_leaves_what_its_path_does():
    total = [cross_by_cosmic_rays(dark_image(), scene("DARK", n, exposure_time=0.0)).sum() for n in range(1, 300)]
    tracks = [charge for charge in total if charge > 0.0]

    assert 0.7 * 8000.0 < np.median(tracks) < 2.5 * 8000.0


def test_brighter_fatter_gives_the_covariances_of_its_area():
    rng, mu, side = np.random.default_rng(1), 1e5, 400
    area = SENSOR.brighter_fatter()
    charge = (mu + mu**0.5 * rng.standard_normal((side, COLUMNS * 8))).astype(np.float32)

    charge = push_charge(charge, scene()).astype(np.float64)

    off, error = charge - charge.mean(), mu / charge.size**0.5
    assert charge.mean() == pytest.approx(mu, abs=5.0)
    assert off.var() == pytest.approx(mu + area[2, 2] * mu**2, abs=4.0 * 2**0.5 * error + 200.0)
    for dy, dx in ((0, 1), (1, 0), (1, 1), (2, 0)):
        covariance = (off[dy:, dx:] * off[: side - dy, : off.shape[1] - dx]).mean()
        assert covariance == pytest.approx(area[2 + dy, 2 + dx] * mu**2, abs=4.0 * error + 150.0)


def test_brighter_fatter_is_the_plain_sum_over_neighbours():
    charge = np.random.default_rng(2).uniform(0.0, 1e5, (30, 40)).astype(np.float32)
    area, around = SENSOR.brighter_fatter(), np.pad(charge.astype(np.float64), 2, mode="edge")
    change = sum(area[y, x] * around[y : y + 30, x : x + 40] for y in range(5) for x in range(5))

    pushed = push_charge(charge.copy(), scene())

    assert np.allclose(pushed, charge * (1.0 + 0.5 * change), rtol=1e-5)


def test_wells_bend_as_the_counts_do():
    levels = SENSOR.levels
    factor = FULL / levels.saturation
    for level in (100_000.0, 120_000.0, 122_000.0):
        filled = fill_wells(dark_image(level * factor), scene())
        assert filled.mean(dtype=float) == pytest.approx(soft_saturation(level, levels) * factor, rel=1e-6)


def test_an_even_light_beyond_the_full_well_fills_it():
    assert fill_wells(dark_image(3.0 * FULL), scene()) == pytest.approx(FULL, rel=1e-6)


def test_what_does_not_fit_runs_along_the_column_and_is_kept():
    image = dark_image()
    image[ROWS // 2, 7] = 6.0 * FULL

    filled = fill_wells(image, scene())

    assert np.flatnonzero(filled.any(axis=0)).tolist() == [7]
    assert filled.max() == pytest.approx(FULL)
    assert filled.sum(dtype=float) == pytest.approx(6.0 * FULL, rel=1e-5)
    assert np.flatnonzero(filled[:, 7]).tolist() == list(range(ROWS // 2 - 3, ROWS // 2 + 4))


def test_a_bleed_ends_in_the_middle_of_the_image():
    image = dark_image()
    image[ROWS - 1, 7] = 9.0 * FULL

    filled = fill_wells(image, scene())

    assert not filled[ROWS:].any()
    assert filled[ROWS - 4, 7] > 0.0


# ---------------------------------------------------------------------- read-out


def test_the_first_pixel_read_lies_at_each_amplifiers_own_corner():
    image = np.arange(SENSOR.shape[0] * SENSOR.shape[1], dtype=np.float32).reshape(SENSOR.shape)

    raw = dict(zip((a.name for a in SENSOR.readout.amplifiers), divide(image, scene()), strict=True))

    assert raw["C00"][0, 3] == image[0, COLUMNS - 1]
    assert raw["C00"][0, 4] == image[0, COLUMNS - 2]
    assert raw["C00"][1, 3] == image[1, COLUMNS - 1]
    assert raw["C17"][0, 3] == image[-1, -1]
    assert raw["C17"][1, 3] == image[-2, -1]
    assert not raw["C17"][:, :3].any()
    assert not raw["C17"][ROWS:].any()
    assert not raw["C17"][:, 3 + COLUMNS :].any()


def test_charge_left_behind_trails_into_the_overscan_and_is_not_lost():
    raw = raw_images()
    raw[:, :ROWS, 3 : 3 + COLUMNS] = 30_000.0
    before = raw.sum(dtype=float)

    raw = transfer(raw, scene())

    assert raw[0, 0, 3 + COLUMNS] == pytest.approx(30_000.0 * (3 + COLUMNS) * 1e-6, rel=1e-3)
    assert raw[0, ROWS, 10] == pytest.approx(30_000.0 * ROWS * 1e-6, rel=1e-2)
    assert raw.sum(dtype=float) == pytest.approx(before, rel=1e-6)


def test_gains_turn_electrons_into_adu():
    assert amplify(raw_images(1000.0), scene())[:, 0, 0] == pytest.approx(1000.0 / SENSOR.gains())


def test_amplifiers_hear_each_other_at_the_same_pixel():
    raw = raw_images()
    raw[3, 20, 30] = 100_000.0

    heard = cross_talk(raw, scene())

    matrix = SENSOR.crosstalk()
    others = [i for i in range(16) if i != 3]
    assert heard[others, 20, 30] == pytest.approx(100_000.0 * matrix[3, others], rel=1e-5)
    assert heard[3, 20, 30] == 100_000.0
    assert np.count_nonzero(heard) == 16


def test_high_signals_bend():
    assert bend(raw_images(100_000.0), scene()) == pytest.approx(99_800.0)


def test_the_bias_of_an_image_is_in_its_data_only():
    where = scene("BIAS")
    off = add_bias(raw_images(), where) - where.patterns.bias

    assert off[:, :ROWS, 3 : 3 + COLUMNS] == pytest.approx(where.exposure.light.bias, abs=2e-3)
    assert not off[:, :, :3].any()
    assert not off[:, :, 3 + COLUMNS :].any()


@pytest.mark.parametrize("factor", [1.0, 1.1])
def test_noise_is_that_of_each_amplifier_and_rows_share_some(factor):
    noise = add_noise(raw_images(), scene("BIAS", condition=Condition(read_noise=factor)))

    within = (noise - noise.mean(axis=2, keepdims=True)).std(axis=(1, 2)) * SENSOR.gains()
    assert within == pytest.approx(factor * SENSOR.read_noises() * (1.0 - 0.5 / SENSOR.readout.width), rel=0.03)
    rows = noise.mean(axis=2).std(axis=1)
    expected = np.hypot(0.7, factor * SENSOR.read_noises() / SENSOR.gains() / SENSOR.readout.width**0.5)
    assert rows == pytest.approx(expected, rel=0.25)


def test_numbers_are_whole_and_fit_the_converter():
    raw = raw_images(20_000.4)
    raw[0, 0, 0], raw[0, 0, 1] = 1e6, -5.0

    numbers = digitise(raw, scene())

    assert numbers[0, 0, :3].tolist() == [HIGHEST, 0, 20_000]
