"""A running component: its machines, stored outputs, faults, and its place on the bus.

Decides the order of things: a trigger is given to every machine that listens, what the rows emit follows
until nothing is left (run to completion), then changed events go out and commands under way are looked at.
Leaves what is stated to the blueprint and what is computed to the behaviour. It never ticks.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from csc.alarm import Alarm
from csc.behaviour import Behaviour, collect_hooks
from csc.blueprint import Blueprint
from csc.bus.contract import Bus
from csc.bus.mqtt.revision import revision
from csc.configuration import Configuration
from csc.contracts import Contracts
from csc.disturbances import Readings
from csc.faults import FaultBay
from csc.invariants import Invariants
from csc.messages import CommandMessage
from csc.publication import Publisher
from csc.reception import Reception
from csc.remote import Remote
from csc.scopes import LocalScope, Sensor
from csc.standing import Standing
from fsm import Clock, Journal, Machine, Streams, Timeline, Transition, Value

__all__ = ["Component"]

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


class Component:
    """One component at work.

    Parameters
    ----------
    blueprint
        What it is.
    behaviour
        What must be computed for it; None if its data sheet says it all.
    name
        Its name on the bus, ``OCPS:1``.
    bus, clock, journal, streams
        The run it belongs to.
    parameters
        Values that replace the data sheet's defaults, in canonical units.
    services
        What the observatory lends it, by name.

    Attributes
    ----------
    readings
        What it tells of its outputs, where that is not what is so.
    pace
        How much longer its own times are than they should be.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        behaviour: type[Behaviour] | None,
        *,
        name: str,
        bus: Bus,
        clock: Clock,
        journal: Journal,
        streams: Streams,
        parameters: Mapping[str, Value] | None = None,
        services: Mapping[str, Any] | None = None,
    ) -> None:
        self.blueprint = blueprint
        self.name = name
        self.bus = bus
        self.clock = clock
        self.journal = journal
        self.streams = streams
        self.services = dict(services or {})
        self.configuration = Configuration(blueprint, parameters or {})
        self._log_level = logging.INFO
        self.variables: dict[str, Value] = {
            output.name: output.initial for output in blueprint.outputs.values() if output.initial is not None
        }
        self.timelines: dict[str, Timeline] = {}
        self.senses: dict[str, Sensor] = {key: Sensor(sense.default) for key, sense in blueprint.senses.items()}
        self._remotes: dict[str, Remote] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._triggers: deque[str] = deque()
        self._busy = 0
        self._work = _Work(self)
        self._closed = False
        self._watchers: list[Callable[[], None]] = []
        self.readings = Readings(blueprint)
        self.pace = 1.0
        self.scope = LocalScope(self)
        self.machines: dict[str, Machine] = {key: Machine(chart, self) for key, chart in blueprint.machines.items()}
        self.standing = Standing(self)
        self.invariants = Invariants(self)
        self.contracts = Contracts(self)
        self._listeners: dict[str, list[Machine]] = {}
        for machine in self.machines.values():
            for trigger in sorted(machine.chart.triggers):
                self._listeners.setdefault(trigger, []).append(machine)
        self.faults = FaultBay(self)
        self.behaviour = (behaviour or Behaviour)(self)
        self._hooks = collect_hooks(self.behaviour, blueprint)
        self.publisher = Publisher(self)
        self.reception = Reception(self)

    # ---------------------------------------------------------------- life

    def start(self, summary_state: str = "STANDBY", machines: Mapping[str, str] | None = None) -> None:
        """Take part: set up the behaviour, begin the machines, publish what is known.

        Parameters
        ----------
        summary_state
            Where it begins, without the commands that lead there.
        machines
            States in which machines begin, where the data sheet's initial one is not wanted.
        """
        self.behaviour.start()
        for output in self.blueprint.outputs:
            if not (output in self.variables or output in self.timelines or hasattr(self.behaviour, output)):
                raise TypeError(f"{type(self.behaviour).__name__}: nothing computes {self.name}'s output {output}")
        for machine in self.machines.values():
            machine.begin()
        for key, state in (machines or {}).items():
            self.machines[key].place(state)
            for hook in self._hooks.get(("enter", key, state), ()):
                hook()
        self.bus.attach(self.name, self)
        write = self.publisher.write
        write("logLevel", {"level": self._log_level})
        if self.blueprint.is_csc:
            write("simulationMode", {"mode": 1})
            write("softwareVersions", {"cscVersion": _version()})
        self.standing.begin(summary_state)
        if "configurable" in self.blueprint.generics:
            write("configurationsAvailable", {"overrides": ",".join(self.blueprint.configurations)})
        self.changed()

    async def close(self) -> None:
        """Leave the bus, cancel timers and tasks."""
        self._closed = True
        self.bus.detach(self.name)
        for machine in self.machines.values():
            machine.stop()
        for timer in self._timers:
            timer.cancel()
        for remote in self._remotes.values():
            remote.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def closed(self) -> bool:
        """Whether it has left the bus for good."""
        return self._closed

    def succeed(self, former: Component) -> None:
        """Be watched by those who have watched another one, in whose place it is."""
        self._watchers = former._watchers

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine as a task that this component owns; an error in it is a bug and ends the run."""
        task = self.clock.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and not self._closed:
            self.clock.loop.call_exception_handler(
                {"message": f"task {task.get_name()} failed", "exception": task.exception(), "task": task}
            )

    # ------------------------------------------------------------- machines

    @property
    def summary_state(self) -> str | None:
        """The summary state; None if the component has none."""
        return self.standing.state

    def listeners(self, trigger: str) -> list[Machine]:
        """Return the machines that know a trigger."""
        return self._listeners.get(trigger, [])

    def fire(self, trigger: str) -> None:
        """Give a trigger to the machines; at once, or after what is under way."""
        self._triggers.append(trigger)
        if not self._busy:
            with self.working():
                pass
            self.changed()

    def fire_first(self, trigger: str) -> None:
        """Give a command's own trigger to the machines before what its computing has fired."""
        self.standing.command(trigger)
        self._triggers.appendleft(trigger)

    def enqueue(self, trigger: str) -> None:
        """Give a trigger to the machines after what is under way."""
        self._triggers.append(trigger)

    def working(self) -> _Work:
        """Return a context that holds triggers back until it is left, and then runs to completion."""
        return self._work

    def begin_work(self) -> None:
        """Hold triggers back."""
        self._busy += 1

    def end_work(self, *, complete: bool) -> None:
        """Give the triggers that were held back, unless the work failed or other work goes on."""
        try:
            if complete and self._busy == 1:
                while self._triggers:
                    self._give(self._triggers.popleft())
        finally:
            self._busy -= 1

    def _give(self, trigger: str) -> None:
        if self.faults.active:
            if self.faults.holds(trigger):
                return
            self.faults.cure(trigger)
        for machine in self._listeners.get(trigger, ()):
            machine.fire(trigger)
        for hook in self._hooks.get(("trigger", trigger), ()):
            hook()

    def moved(self, machine: Machine, row: Transition, source: str) -> None:
        """Learn that a machine took a row."""
        state = machine.state
        if self.journal.aside is not None:
            self.journal.aside("row", self.name, row, source)
        if row.target is not None:
            self.journal.write("transition", self.name, machine=machine.name, source=source, state=state)
            if machine is self.standing.machine:
                self.standing.changed(source, state)
                return
            self.publisher.touch(machine.name)
            for hook in self._hooks.get(("leave", machine.name, source), ()):
                hook()
            for hook in self._hooks.get(("enter", machine.name, state), ()):
                hook()
        if row.log is not None:
            self.log(row.log[0], row.log[1].fill(self.scope))
        self._triggers.extend(row.emits)
        if row.fault is not None:
            self.standing.fault(row.fault)

    def assign(self, output: str, value: Value | None) -> None:
        """Store a value in an output."""
        if output not in self.variables:
            raise AttributeError(f"{self.name} stores no output {output}")
        self.variables[output] = value
        self.publisher.touch(output)

    def start_timer(self, delay: float, due: Callable[[], object]) -> Callable[[], None]:
        """Call `due` after `delay` [s] as work of this component; return what cancels it."""
        alarm = Alarm(self, due, self._timers)
        alarm.handle = handle = self.clock.call_later(delay * self.pace, alarm)
        self._timers.add(handle)

        def cancel() -> None:
            handle.cancel()
            self._timers.discard(handle)

        return cancel

    def changed(self) -> None:
        """Publish what has changed, look at commands under way, check invariants."""
        if self._busy:
            return
        self.publisher.refresh()
        self.reception.review()
        if self._triggers:
            with self.working():
                pass
            self.publisher.refresh()
            self.reception.review()
        self.invariants.check()
        for watcher in tuple(self._watchers):
            watcher()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change: the instructor's view; return what ends it."""
        self._watchers.append(watcher)
        return partial(self._watchers.remove, watcher)

    def do(self, command: str, data: SimpleNamespace) -> Any:
        """Let the behaviour compute for a command; `start` configures first."""
        method = getattr(self.behaviour, f"do_{command}", None)
        if command == "start":
            wrong_with = partial(self.behaviour.wrong_with, self.blueprint, self.name)
            return self.configuration.start(data, method, wrong_with)
        if command == "setLogLevel":
            self.set_log_level(data.level)
        return None if method is None else method(data)

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The parameters' values of now, in canonical units."""
        return self.configuration.parameters

    # ------------------------------------------------------------- messages

    def receive(self, message: CommandMessage) -> None:
        """Take a command from the bus; one that was under way when the component left is lost."""
        if not self._closed:
            self.reception.receive(message)

    def cadence(self, topic: str) -> float | None:
        """Return the time [s] between samples of a topic; None for a plain event."""
        return self.publisher.cadence(topic)

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        """Measure a sampled topic now."""
        return self.publisher.sample(topic)

    def revision(self, topic: str) -> str:
        """Return which version of a topic's fields it publishes."""
        return revision(self.blueprint.topics[topic])

    @property
    def log_level(self) -> int:
        """The level from which log lines are published, one of Python's numbers."""
        return self._log_level

    def set_log_level(self, level: int) -> None:
        """Publish log lines from this level on, one of Python's numbers."""
        self._log_level = level
        self.publisher.write("logLevel", {"level": level}, force=True)

    def log(self, level: str, text: str) -> None:
        """Write a line to the component's log."""
        number = _LEVELS[level]
        if self.blueprint.topics.get("logMessage") and number >= self._log_level:
            self.publisher.write(
                "logMessage", {"name": self.name, "level": number, "message": text, "timestamp": self.clock.tai}
            )

    def remote(self, name: str) -> Remote:
        """Return a client of another component; the same one each time."""
        if name not in self._remotes:
            self._remotes[name] = Remote(self.bus, self.clock, name, self.name)
        return self._remotes[name]

    # ------------------------------------------------------------- values

    def reader(self, output: str) -> Callable[[], Value]:
        """Return what reads one output."""
        if output in self.variables:
            return partial(self.variables.__getitem__, output)
        method = getattr(self.behaviour, output, None)
        if method is None:
            timelines = self.timelines
            return lambda: timelines[output].value(self.clock.now)
        return method  # type: ignore[no-any-return]  # found by name; its value is checked where it is used

    def output(self, name: str) -> Value:
        """Return an output's value of now."""
        return self.reader(name)()

    def snapshot(self) -> dict[str, Any]:
        """Return the component as it is now: what every face may show."""
        return {
            "summary_state": self.summary_state,
            "machines": {name: machine.state for name, machine in self.machines.items()},
            "outputs": {name: self.output(name) for name in self.blueprint.outputs},
        }


class _Work:
    """Work of a component as a context; one object serves all, nested or not."""

    __slots__ = ("_component",)

    def __init__(self, component: Component) -> None:
        self._component = component

    def __enter__(self) -> None:
        self._component.begin_work()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._component.end_work(complete=kind is None)


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("cscsim")
