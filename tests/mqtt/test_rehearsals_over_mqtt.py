"""A rehearsal over a broker is the same, byte for byte, as in memory."""

from __future__ import annotations

import pytest

from tests.mqtt.brokers import mosquitto, needs_mosquitto
from tests.mqtt.meddling import Meddler
from tests.mqtt.weekly import in_memory, over

pytestmark = pytest.mark.mqtt


def test_the_weekly_calibrations_are_the_same_as_in_memory(broker):
    report = over(broker.address)

    assert (report.outcome, report.records) == ("passed", in_memory().records)
    assert report.digest == in_memory().digest
    assert report.components == in_memory().components


@needs_mosquitto()
@pytest.mark.slow
def test_they_are_the_same_when_every_message_comes_twice_and_none_in_its_turn(tmp_path):
    with mosquitto(tmp_path) as broker, Meddler(broker.address, twice=True, swaps=True) as meddler:
        report = over(meddler.address)

    assert meddler.count > 10_000
    assert (report.outcome, report.digest) == ("passed", in_memory().digest)
