"""A connection that is kept up: what is said arrives, in its order, whatever happens to the broker."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from csc.bus.mqtt import Address
from csc.bus.mqtt.link import Link, Message, Unreachable
from csc.bus.mqtt.roles import Role
from tests.mqtt.brokers import Login, Mosquitto, free_port, needs_mosquitto

pytestmark = pytest.mark.mqtt
_PATIENCE = 20.0
_MOMENT = 0.3  # s: what should not happen would have happened


class Ear:
    """A link, and what it hears."""

    def __init__(self, address: Address, name: str, *topics: str) -> None:
        self.heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.returned = threading.Semaphore(0)
        self.ended = threading.Event()
        self._fences = 0
        self.link = Link(address, name, self.heard.put, self.returned.release, self.ended.set)
        self.link.open()
        for topic in topics:
            self.link.subscribe(topic)

    def __enter__(self) -> Ear:
        return self

    def __exit__(self, *exception: object) -> None:
        self.link.close()

    def next(self, count: int) -> list[bytes]:
        return [self.message().payload for _ in range(count)]

    def message(self) -> Message:
        """Return what was heard next, but for fences: one may come a second time when a broker is back."""
        while (message := self.heard.get(timeout=_PATIENCE)).topic == self.link.client:
            pass
        return message

    def settle(self) -> None:
        """Wait until all that was said has come back."""
        self._fences += 1
        fence = Message(self.link.client, f"fence {self._fences}".encode())
        self.link.subscribe(fence.topic)
        self.link.publish(fence)
        kept = []
        while (message := self.heard.get(timeout=_PATIENCE)).payload != fence.payload:
            kept.append(message)
        for message in kept:
            if message.topic != fence.topic:
                self.heard.put(message)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def say(link: Link, messages: list[Message]) -> None:
    for message in messages:
        link.publish(message)


def said(count: int, topic: str = "a", qos: int = 1) -> list[Message]:
    return [Message(topic, str(number).encode(), qos) for number in range(count)]


def test_what_is_published_arrives_in_its_order(broker):
    with Ear(broker.address, "one", "a") as one:
        for message in said(1000):
            one.link.publish(message)

        assert one.next(1000) == [message.payload for message in said(1000)]


def test_what_is_said_after_a_subscription_is_heard(broker):
    with Ear(broker.address, "one") as one:
        for number in range(450):
            one.link.subscribe(f"t/{number}")
            one.link.publish(Message(f"t/{number}", b"x"))

        assert one.next(450) == [b"x"] * 450


def test_a_topic_is_subscribed_to_once(broker):
    with Ear(broker.address, "one", "a", "a") as one:
        one.link.publish(Message("a", b"x"))
        one.settle()

        assert one.next(1) == [b"x"]
        assert one.heard.empty()


def test_what_needs_no_confirmation_does_not_fill_the_way(broker):
    with Ear(broker.address, "one", "a") as one:
        for message in said(500, qos=0):
            one.link.publish(message)
        one.link.publish(Message("a", b"last"))
        until(lambda: not one.link._unconfirmed)

        found = one.next(1)
        while found[-1] != b"last":
            found += one.next(1)
        assert found[:-1] == [message.payload for message in said(len(found) - 1)]


def test_what_is_retained_says_so(broker):
    with Ear(broker.address, "one") as one:
        one.link.publish(Message("a", b"x", retain=True))
        one.settle()
        one.link.subscribe("a")

        message = one.message()
        assert (message.payload, message.qos, message.retain) == (b"x", 1, True)


@needs_mosquitto()
def test_what_is_left_is_sent_when_a_link_is_closed(real):
    with Ear(real.address, "one", "a") as one:
        one.settle()
        with Ear(real.address, "other") as other:
            for message in said(500):
                other.link.publish(message)

        assert one.next(500) == [message.payload for message in said(500)]
        other.link.close()


def test_a_link_that_was_closed_leaves_no_session(broker):
    with Ear(broker.address, "one", "a"):
        pass
    with Ear(broker.address, "other") as other:
        other.link.publish(Message("a", b"x"))
        other.settle()
    with Ear(broker.address, "one") as again:
        again.settle()

        assert again.heard.empty()


def test_what_is_run_is_run_in_the_links_thread(broker):
    names: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Ear(broker.address, "one") as one:
        one.link.run(lambda: names.put(threading.current_thread().name))

        assert names.get(timeout=_PATIENCE) == "mqtt one"
    one.link.run(lambda: names.put("late"))
    assert names.empty()


def test_it_tells_that_it_has_ended(broker):
    with Ear(broker.address, "one") as one:
        assert one.link.is_up
        assert not one.ended.is_set()

    assert one.ended.is_set()
    assert one.link.failure is None


# ---------------------------------------------------------------- no broker


def test_without_a_broker_it_says_so_and_what_would_help():
    address = Address(port=free_port())

    link = Link(address, "one", lambda message: None)

    with pytest.raises(Unreachable, match=r"no broker at mqtt://127.0.0.1:\d+: .*refused.*`cscsim serve` starts one"):
        link.open(1.0)


def failing(link: Link) -> None:
    with pytest.raises(Unreachable, match="ended before the broker had accepted it"):
        link.open(3.0)


def test_who_is_hung_up_on_while_it_connects_tries_again_soon():
    with socket.create_server(("127.0.0.1", 0)) as door:
        link = Link(Address(port=door.getsockname()[1]), "one", lambda message: None)
        opening = threading.Thread(target=failing, args=(link,))
        opening.start()
        door.settimeout(0.1)
        visits = 0
        while opening.is_alive():
            with contextlib.suppress(TimeoutError):
                visitor, _ = door.accept()
                visitor.close()
                visits += 1
        assert visits > 3


def test_a_link_that_waits_for_an_answer_is_closed_at_once():
    with socket.create_server(("127.0.0.1", 0)) as door:
        link = Link(Address(port=door.getsockname()[1]), "one", lambda message: None)
        before = time.monotonic()

        with pytest.raises(Unreachable, match=r"no answer for 0\.5 s"):
            link.open(0.5)
        assert time.monotonic() - before < 3.0


@contextlib.contextmanager
def let_in(door: socket.socket) -> Iterator[socket.socket]:
    """Accept a visitor as a broker does."""
    visitor, _ = door.accept()
    with visitor:
        is_newer = visitor.recv(1000)[8] == 5
        visitor.sendall(b"\x20\x03\x00\x00\x00" if is_newer else b"\x20\x02\x00\x00")
        yield visitor


def test_who_is_hung_up_on_while_it_subscribes_tries_again_soon():
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(_PATIENCE)
        link = Link(Address(port=door.getsockname()[1]), "one", lambda message: None)
        opening = threading.Thread(target=link.open)
        opening.start()
        with let_in(door) as visitor:
            opening.join()
            link.subscribe("a")
            assert visitor.recv(1000)[0] == 0x82
        before = time.monotonic()
        with let_in(door) as visitor:
            assert visitor.recv(1000)[0] == 0x82
        with let_in(door):
            assert time.monotonic() - before < 5.0
            link.give_up(Unreachable("it is over"))
            link.close()


def test_a_link_that_was_given_up_is_closed_at_once():
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(_PATIENCE)
        link = Link(Address(port=door.getsockname()[1]), "one", lambda message: None)
        opening = threading.Thread(target=link.open)
        opening.start()
        with let_in(door) as visitor:
            opening.join()
            link.subscribe("a")
            assert visitor.recv(1000)[0] == 0x82  # and it is never answered
            before = time.monotonic()

            link.give_up(Unreachable("it is lost"))
            link.close()
            assert time.monotonic() - before < 3.0


def test_who_may_not_connect_is_told_so(start_broker):
    with start_broker(users={"ann": Login(Role.OPERATE, "secret")}) as broker:
        for address in (broker.address, replace(broker.address, user="ann", password="wrong")):
            with pytest.raises(Unreachable, match="user name or password is wrong|this user may not connect"):
                Ear(address, "one")
        with Ear(replace(broker.address, user="ann", password="secret"), "one") as one:
            assert one.link.is_up


@needs_mosquitto()
def test_what_is_said_while_the_broker_is_away_arrives_when_it_is_back(real):
    with Ear(real.address, "one", "a") as one, Ear(real.address, "other") as other:
        one.settle()
        real.kill()
        until(lambda: not (one.link.is_up or other.link.is_up))
        for message in said(300):
            one.link.publish(message)
        one.link.subscribe("b")
        real.start()

        assert one.next(300) == [message.payload for message in said(300)]
        assert one.returned.acquire(timeout=_PATIENCE)
        other.link.publish(Message("b", b"x"))
        assert one.next(1) == [b"x"]


@needs_mosquitto()
def test_nothing_that_was_sent_is_lost_when_the_broker_is_killed_meanwhile(real):
    with Ear(real.address, "one", "a") as one:
        for number in range(5):
            real.pause()
            for message in said(200, f"a/{number}"):
                one.link.publish(message)
            one.link.subscribe(f"a/{number}")
            real.kill()
            real.start()

        one.settle()
        found = set()
        while not one.heard.empty():
            message = one.heard.get()
            found.add((message.topic, message.payload))
        assert {(message.topic, message.payload) for message in said(200, "a/4")} <= found


@needs_mosquitto()
def test_what_is_repeated_comes_before_what_waits(real):
    with Ear(real.address, "one", "a") as one:
        one.settle()
        real.kill()
        until(lambda: not one.link.is_up)
        one.link.publish(Message("a", b"new"))
        one.link.repeat([Message("a", b"old"), Message("a", b"older")])
        real.start()

        assert one.next(3) == [b"old", b"older", b"new"]


@needs_mosquitto()
def test_who_says_too_much_without_a_broker_is_told_so(real, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.link._AHEAD", 10)
    monkeypatch.setattr("csc.bus.mqtt.link._WAITING", 50)
    with Ear(real.address, "one") as one:
        real.kill()
        until(lambda: not one.link.is_up)
        for message in said(50):
            one.link.publish(message)

        with pytest.raises(Unreachable, match="50 messages wait for a connection to mqtt://"):
            one.link.publish(Message("a", b"x"))
        real.start()
        until(lambda: not one.link._outbox)
        one.settle()


@needs_mosquitto()
def test_who_says_more_than_goes_through_is_held_until_there_is_room(real, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.link._AHEAD", 10)
    with Ear(real.address, "one", "a") as one:
        one.settle()
        real.pause()
        speaker = threading.Thread(target=say, args=(one.link, said(500)))
        speaker.start()
        time.sleep(_MOMENT)
        held = len(one.link._outbox)
        real.resume()
        speaker.join(_PATIENCE)

        assert held == 10
        assert one.next(500) == [message.payload for message in said(500)]


def test_a_link_is_closed_while_there_is_no_broker(tmp_path, start_broker):
    with start_broker() as broker:
        one = Ear(broker.address, "one")
        one.link.publish(Message("a", b"x"))
        until(lambda: not one.link._unconfirmed)
    until(lambda: not one.link.is_up)

    began = time.monotonic()
    one.link.close()

    assert time.monotonic() - began < 5.0
    assert one.ended.is_set()


# ---------------------------------------------------------------- MQTT 5


def test_where_an_answer_is_expected_travels_where_the_broker_has_mqtt_5(broker):
    with Ear(broker.address, "one", "a") as one:
        one.link.publish(Message("a", b"x", answer_to="b", correlation=b"\xff\x00"))
        one.link.publish(Message("a", b"y"))

        first, second = (one.message() for _ in range(2))
    newer = isinstance(broker, Mosquitto)
    assert (first.answer_to, first.correlation) == (("b", b"\xff\x00") if newer else ("", b""))
    assert (second.answer_to, second.correlation) == ("", b"")
