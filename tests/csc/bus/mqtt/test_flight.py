"""Messages that are expected back."""

from __future__ import annotations

import threading
import time

from csc.bus.mqtt.flight import Flights
from csc.bus.mqtt.link import Message

ONE, OTHER = Message("a", b"1"), Message("a", b"2")


def test_a_message_has_landed_when_it_has_come_back():
    flights = Flights()
    flight = flights.begin(ONE)

    assert not flight.wait(0.0)
    assert flights.land(Message("a", b"1", qos=0, retain=True))
    assert flight.wait(0.0)
    assert flight.wait(10.0)
    assert len(flights) == 0


def test_another_message_is_not_ours():
    flights = Flights()
    flight = flights.begin(ONE)

    assert not flights.land(OTHER)
    assert not flights.land(Message("b", b"1"))
    assert not flight.has_landed


def test_what_comes_once_more_is_not_expected_any_more():
    flights = Flights()
    flights.begin(ONE)
    flights.land(ONE)

    assert not flights.land(ONE)


def test_the_same_message_sent_twice_is_waited_for_once():
    flights = Flights()

    first, second = flights.begin(ONE), flights.begin(ONE)

    assert first is second
    assert len(flights) == 1


def test_who_waits_goes_on_when_it_comes():
    flights = Flights()
    flight = flights.begin(ONE)
    threading.Timer(0.05, flights.land, [ONE]).start()

    began = time.monotonic()

    assert flight.wait(10.0)
    assert time.monotonic() - began < 5.0


def test_all_who_wait_go_on_when_nothing_comes_any_more():
    flights = Flights()
    waiting = [flights.begin(ONE), flights.begin(OTHER)]
    threading.Timer(0.05, flights.abandon).start()

    assert [flight.wait(10.0) for flight in waiting] == [True, True]


def test_those_under_way_are_known_in_their_order():
    flights = Flights()
    first = flights.begin(ONE)
    flights.begin(OTHER)

    assert flights.under_way() == (ONE, OTHER)
    assert flights.first() is first
    flights.land(ONE)
    assert flights.under_way() == (OTHER,)


def test_one_that_is_given_up_is_expected_no_longer():
    flights = Flights()
    flight = flights.begin(ONE)

    flights.give_up(flight)
    flights.give_up(flight)

    assert (flights.under_way(), flights.first()) == ((), None)
    assert not flights.land(ONE)
