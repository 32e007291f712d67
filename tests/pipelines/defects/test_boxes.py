from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from pipelines.defects import Box, Defects, amplifier_defects
from tests.pipelines.sensors import DETECTOR, SHAPE, inner


@given(stn.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_boxes_cover_exactly_what_is_bad(bad):
    defects = Defects.from_mask(bad)

    np.testing.assert_array_equal(defects.mask(bad.shape), bad)
    assert sum(box.width * box.height for box in defects.boxes) == bad.sum()
    assert Defects.from_dict(json.loads(json.dumps(defects.as_dict()))) == defects


def test_a_rectangle_is_one_box():
    bad = np.zeros((50, 80), bool)
    bad[10:20, 30:60] = True
    bad[:, 5] = True

    assert Defects.from_mask(bad).boxes == (Box(5, 0, 1, 50), Box(30, 10, 30, 10))


def test_boxes_beyond_the_image_are_cut():
    assert Defects(boxes=(Box(-2, -2, 4, 4), Box(8, 8, 9, 9))).mask((10, 10)).sum() == 8


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "a mapping with a list of boxes, not list"),
        ({"boxes": "none"}, "a mapping with a list of boxes"),
        ({"boxes": [{"x0": 1, "y0": 2, "width": 3}]}, "box 0 of the defects: expected x0, y0, width, height"),
        ({"boxes": [{"x0": 1, "y0": 2, "width": 3, "height": 1.5}]}, "box 0 of the defects: its values are whole"),
        ({"boxes": [{"x0": 1, "y0": 2, "width": 3, "height": 0}]}, "width and height are at least 1, not 3 x 0"),
    ],
)
def test_tables_that_are_none_are_refused(data, text):
    with pytest.raises(ValueError, match=text):
        Defects.from_dict(data)


def test_amplifiers_are_covered_whole():
    defects = amplifier_defects(DETECTOR, SHAPE, ["C07"])

    expected = np.zeros(SHAPE, bool)
    expected[inner("C07")] = True
    np.testing.assert_array_equal(defects.mask(SHAPE), expected)
    with pytest.raises(ValueError, match="RXX_S00 has no amplifier C08; it has C10, "):
        amplifier_defects(DETECTOR, SHAPE, ["C08"])
