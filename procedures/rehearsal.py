"""A rehearsal: one procedure, one observatory, one seed, from beginning to report.

The same procedure, configuration, scenario, faults and seed give the same journal byte for byte.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from csc import Bus, MemoryBus, Observatory, ObservatorySheet
from csc.latiss.images import ImageStore
from csc.truth import TruthScope, when_true
from fsm import MAX, AuthorError, Clock, Condition, CscsimError, Journal, Record, simulate
from procedures.asker import Asker, YesAsker
from procedures.blocks import Blocks
from procedures.branch import Branch, arm_branches
from procedures.config import validate_config
from procedures.expectations import Expectations, judge_expectations
from procedures.failures import Declined, StepFailed, reason_of
from procedures.frame import Stage
from procedures.library import Library
from procedures.model import Procedure
from procedures.placement import Placement
from procedures.report import Report, make_report
from procedures.runner import run_procedure
from procedures.scenario import Injection, Scenario
from procedures.scenario_trigger import unknown_step

__all__ = ["Rehearsal", "Spectator", "rehearse"]


class Spectator(Protocol):
    """Somebody who watches a rehearsal and touches nothing."""

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Learn that it begins."""

    def see(self, record: Record) -> None:
        """See a record of the journal as it is written."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What is rehearsed, and under which circumstances.

    Attributes
    ----------
    config
        Values for the procedure's configuration, besides its defaults.
    speed
        Simulated seconds per real second.
    journal
        File to write the journal to.
    files
        What of this was read from files and not from the library: procedure, observatory, parameter_set or scenario,
        each with `path` and `sha256`.
    branches
        What happens at later moments, as a branch of another run.
    lent
        What the observatory lends to its components besides, such as an archive that keeps images as files.
    make_bus
        Makes the bus over which everything goes; whichever it is, the journal is the same.
    """

    procedure: Procedure
    library: Library
    blocks: Blocks
    observatory: ObservatorySheet
    seed: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    scenario: Scenario | None = None
    faults: tuple[Injection, ...] = ()
    speed: float = MAX
    journal: Path | None = None
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    branches: tuple[Branch, ...] = ()
    lent: Mapping[str, Any] = field(default_factory=dict)
    make_bus: Callable[[Clock, Journal], Bus] = MemoryBus

    @property
    def who(self) -> str:
        """Who does it, in the journal."""
        return "observer"

    @property
    def expectations(self) -> Expectations | None:
        """What the scenario says will come of this procedure."""
        scenario = self.scenario
        return scenario.expect if scenario is not None and scenario.procedure == self.procedure.name else None

    @property
    def circumstances(self) -> dict[str, Any]:
        """Everything the journal depends on; branches have records of their own, when they happen."""
        files = {"files": {what: dict(source) for what, source in self.files.items()}} if self.files else {}
        return {
            "procedure": self.procedure.name,
            "observatory": self.observatory.observatory,
            "parameter_set": self.observatory.parameter_set,
            "seed": self.seed,
            "config": dict(self.config),
            "scenario": self.scenario.name if self.scenario else None,
            "faults": [str(fault) for fault in self.faults],
            **({"lent": sorted(self.lent)} if self.lent else {}),
            **files,
        }


def rehearse(rehearsal: Rehearsal, *, asker: Asker | None = None, spectator: Spectator | None = None) -> Report:
    """Rehearse a procedure and report on it.

    Raises
    ------
    AuthorError
        If the configuration does not fit the procedure, or a fault waits for a step that it has not. Whatever goes
        wrong in the rehearsal itself is in the report.
    """
    config = validate_config(rehearsal.procedure, rehearsal.config)
    for where, fault in _injections(rehearsal):
        wrong = unknown_step(fault.on, rehearsal.procedure) if fault.on is not None else None
        if wrong is not None:
            raise AuthorError(f"{where}fault {fault}: {wrong.message}", suggestion=wrong.suggestion)
    started = time.perf_counter()

    async def main(clock: Clock) -> Report:
        with Journal(lambda: clock.now, path=rehearsal.journal) as journal:
            return await _run(rehearsal, config, clock, journal, asker or YesAsker(), spectator, started)

    sheet = _at_the_beginning(rehearsal)
    return simulate(main, speed=rehearsal.speed, tai_start=sheet.tai_start)


