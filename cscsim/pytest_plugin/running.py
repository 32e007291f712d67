"""The fixture `observatory`: a running observatory, and what a test does with it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from os import PathLike
from types import TracebackType
from typing import Any, Self

from csc import Ack, Observatory, Remote, SummaryState
from csc.blueprint import Blueprint
from csc.latiss.images import ImageStore
from csc.truth import TruthScope
from cscsim.locate import AUXTEL
from cscsim.pytest_plugin.answers import Answers, GivenAnswers
from cscsim.pytest_plugin.carrying_out import carry_out
from cscsim.pytest_plugin.circumstances import Circumstances, check_marks, injection_of, site_of, written_fault
from cscsim.pytest_plugin.concise import concise, concisely
from cscsim.pytest_plugin.finding import Finding
from cscsim.pytest_plugin.journals import Journals
from cscsim.pytest_plugin.sending import fields_of
from cscsim.pytest_plugin.simulated import SimulatedTime, seconds
from cscsim.pytest_plugin.telling import tell_observatory
from cscsim.pytest_plugin.view import View
from cscsim.pytest_plugin.waiting import wait_until
from fsm import AuthorError, Journal, OperatorError, Record, Value, nearest
from procedures.frame import Stage
from procedures.placement import Placement, find_component, placed_name
from procedures.scope import ProcedureScope

__all__ = ["RunningObservatory"]

TESTER = "test"
"""Who sends a test's commands, in the journal."""


