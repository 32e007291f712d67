"""A bench for faults: the observatory that users get, seen and handled only as they can see and handle it.

A test declares which faults it is about. The bench runs its scenario in simulated time, and afterwards holds it to
what it declared: each fault was injected, and none of them is left. ``test_catalogue.py`` reads the declarations.

    @about("ATDome.not_homed", enabled=("ATDome",))
    async def test_dome_that_lost_its_reference_must_be_homed(bench):
        bench.inject("ATDome.not_homed")

        await bench.refused("ATDome.moveAzimuth", "not homed", azimuth=3.0)
        await bench.command("ATDome.homeAzimuth")

        await bench.command("ATDome.moveAzimuth", azimuth=3.0)

What components are and do is read from the bus, never from inside them. Three kinds of people act: the operator by
commands and scripts, the fault by `inject`, and somebody at the hardware by `by_hand`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import pytest

from csc import Ack, AckError, Observatory, Sample, SummaryState, load_catalogue, vocabulary_of
from csc.latiss.images import Exposure, ImageStore
from fsm import Clock, Journal, simulate
from procedures import Blocks, Library, YesAsker, parse_config
from procedures.failures import StepFailed
from procedures.frame import Stage
from procedures.runner import run_procedure
from tests.procedures.library.perform import ATCS, LATISS, Control, placed

__all__ = ["ATCS", "LATISS", "Bench", "about"]

FAILURES = (AckError, StepFailed, TimeoutError, RuntimeError)
"""How commands and procedures fail."""


class Bench:
    """What a test holds: the bus, the library's scripts, the faults, the clock.

    Things on the bus are called as in the journal: ``ATDome.moveAzimuth``, ``OCPS:1.job_result``.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._observatory = stage.observatory

    # ------------------------------------------------------------- time

    @property
    def now(self) -> float:
        return self._observatory.clock.now

    async def sleep(self, duration: float) -> None:
        await self._observatory.clock.sleep(duration)

    async def until(self, topic: str, *, limit: float = 600.0, **fields: Any) -> Sample:
        """Wait until an event says this, at most `limit` [s]; return it."""
        component, name = _split(topic)
        reader = self._observatory.remote(component, "test").event(name)
        deadline = self.now + limit
        try:
            while True:
                sample = await reader.next(timeout=deadline - self.now)
                if all(getattr(sample, key) == value for key, value in fields.items()):
                    return sample
        except TimeoutError:
            raise AssertionError(f"{topic} did not become {fields} in {limit:g} s; it is {self.event(topic)}") from None
        finally:
            reader.close()

    # --------------------------------------------------------- operator

    async def command(self, name: str, /, *, timeout: float = 3600.0, **fields: Any) -> Ack:
        component, command = _split(name)
        return await self._observatory.remote(component, "test").command(command, timeout=timeout, **fields)

    def begin(self, name: str, /, *, timeout: float = 3600.0, **fields: Any) -> asyncio.Task[Ack]:
        """Send a command in a task of its own, to be awaited later."""
        return asyncio.get_running_loop().create_task(self.command(name, timeout=timeout, **fields))

    async def refused(self, name: str, match: str, /, *, timeout: float = 3600.0, **fields: Any) -> Ack:
        """Send a command that fails with such a text; return the acknowledgement."""
        with pytest.raises(AckError, match=match) as caught:
            await self.command(name, timeout=timeout, **fields)
        return caught.value.ack

    async def fails(self, work: Awaitable[Any], match: str) -> None:
        """Await a command or a procedure that was begun, and that fails with such a text."""
        with pytest.raises(FAILURES, match=match):
            await work

    async def script(self, path: str, config: str = "") -> Control:
        """Perform a procedure of the library, as the script queue would."""
        control = Control()
        await self._perform(path, config, control)
        return control

    def begin_script(self, path: str, config: str = "") -> asyncio.Task[Control]:
        """Perform a procedure in a task of its own, to be awaited later."""
        return asyncio.get_running_loop().create_task(self.script(path, config))

    async def script_fails(self, path: str, match: str, config: str = "") -> Control:
        """Perform a procedure that fails with such a text; return what it told."""
        control = Control()
        with pytest.raises(FAILURES, match=match):
            await self._perform(path, config, control)
        return control

    async def _perform(self, path: str, config: str, control: Control) -> None:
        procedure = self._stage.library.find(path)
        await run_procedure(self._stage, procedure, parse_config(procedure, config), who=control.name, script=control)

    async def set_state(self, component: str, state: str) -> None:
        """Bring a component to a summary state, as set_summary_state does."""
        await self._observatory.remote(component, "test").set_summary_state(state, timeout=300.0)

    async def enable(self, *components: str) -> None:
        for component in components:
            await self.set_state(component, "ENABLED")

    async def cycle(self, *components: str) -> None:
        """Bring components to STANDBY, all of them, and then to ENABLED again."""
        for component in components:
            await self.set_state(component, "STANDBY")
        await self.enable(*components)

    # --------------------------------------------------------- the bus

    def event(self, topic: str) -> Any:
        """Return the last sample of an event; None if there never was one."""
        component, name = _split(topic)
        return self._observatory.remote(component, "test").event(name).get()

    async def telemetry(self, topic: str, *, timeout: float = 60.0) -> Any:
        """Return the next sample of a telemetry topic."""
        component, name = _split(topic)
        reader = self._observatory.remote(component, "test").telemetry(name)
        try:
            return await reader.next(flush=True, timeout=timeout)
        finally:
            reader.close()

    async def is_silent(self, topic: str, duration: float) -> bool:
        """Tell whether a topic says nothing for so long [s]."""
        try:
            await self.telemetry(topic, timeout=duration)
        except TimeoutError:
            return True
        return False

    def seen(self, topic: str, field: str) -> list[Any]:
        """Return the values that a field of an event has had, in order, each once in a row."""
        component, name = _split(topic)
        values: list[Any] = []
        for record in self.records("event", component):
            if record["topic"] == name and field in record["data"] and [record["data"][field]] != values[-1:]:
                values.append(record["data"][field])
        return values

    def log_of(self, component: str) -> list[str]:
        """Return the lines of a component's log; the journal leaves out what a line has in common with the last."""
        lines: list[str] = []
        for record in self.records("event", component):
            if record["topic"] == "logMessage":
                lines.append(record["data"].get("message", lines[-1] if lines else ""))
        return lines

    def summary(self, component: str) -> str | None:
        """Return the summary state that a component has published."""
        return self._observatory.remote(component, "test").summary_state

    def fault_code(self, component: str) -> int | None:
        """Return the error code of a component in FAULT; None if it is not in FAULT."""
        if self.summary(component) != SummaryState.FAULT.name:
            return None
        return int(self.event(f"{component}.errorCode").errorCode)

    def records(self, kind: str, who: str | None = None) -> list[dict[str, Any]]:
        return [r for r in self._observatory.journal.of_kind(kind) if who is None or r["who"] == who]

    @property
    def last_image(self) -> Exposure:
        return list(self._stage.images)[-1]

    # ---------------------------------------------------------- faults

    def inject(self, name: str, **values: Any) -> None:
        """Let a fault happen now."""
        component, fault = _split(name)
        self._observatory.find(component).faults.inject(fault, **values)

    def is_active(self, name: str) -> bool:
        """Tell whether a fault is there and not cured."""
        component, fault = _split(name)
        return any(each.plan.name == fault for each in self._observatory.find(component).faults.active)

    def by_hand(self, name: str) -> None:
        """Do something at the hardware: what its name says, or whatever takes away the fault of that name.

        There must be something to do: a fault that was cured by what came before has had a wrong cure.
        """
        component_name, act = _split(name)
        component = self._observatory.find(component_name)
        active = [each for each in component.faults.active if act in (each.plan.name, *each.plan.cured_by)]
        assert active, f"{name} has nothing to cure"
        if act in component.blueprint.faults:
            for fault in active:
                component.faults.clear(fault)
        else:
            component.fire(act)


