"""An observer who does the steps of a procedure by hand: what is sent is made from the procedure itself."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import yaml

from cscsim.console.acts import ACTS
from cscsim.console.asked import Asked
from cscsim.console.asking import PageAsker
from cscsim.console.desk import Desk
from cscsim.console.instructor_acts import INSTRUCTOR_ACTS
from cscsim.console.lookout import Lookout
from cscsim.console.matching import value_of
from cscsim.console.opening import open_run
from cscsim.console.progress import inside
from cscsim.console.queue_acts import QUEUE_ACTS
from cscsim.console.roles import Role
from fsm import MAX, Journal, simulate
from procedures import Library, model
from procedures.scope import ProcedureScope

ADD_BLOCK = "auxtel/scheduler/add_block.py"


@dataclass(frozen=True)
class Observer:
    """Somebody who knows the scripts of a library."""

    library: Library

    def requests(self, step: model.Step, scope: ProcedureScope) -> list[dict[str, Any]]:
        """Return what a page sends for a step; nothing where only waiting helps."""
        match step:
            case model.Announce():
                return [{"do": "announce", "step": step.id}]
            case model.Confirm():
                return [{"do": "confirm", "step": step.id, "answer": True}]
            case model.Call() if step.via is not None:
                return [self.add(step.via, str(value_of(step.procedure, scope)), value_of(step.config or {}, scope))]
            case model.Block():
                return [self.add(step.via, ADD_BLOCK, {"id": str(value_of(step.block, scope))})]
            case model.Command():
                fields = value_of(step.fields, scope)
                return [{"do": "command", "component": step.component, "command": step.command, "fields": fields}]
            case model.SummaryStateStep():
                of = value_of(step.of, scope)
                names = of if isinstance(of, list) else [of]
                return [{"do": "state", "of": str(name), "to": str(value_of(step.to, scope))} for name in names]
            case model.TakeImages():
                kind, times = str(value_of(step.image_type, scope)).upper(), value_of(step.exposure_times, scope)
                shots = times if isinstance(times, list) else [times or 0.0] * int(value_of(step.count, scope) or 1)
                return [self.take(str(value_of(step.camera, scope)), kind, time) for time in shots]
            case model.Wait() if step.until is None:
                return [{"do": "speed", "to": f"{self._longest(step, scope) + 1.0:g} s"}]
        return []

    def add(self, queue: str, path: str, config: dict[str, Any]) -> dict[str, Any]:
        """Return what puts a script on a queue."""
        given = {key: value for key, value in config.items() if value is not None}
        text = yaml.safe_dump(given, sort_keys=False) if given else ""
        standard = self.library.find(path).standard
        return {"do": "queue", "what": "add", "queue": queue, "path": path, "standard": standard, "config": text}

    def take(self, camera: str, kind: str, time: float) -> dict[str, Any]:
        """Return what takes an image."""
        fields: dict[str, Any] = {"numImages": 1, "expTime": time, "shutter": kind not in ("BIAS", "DARK")}
        fields["keyValueMap"] = f"imageType: {kind}, groupId: by_hand, testType: {kind}"
        return {"do": "command", "component": camera, "command": "takeImages", "fields": fields}

    def _longest(self, step: model.Wait, scope: ProcedureScope) -> float:
        return float(value_of(step.duration, scope) or value_of(step.timeout, scope) or 60.0)


class Hand:
    """An observer at the desk of one run, in simulated time."""

    def __init__(self, desk, plan):
        self.desk, self.lookout = desk, Lookout(desk)
        self.observer = Observer(plan.site.library)
        followed = inside(desk.following.guide.unrolled) if desk.following is not None else ()
        self.steps = {step.id: step for step in followed}

    def live(self):
        return self.lookout.live()

    async def ask(self, do, *, role=Role.TRAINEE, **request):
        asked = Asked(by="observer:Ana", role=role, data={"do": do, **request}, tell=lambda _: None)
        result = {**ACTS, **QUEUE_ACTS, **INSTRUCTOR_ACTS}[do](self.desk, asked)
        return await result if inspect.isawaitable(result) else result

    async def do(self, identity):
        """Do what a step asks for."""
        for request in self.observer.requests(self.steps[identity], self.desk.following.scope_of(identity)):
            if request["do"] != "speed":
                await self.ask(**request)

    async def until_it_stands(self, wanted, patience=400):
        """Let time pass until a step is as wanted; return how everything stands."""
        clock = self.desk.clock
        pause = 0.0
        for _ in range(patience):
            told = self.live()
            if wanted(told):
                return told
            await clock.sleep(pause)
            pause = min(300.0, 2.0 * pause + 1.0)
        raise AssertionError(f"it stays at {told['current']}: {told['steps'][told['current']]}")


def by_hand(plan, work):
    """Carry something out at the desk of a run; return what came of it."""

    async def main(clock):
        asker = PageAsker(())
        with Journal(lambda: clock.now, keep=False) as journal:
            async with open_run(plan, clock, journal, asker) as session:
                desk = Desk(plan, session, asker, MAX)
                journal.listen(desk.see)
                try:
                    return await work(Hand(desk, plan))
                finally:
                    await desk.close()

    return simulate(main, tai_start=plan.sheet.tai_start)
