"""What conditions may ask of images."""

from __future__ import annotations

import pytest

from fsm import AuthorError, parse_condition
from tests.acceptance.stage import site


@pytest.mark.parametrize(
    "text",
    [
        "last(flat).counts > 10000 adu",
        "last(flat, filter=SDSSr_65mm, exposure_time=6 s).counts in [10000 adu, 30000 adu]",
        "last(flat, filter=empty, grating=SDSSy_65mm).saturated",
        "count(flat, reason=weekly_PTC, saturated=true) == 14",
        "count(bias) == 21",
    ],
)
def test_question_that_images_can_answer_is_taken(text):
    assert str(parse_condition(text, site().vocabulary))


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("last(flt).counts > 1 adu", "last(flat).counts"),
        ("last(flat).conts > 1 adu", "last(flat).counts"),
        ("last(flat, filter=SDSSr_65m).counts > 1 adu", "last(flat, filter=SDSSr_65mm).counts"),
        ("last(flat, grating=SDSSy_65m).counts > 1 adu", "last(flat, grating=SDSSy_65mm).counts"),
        ("last(flat, filtr=SDSSr_65mm).counts > 1 adu", "last(flat, filter=SDSSr_65mm).counts"),
        ("count(drk) > 1", "count(dark)"),
    ],
)
def test_question_that_no_image_can_answer_is_a_mistake(text, suggestion):
    with pytest.raises(AuthorError) as error:
        parse_condition(text, site().vocabulary)

    assert error.value.suggestion == suggestion
