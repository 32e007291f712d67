"""Opens what a console runs: a training session, or an observatory in which anything may be tried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from csc import Observatory
from csc.latiss.images import ImageStore
from cscsim.console.plan import Plan
from fsm import Clock, Journal
from procedures import Scenario
from procedures.asker import Asker
from procedures.frame import Stage
from procedures.placement import Placement
from procedures.training import OBSERVER, Session, Training, open_session

__all__ = ["open_run"]


@asynccontextmanager
async def open_run(plan: Plan, clock: Clock, journal: Journal, asker: Asker) -> AsyncIterator[Session]:
    """Begin; leaving it ends the journal and then the observatory."""
    site = plan.site
    if plan.training is not None:
        async with open_session(
            plan.training,
            clock,
            journal,
            sheet=site.sheet,
            library=site.library,
            blocks=site.blocks,
            seed=plan.seed,
            asker=asker,
            lent=plan.lent,
            files=plan.files,
        ) as session:
            yield session
        return
    async with _open_freely(plan, clock, journal, asker) as session:
        yield session


@asynccontextmanager
async def _open_freely(plan: Plan, clock: Clock, journal: Journal, asker: Asker) -> AsyncIterator[Session]:
    """Begin without goals: what comes of it is for whoever looks to judge."""
    site, scenario, sheet = plan.site, plan.scenario, plan.sheet
    if scenario is not None:
        sheet = Placement(states=scenario.states, machines=scenario.machines, parameters=scenario.parameters).on(sheet)
    journal.write("run", OBSERVER, **_circumstances(plan))
    images: ImageStore = plan.lent.get("images", ImageStore())
    services = {**plan.lent, "images": images, "scripts": site.library, "blocks": site.blocks}
    async with Observatory(sheet, clock, journal, seed=plan.seed, services=services) as observatory:
        stage = Stage(observatory=observatory, library=site.library, images=images, asker=asker)
        site.library.stage = stage
        calls_off = [fault.arm(observatory) for fault in (scenario.faults if scenario is not None else ())]
        ended: dict[str, str] = {"outcome": "passed"}
        try:
            yield Session(training=_no_training(plan), observatory=observatory, stage=stage, watches=())
        except asyncio.CancelledError:
            ended = {"outcome": "aborted", "because": "interrupted"}
            raise
        finally:
            for call_off in calls_off:
                call_off()
            journal.write("end", OBSERVER, **ended)
            journal.close()  # what components do when they are taken down is no part of it


def _circumstances(plan: Plan) -> dict[str, Any]:
    sheet = plan.site.sheet
    return {
        "procedure": plan.procedure.name if plan.procedure is not None else None,
        "observatory": sheet.observatory,
        "parameter_set": sheet.parameter_set,
        "seed": plan.seed,
        "config": {},
        "scenario": plan.scenario.name if plan.scenario is not None else None,
        "faults": [],
        **({"lent": sorted(plan.lent)} if plan.lent else {}),
        **({"files": {what: dict(source) for what, source in plan.files.items()}} if plan.files else {}),
    }


def _no_training(plan: Plan) -> Training:
    """Return a training in which nothing is to be learnt."""
    name = plan.procedure.name if plan.procedure is not None else ""
    return Training(
        name="",
        number=0,
        title="",
        learn="",
        briefing="",
        observatory=plan.site.sheet.observatory,
        scenario=plan.scenario or Scenario(name="", title="", procedure=name),
        goals=(),
        par=0.0,
        par_because="",
    )
