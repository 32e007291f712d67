"""The fields of commands as tests write them."""

from __future__ import annotations

import pytest

from cscsim.locate import open_site
from cscsim.pytest_plugin.sending import fields_of
from fsm import AuthorError


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"az": "1 deg", "el": "30 arcsec"}, {"az": 3600.0, "el": 30.0}),
        ({"az": 12.5, "num": "3"}, {"az": 12.5, "num": 3}),
    ],
)
def test_quantities_come_in_the_units_of_the_interface_and_numbers_as_they_are(given, sent):
    command = open_site().truth.blueprints["ATPtg"].commands["offsetAzEl"]

    assert fields_of("ATPtg", command, given) == pytest.approx(sent)


def test_texts_stay_texts():
    command = open_site().truth.blueprints["ATDome"].commands["start"]

    assert fields_of("ATDome", command, {"configurationOverride": "3 deg"}) == {"configurationOverride": "3 deg"}


def test_another_unit_is_refused():
    command = open_site().truth.blueprints["ATPtg"].commands["offsetAzEl"]

    with pytest.raises(AuthorError, match="ATPtg.offsetAzEl: az='3 s': a quantity in deg is expected"):
        fields_of("ATPtg", command, {"az": "3 s"})