class RunningObservatory:
    """A running observatory.

    Parameters
    ----------
    circumstances
        What the marks of the test say.
    time
        The simulated time of the test.
    journals
        Where the journal goes.

    Attributes
    ----------
    inner
        The observatory itself, for what has no name here.
    published
        Looks at what is published, as a procedure does: ``observatory.published["ATDome.azimuth > 3 deg"]``.
    journal
        The record of what has happened.
    """

    def __init__(self, circumstances: Circumstances, time: SimulatedTime, journals: Journals) -> None:
        circumstances = dataclasses.replace(circumstances, observatory=circumstances.observatory or AUXTEL)
        check_marks(circumstances)
        self._site = site_of(circumstances)
        sheet = circumstances.place(self._site)
        scenario = circumstances.the_scenario(self._site)
        self._injections = circumstances.injections(self._site)
        if scenario is not None:
            self._injections = (*scenario.faults, *self._injections)
            there = Placement(states=scenario.states, machines=scenario.machines, parameters=scenario.parameters)
            sheet = there.on(sheet)
        self.circumstances = circumstances
        self.clock = time.clock
        self.clock.tai_start = sheet.tai_start
        self._time = time
        self._journals = journals
        self._account = journals.open()
        self._account.tell = lambda: tell_observatory(self)
        self.journal = Journal(lambda: self.clock.now, path=self._account.path)
        self._images = ImageStore()
        services = {"images": self._images, "scripts": self._site.library, "blocks": self._site.blocks}
        self.inner = Observatory(sheet, self.clock, self.journal, seed=circumstances.seed, services=services)
        self._vocabulary = self.inner.vocabulary(truth=True)
        self._truth = View(TruthScope(self.inner), self._vocabulary)
        self.published = View(ProcedureScope(self.inner, self._images, {}), self.inner.vocabulary())
        self._stage = Stage(
            observatory=self.inner, library=self._site.library, images=self._images, asker=Answers(True)
        )
        self._remotes: dict[str, Remote] = {}
        self._calls_off: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<observatory {self.inner.sheet.observatory} at {self.now:g} s>"

    def __enter__(self) -> Self:
        try:
            self._time.run(self._start(), name="the start")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._time.run(self._end(), name="the end")
        finally:
            self._close()

    def _close(self) -> None:
        self._site.library.stage = None
        self.journal.close()

    async def _start(self) -> None:
        given, sheet = self.circumstances, self.inner.sheet
        self.journal.write(
            "run",
            TESTER,
            procedure=None,
            observatory=sheet.observatory,
            parameter_set=sheet.parameter_set,
            seed=given.seed,
            config={},
            scenario=given.scenario,
            faults=list(given.faults),
        )
        self._site.library.stage = self._stage
        await self.inner.__aenter__()
        self._calls_off += [injection.arm(self.inner) for injection in self._injections]

    async def _end(self) -> None:
        for call_off in self._calls_off:
            call_off()
        for remote in self._remotes.values():
            remote.close()
        self.journal.write("end", TESTER, outcome="failed" if self._journals.failed else "passed")
        await self.inner.__aexit__(None, None, None)

    # ------------------------------------------------------------------ time

    @property
    def now(self) -> float:
        """Simulated time [s] since the start."""
        return self.clock.now

    @concisely
    async def sleep(self, duration: float | str) -> None:
        """Let simulated time pass: in s, or with a unit as in ``5 min``."""
        await self.clock.sleep(seconds(duration))

    @concisely
    async def until(self, condition: str, *, within: float | str = "1 h") -> None:
        """Wait until a condition holds.

        Parameters
        ----------
        within
            The longest wait: in s, or with a unit as in ``20 min``.

        Raises
        ------
        TimeoutError
            If it does not in that time; says why not, with the values seen.
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        await wait_until(self.inner, self._truth.read(condition), seconds(within), who=TESTER)

    # ------------------------------------------------------------ what is so

    def __getitem__(self, condition: str) -> Finding:
        """Look at a condition: ``assert observatory["ATDome.azimuth within 1.5 deg of 3 deg"]``.

        What comes is true or false and says why. It is about what is so, not about what is published, so it may
        name what nobody is told, such as ``ATDome.true_azimuth``.

        Raises
        ------
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        __tracebackhide__ = True
        return self._truth[condition]

    def check(self, condition: str) -> None:
        """Make sure that a condition holds now.

        Raises
        ------
        AssertionError
            If it does not; says why, with the values seen.
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        __tracebackhide__ = True
        self._truth.check(condition)

    def value(self, expression: str) -> Value | None:
        """Return a value of now: ``observatory.value("ATDome.azimuth")``; in its canonical unit, None if unknown.

        Raises
        ------
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        __tracebackhide__ = True
        return self._truth.value(expression)

    @concise
    def event(self, topic: str) -> Mapping[str, Any]:
        """Return the fields of the newest sample: ``observatory.event("ATDome.azimuthState")``; none if none came.

        Telemetry is sampled only while somebody reads it: `remote` gives a reader.

        Raises
        ------
        AuthorError
            If there is no such topic; names the nearest.
        """
        name, plan, key = self._find(topic)
        if key not in plan.topics:
            raise AuthorError(f"{name} has no topic {key}", suggestion=nearest(key, plan.topics))
        sample = self.inner.bus.last(name, key)
        return {} if sample is None else sample.data

    def records(self, *kinds: str, who: str | None = None) -> list[Record]:
        """Return the records of the journal so far: of some kinds, of one component, or all."""
        return [
            record
            for record in self.journal.records
            if (not kinds or record["kind"] in kinds) and who in (None, record["who"])
        ]

    # ------------------------------------------------------------ what is done

    @concise
    def remote(self, component: str) -> Remote:
        """Return a client of a component, for events one after the other, telemetry, and progress of commands.

        Raises
        ------
        AuthorError
            If there is no such component; names the nearest.
        """
        find_component(component, self._vocabulary, None)
        name = placed_name(component, self._vocabulary)
        if name not in self._remotes:
            self._remotes[name] = self.inner.remote(name, TESTER)
        return self._remotes[name]

    @concisely
    async def command(self, command: str, *, timeout: float | str = "1 h", **fields: Any) -> Ack:
        """Send a command and wait for its final acknowledgement: ``command("ATDome.moveAzimuth", azimuth=3)``.

        Parameters
        ----------
        timeout
            The longest wait; in-progress acknowledgements add to it.
        fields
            In the units of the interface, or with a unit as in ``"3 deg"``; those left out have SAL's defaults.

        Raises
        ------
        AckError
            If it failed; says what the component answered.
        AuthorError
            If there is no such component, command or field; names the nearest.
        """
        name, plan, key = self._find(command)
        if key not in plan.commands:
            raise AuthorError(f"{name} has no command {key}", suggestion=nearest(key, plan.commands))
        data = fields_of(name, plan.commands[key], fields)
        return await self.remote(name).command(key, timeout=seconds(timeout), data=data)

    async def enable(self, *names: str, override: str = "") -> None:
        """Bring components or groups to ENABLED; see `bring`."""
        __tracebackhide__ = True
        await self.bring(*names, to="ENABLED", override=override)

    async def standby(self, *names: str) -> None:
        """Bring components or groups to STANDBY; see `bring`."""
        __tracebackhide__ = True
        await self.bring(*names, to="STANDBY")

    @concisely
    async def bring(self, *names: str, to: str, override: str = "") -> None:
        """Bring components or groups to a summary state on the shortest way, one after the other.

        Parameters
        ----------
        override
            Configuration override for `start`.

        Raises
        ------
        OperatorError
            If a transition fails; names it and says what the component answered.
        AuthorError
            If there is no such component or state; names the nearest.
        """
        if to not in SummaryState.__members__ or to == "FAULT":
            raise AuthorError(f"no command leads to {to}", suggestion=nearest(to, SummaryState.__members__))
        for name in names:
            for member in self.inner.groups.get(name, (name,)):
                try:
                    await self.remote(member).set_summary_state(to, override=override, timeout=300.0)
                except RuntimeError as error:
                    if type(error) is not RuntimeError:
                        raise
                    raise OperatorError(str(error)) from error

    @concise
    def inject(self, fault: str, *, when: str | None = None, **parameters: Any) -> None:
        """Let a fault happen: ``observatory.inject("ATDome.encoder_slip", slip="2 deg")``.

        Parameters
        ----------
        when
            A time since the start, or a condition; at once if left out.

        Raises
        ------
        AuthorError
            If there is no such fault or parameter (names the nearest), or a value does not suit it.
        """
        injection = injection_of(written_fault(fault, when=when, **parameters), self._site)
        self._calls_off.append(self._at_work(lambda: injection.arm(self.inner)))

    @concise
    def clear(self, fault: str) -> None:
        """End a fault that is there, by hand and not by its cure.

        Raises
        ------
        AuthorError
            If it is not there; names one that is.
        """
        name, _, key = self._find(fault)
        bay = self.inner.components[name].faults
        there = [each for each in bay.active if each.plan.name == key]
        if not there:
            raise AuthorError(
                f"there is no fault {key} at {name} now", suggestion=next((each.plan.name for each in bay.active), None)
            )
        for each in there:
            self._at_work(lambda each=each: bay.clear(each))  # type: ignore[misc]  # mypy wants no default here

    @concisely
    async def run(
        self,
        procedure: str | PathLike[str],
        config: Mapping[str, Any] | None = None,
        *,
        answers: GivenAnswers = True,
    ) -> Mapping[str, Any]:
        """Carry a procedure out here and now; return the variables that its steps gave.

        Parameters
        ----------
        procedure
            Name or path.
        config
            Values of its configuration, besides its defaults.
        answers
            What a person answers to a human check, as for `rehearse`.

        Raises
        ------
        ProcedureFailed
            If it does not come to its end; says where and why.
        AuthorError
            If there is no such procedure or key of its configuration; names the nearest.
        """
        stage = dataclasses.replace(self._stage, asker=Answers(answers))
        return await carry_out(self._site.procedure(str(procedure)), config or {}, stage)

    # --------------------------------------------------------------- details

    def _find(self, what: str) -> tuple[str, Blueprint, str]:
        """Part ``COMPONENT.NAME``; return the name on the bus, the plan, and the rest."""
        component, _, key = what.rpartition(".")
        if not component:
            raise AuthorError(f"{what}: is written COMPONENT.NAME, such as ATDome.azimuthState")
        plan = find_component(component, self._vocabulary, None)
        return placed_name(component, self._vocabulary), plan, key

    def _at_work(self, act: Callable[[], Any]) -> Any:
        """Do something while the loop runs, whether the test is asynchronous or not."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:

            async def work() -> Any:
                return act()

            return self._time.run(work(), name=TESTER)
        return act()
