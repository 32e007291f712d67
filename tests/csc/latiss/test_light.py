"""Counts follow the light: aligned, misaligned, saturated, dark."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.kinematics import constant_rate
from csc.latiss.detector import load_detector
from csc.latiss.light import (
    LightPath,
    Received,
    alignment_factor,
    expected_counts,
    is_saturated,
    observed_counts,
    pointing_factor,
    received,
    shot,
    soft_saturation,
)
from fsm.timeline import Timeline

DETECTOR = load_detector()
SCATTER = DETECTOR.screen.lamp_scatter
ALIGNED = {
    "lamp": 1.0,
    "lamp_shutter": 1.0,
    "dome_azimuth": 3.0,
    "mount_azimuth": 188.7,
    "mount_elevation": 39.0,
    "m1_cover": 1.0,
    "m3": 1.0,
    "main_door": 0.0,
    "dropout_door": 0.0,
}


def light_path(**changes: Any) -> LightPath:
    histories = ALIGNED | changes
    return LightPath(**{k: v if isinstance(v, Timeline) else Timeline(v) for k, v in histories.items()})


def flat(path: LightPath, time: float, filter_name: str = "SDSSr_65mm", grating: str = "empty_1", at: float = 0.0):
    return received(
        path, DETECTOR, filter=filter_name, grating=grating, shutter_open=(at, at + time), dark_time=time + 0.01
    )


def counts(path: LightPath, time: float, **elements: Any) -> float:
    return soft_saturation(flat(path, time, **elements).total, DETECTOR.levels)


def shots(light: Received, seeds: int = 200) -> list[float]:
    levels = DETECTOR.levels
    drawn = (shot(light, levels, SCATTER, np.random.default_rng(seed)) for seed in range(seeds))
    return [observed_counts(one, levels) for one in drawn]


def test_aligned_standard_flat_has_its_level():
    assert counts(light_path(), 6.0) == pytest.approx(29520.0, abs=1.0)


def test_aligned_standard_flat_stays_below_30000_in_every_shot():
    observed = shots(flat(light_path(), 6.0))

    assert max(observed) < 30000.0
    assert np.mean(observed) == pytest.approx(29520.0, abs=20.0)
    assert np.std(observed) == pytest.approx(0.002 * 29520.0, rel=0.2)


@pytest.mark.parametrize(
    ("elements", "time", "level"),
    [
        ({"filter_name": "SDSSg_65mm"}, 6.0, 19800.0),
        ({"filter_name": "SDSSz_65mm"}, 3.0, 22500.0),
        ({"filter_name": "empty_1", "grating": "SDSSy_65mm"}, 30.0, 24000.0),
        ({"filter_name": "empty_1"}, 1.0, 68000.0),
    ],
)
def test_weekly_flats_have_their_levels(elements, time, level):
    assert counts(light_path(), time, **elements) == pytest.approx(level, abs=1.0)


@pytest.mark.parametrize(("offset", "low", "high"), [(0.5, 26000, 26400), (1.5, 9900, 10100), (2.5, 1000, 2000)])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_misaligned_dome_dims_the_flat(offset, low, high, side):
    assert low < counts(light_path(dome_azimuth=3.0 + side * offset), 6.0) < high


def test_a_dome_misaligned_by_more_than_the_tolerance_gives_less_than_10000():
    assert max(shots(flat(light_path(dome_azimuth=5.5), 6.0))) < 10000.0


def test_the_dome_azimuth_may_be_unwrapped():
    assert counts(light_path(dome_azimuth=363.0), 6.0) == counts(light_path(), 6.0)


def test_the_longest_flats_of_the_ptc_saturate_and_the_others_do_not():
    levels = DETECTOR.levels

    below = shots(flat(light_path(), 24.16))
    above = shots(flat(light_path(dome_azimuth=3.5), 30.04))

    assert np.mean(below) == pytest.approx(119000.0, rel=0.005)
    assert not any(is_saturated(observed, levels) for observed in below)
    assert all(is_saturated(observed, levels) for observed in above)
    assert max(above) < 123010.0


@pytest.mark.parametrize(
    "dark",
    [
        {"lamp": 0.0},
        {"lamp_shutter": 0.0},
        {"m1_cover": 0.0},
        {"m3": 0.0},
        {"mount_elevation": 80.0},
        {"mount_azimuth": 0.0},
    ],
)
def test_one_thing_in_the_way_leaves_the_flat_dark(dark):
    assert counts(light_path(**dark), 6.0) < 1.0


def test_half_a_cover_halves_the_light():
    assert flat(light_path(m1_cover=0.5), 6.0).lamp == pytest.approx(29520.0 / 2.0)


def test_open_doors_add_stray_light_that_lifts_a_flat_above_30000():
    open_dome = light_path(main_door=100.0, dropout_door=100.0)

    assert counts(open_dome, 6.0) > 30000.0
    assert flat(open_dome, 6.0).stray == pytest.approx(2.0 * flat(light_path(main_door=100.0), 6.0).stray)
    assert flat(light_path(main_door=100.0, m1_cover=0.0), 6.0).stray == 0.0


@pytest.mark.parametrize("dark_time", [0.0, 5.0, 30.0])
def test_bias_and_dark_stay_within_10_adu_of_the_bias_level(dark_time):
    light = received(
        light_path(main_door=100.0),
        DETECTOR,
        filter="SDSSr_65mm",
        grating="empty_1",
        shutter_open=None,
        dark_time=dark_time,
    )

    assert light.dark == pytest.approx(0.03 * dark_time / 1.083, rel=1e-3)
    assert light == Received(dark=light.dark)
    assert max(map(abs, shots(light, 1000))) < 10.0


def test_the_lamp_is_integrated_while_it_warms_up():
    lamp = Timeline(0.0)
    lamp.follow(10.0, lambda t: 1.0 - math.exp(-(t - 10.0) / 150.0))

    light = flat(light_path(lamp=lamp), 20.0, at=5.0)

    assert light.lamp == pytest.approx(4920.0 * (15.0 - 150.0 * (1.0 - math.exp(-0.1))), rel=1e-9)


def test_a_dome_that_passes_by_gives_the_area_of_its_gaussian():
    move = constant_rate(-27.0, 33.0, rate=3.0, t0=0.0)
    dome = Timeline(-27.0)
    dome.follow(0.0, move.position, kinks=[*move.kinks, 8.0, 9.0, 10.0, 11.0, 12.0])

    light = flat(light_path(dome_azimuth=dome), 20.0)

    assert light.lamp == pytest.approx(4920.0 * 1.02 * math.sqrt(2.0 * math.pi) / 3.0, rel=1e-4)
    assert light.misalignment == pytest.approx(0.0)


def test_expected_counts_bend_at_saturation():
    path = light_path()

    level = expected_counts(
        path, DETECTOR, filter="SDSSr_65mm", grating="empty_1", shutter_open=(0.0, 111.03), dark_time=111.04
    )

    assert level == pytest.approx(123000.0, abs=0.1)


def test_a_negative_dark_time_is_refused():
    with pytest.raises(ValueError, match=r"dark_time=-1\.0"):
        received(light_path(), DETECTOR, filter="empty", grating="empty", shutter_open=None, dark_time=-1.0)


def test_a_history_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="lies before the oldest piece kept"):
        flat(light_path(lamp=Timeline(1.0, start=100.0)), 6.0, at=50.0)


def test_the_same_stream_draws_the_same_counts():
    light = flat(light_path(), 6.0)

    assert shots(light, 1) == shots(light, 1)


def test_every_exposure_draws_as_many_deviates():
    one, other = np.random.default_rng(1), np.random.default_rng(1)

    shot(Received(), DETECTOR.levels, SCATTER, one)
    shot(flat(light_path(), 6.0), DETECTOR.levels, SCATTER, other)

    assert one.random() == other.random()


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e4))
def test_saturation_never_falls_and_is_never_passed(level, more):
    low, high = (soft_saturation(x, DETECTOR.levels) for x in (level, level + more))

    assert low <= high <= DETECTOR.levels.saturation
    assert low <= level


@given(st.floats(0.0, 0.9699 * 123000.0))
def test_response_is_linear_below_the_roll_off(level):
    assert soft_saturation(level, DETECTOR.levels) == level


@given(st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_factors_fall_with_the_distance(one, other):
    near, far = sorted((one, other))

    assert 1.0 >= alignment_factor(near, 1.02) >= alignment_factor(far, 1.02) >= 0.0
    assert 1.0 >= pointing_factor(near, 0.5, 5.0) >= pointing_factor(far, 0.5, 5.0) >= 0.0


def test_pointing_is_flat_then_falls_to_nothing():
    factors = [pointing_factor(distance, 0.5, 5.0) for distance in (0.5, 2.75, 5.0)]

    assert factors == pytest.approx([1.0, 0.5, 0.0])


def test_received_adds_up():
    light = Received(lamp=1.0, stray=2.0, dark=3.0, misalignment=90.0)

    assert light.total == 6.0
    assert dataclasses.replace(light, lamp=0.0).total == 5.0
