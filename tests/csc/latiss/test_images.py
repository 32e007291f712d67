"""Exposures are named, numbered, stored and found."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.latiss.images import Exposure, ImageStore, day_obs, exposure_id, exposure_name
from csc.latiss.light import Received

TAI_MINUS_UTC = 37.0


def exposure(seq_num: int = 1, image_type: str = "FLAT", **changes: Any) -> Exposure:
    values: dict[str, Any] = {
        "name": exposure_name(20250601, seq_num),
        "image_type": image_type,
        "seq_num": seq_num,
        "day_obs": 20250601,
        "exposure_time": 6.0,
        "dark_time": 6.01,
        "filter": "SDSSr_65mm",
        "grating": "empty_1",
        "tai_begin": 1000.0,
        "tai_end": 1006.0,
        "seed": 7,
        "light": Received(lamp=29520.0),
        "counts": 29500.0,
        "saturated": False,
    }
    return Exposure(**(values | changes))


def store(*exposures: Exposure) -> ImageStore:
    images = ImageStore()
    for one in exposures:
        images.append(one)
    return images


def tai(utc: str) -> float:
    return datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() + TAI_MINUS_UTC


def last_seq_num(images: ImageStore, **where: Any) -> int | None:
    found = images.last("flat", **where)
    return found.seq_num if found else None


def test_a_name_has_the_form_of_the_observatory():
    assert exposure_name(20250601, 12) == "AT_O_20250601_000012"
    assert exposure_name(20250601, 12, source="CC") == "CC_O_20250601_000012"


@given(st.dates(), st.integers(1, 99_999))
def test_an_id_is_the_date_and_five_digits(date, seq_num):
    day = int(f"{date:%Y}{date:%m}{date:%d}".zfill(8))

    assert exposure_id(exposure_name(day, seq_num)) == int(f"{day}{seq_num:05d}")


@pytest.mark.parametrize("seq_num", [0, 100_000])
def test_a_number_that_does_not_fit_is_refused(seq_num):
    with pytest.raises(ValueError, match=f"seq_num={seq_num} must lie in 1 to 99999"):
        exposure_name(20250601, seq_num)


@pytest.mark.parametrize("name", ["", "AT_C_20250601_000012", "AT_O_20250601_12", "AT_O_20250601_000012.fits"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="is no exposure name"):
        exposure_id(name)


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2025-06-01T12:00:00", 20250601),
        ("2025-06-02T00:00:00", 20250601),
        ("2025-06-02T11:59:59", 20250601),
        ("2025-06-02T12:00:00", 20250602),
        ("2025-01-01T03:00:00", 20241231),
        ("2024-03-01T03:00:00", 20240229),
    ],
)
def test_the_observing_day_begins_at_noon_utc(time, day):
    assert day_obs(tai(time), TAI_MINUS_UTC) == day


def test_leap_seconds_count():
    assert day_obs(tai("2025-06-02T12:00:00") - 1.0, TAI_MINUS_UTC) == 20250601
    assert day_obs(tai("2025-06-02T12:00:00") - 1.0, 0.0) == 20250602


def test_an_exposure_knows_its_kind_and_id():
    assert exposure(12).kind == "flat"
    assert exposure(12).id == 2025060100012


def test_an_image_type_in_small_letters_is_refused():
    with pytest.raises(ValueError, match="image_type='flat' must be in capitals"):
        exposure(image_type="flat")


def test_last_gives_the_latest_of_a_kind():
    images = store(exposure(1), exposure(2), exposure(3, "BIAS"))

    assert images.last("flat") == exposure(2)
    assert images.last("FLAT") == exposure(2)
    assert images.last("dark") is None


def test_last_looks_at_attributes():
    images = store(exposure(1, exposure_time=0.1 + 0.2), exposure(2, filter="empty_1"), exposure(3, exposure_time=1))

    assert last_seq_num(images, exposure_time=0.3, filter="SDSSr_65mm") == 1
    assert last_seq_num(images, exposure_time=0.4) is None
    assert last_seq_num(images, filter="empty", grating="empty_2") == 2
    assert last_seq_num(images, seq_num=1, day_obs=20250601, saturated=False) == 1


def test_count_counts_what_matches():
    images = store(exposure(1), exposure(2, saturated=True), exposure(3, "BIAS"))

    assert (images.count("flat"), images.count("flat", saturated=True), images.count("dark")) == (2, 1, 0)


@pytest.mark.parametrize("kind", ["flat", "dark"])
def test_an_attribute_that_does_not_exist_is_refused_with_the_nearest(kind):
    with pytest.raises(ValueError, match="no exposure_tyme; did you mean exposure_time"):
        store(exposure()).last(kind, exposure_tyme=6.0)


def test_a_second_exposure_of_a_name_is_refused_and_changes_nothing():
    images = store(exposure(1))
    heard: list[Exposure] = []
    images.listen(heard.append)

    with pytest.raises(ValueError, match="AT_O_20250601_000001 already"):
        images.append(exposure(1, "BIAS"))

    assert (len(images), images.count("bias"), heard) == (1, 0, [])


def test_listeners_hear_what_comes_until_they_leave():
    images = store(exposure(1))
    heard: list[Exposure] = []

    leave = images.listen(heard.append)
    images.append(exposure(2))
    leave()
    leave()
    images.append(exposure(3))

    assert heard == [exposure(2)]


def test_the_store_gives_exposures_in_order_and_by_name():
    images = store(exposure(2), exposure(1, "BIAS"))

    assert [one.seq_num for one in images] == [2, 1]
    assert images["AT_O_20250601_000001"].kind == "bias"


def test_next_seq_num_follows_the_highest_of_the_day():
    images = store(exposure(4), exposure(2))

    assert images.next_seq_num(20250601) == 5
    assert images.next_seq_num(20250602) == 1
