import json
import math
from dataclasses import replace

import numpy as np
import pytest

from pipelines.image import CcdImage, MaskPlane
from pipelines.ptc import ExtractSettings, FlatPair, Pair, extract, gain_from_pairs, pair_gain
from tests.pipelines.ptc.flats import Sensor, one_amplifier

PAIR = Pair(first=1, second=2, value=1.0)
QUIET = Sensor(gain=1.5, noise=9.0, area_change=np.zeros((3, 3)), detector=one_amplifier())
SHAPE = (400, 1600)  # 40 000 pixels in the amplifier
BOX = (slice(0, 200), slice(0, 200))


def flats(mean=20_000.0, second=None, seed=1) -> tuple[CcdImage, CcdImage]:
    rng = np.random.default_rng(seed)
    return QUIET.flat(rng, mean, SHAPE), QUIET.flat(rng, second or mean, SHAPE)


def measured(first, second, settings=None):
    return extract(first, second, PAIR, QUIET.detector, settings or ExtractSettings(lags=3)).amplifiers["C00"]


def test_mean_and_variance_are_those_of_one_flat():
    found = measured(*flats())

    assert found.mean == pytest.approx(20_000.0 / 1.5, rel=1e-3)
    assert found.variance == pytest.approx((20_000.0 + 81.0) / 1.5**2, rel=0.03)
    assert found.row_mean_variance == pytest.approx(found.variance, rel=0.35)
    assert found.covariances[0, 0] == found.variance
    assert np.abs(found.covariances.ravel()[1:]).max() < 5.0 * found.variance / 200.0


def test_a_lamp_that_flickers_adds_no_variance():
    steady, flickering = measured(*flats()), measured(*flats(second=20_400.0))

    assert flickering.variance == pytest.approx(steady.variance, rel=0.03)
    assert flickering.gain == pytest.approx(steady.gain, rel=0.03)


@pytest.mark.parametrize("mean", [2_000.0, 20_000.0])
def test_the_gain_of_a_pair_is_right_without_repulsion(mean):
    assert measured(*flats(mean)).gain == pytest.approx(1.5, rel=0.02)


def test_an_uncorrected_gain_has_the_read_noise_in_it():
    found = measured(*flats(500.0), ExtractSettings(lags=3, gain_correction="NONE"))

    assert found.gain == pytest.approx(1.5 / (1.0 + 81.0 / 500.0), rel=0.02)


def test_a_gain_that_no_light_explains_is_not_a_number():
    assert math.isnan(pair_gain(mean=10.0, ratio=0.1, read_noise=50.0))


def test_masked_pixels_and_missing_ones_do_not_count():
    first, second = flats()
    first.image[BOX][:20] = 1e6
    first.mask[BOX][:20] = np.uint16(MaskPlane.SAT)
    second.image[BOX][30] = np.nan

    found = measured(first, second)

    assert found.counts[0, 0] == pytest.approx((200 - 21) * 200, abs=3)
    assert found.mean == pytest.approx(20_000.0 / 1.5, rel=1e-3)


def test_cosmic_rays_are_clipped():
    first, second = flats()
    clean = measured(first, second)
    first.image[BOX][50, :100] += 5000.0

    assert measured(first, second).variance == pytest.approx(clean.variance, rel=0.02)


def test_too_few_pixels_give_no_numbers():
    found = measured(*flats(), ExtractSettings(lags=3, minimum_pixels=50_000))

    assert math.isnan(found.mean)
    assert math.isnan(found.gain)
    assert np.isnan(found.covariances).all()


def test_a_frame_of_pixels_can_be_left_out():
    assert measured(*flats(), ExtractSettings(lags=3, edge=10)).counts[0, 0] == pytest.approx(180 * 180, abs=3)


def test_read_noise_comes_from_the_header_else_from_the_camera():
    first, second = flats()
    assert measured(first, second).read_noise == pytest.approx(6.0)

    first.header, second.header = {}, {}
    amplifier = QUIET.detector.amplifiers["C00"]
    assert measured(first, second).read_noise == pytest.approx(amplifier.read_noise / amplifier.gain)


def test_images_of_different_size_are_no_pair():
    first, _ = flats()
    second = replace(first, image=first.image[:-2], mask=first.mask[:-2])

    with pytest.raises(ValueError, match=r"exposures 1 and 2: images of \(400, 1600\) and \(398, 1600\) pixels"):
        extract(first, second, PAIR, QUIET.detector)


def test_an_unknown_correction_is_refused():
    with pytest.raises(ValueError, match="gain correction 'SOME'; expected one of NONE, FULL"):
        extract(*flats(), PAIR, QUIET.detector, ExtractSettings(gain_correction="SOME"))


def test_gain_from_pairs_is_the_median_of_the_faint_ones():
    pairs = [extract(*flats(mean, seed=seed), PAIR, QUIET.detector) for seed, mean in enumerate((5e3, 1e4, 1.2e4, 3e5))]

    assert gain_from_pairs(pairs, brightest=10_000.0)["C00"] == pytest.approx(1.5, rel=0.02)
    assert math.isnan(gain_from_pairs(pairs, brightest=10.0)["C00"])


def test_a_pair_survives_plain_data():
    pair = extract(*flats(), PAIR, QUIET.detector, ExtractSettings(lags=3))

    data = json.loads(json.dumps(pair.as_dict()))

    assert FlatPair.from_dict(data).as_dict() == pair.as_dict()


def test_a_pair_with_a_wrong_value_says_where():
    data = extract(*flats(), PAIR, QUIET.detector, ExtractSettings(lags=3)).as_dict()
    data["amplifiers"]["C00"]["gain"] = "high"

    with pytest.raises(ValueError, match="flat pair, C00, gain: is 'high'; expected a number"):
        FlatPair.from_dict(data)
