"""What csc.bus.contract promises, asked of every bus."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from csc import Ack, AckCode, Bus, MemoryBus, Sample
from csc.bus import Envelope
from csc.bus.mqtt.bus import MqttBus
from csc.messages import CommandMessage
from fsm import Clock, Deadlock, Journal, simulate
from tests.mqtt.brokers import embedded, mosquitto, needs_mosquitto

MakeBus = Callable[[Clock, Journal], Bus]


@contextmanager
def in_memory(_: Path) -> Iterator[MakeBus]:
    yield MemoryBus


@contextmanager
def over_embedded(_: Path) -> Iterator[MakeBus]:
    with embedded() as broker:
        yield lambda clock, journal: MqttBus(clock, journal, broker.address, observatory=uuid4().hex)


@contextmanager
def over_mosquitto(folder: Path) -> Iterator[MakeBus]:
    with mosquitto(folder) as broker:
        yield lambda clock, journal: MqttBus(clock, journal, broker.address, observatory=uuid4().hex)


BUSES = [in_memory, over_embedded, pytest.param(over_mosquitto, marks=needs_mosquitto())]


class Device:
    """An endpoint that writes down what it is asked, and answers when told to."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.messages: list[CommandMessage] = []
        self.answers: list[Ack] = []
        self.measured = 0
        self.silent = False

    def receive(self, message: CommandMessage) -> None:
        self.messages.append(message)
        for ack in self.answers:
            self.bus.acknowledge(message, ack)

    def cadence(self, topic: str) -> float | None:
        return {"position": 2.0, "heartbeat": 1.0}.get(topic)

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        self.measured += 1
        return None if self.silent else {"number": self.measured}

    def revision(self, topic: str) -> str:
        return "1"


class Bench:
    """A bus with one device on it."""

    def __init__(self, bus: Bus, clock: Clock, journal: Journal) -> None:
        self.bus = bus
        self.clock = clock
        self.journal = journal
        self.device = Device(bus)
        self.acks: list[Ack] = []
        self.samples: list[Sample] = []
        bus.attach("ATDome", self.device)

    def send(self, to: str = "ATDome", command: str = "open", **data: Any) -> int:
        return self.bus.send(to, command, data, identity="test", reply=self.acks.append)

    def listen(self, topic: str, who: str = "ATDome") -> Callable[[], None]:
        return self.bus.subscribe(who, topic, self.samples.append)

    def publish(self, number: int, topic: str = "door") -> None:
        self.bus.publish("ATDome", topic, {"number": number, "rest": 0}, {"number": number})

    @property
    def heard(self) -> list[tuple[float, int]]:
        return [(sample.t, sample.number) for sample in self.samples]


Scenario = Callable[[Bench], Coroutine[Any, Any, Any]]
Run = Callable[[Scenario], Any]


@pytest.fixture(scope="module", params=BUSES)
def make_bus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeBus]:
    with request.param(tmp_path_factory.mktemp("broker")) as make:
        yield make


@pytest.fixture
def on_bus(make_bus: MakeBus) -> Run:
    """Run a scenario on each bus."""

    def run(scenario: Scenario) -> Any:
        async def main(clock: Clock) -> Any:
            journal = Journal(lambda: clock.now)
            bus = make_bus(clock, journal)
            try:
                return await scenario(Bench(bus, clock, journal))
            finally:
                bus.close()

        return simulate(main)

    return run


