"""Commands that wait for an answer: when they are sent again, and when not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from csc import Ack, AckCode
from csc.bus.mqtt.unanswered import Unanswered
from csc.bus.mqtt.wire import Message
from csc.messages import CommandMessage

DONE = Ack(AckCode.COMPLETE, 0, "Done")
UNDER_WAY = Ack(AckCode.INPROGRESS, 0, "", 60.0)


class Wire:
    """A link that keeps what it is given, and its loop; time goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[str] = []
        self.is_up = True
        self.loop = self
        self.due: list[tuple[float, Callable[[], object]]] = []

    def publish(self, message: Message) -> None:
        self.sent.append(message.topic)

    def repeat(self, messages: Iterable[Message]) -> None:
        self.sent += [f"{message.topic} again" for message in messages]

    def run(self, act: Callable[[], object]) -> None:
        act()

    def call_later(self, delay: float, act: Callable[[], object]) -> None:
        self.due.append((self.now + delay, act))

    def go_on(self, seconds: float) -> None:
        end = self.now + seconds
        while self.due and (first := min(self.due, key=lambda each: each[0]))[0] <= end:
            self.due.remove(first)
            self.now = first[0]
            first[1]()
        self.now = end


class Bench:
    def __init__(self) -> None:
        self.wire = Wire()
        self.acks: list[Ack] = []
        link: Any = self.wire
        self.unanswered = Unanswered(link, lambda: self.wire.now)

    def send(self, name: str = "a", to: str = "ATDome") -> None:
        command = CommandMessage(to, "open", {}, 1, "test", self.acks.append)
        self.unanswered.send(name, command, Message(name, b"{}"))

    def times_again(self) -> list[float]:
        """Let a minute pass; return when something was sent again, to a quarter of a second."""
        start, found = self.wire.now, []
        while self.wire.now < start + 60.0:
            before = len(self.wire.sent)
            self.wire.go_on(0.25)
            found += [self.wire.now - start] * (len(self.wire.sent) - before)
        return found


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_command_that_nobody_answers_is_sent_again_ever_more_rarely(bench):
    bench.send()

    assert bench.times_again() == [1.0, 3.0, 7.0, 15.0, 30.0]
    assert bench.wire.sent == ["a", *["a again"] * 5]


def test_one_that_is_answered_is_not_sent_again_and_not_looked_after(bench):
    bench.send()
    bench.unanswered.answer("a", DONE)

    assert bench.times_again() == []
    assert bench.acks == [DONE]
    assert not bench.wire.due
    assert "a" not in bench.unanswered


def test_one_that_is_under_way_has_arrived_and_is_still_waited_for(bench):
    bench.send()
    bench.wire.go_on(1.5)
    bench.unanswered.answer("a", UNDER_WAY)

    assert bench.times_again() == []
    bench.unanswered.answer("a", DONE)
    assert bench.acks == [UNDER_WAY, DONE]


def test_nothing_follows_a_final_answer(bench):
    bench.send()
    for ack in (DONE, DONE, UNDER_WAY):
        bench.unanswered.answer("a", ack)

    assert bench.acks == [DONE]


def test_one_that_is_forgotten_is_not_sent_again(bench):
    bench.send()
    bench.unanswered.forget("a")
    bench.unanswered.forget("a")

    assert bench.times_again() == []


def test_after_a_lost_connection_all_begins_anew_for_those_under_way_too(bench):
    bench.send("a")
    bench.send("b")
    bench.unanswered.answer("b", UNDER_WAY)
    bench.wire.go_on(60.0)

    assert [message.topic for message in bench.unanswered.begin_anew()] == ["a", "b"]
    assert bench.times_again() == [again for again in (1.0, 3.0, 7.0, 15.0, 30.0) for _ in "ab"]


def test_without_a_connection_nothing_piles_up(bench):
    bench.send()
    bench.wire.is_up = False

    assert bench.times_again() == []


def test_what_waits_for_a_component_is_sent_again_when_that_comes(bench):
    bench.send("a")
    bench.send("b", to="ATMCS")

    bench.unanswered.send_again("ATMCS")

    assert bench.wire.sent == ["a", "b", "b again"]


def test_one_that_is_sent_later_is_looked_after_although_the_first_is_done(bench):
    bench.send("a")
    bench.unanswered.answer("a", DONE)
    bench.wire.go_on(5.0)
    bench.send("b")
    bench.wire.go_on(1.0)

    assert bench.wire.sent == ["a", "b", "b again"]


class _Meanwhile(dict[str, Any]):
    """What waits; while somebody asks whether anything does, another thread acts."""

    act: Callable[[], object] | None = None

    def __len__(self) -> int:
        act, self.act = self.act, None
        if act is not None:
            act()
        return super().__len__()


def test_all_are_looked_after_together_whenever_they_are_sent(bench):
    bench.unanswered._waiting = waiting = _Meanwhile()
    bench.send("a")
    waiting.act = lambda: bench.send("b")

    bench.wire.go_on(0.25)

    assert bench.wire.sent == ["a", "b"]
    assert len(bench.wire.due) == 1
