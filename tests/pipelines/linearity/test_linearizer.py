import json
import math

import numpy as np
import pytest

from pipelines.camera import amplifier_box
from pipelines.image import CcdImage
from pipelines.linearity import KINDS, Linearizer, correction, linearize
from tests.pipelines.ptc.flats import LATISS

NODES, VALUES = (0.0, 1e4, 2e4, 3e4), (0.0, -10.0, 5.0, 20.0)
COEFFICIENTS = {
    "None": (),
    "Squared": (2e-8,),
    "Polynomial": (2e-8, -1e-13),
    "Spline": (*NODES, *VALUES),
    "LookupTable": (100.0, 0.0, 1.0, 2.0),
}


def linearizer(kind="Squared", **more):
    return Linearizer(kind=kind, coefficients=dict.fromkeys(LATISS.amplifiers, COEFFICIENTS[kind]), **more)


def test_squared_takes_back_what_a_square_took():
    true = np.array([1e3, 3e4, 1e5])
    seen = true - 2e-8 * true**2

    np.testing.assert_allclose(seen + correction("Squared", (2e-8,), seen), true, rtol=1e-5)


def test_polynomial_adds_rising_powers():
    assert correction("Polynomial", (2e-8, -1e-13), np.array([1e5]))[0] == pytest.approx(200.0 - 100.0)


def test_spline_goes_through_its_nodes_and_stays_beyond_the_last():
    signals = np.array([0.0, 1e4, 2e4, 3e4, 9e4, -50.0])

    found = correction("Spline", COEFFICIENTS["Spline"], signals)

    np.testing.assert_allclose(found, [0.0, 10.0, -5.0, -20.0, -20.0, 0.0], atol=1e-9)


def test_lookup_table_is_looked_up():
    found = correction("LookupTable", COEFFICIENTS["LookupTable"], np.array([-5.0, 99.0, 100.0, 250.0, 1e6]))

    np.testing.assert_array_equal(found, [0.0, 0.0, 1.0, 2.0, 2.0])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_an_image_by_its_correction(kind):
    shape = (20, 80)
    image = CcdImage.blank(shape, {"EXPTIME": 1.0})
    image.image[...] = np.random.default_rng(1).uniform(0.0, 3e4, shape)
    image.mask[3, 3] = 2
    before = image.image.copy()

    found = linearize(image, linearizer(kind), LATISS)

    np.testing.assert_allclose(found.image, before + correction(kind, COEFFICIENTS[kind], before), rtol=1e-6)
    np.testing.assert_array_equal(image.image, before)
    assert found.mask[3, 3] == 2
    assert found.header == {"EXPTIME": 1.0}
    assert found.image.dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_pixel_stays_missing(kind):
    image = CcdImage.blank((20, 80))
    image.image[5, 5] = np.nan

    found = linearize(image, linearizer(kind), LATISS)

    assert np.isnan(found.image[5, 5])
    assert np.isfinite(found.image).sum() == found.image.size - 1


def test_each_amplifier_has_its_own_coefficients():
    image = CcdImage.blank((20, 80))
    image.image[...] = 1e4
    coefficients = dict.fromkeys(LATISS.amplifiers, (0.0,)) | {"C11": (1e-7,)}

    found = linearize(image, Linearizer(kind="Squared", coefficients=coefficients), LATISS)

    changed = found.image != image.image
    assert changed[amplifier_box(LATISS.amplifiers["C11"], (20, 80))].all()
    assert changed.sum() == 100


def test_a_linearizer_of_another_detector_is_refused():
    with pytest.raises(ValueError, match="linearizer: lacks C11, C12, .* of RXX_S00"):
        linearize(CcdImage.blank((20, 80)), Linearizer(kind="Squared", coefficients={"C10": (0.0,)}), LATISS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_linearizer_survives_plain_data(kind):
    found = linearizer(kind, residuals={"C00": (0.5, 0.25)}, turnoff={"C00": 1.2e5})

    assert Linearizer.from_dict(json.loads(json.dumps(found.as_dict()))) == found


@pytest.mark.parametrize(
    ("kind", "values", "fault"),
    [
        ("Squared", (1.0, 2.0), "Squared needs 1 coefficient; has 2 numbers"),
        ("Spline", (0.0, 1.0, 2.0), "Spline needs as many values as rising nodes"),
        ("Spline", (0.0, 2.0, 1.0, 0.0, 0.0, 0.0), "Spline needs as many values as rising nodes"),
        ("LookupTable", (0.0, 1.0), "LookupTable needs a step above 0"),
    ],
)
def test_coefficients_that_cannot_be_applied_are_refused(kind, values, fault):
    data = {"kind": kind, "coefficients": {"C00": list(values)}, "residuals": {}, "turnoff": {}}

    with pytest.raises(ValueError, match=f"linearizer, coefficients, C00: {fault}"):
        Linearizer.from_dict(data)


def test_an_unknown_kind_is_refused():
    data = linearizer().as_dict() | {"kind": "Cubic"}

    with pytest.raises(ValueError, match="linearizer, kind: is 'Cubic'; expected one of None, Squared"):
        Linearizer.from_dict(data)


def test_a_turn_off_that_is_not_known_survives():
    found = Linearizer.from_dict(linearizer(turnoff={"C00": math.nan}).as_dict())

    assert math.isnan(found.turnoff["C00"])
