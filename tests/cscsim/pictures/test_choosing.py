"""Which image is meant, and what is said if none is."""

from __future__ import annotations

import pytest

from cscsim.pictures.choosing import choose, select
from cscsim.pictures.shots import Shot
from fsm import AuthorError


def shot(number, image_type="FLAT", **changes):
    usual = {
        "name": f"AT_O_20260115_{number:06d}",
        "image_type": image_type,
        "filter": "SDSSr_65mm",
        "grating": "empty_1",
        "exposure_time": 6.0,
        "counts": 29_411.0,
        "saturated": False,
        "reason": "",
        "program": "BLOCK-295",
        "group_id": "",
        "tai": 1_768_486_802.0,
        "detectors": (0,),
    }
    return Shot(**(usual | changes))


SHOTS = [
    shot(1, "BIAS"),
    shot(2),
    shot(3, reason="weekly_PTC"),
    shot(4, filter="empty_1", grating="SDSSy_65mm"),
    shot(5, "BIAS"),
]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("", 5),
        ("last", 5),
        ("last flat", 4),
        ("Last FLAT", 4),
        ("flat", 4),
        ("3", 3),
        ("000003", 3),
        ("2026011500002", 2),
        ("AT_O_20260115_000001", 1),
        ("at_o_20260115_000001", 1),
    ],
)
def test_an_image_is_named_in_many_ways(words, number):
    assert choose(SHOTS, words).seq_num == number


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("last flt", "there is no image last flt; .* did you mean last flat?"),
        ("bais", "there is no image bais; .* did you mean bias?"),
        ("AT_O_2026015_000001", "did you mean AT_O_20260115_000001?"),
        ("99", "there is no image 99; there are 5, AT_O_20260115_000001 to AT_O_20260115_000005$"),
        ("last dark", "there is no image last dark"),
    ],
)
def test_a_misspelt_image_is_told_with_the_nearest(words, near):
    with pytest.raises(AuthorError, match=near):
        choose(SHOTS, words)


def test_a_number_of_two_days_needs_the_name():
    shots = [*SHOTS, shot(3, name="AT_O_20260116_000003")]

    with pytest.raises(AuthorError, match="2 images of number 3: AT_O_20260115_000003, AT_O_20260116_000003"):
        choose(shots, "3")


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"type": "flat"}, [2, 3, 4]),
        ({"type": "flat", "last": 2}, [3, 4]),
        ({"last": 9}, [1, 2, 3, 4, 5]),
        ({"filter": "SDSSy_65mm"}, [4]),
        ({"filter": "empty~SDSSy_65mm"}, [4]),
        ({"filter": "sdssr_65mm", "type": "BIAS"}, [1, 5]),
        ({"filter": "empty"}, [4]),
        ({"filter": "SDSSr_65mm~empty"}, [1, 2, 3, 5]),
        ({"reason": "weekly_ptc"}, [3]),
        ({"reason": "weekly_PTC", "type": "bias"}, []),
    ],
)
def test_images_are_selected(wanted, numbers):
    assert [each.seq_num for each in select(SHOTS, **wanted)] == numbers


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"type": "flt"}, "no image has the type flt; there is BIAS, FLAT; did you mean FLAT?"),
        ({"filter": "SDSSg_65mm"}, "no image has the filter SDSSg_65mm; .* did you mean SDSS"),
        ({"reason": "weekly"}, "no image has the reason weekly; there is weekly_PTC"),
    ],
)
def test_what_no_image_has_is_told(wanted, message):
    with pytest.raises(AuthorError, match=message):
        select(SHOTS, **wanted)


def test_a_shot_of_comcam_has_no_grating():
    comcam = shot(1, name="CC_O_20260115_000001", filter="r_03", grating="")

    assert comcam.elements == ("r_03",)
    assert comcam.instrument == "LSSTComCam"
    assert comcam.id == 2026011500001


def test_times_are_tai():
    assert shot(1, tai=0.0).time == "1970-01-01T00:00:00"