def test_a_command_reaches_its_component_with_its_data_and_sender(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        number = bench.send(command="moveAzimuth", azimuth=3.0)
        await bench.clock.sleep(1.0)

        [message] = bench.device.messages
        assert (message.to, message.name, dict(message.data)) == ("ATDome", "moveAzimuth", {"azimuth": 3.0})
        assert (message.seq_num, message.identity) == (number, "test")

    on_bus(scenario)


def test_a_component_is_not_entered_while_a_command_is_sent(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.send()

        assert bench.device.messages == []
        await bench.clock.sleep(0)

    on_bus(scenario)


def test_commands_arrive_in_order_with_rising_numbers(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        numbers = [bench.send(command=f"command{number}") for number in range(20)]
        await bench.clock.sleep(1.0)

        assert [message.name for message in bench.device.messages] == [f"command{number}" for number in range(20)]
        assert numbers == sorted(set(numbers))

    on_bus(scenario)


def test_acknowledgements_come_back_in_order(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.device.answers = [Ack(AckCode.INPROGRESS, 0, "moving", 30.0), Ack(AckCode.COMPLETE, 0, "Done")]
        bench.send()
        await bench.clock.sleep(1.0)

        assert bench.acks == bench.device.answers

    on_bus(scenario)


def test_nobody_acknowledges_for_a_component_that_is_not_there(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.send(to="ATMCS")
        await bench.clock.sleep(1000.0)

        assert bench.acks == []
        assert bench.device.messages == []

    on_bus(scenario)


def test_a_component_that_has_gone_gets_no_commands(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.bus.detach("ATDome")
        bench.send()
        await bench.clock.sleep(1.0)

        assert bench.device.messages == []

    on_bus(scenario)


def test_a_name_is_taken_once(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        with pytest.raises(ValueError, match="there is already a ATDome on the bus"):
            bench.bus.attach("ATDome", bench.device)

    on_bus(scenario)


def test_a_name_is_free_again_when_its_component_has_gone(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.bus.detach("ATDome")
        bench.bus.attach("ATDome", successor := Device(bench.bus))
        bench.send()
        await bench.clock.sleep(1.0)

        assert len(successor.messages) == 1

    on_bus(scenario)


def test_an_event_reaches_all_who_listen_with_its_time(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("door")
        bench.listen("door")
        await bench.clock.sleep(2.5)
        bench.publish(7)
        await bench.clock.sleep(1.0)

        assert bench.heard == [(2.5, 7), (2.5, 7)]

    on_bus(scenario)


def test_events_of_other_topics_and_components_are_not_heard(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("shutter")
        bench.listen("door", who="ATMCS")
        bench.publish(7)
        await bench.clock.sleep(1.0)

        assert bench.samples == []

    on_bus(scenario)


def test_events_arrive_in_the_order_in_which_they_were_sent(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("door")
        bench.listen("shutter")
        for number in range(20):
            bench.publish(number, topic=("door", "shutter")[number % 2])
        await bench.clock.sleep(1.0)

        assert [sample.number for sample in bench.samples] == list(range(20))
        numbers = [sample.seq_num for sample in bench.samples]
        assert numbers == sorted(set(numbers))

    on_bus(scenario)


def test_who_listens_is_not_called_while_an_event_is_published(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("door")
        bench.publish(7)

        assert bench.samples == []
        await bench.clock.sleep(0)

    on_bus(scenario)


def test_who_has_ended_listening_hears_no_more(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        end = bench.listen("door")
        bench.publish(1)
        await bench.clock.sleep(1.0)
        end()
        end()
        bench.publish(2)
        await bench.clock.sleep(1.0)

        assert [sample.number for sample in bench.samples] == [1]

    on_bus(scenario)


def test_the_last_event_is_readable_at_once_and_after_its_component_has_gone(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        before = bench.bus.last("ATDome", "door")
        bench.publish(1)
        bench.publish(2)
        at_once = bench.bus.last("ATDome", "door")
        bench.bus.detach("ATDome")
        await bench.clock.sleep(1e6)
        later = bench.bus.last("ATDome", "door")

        assert before is None
        assert at_once is not None
        assert at_once.number == 2
        assert later is at_once

    on_bus(scenario)


def test_telemetry_is_sampled_at_its_cadence_while_somebody_listens(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(10.5)
        unheard = bench.device.measured
        end = bench.listen("position")
        await bench.clock.sleep(6.0)
        end()
        await bench.clock.sleep(100.0)

        assert unheard == 0
        assert bench.heard == [(12.0, 1), (14.0, 2), (16.0, 3)]
        assert bench.device.measured == 3

    on_bus(scenario)


def test_two_who_listen_get_the_same_samples(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("position")
        await bench.clock.sleep(3.0)
        end = bench.listen("position")
        await bench.clock.sleep(2.0)
        end()
        await bench.clock.sleep(2.0)

        assert bench.heard == [(2.0, 1), (4.0, 2), (4.0, 2), (6.0, 3)]

    on_bus(scenario)


def test_a_component_that_publishes_nothing_now_is_asked_again(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.device.silent = True
        bench.listen("position")
        await bench.clock.sleep(3.0)
        bench.device.silent = False
        await bench.clock.sleep(2.0)

        assert bench.heard == [(4.0, 2)]

    on_bus(scenario)


def test_who_listens_before_a_component_comes_hears_it_when_it_is_there(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("position", who="ATMCS")
        await bench.clock.sleep(5.0)
        bench.bus.attach("ATMCS", Device(bench.bus))
        await bench.clock.sleep(2.0)

        assert bench.heard == [(6.0, 1)]

    on_bus(scenario)


def test_a_component_that_has_gone_is_sampled_no_more(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("position")
        await bench.clock.sleep(2.5)
        bench.bus.detach("ATDome")
        await bench.clock.sleep(10.0)

        assert bench.heard == [(2.0, 1)]

    on_bus(scenario)


def test_nothing_is_left_in_time_when_nobody_listens(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("position")()
        await bench.clock.loop.create_future()

    with pytest.raises(Deadlock):
        on_bus(scenario)


def test_commands_acknowledgements_and_events_are_journaled(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.device.answers = [Ack(AckCode.INPROGRESS, 0, "", 30.0), Ack(AckCode.FAILED, 1, "Failed: jammed")]
        bench.send(azimuth=3.0)
        await bench.clock.sleep(1.5)
        bench.publish(7)

        written = [(r["t"], r["n"], r["kind"], r["who"]) for r in bench.journal.records]
        assert written == [
            (0.0, 1, "command", "ATDome"),
            (0.0, 2, "ack", "ATDome"),
            (0.0, 3, "ack", "ATDome"),
            (1.5, 4, "event", "ATDome"),
        ]
        rest = [dict(list(record.items())[4:]) for record in bench.journal.records]
        assert rest == [
            {"command": "open", "data": {"azimuth": 3.0}, "seq": 1, "by": "test"},
            {"command": "open", "seq": 1, "ack": "INPROGRESS", "result": "", "timeout": 30.0},
            {"command": "open", "seq": 1, "ack": "FAILED", "result": "Failed: jammed", "error": 1},
            {"topic": "door", "data": {"number": 7}},
        ]

    on_bus(scenario)


def test_samples_of_telemetry_are_not_journaled(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("position")
        await bench.clock.sleep(100.0)

        assert bench.journal.records == []

    on_bus(scenario)


# ------------------------------------------------------------ interference


class Loss:
    """A rule that loses messages of some kinds, and notes what it has seen of them."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.seen: list[Envelope] = []

    def concerns(self, envelope: Envelope) -> bool:
        return envelope.kind in self.kinds

    def take(self, envelope: Envelope, deliver: Callable[[], object]) -> None:
        self.seen.append(envelope)


class Twice(Loss):
    """A rule that delivers twice."""

    def take(self, envelope: Envelope, deliver: Callable[[], object]) -> None:
        super().take(envelope, deliver)
        deliver()
        deliver()


def test_a_rule_sees_each_kind_of_message_as_what_it_is(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        rule = Twice("command", "ack", "event", "telemetry")
        bench.bus.interference.add(rule)
        bench.device.answers = [Ack(AckCode.COMPLETE)]
        bench.listen("position")

        seq_num = bench.send()
        bench.publish(1)
        await bench.clock.sleep(2.5)

        told = {(each.kind, each.who, each.what, each.is_final) for each in rule.seen}
        assert told == {
            ("command", "ATDome", "open", False),
            ("ack", "ATDome", "open", True),
            ("event", "ATDome", "door", False),
            ("telemetry", "ATDome", "position", False),
        }
        assert {each.seq_num for each in rule.seen if each.kind in ("command", "ack")} == {seq_num}

    on_bus(scenario)


def test_a_message_that_is_lost_has_been_sent_all_the_same(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.bus.interference.add(Loss("command", "event"))

        bench.send()
        bench.publish(1)
        await bench.clock.sleep(1.0)

        assert bench.device.messages == []
        assert bench.bus.last("ATDome", "door") is None
        assert [record["kind"] for record in bench.journal.records] == ["command", "event"]

    on_bus(scenario)


def test_rules_decide_one_after_the_other_until_they_are_ended(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.listen("door")
        ends = [bench.bus.interference.add(rule) for rule in (Twice("event"), Twice("event"), Loss("telemetry"))]

        bench.publish(1)
        await bench.clock.sleep(1.0)
        four = len(bench.samples)
        for end in ends:
            end()
        bench.publish(2)
        await bench.clock.sleep(1.0)

        assert (four, len(bench.samples)) == (4, 5)
        assert not bench.bus.interference

    on_bus(scenario)


def test_a_rule_made_after_a_command_was_sent_and_before_it_has_arrived_counts(on_bus: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.send()
        bench.bus.interference.add(Loss("command"))
        await bench.clock.sleep(1.0)

        assert bench.device.messages == []

    on_bus(scenario)
