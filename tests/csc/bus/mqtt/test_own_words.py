"""What components here have said: said again, and set right."""

from __future__ import annotations

import os

import pytest

from csc.bus.mqtt.own_words import OwnWords
from csc.bus.mqtt.payload import Private, encode
from csc.bus.mqtt.wire import Message
from tests.mqtt.brokers import needs_mosquitto
from tests.mqtt.weekly import in_memory, over

TOPIC = "cscsim/1/auxtel/ATDome/event/mainDoorState"
NEWEST = 10


def word(number: int = 1, *, who: str = "ATDome", origin: int | None = None, kept: bool = False) -> Message:
    private = Private(seqNum=number, identity=who, origin=os.getpid() if origin is None else origin)
    return Message(TOPIC, encode({"state": number}, private), retain=kept)


class Bench:
    def __init__(self) -> None:
        self.said: list[Message] = []
        self.words = OwnWords(self.said.append)

    def comes(self, message: Message) -> bool:
        return self.words.mend("ATDome", message, NEWEST)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_last_word_is_right(bench):
    bench.words.note(word(1, kept=True))
    bench.words.note(word(2, kept=True))

    assert bench.words.all() == (word(2, kept=True),)
    assert not bench.comes(word(2))
    assert bench.said == []


@pytest.mark.parametrize("stranger", [word(11), word(2, origin=1), word(2, who="ATMCS"), Message(TOPIC, b"{")])
def test_what_somebody_else_says_is_told_and_set_right(bench, stranger):
    bench.words.note(word(3, kept=True))

    assert bench.comes(stranger)
    assert bench.said == [word(3, kept=True)]


@pytest.mark.parametrize("former", [word(2), word(11, origin=1, kept=True)])
def test_what_was_said_before_or_kept_is_set_right_and_nobodys_fault(bench, former):
    bench.words.note(word(3, kept=True))

    assert not bench.comes(former)
    assert bench.said == [word(3, kept=True)]


def test_what_no_component_here_has_said_is_taken_off(bench):
    assert not bench.comes(word(11, origin=1, kept=True))
    assert bench.said == [Message(TOPIC, b"", retain=True)]


def test_word_of_that_comes_back_and_is_no_strangers_whatever_was_said_since(bench):
    bench.comes(word(11, origin=1, kept=True))
    bench.words.note(word(1, kept=True))

    assert not bench.comes(Message(TOPIC, b""))
    assert len(bench.said) == 1
    assert bench.comes(Message(TOPIC, b""))
    assert bench.said[1:] == [word(1, kept=True)]


@needs_mosquitto()
@pytest.mark.mqtt
@pytest.mark.slow
def test_a_rehearsal_is_the_same_on_a_broker_that_keeps_what_the_one_before_has_said(real):
    over(real.address)

    assert over(real.address).digest == in_memory().digest
