"""Plays a programme of actions on a component among its neighbours, and says what was unsound.

`play` is what a regression test calls. A programme is unsound if something raises inside a component, if a
command of the component gets no final acknowledgement or more than one, if an invariant breaks, or if
something published or measured is not what its data sheet says.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

from csc import Ack, AckCode, Component, Observatory, ObservatorySheet, Sample, SummaryState, Topic
from csc.carrier import Carrier
from csc.observatory import PlacedComponent
from fsm import Clock, Journal, Machine, simulate
from fsm.journal import Record
from tests.soundness.actions import Action
from tests.soundness.cast import Cast, cast_of
from tests.soundness.types import wrong_in, wrong_with_output

__all__ = ["SEED", "Stage", "play"]

SEED = 1
"""Seed of the random streams."""

MOMENT = 0.001
"""A time [s] in which commands of this instant arrive."""
PATIENCE = (10.0, 100.0, 1000.0, 10_000.0, 30_000.0)
"""How long [s], step by step, a command may take before it needs a reason."""
SAMPLED = 3
"""Sampled topics that are looked at in turn, each time."""
RESTLESS = 200_000
"""No programme has so many records, unless something goes round in circles."""
CHANGE = 12.0
"""How long [s] a change of the summary state may take."""
WAY_DOWN = {"ENABLED": "disable", "DISABLED": "standby", "FAULT": "standby"}
"""What leads to STANDBY, unless the component has a reason to refuse it."""


class _Sent:
    """A command that somebody sent to the component, and its acknowledgements."""

    def __init__(self, record: Record) -> None:
        self.command = record["command"]
        self.t = record["t"]
        self.acks: list[str] = []
        self.final = 0

    def __str__(self) -> str:
        return f"{self.command} of t={self.t:g} s was acknowledged with {self.acks or 'nothing'}"

    def acknowledged(self, record: Record) -> None:
        """Note an acknowledgement."""
        self.final = self.final + 1 if AckCode[record["ack"]].is_final or self.final else 0
        self.acks.append(f"{record['ack']} {record['result']}".strip())


class Stage:
    """Where a programme is played.

    Parameters
    ----------
    observatory
        The component and its neighbours.
    who
        The component that is watched.

    Attributes
    ----------
    sane
        Whether nothing was broken yet.
    """

    def __init__(self, observatory: Observatory, who: str) -> None:
        self.observatory = observatory
        self.components: dict[str, Component] = observatory.components
        self.who = who
        self.watched = observatory.components[who]
        self.plan = self.watched.blueprint
        self.complaints: list[str] = []
        self.sane = True
        self._sent: dict[int, _Sent] = {}
        self._sampled = cycle([topic for topic in self.plan.topics.values() if topic.cadence is not None])
        for topic in self.plan.topics.values():
            last = observatory.bus.last(who, topic.name)
            if last is not None:
                self._check(topic, last.data)
            observatory.bus.subscribe(who, topic.name, self._hear, sampled=False)
        observatory.journal.listen(self._read)

    def complain(self, text: str) -> None:
        """Note what is unsound, once."""
        if text not in self.complaints:
            self.complaints.append(text)

    def spoil(self, name: str, what: str) -> None:
        """Journal that something was broken: promises that hold while nothing is are not counted any more."""
        self.sane = False
        self.observatory.journal.write("fault", name, fault=what, parameters={}, what="injected")

    def send(self, to: str, command: str, values: Mapping[str, Any]) -> None:
        """Send a command; the journal says what becomes of it."""
        self.observatory.bus.send(to, command, values, identity="programme", reply=_forget)

    async def bring(self, name: str, way: Mapping[str, str]) -> None:
        """Send one command after the other that leads on from the summary state, while it does."""
        component = self.components.get(name)
        for _ in way:
            state = (component.summary_state or "") if component is not None else ""
            if state not in way:
                return
            self.send(name, way[state], {})
            await self.wait(CHANGE)

    async def wait(self, duration: float) -> None:
        """Let time pass, and look at the component after it."""
        await self.observatory.clock.sleep(duration)
        self.look()

    def look(self) -> None:
        """Look at what is not published by itself: samples, outputs, invariants that only time breaks."""
        component = self.watched
        for topic in islice(self._sampled, SAMPLED):
            sample = component.sample(topic.name)
            if sample is not None:
                self._check(topic, sample)
        for name, value in component.snapshot()["outputs"].items():
            for text in wrong_with_output(self.plan.outputs[name], value, sane=self.sane):
                self.complain(f"{self.who}.{text}")
        for where, condition, because in component.invariants.broken():
            self.complain(f"invariant: {where}: {condition}: {because}")
        self._compare()

    def _compare(self) -> None:
        """Hold what the component has published of its states against what they are."""
        component = self.watched
        for machine in component.machines.values():
            state = machine.current
            for key, value in state.publishes:
                self._expect(key, None, value, machine)
            if machine.chart.carrier:
                carrier = Carrier.of(machine.chart.carrier)
                self._expect(f"{carrier.topic}.{carrier.field}", carrier.element, state.value, machine)
        if component.summary_state is not None:
            summary, error = (self.observatory.bus.last(self.who, topic) for topic in ("summaryState", "errorCode"))
            if summary is None or SummaryState(summary.summaryState).name != component.summary_state:
                self.complain(f"{self.who}.summaryState is {summary} while it is {component.summary_state}")
            if (error is not None and error.errorCode != 0) != (component.summary_state == "FAULT"):
                self.complain(f"{self.who}.errorCode is {error} while it is {component.summary_state}")

    def _expect(self, key: str, element: int | None, value: object, machine: Machine) -> None:
        topic, _, field = key.partition(".")
        publisher, last = self.watched.publisher, self.observatory.bus.last(self.who, topic)
        if last is None or topic in publisher.dropped or topic in publisher.delayed:
            return
        said = last.data[field] if element is None else last.data[field][element]
        if said != value:
            self.complain(f"{self.who}.{key} is {said} while {machine.name} is {machine.state}")

    def _hear(self, sample: Sample) -> None:
        self._check(self.plan.topics[sample.topic], sample.data)

    def _check(self, topic: Topic, data: Mapping[str, Any]) -> None:
        for text in wrong_in(topic, data):
            self.complain(f"{self.who}.{text}")

    def _read(self, record: Record) -> None:
        if record["n"] > RESTLESS:
            raise RuntimeError(f"{record['n']} records until t={record['t']} s, the last one {record}")
        if record["who"] != self.who:
            return
        if record["kind"] == "condition" and not record["truth"]:
            self.complain(f"invariant: {record['where']}: {record['condition']}: {record['because']}")
        elif record["kind"] == "command":
            self._sent[record["seq"]] = _Sent(record)
        elif record["kind"] == "ack":
            self._sent[record["seq"]].acknowledged(record)

    async def conclude(self) -> None:
        """Let what is under way end, by itself or on the way to STANDBY."""
        await self.wait(MOMENT)
        for duration in PATIENCE:
            if not self._open():
                break
            await self.wait(duration)
        for sent in self._open():
            if not self._is_endless(sent):
                self.complain(f"{self.who}.{sent} until t={self.observatory.clock.now:g} s")
        while self.watched.faults.active:
            self.watched.faults.clear(self.watched.faults.active[0])
        await self.bring(self.who, WAY_DOWN)
        if not self.plan.is_csc:
            self.send(self.who, "stop", {})
            await self.wait(CHANGE)
        stays = self.watched.summary_state in WAY_DOWN
        for sent in self._sent.values():
            if sent.final > 1 or (sent in self._open() and not (stays and self._is_endless(sent))):
                self.complain(f"{self.who}.{sent}")

    def _open(self) -> list[_Sent]:
        """Return the commands that are not over; those of this very instant may still be on their way."""
        now = round(self.observatory.clock.now, 6)
        return [sent for sent in self._sent.values() if not sent.final and sent.t < now]

    def _is_endless(self, sent: _Sent) -> bool:
        return self.plan.commands[sent.command].endless is not None


def _forget(ack: Ack) -> None:
    """Leave an acknowledgement to the journal."""


def play(who: str, *actions: Action, states: Mapping[str, str] | None = None, cast: Cast | None = None) -> None:
    """Play a programme.

    Parameters
    ----------
    who
        The component that is watched, by its name on the bus.
    actions
        What is done.
    states
        Summary states in which components begin that do not begin ENABLED.

    Raises
    ------
    AssertionError
        If it was unsound; says how.
    """
    cast = cast or cast_of(who)
    sheet = ObservatorySheet(
        observatory="soundness",
        title="soundness",
        start="2026-01-15T13:00:00",
        components={
            name: PlacedComponent(
                state=(states or {}).get(name, "ENABLED"), parameters=parameters, machines=cast.machines.get(name, {})
            )
            for name, parameters in cast.components.items()
        },
    )

    async def main(clock: Clock) -> list[str]:
        journal = Journal(lambda: clock.now, keep=False)
        async with Observatory(
            sheet, clock, journal, seed=SEED, services=cast.services(), catalogue=cast.catalogue
        ) as observatory:
            stage = Stage(observatory, who)
            for action in actions:
                await action.act(stage)
            await stage.conclude()
            return stage.complaints

    complaints = simulate(main, tai_start=sheet.tai_start)
    assert not complaints, "\n".join(complaints)
