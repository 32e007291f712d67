"""Exposures made by hand are such as the camera takes."""

import dataclasses

import pytest

from csc.latiss.detector import Condition, Sky
from csc.latiss.detector.recipes import make_exposure


def test_only_a_flat_sees_the_lamp_and_only_an_object_the_sky():
    light = {
        kind: make_exposure(kind, 1, exposure_time=6.0, filter="SDSSr_65mm", sky_rate=10.0).light
        for kind in ("BIAS", "DARK", "FLAT", "OBJECT")
    }

    assert [kind for kind, one in light.items() if one.lamp] == ["FLAT"]
    assert [kind for kind, one in light.items() if one.sky] == ["OBJECT"]
    assert light["FLAT"].lamp == pytest.approx(29_520.0)
    assert light["OBJECT"].sky == pytest.approx(60.0)


def test_only_an_object_has_a_sky():
    assert make_exposure("OBJECT", 1).sky == Sky()
    assert make_exposure("FLAT", 1, sky=Sky(target="M 42")).sky is None


def test_a_warm_detector_is_in_the_light_and_in_the_recipe():
    cold = make_exposure("DARK", 1, exposure_time=30.0)
    warm = make_exposure("DARK", 1, exposure_time=30.0, condition=Condition(dark_current=5.0))

    assert warm.light.dark == pytest.approx(5.0 * cold.light.dark)
    assert warm.condition.dark_current == 5.0


def test_exposures_differ_by_number_and_follow_each_other():
    one, other = make_exposure("BIAS", 1), make_exposure("BIAS", 2)

    assert one.seed != other.seed
    assert one.tai_end < other.tai_begin
    assert dataclasses.replace(one) == make_exposure("BIAS", 1)


def test_an_unknown_filter_is_refused():
    with pytest.raises(ValueError, match="there is no filter SDSSr_66mm; did you mean SDSSr_65mm"):
        make_exposure("FLAT", 1, exposure_time=1.0, filter="SDSSr_66mm")
