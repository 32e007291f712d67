"""The detector's data file is read, complete, and refused when wrong."""

from importlib.resources import files

import pytest
import yaml

import csc.latiss.detector.description as module
from csc.latiss.detector import load_detector
from fsm.document import load_document, validate
from fsm.errors import AuthorError

FILE = files("sim_configs") / "cameras" / "latiss.yaml"


@pytest.fixture
def detector():
    return load_detector()


def test_mean_gain_is_that_of_the_table(detector):
    assert detector.mean_gain == pytest.approx(1.083, abs=5e-4)


def test_amplifiers_stand_in_the_order_of_the_file_extensions(detector):
    names = [amplifier.name for amplifier in detector.readout.amplifiers]

    assert names == [f"C1{n}" for n in range(8)] + [f"C0{n}" for n in reversed(range(8))]
    assert all(a.name == f"C{a.row}{a.column}" for a in detector.readout.amplifiers)


def test_amplifiers_mirror_columns_and_only_the_top_row_mirrors_rows(detector):
    assert all(a.flip_x for a in detector.readout.amplifiers)
    assert all(a.flip_y == (a.row == 1) for a in detector.readout.amplifiers)


def test_raw_image_has_the_size_of_the_real_one(detector):
    assert (detector.readout.width, detector.readout.height) == (576, 2048)


@pytest.mark.parametrize(
    ("filter_name", "grating", "rate"),
    [
        ("SDSSr_65mm", "empty_1", 4920.0),
        ("SDSSg_65mm", "empty_1", 3300.0),
        ("SDSSz_65mm", "empty_1", 7500.0),
        ("empty_1", "SDSSy_65mm", 800.0),
        ("empty", "empty", 68000.0),
        ("SDSSr_65mm", "SDSSy_65mm", 0.0),
    ],
)
def test_rate_of_a_combination(detector, filter_name, grating, rate):
    assert detector.rate(filter_name, grating) == pytest.approx(rate)


def test_rate_of_an_unlisted_combination_is_the_product_of_transmissions(detector):
    product = detector.transmission("SDSSr_65mm", "empty") * detector.transmission("empty", "holo4_003")

    assert detector.transmission("SDSSr_65mm", "holo4_003") == pytest.approx(product)
    assert 0.0 < detector.rate("SDSSr_65mm", "holo4_003") < detector.rate("SDSSr_65mm", "empty")


def test_every_combination_passes_no_more_than_the_open_light(detector):
    for name in detector.filters:
        for grating in detector.gratings:
            assert 0.0 <= detector.rate(name, grating) <= detector.open_rate


def test_elements_that_the_spectrograph_can_hold_are_all_known(detector):
    assert {"empty", "SDSSg_65mm", "SDSSr_65mm", "SDSSz_65mm", "BG40_65mm_1", "OG550_65mm_1"} <= set(detector.filters)
    assert {"empty", "blue300lpmm_qn1", "SDSSy_65mm", "holo4_003"} <= set(detector.gratings)


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        (("SDSSr_66mm", "empty"), "there is no filter SDSSr_66mm; did you mean SDSSr_65mm"),
        (("empty", "hollo4_003"), "there is no grating hollo4_003; did you mean holo4_003"),
    ],
)
def test_an_unknown_element_is_refused_with_the_nearest_one(detector, pair, text):
    with pytest.raises(ValueError, match=text):
        detector.rate(*pair)


def test_the_file_is_read_once():
    assert load_detector() is load_detector()


def test_any_yaml_reader_sees_the_same_numbers(detector):
    data = yaml.safe_load(FILE.read_text())

    assert data["levels"]["saturation"]["value"] == detector.levels.saturation
    assert {name: part["rate"] for name, part in data["filters"].items()} == {
        name: element.rate for name, element in detector.filters.items()
    }


def test_every_number_names_its_source(detector):
    parts = [*detector.filters.values(), *detector.gratings.values(), *detector.combinations]

    assert all(part.source for part in (*parts, detector.ccd, detector.readout))


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("unit: W", "unit: kW", r"screen\.lamp_power: is in kW; expected W"),
        ("    unit: W\n", "", r"screen\.lamp_power: needs value, unit and source"),
        ("lamp_scatter:", "lamp_scater:", "lamp_scatter is missing"),
        ("  serial:", "  extra: 3\n  serial:", r"latiss\.yaml:9:10: ccd\.extra"),
        ("width: 4072", "width: 4073", "do not tile the image"),
        ("gain: 1.0811", "gain: -1.0", r"latiss\.yaml:30:\d+: readout\.amplifiers\[0\]\.gain: .*-1"),
        ("column: 1,", "column: 0,", "16 amplifiers, each at its own place"),
        ("filter: SDSSu_65mm", "filter: SDSSq_65mm", "SDSSq_65mm with SDSSy_65mm names an element that is not listed"),
        ("gratings:\n  empty:", "gratings:\n  open:", "gratings needs an element empty"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(right, wrong, text):
    document = load_document(FILE.read_text().replace(right, wrong, 1), name="latiss.yaml")

    with pytest.raises(AuthorError, match=text):
        validate(document, module._File)


def test_a_smaller_readout_has_fewer_columns_and_rows_of_data(detector):
    small = detector.readout.scaled(0.1)

    assert (small.data_columns, small.data_rows) == (51, 200)
    assert (small.width, small.height) == (3 + 51 + 64, 200 + 48)
    assert detector.readout.scaled(1.0) == detector.readout
