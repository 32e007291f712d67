"""Follows somebody who follows a procedure: which steps are done, which is next, what its conditions are now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cscsim.console.evidence import Evidence
from cscsim.console.guide import Guide, checked, conditions_of, outline
from cscsim.console.happenings import Happenings, of_step
from cscsim.console.matching import Matcher, value_of
from cscsim.console.progress import Progress, inside
from cscsim.console.queues import QueueViews
from cscsim.console.seen import Seen
from cscsim.console.unrolling import Part
from fsm import AuthorError, Name, Record, Value
from procedures import Procedure, model
from procedures.blocks import Blocks
from procedures.config import validate_config
from procedures.frame import Stage
from procedures.scope import ProcedureScope

__all__ = ["Following"]


class Following:
    """The procedure at hand of one run.

    Parameters
    ----------
    procedure
        What is followed.
    """

    def __init__(self, procedure: Procedure, stage: Stage, seen: Seen, queues: QueueViews, blocks: Blocks) -> None:
        self.guide = Guide.of(procedure, stage.library)
        self._seen = seen
        self.scope = _Scope(procedure, {}, stage, seen)
        steps = self.guide.unrolled
        scopes = {"": self.scope}
        for step in inside(steps):
            if isinstance(step, Part):
                outer = scopes[step.id.rpartition("/")[0]]
                given = {key: value_of(value, outer) for key, value in (step.call.config or {}).items()}
                scopes[step.id] = _Scope(step.procedure, given, stage, seen)
        self._happenings = Happenings(seen, queues, _awaited(steps, seen))
        evidence = Evidence(seen, self._happenings, stage.images)
        self._progress = Progress(steps, scopes, self._happenings, evidence, Matcher(blocks))
        self._is_due = False

    def see(self, record: Record) -> None:
        """Take a record of the journal."""
        is_news = self._happenings.see(record)
        carried = of_step(record)
        if carried is not None:
            self._progress.carried(record["step"], carried)
            is_news = True
        for act in self._happenings.acts(record):
            with self._seen.looking():
                self._progress.look()
                self._progress.bind(act)
            is_news = True
        if is_news and not self._is_due:
            self._is_due = True
            self._seen.clock.loop.call_soon(self._look)

    def _look(self) -> None:
        """Look once what has happened is over: what a step begins with is what is so then."""
        self._is_due = False
        with self._seen.looking():
            self._progress.look()

    def scope_of(self, step: str) -> ProcedureScope:
        """Return where the conditions of a step find their values."""
        return self._progress.scope(step)

    def mark(self, step: str, *, done: bool) -> None:
        """Tick a step that leaves no trace, or take the tick away."""
        self._progress.mark(step, done=done)

    def page(self) -> dict[str, Any]:
        """Return what the procedure says; only while somebody is looking."""
        duration = self.guide.procedure.duration.evaluate(self.scope)
        return outline(self.guide, float(duration) if isinstance(duration, int | float) else None)

    def live(self) -> dict[str, Any]:
        """Return how everything stands now; only while somebody is looking."""
        progress, procedure = self._progress, self.guide.procedure
        progress.look()
        current = progress.current()
        return {
            "current": current,
            "doing": progress.carrying(),
            "steps": {
                each.id: {
                    "status": _shown(progress.standings[each.id].status, is_current=each.id == current),
                    "by": progress.standings[each.id].by,
                    "because": progress.standings[each.id].because,
                    "conditions": conditions_of(each.step, progress.scope(each.id)),
                }
                for each in self.guide.steps
            },
            "preconditions": checked(procedure.preconditions, self.scope),
            "postconditions": checked(procedure.postconditions, self.scope),
        }


def _shown(status: str, *, is_current: bool) -> str:
    return "current" if is_current and status == "open" else status


class _Scope(ProcedureScope):
    """The values of a procedure as they are looked at; where the Sun is, is computed once a simulated second."""

    def __init__(self, procedure: Procedure, given: dict[str, Any], stage: Stage, seen: Seen) -> None:
        try:
            config = validate_config(procedure, given)
        except AuthorError:
            config = given  # it must be chosen when it is run
        super().__init__(seen, stage.images, config)  # type: ignore[arg-type]  # reads as it reads
        self._clock = seen.clock
        self._sky: dict[Name, tuple[int, Value | None]] = {}

    def read(self, name: Name) -> Value | None:
        """Return the value of a name now; None if it is unknown."""
        if name.function != "sky" and name.parts[:1] != ("sun",):
            return super().read(name)
        second = int(self._clock.now)
        if name not in self._sky or self._sky[name][0] != second:
            self._sky[name] = (second, super().read(name))
        return self._sky[name][1]


def _awaited(steps: tuple[model.Step, ...], seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield the events that steps wait for."""
    for step in inside(steps):
        if isinstance(step, model.Wait) and step.event is not None:
            yield seen.vocabulary().canonical(step.event[0]), step.event[1]
