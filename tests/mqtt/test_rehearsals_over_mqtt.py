"""A rehearsal over a broker is the same as in memory, however messages come.

That of the weekly calibrations is the same byte for byte: tests/cscsim/test_rehearse_over_a_broker.py.
"""

from __future__ import annotations

import pytest

from tests.mqtt.brokers import mosquitto, needs_mosquitto
from tests.mqtt.meddling import Meddler
from tests.mqtt.weekly import in_memory, over

pytestmark = pytest.mark.mqtt
PROCEDURE = "daily"
"""`make soak` takes the weekly calibrations, over both brokers."""


@needs_mosquitto()
@pytest.mark.slow
def test_it_is_the_same_when_every_message_comes_twice_and_none_in_its_turn(tmp_path):
    with mosquitto(tmp_path) as broker, Meddler(broker.address, twice=True, swaps=True) as meddler:
        report = over(meddler.address, PROCEDURE)

    assert meddler.count > 3_000
    assert (report.outcome, report.digest) == ("passed", in_memory(PROCEDURE).digest)
