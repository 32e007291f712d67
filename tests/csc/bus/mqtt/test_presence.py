"""That a component is there, and that it is gone."""

from __future__ import annotations

import queue
import time
from functools import partial

import pytest

from csc.bus.mqtt.link import Link, Message
from csc.bus.mqtt.presence import ALIVE, GONE, Presence
from tests.mqtt.brokers import needs_mosquitto

pytestmark = pytest.mark.mqtt
TOPIC = "cscsim/1/auxtel/ATDome/alive"
_PATIENCE = 20.0
_MOMENT = 0.3  # s: what should not come would have come


class Home:
    """A presence, and one who looks on."""

    def __init__(self, address):
        self.address = address
        self.heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.link = Link(address, "home", self.heard.put)
        self.presence = Presence(address, self.link.loop)

    def __enter__(self) -> Home:
        self.link.open()
        self.link.subscribe("cscsim/1/auxtel/+/alive")
        return self

    def __exit__(self, *exception: object) -> None:
        self.do("close")
        self.link.close()

    def do(self, what: str, *arguments: object) -> None:
        self.link.run(partial(getattr(self.presence, what), *arguments))

    def next(self) -> tuple[str, bytes]:
        message = self.heard.get(timeout=_PATIENCE)
        return message.topic, message.payload

    def kept(self) -> bytes | None:
        """Return what one hears who comes late."""
        time.sleep(_MOMENT)
        found: queue.SimpleQueue[Message] = queue.SimpleQueue()
        late = Link(self.address, "late", found.put)
        late.open()
        late.subscribe(TOPIC)
        try:
            return found.get(timeout=_MOMENT).payload
        except queue.Empty:
            return None
        finally:
            late.close()


@pytest.fixture
def home(broker):
    with Home(broker.address) as found:
        yield found


def test_a_component_is_said_to_be_there_and_gone_when_it_has_gone(home):
    home.do("tell", TOPIC, "dome")
    assert home.next() == (TOPIC, ALIVE)
    assert home.kept() == ALIVE

    home.do("untell", TOPIC)
    assert home.next() == (TOPIC, GONE)
    assert home.kept() == GONE
    assert home.heard.empty()


def test_one_that_has_gone_at_once_is_not_said_to_be_there(home):
    for _ in range(20):
        home.do("tell", TOPIC, "dome")
        home.do("untell", TOPIC)

    assert home.kept() in (None, GONE)


def test_one_that_is_back_at_once_is_said_to_be_there(home):
    home.do("tell", TOPIC, "dome")
    home.next()

    for _ in range(10):
        home.do("untell", TOPIC)
        home.do("tell", TOPIC, "dome")

    assert home.kept() == ALIVE


def test_all_are_said_to_be_gone_at_the_end(broker):
    with Home(broker.address) as home:
        home.do("tell", TOPIC, "dome")
        home.do("tell", TOPIC.replace("ATDome", "ATMCS"), "mount")
        home.next()
        home.next()

    with Home(broker.address) as later:
        assert {later.next(), later.next()} == {(TOPIC, GONE), (TOPIC.replace("ATDome", "ATMCS"), GONE)}


def test_it_is_said_again_when_it_is_asked_for(home):
    home.do("tell", TOPIC, "dome")
    home.next()

    home.do("repeat", TOPIC)
    assert home.next() == (TOPIC, ALIVE)
    home.do("renew")
    assert home.next() == (TOPIC, ALIVE)
    home.do("repeat", "cscsim/1/auxtel/ATMCS/alive")
    assert home.kept() == ALIVE
    assert home.heard.empty()


@needs_mosquitto()
def test_a_connection_that_was_lost_is_made_again(real, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.presence._LOOK_EVERY", 0.05)
    with Home(real.address) as home:
        home.do("tell", TOPIC, "dome")
        home.next()
        real.kill()
        time.sleep(_MOMENT)
        real.start()

        assert home.next() == (TOPIC, ALIVE)


@needs_mosquitto()
def test_there_is_no_complaint_when_it_ends_without_a_broker(real):
    with Home(real.address) as home:
        home.do("tell", TOPIC, "dome")
        home.next()
        real.kill()
        home.do("repeat", TOPIC)
