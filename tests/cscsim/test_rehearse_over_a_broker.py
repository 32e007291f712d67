"""`cscsim rehearse --broker`: the same comes of a rehearsal in which everything goes over a broker."""

from __future__ import annotations

import json

import pytest

from tests.csc.client.served import BROKERS, any_broker, served
from tests.cscsim.cli import LIGHT, SMALL, call
from tests.mqtt.brokers import mosquitto, needs_mosquitto

pytestmark = pytest.mark.mqtt


def rehearsed(*arguments: str) -> dict:
    result = call("rehearse", *arguments, "--yes", "--seed", "1", "--json")
    assert result.exit_code == 0, result.stderr
    report: dict = json.loads(result.stdout)
    return report


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory) -> dict:
    """The weekly calibrations on the bus in process."""
    journal = tmp_path_factory.mktemp("here") / "here.jsonl"
    return {**rehearsed("weekly", "--journal", str(journal)), "bytes": journal.read_bytes()}


@pytest.mark.parametrize("kind", BROKERS)
def test_the_weekly_calibrations_give_the_same_journal(kind, tmp_path, in_memory):
    there = tmp_path / "there.jsonl"
    with any_broker(kind, tmp_path) as address:
        over_it = rehearsed("weekly", "--journal", str(there), "--broker", str(address))

    assert over_it["journal"] == in_memory["journal"]
    assert over_it["components"] == in_memory["components"]
    assert there.read_bytes() == in_memory["bytes"]


def test_a_broker_may_come_along():
    assert rehearsed(LIGHT, *SMALL, "--broker", "embedded")["journal"] == rehearsed(LIGHT, *SMALL)["journal"]


@needs_mosquitto()
def test_it_may_be_done_again_on_a_broker_that_remembers(tmp_path):
    with mosquitto(tmp_path) as broker:
        journals = [rehearsed(LIGHT, *SMALL, "--broker", str(broker.address))["journal"] for _ in range(2)]

    assert journals == [rehearsed(LIGHT, *SMALL)["journal"]] * 2


def test_an_observatory_that_is_there_already_is_told(tmp_path):
    with any_broker("embedded", tmp_path) as address, served(tmp_path, address):
        result = call("rehearse", "weekly", "--yes", "--broker", str(address))

    assert result.exit_code == 1
    assert f"cscsim: auxtel is already on {address}: ATMCS, ATPtg, ATAOS and 18 more; end that one" in result.stderr
