"""A training session: an observatory in which something goes wrong, somebody who acts, and a journal that says it all.

A session carries out no procedure by itself. Whoever is trained sends commands to the bus and writes acts; a console
does so for a person, a test for a scripted trainee.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from csc import Observatory, ObservatorySheet, Remote
from csc.latiss.images import ImageStore
from fsm import AuthorError, Clock, Journal, nearest
from procedures.asker import Asker, YesAsker
from procedures.blocks import Blocks
from procedures.frame import Stage
from procedures.library import Library
from procedures.placement import Placement
from procedures.training.acts import OBSERVER, Hand, Hint, PersonalAct, Report, parse_suspicion, write_act
from procedures.training.model import Training
from procedures.training.watch import Watch, aims_of

__all__ = ["Session", "open_session"]


@dataclass(slots=True, kw_only=True)
class Session:
    """A session that is under way.

    Attributes
    ----------
    hints_given
        How many of the training's hints were shown.
    """

    training: Training
    observatory: Observatory
    stage: Stage
    watches: tuple[Watch, ...]
    hints_given: int = field(default=0, init=False)

    def remote(self, component: str, *, by: str = OBSERVER) -> Remote:
        """Return a client of a component, whose commands are the trainee's."""
        return self.observatory.remote(self.observatory.find(component).name, by)

    def act(self, act: PersonalAct, *, by: str = OBSERVER) -> None:
        """Record what a person has done."""
        write_act(self.observatory.journal, act, by=by)

    def report(self, suspicion: str, text: str = "", *, by: str = OBSERVER) -> Report:
        """Record what is suspected, ``ATDome`` or ``ATDome.encoder_slip``; return it.

        Raises
        ------
        AuthorError
            If there is no such component or fault; names the nearest.
        """
        act = parse_suspicion(suspicion, self.observatory.vocabulary(truth=True), text)
        self.act(act, by=by)
        return act

    def hint(self, *, by: str = OBSERVER) -> str | None:
        """Show the next hint; None if there is none left."""
        if self.hints_given == len(self.training.hints):
            return None
        text = self.training.hints[self.hints_given]
        self.hints_given += 1
        self.act(Hint(number=self.hints_given, text=text), by=by)
        return text

    def by_hand(self, component: str, act: str, *, by: str = OBSERVER) -> bool:
        """Do something at the hardware: take a fault of that name away, or fire the trigger that cures one.

        Returns
        -------
        bool
            Whether there was something to do. If not, nothing is done; the act is recorded.

        Raises
        ------
        AuthorError
            If the component has no such fault, and no fault that is cured so; names the nearest.
        """
        found = self.observatory.find(component)
        faults = found.blueprint.faults
        known = [*faults, *(trigger for fault in faults.values() for trigger in fault.cured_by)]
        if act not in known:
            raise AuthorError(f"{component} has no fault or cure {act}", suggestion=nearest(act, known))
        active = [each for each in found.faults.active if act in (each.plan.name, *each.plan.cured_by)]
        self.act(Hand(component=found.name, act=act, what="done" if active else "nothing to do"), by=by)
        if active and act not in faults:
            found.fire(act)
        elif active:
            for fault in active:
                found.faults.clear(fault)
        return bool(active)

    @property
    def missing(self) -> tuple[str, ...]:
        """The goals that are not reached, by their ids."""
        goals = {goal.id for goal in self.training.goals}
        return tuple(watch.id for watch in self.watches if watch.id in goals and not watch.is_reached)


@asynccontextmanager
async def open_session(
    training: Training,
    clock: Clock,
    journal: Journal,
    *,
    sheet: ObservatorySheet,
    library: Library,
    blocks: Blocks,
    seed: int = 0,
    asker: Asker | None = None,
    lent: Mapping[str, Any] | None = None,
    files: Mapping[str, Mapping[str, str]] | None = None,
) -> AsyncIterator[Session]:
    """Begin a session; leaving it ends it, and writes to the journal whether all goals were reached.

    Parameters
    ----------
    sheet, library, blocks
        The observatory, and what there is to queue.
    asker
        Who answers the human checks of procedures that are carried out for the trainee.
    lent
        What the observatory lends to its components besides.
    files
        What was read from files, as in the circumstances of a rehearsal.
    """
    scenario = training.scenario
    here = _at_the_beginning(training, sheet, library)
    journal.write("run", OBSERVER, **_circumstances(training, here, seed, files))
    images: ImageStore = (lent or {}).get("images", ImageStore())
    services = {**(lent or {}), "images": images, "scripts": library, "blocks": blocks}
    async with Observatory(here, clock, journal, seed=seed, services=services) as observatory:
        stage = Stage(observatory=observatory, library=library, images=images, asker=asker or YesAsker())
        library.stage = stage
        watches = tuple(Watch(aim, observatory) for aim in aims_of(training))
        session = Session(training=training, observatory=observatory, stage=stage, watches=watches)
        calls_off = [fault.arm(observatory) for fault in scenario.faults]
        aborted = ""
        try:
            yield session
        except asyncio.CancelledError:
            deadlock = clock.loop.deadlock
            aborted = str(deadlock) if deadlock is not None else "interrupted"
            raise
        finally:
            for watch in watches:
                watch.look()
                watch.end()
            for call_off in calls_off:
                call_off()
            journal.write("end", OBSERVER, **_outcome(session.missing, aborted))
            journal.close()  # what components do when they are taken down is no part of the session


def _at_the_beginning(training: Training, sheet: ObservatorySheet, library: Library) -> ObservatorySheet:
    begins = library.find(training.procedure).begins
    here = begins.on(sheet) if begins is not None else sheet
    scenario = training.scenario
    there = Placement(states=scenario.states, machines=scenario.machines, parameters=scenario.parameters)
    return there.on(here)


def _circumstances(
    training: Training, sheet: ObservatorySheet, seed: int, files: Mapping[str, Mapping[str, str]] | None
) -> dict[str, Any]:
    return {
        "procedure": training.procedure,
        "observatory": sheet.observatory,
        "parameter_set": sheet.parameter_set,
        "seed": seed,
        "config": {},
        "scenario": None,
        "faults": [],
        "training": training.name,
        **({"files": {what: dict(source) for what, source in files.items()}} if files else {}),
    }


def _outcome(missing: tuple[str, ...], aborted: str) -> dict[str, str]:
    if aborted:
        return {"outcome": "aborted", "because": aborted}
    if missing:
        return {"outcome": "failed", "because": f"not reached: {', '.join(missing)}"}
    return {"outcome": "passed"}
