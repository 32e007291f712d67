"""Whether what a step is to bring about is so, whoever has done it: states, conditions, events, images, time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csc.latiss.images import ImageStore
from cscsim.console.happenings import Happenings, Moment
from cscsim.console.matching import value_of
from cscsim.console.seen import Seen
from procedures import model
from procedures.model import Step
from procedures.scope import ProcedureScope

__all__ = ["AT_ONCE", "Evidence"]

AT_ONCE = (model.Let, model.Log, model.Checkpoint, model.Join, model.Ingested)
"""Steps that ask nothing of a person."""


class Evidence:
    """What can be seen of one run.

    Parameters
    ----------
    images
        Those of the run.
    """

    def __init__(self, seen: Seen, happenings: Happenings, images: ImageStore) -> None:
        self._seen, self._happenings, self._images = seen, happenings, images
        self._wanting: set[str] = set()

    def is_so(self, step: Step, since: Moment, scope: ProcedureScope) -> bool:
        """Tell whether what a step wants is so, now that it is reached; only while somebody is looking."""
        match step:
            case model.Let():
                scope.variables.update({name: expression.evaluate(scope) for name, expression in step.values})
                return True
            case model.Expect():
                return step.check.that.evaluate(scope) is True
            case model.Wait():
                return self._has_come(step, since, scope) or self._is_given_up(step, since, scope)
            case model.SummaryStateStep():
                return self._are_in_state(step, scope)
            case model.TakeImages():
                return self._were_taken(step, since, scope)
            case model.Call() | model.Block() | model.Command() | model.Pipeline():
                return self._has_become_so(step, scope)
        return isinstance(step, AT_ONCE)

    def _has_become_so(self, step: Step, scope: ProcedureScope) -> bool:
        """Tell whether what a step leaves behind has come about; what was so before it tells nothing."""
        wanted = step.postconditions
        if not wanted or not all(check.that.evaluate(scope) is True for check in wanted):
            self._wanting.add(step.id)
            return False
        return step.id in self._wanting

    def _has_come(self, step: model.Wait, since: Moment, scope: ProcedureScope) -> bool:
        if step.until is not None:
            return step.until.evaluate(scope) is True
        if step.event is None:
            duration = value_of(step.duration, scope)
            return isinstance(duration, int | float) and self._happenings.now.t >= since.t + duration
        data = self._heard(self._seen.vocabulary().canonical(step.event[0]), step.event[1], since, latest=step.latest)
        if data is not None and step.save is not None:
            scope.variables[step.save] = dict(data)
        return data is not None

    def _heard(self, who: str, topic: str, since: Moment, *, latest: bool) -> Mapping[str, Any] | None:
        """Return what has come of a topic; telemetry, which no journal has, as it is measured now."""
        blueprint = self._seen.vocabulary().blueprints.get(who)
        if latest or (blueprint is not None and blueprint.topics[topic].cadence is not None):
            sample = self._seen.last(who, topic)
            return sample.data if sample is not None and (latest or sample.t >= since.t) else None
        found = self._happenings.event(who, topic)
        return found[1] if found is not None and found[0] > since.n else None

    def _is_given_up(self, step: model.Wait, since: Moment, scope: ProcedureScope) -> bool:
        """Tell whether a wait has lasted too long that the procedure does not insist on."""
        limit = value_of(step.timeout, scope)
        has_waited = isinstance(limit, int | float) and self._happenings.now.t >= since.t + limit
        return has_waited and step.on_failure is not None

    def _are_in_state(self, step: model.SummaryStateStep, scope: ProcedureScope) -> bool:
        vocabulary = self._seen.vocabulary()
        of, to = value_of(step.of, scope), str(value_of(step.to, scope)).upper()
        names = of if isinstance(of, tuple | list) else (of,)
        members: list[str] = []
        for each in names:
            name = vocabulary.canonical(str(each).removesuffix(":0"))
            members += self._seen.groups.get(name, (name,))
        return bool(members) and all(
            member in vocabulary.blueprints and self._seen.reader(member).reader("summary")() == to
            for member in members
        )

    def _were_taken(self, step: model.TakeImages, since: Moment, scope: ProcedureScope) -> bool:
        """Tell whether as many images of the kind were taken since; by commands or a script, it is all one."""
        times, count = value_of(step.exposure_times, scope), value_of(step.count, scope)
        wanted = len(times) if isinstance(times, tuple | list) else int(count or 1)
        kind, begun = str(value_of(step.image_type, scope)).upper(), since.t + self._seen.clock.tai_start
        return sum(each.image_type == kind and each.tai_end > begun for each in self._images) >= wanted
