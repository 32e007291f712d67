"""Moments as they are written."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures.moment import parse_moment
from tests.procedures.replay.lamp import site


@pytest.mark.parametrize(
    ("text", "at"),
    [("20 min", 1200.0), ("20min", 1200.0), ("1:02:03", 3723.0), ("14:20", 860.0), ("0:00:01.5", 1.5), ("0 s", 0.0)],
)
def test_a_time(text, at):
    moment = parse_moment(text, site().truth)

    assert (moment.at, moment.number, moment.condition) == (at, None, None)
    assert str(moment) == text


def test_a_record():
    assert parse_moment("#812", site().truth).number == 812


def test_a_condition_is_written_so_that_it_reads_back():
    moment = parse_moment("ATDome.azimuth within 1 deg of 3 deg and ATWhiteLight.lamp is ON", site().truth)

    assert parse_moment(str(moment), site().truth) == moment


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20", "20 is no time: write 20 min"),
        ("3 deg", "3 deg is no time"),
        ("-1 s", "-1 s is no time"),
        ("#0", "#0 is no record; they count from #1"),
        ("ATDome.azimut > 3 deg", "there is no ATDome.azimut; did you mean ATDome.azimuth"),
    ],
)
def test_what_is_no_moment(text, message):
    with pytest.raises(AuthorError, match=message):
        parse_moment(text, site().truth)