def _split(name: str) -> tuple[str, str]:
    component, _, what = name.partition(".")
    return component, what


Scenario = Callable[..., Coroutine[Any, Any, None]]


def about(
    *faults: str,
    enabled: tuple[str, ...] = (),
    states: Mapping[str, str] | None = None,
    machines: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    start: str | None = None,
    seed: int = 1,
    observatory: str = "auxtel",
) -> Callable[[Scenario], Callable[..., None]]:
    """Make a test of a scenario, whose first argument is the bench.

    Parameters
    ----------
    faults
        What it is about, ``ATDome.stall``: each must have been injected, and be gone in the end. None for a row
        of the observatory's troubles that is no fault, such as a refusal.
    enabled, states, machines, parameters, start, seed
        How the observatory begins.
    observatory
        Which one it is.
    """

    def decorate(scenario: Scenario) -> Callable[..., None]:
        @functools.wraps(scenario)
        def test(**arguments: Any) -> None:
            place = placed({**dict.fromkeys(enabled, "ENABLED"), **(states or {})}, machines, observatory)
            components = {
                name: item.model_copy(update={"parameters": {**item.parameters, **(parameters or {}).get(name, {})}})
                for name, item in place.components.items()
            }
            place = place.model_copy(update={"components": components, "start": start or place.start})

            async def main(clock: Clock) -> None:
                images = ImageStore()
                library = Library(vocabulary_of(place, load_catalogue()))
                services = {"images": images, "scripts": library, "blocks": Blocks(library)}
                journal = Journal(lambda: clock.now)
                async with Observatory(place, clock, journal, seed=seed, services=services) as observatory:
                    library.stage = Stage(observatory=observatory, library=library, images=images, asker=YesAsker())
                    bench = Bench(library.stage)
                    await bench.sleep(5.0)  # what begins enabled reaches its hardware
                    await scenario(bench, **arguments)
                    injected = {f"{r['who']}.{r['fault']}" for r in bench.records("fault") if r["what"] == "injected"}
                    assert injected == set(faults), "the test injects other faults than it declares"
                    assert not [name for name in faults if bench.is_active(name)], "the test ends with faults left"

            simulate(main, tai_start=place.tai_start)

        _, *others = inspect.signature(scenario).parameters.values()
        test.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]  # pytest's own way to ask
        test.faults = faults  # type: ignore[attr-defined]  # read by test_catalogue.py
        return test

    return decorate