def _injections(rehearsal: Rehearsal) -> list[tuple[str, Injection]]:
    """Return the faults that may happen, each with the scenario that says so."""
    scenario = rehearsal.scenario
    own = [(f"scenario {scenario.name}: ", fault) for fault in scenario.faults] if scenario is not None else []
    return [*own, *(("", fault) for fault in rehearsal.faults)]


async def _run(
    rehearsal: Rehearsal,
    config: Mapping[str, Any],
    clock: Clock,
    journal: Journal,
    asker: Asker,
    spectator: Spectator | None,
    started: float,
) -> Report:
    journal.write("run", rehearsal.who, **rehearsal.circumstances)
    images: ImageStore = rehearsal.lent.get("images", ImageStore())
    services = {**rehearsal.lent, "images": images, "scripts": rehearsal.library, "blocks": rehearsal.blocks}
    sheet = _at_the_beginning(rehearsal)
    async with Observatory(
        sheet, clock, journal, seed=rehearsal.seed, services=services, make_bus=rehearsal.make_bus
    ) as observatory:
        stage = Stage(observatory=observatory, library=rehearsal.library, images=images, asker=asker)
        rehearsal.library.stage = stage
        if spectator is not None:
            spectator.begin(rehearsal, observatory)
            journal.listen(spectator.see)
        injections = [fault for _, fault in _injections(rehearsal)]
        expected = rehearsal.expectations
        calls_off = [injection.arm(observatory) for injection in injections]
        calls_off += [_note_if(observatory, never) for never in (expected.never if expected else ())]
        calls_off.append(arm_branches(rehearsal.branches, observatory))
        outcome, because = await _perform(stage, rehearsal, config)
        for call_off in calls_off:
            call_off()
        journal.write("end", rehearsal.who, outcome=outcome, **({"because": because} if because else {}))
        journal.close()  # what components do when they are taken down is no part of the rehearsal
        components = observatory.snapshot()
        judgement = None
        if expected is not None:
            judgement = judge_expectations(
                expected,
                journal.records,
                components,
                vocabulary=observatory.vocabulary(truth=True),
                images=tuple(images),
            )
        report = make_report(
            rehearsal.circumstances,
            outcome=outcome,
            because=because,
            simulated_seconds=clock.now,
            journal=journal,
            who=rehearsal.who,
            components=components,
            images=images,
            expectations=judgement,
        )
    return dataclasses.replace(report, wall_seconds=time.perf_counter() - started)


def _note_if(observatory: Observatory, never: Condition) -> Callable[[], None]:
    """Journal it if what a scenario expects never to be so comes true; return what ends the watch."""

    def note() -> None:
        because = never.explain(TruthScope(observatory))
        observatory.journal.write("expectation", "scenario", condition=str(never), because=because)

    return when_true(observatory, never, note)


async def _perform(stage: Stage, rehearsal: Rehearsal, config: Mapping[str, Any]) -> tuple[str, str]:
    """Carry the procedure out; return the outcome and why."""
    try:
        await run_procedure(stage, rehearsal.procedure, config, who=rehearsal.who)
    except asyncio.CancelledError:
        deadlock = stage.observatory.clock.loop.deadlock
        return ("failed", str(deadlock)) if deadlock is not None else ("aborted", "interrupted")
    except Declined as error:
        return "aborted", str(error)
    except (CscsimError, TimeoutError, RuntimeError, BaseExceptionGroup) as error:
        reason = reason_of(error)
        if reason is None:
            raise
        return "failed", f"{error.where}: {reason}" if isinstance(error, StepFailed) else reason
    return "passed", ""


def _at_the_beginning(rehearsal: Rehearsal) -> ObservatorySheet:
    """Return the observatory as the procedure begins in it, and the scenario has it."""
    sheet, scenario = rehearsal.observatory, rehearsal.scenario
    if rehearsal.procedure.begins is not None:
        sheet = rehearsal.procedure.begins.on(sheet)
    if scenario is not None:
        there = Placement(states=scenario.states, machines=scenario.machines, parameters=scenario.parameters)
        sheet = there.on(sheet)
    return sheet
