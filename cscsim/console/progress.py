"""How far somebody has come who does a procedure by hand: a walk over its steps with what has happened.

A step is done if an act tells of it, such as a command that was completed or a script that has run, if the console has
carried it out, or if it was ticked; once it is reached, also if what it is to bring about is so. A step that leaves no
trace is passed over when a later one is begun. Nothing here is stated twice: conditions are the procedure's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cscsim.console.evidence import AT_ONCE, Evidence
from cscsim.console.happenings import Happenings, Moment, Standing
from cscsim.console.matching import Matcher, value_of
from cscsim.console.unrolling import Part
from procedures import model
from procedures.model import Step
from procedures.scope import ProcedureScope
from procedures.training import Act
from procedures.walk import inner_steps

__all__ = ["Progress", "inside"]

_INNER = (model.When, model.Repeat, model.ForEach, model.Parallel, model.Background)
_TRACELESS = (*AT_ONCE, model.Wait, model.Expect, model.SummaryStateStep)
_OPEN, _DONE, _NOT_NEEDED = Standing("open"), Standing("done"), Standing("not needed")
_CARRIED = "done for you"
_CARRYING = Standing("doing", _CARRIED)
_MOST_ROUNDS = 1000
"""How often steps are repeated at most."""


def inside(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield steps in the order of the page, each before those that lie in it."""
    for step in steps:
        yield step
        for _, inner in inner_steps(step):
            yield from inside(inner)


class Progress:
    """How the steps of one procedure stand.

    Parameters
    ----------
    steps
        Those of the page.
    scopes
        Where the conditions of steps find their values: by what the ids of the steps begin with.
    """

    def __init__(
        self,
        steps: tuple[Step, ...],
        scopes: Mapping[str, ProcedureScope],
        happenings: Happenings,
        evidence: Evidence,
        matcher: Matcher,
    ) -> None:
        self._steps, self._scopes = steps, scopes
        self._happenings, self._evidence, self._matcher = happenings, evidence, matcher
        self.marks: dict[str, bool] = {}
        self.standings: dict[str, Standing] = {}
        self._acts: dict[str, list[Act]] = {}
        self._carried: dict[str, Standing] = {}
        self._passed: dict[str, Moment] = {}
        self._taken: dict[str, bool] = {}
        self._rounds: dict[str, list[Moment]] = {}

    def scope(self, identity: str) -> ProcedureScope:
        """Return where the conditions of a step find their values."""
        return self._scopes[identity.rpartition("/")[0]]

    def carried(self, identity: str, standing: Standing) -> None:
        """Learn how a step stands that the console carries out."""
        self._carried[identity] = standing
        self._acts.pop(identity, None)

    def mark(self, identity: str, *, done: bool) -> None:
        """Tick a step, or take the tick away."""
        self.marks[identity] = done
        if not done:
            self._passed.pop(identity, None)

    def bind(self, act: Act) -> None:
        """Give an act to the step that it fits best, of those that are not done yet; it may belong to none."""
        found: list[Step] = []
        for step in inside(self._steps):
            standing, scope = self.standings.get(step.id, _OPEN), self.scope(step.id)
            if standing.status in ("done", "not needed") or not self._matcher.fits(act, step, scope):
                continue
            if standing.status == "doing":
                if standing.by == _CARRIED:
                    return  # it is the console's own
                if not self._is_next(act, step):
                    continue
            found.append(step)
        exact = (step for step in found if self._matcher.is_exact(act, step, self.scope(step.id)))
        chosen = next(exact, found[0] if found else None)
        if chosen is not None:
            self._carried.pop(chosen.id, None)
            kept = [each for each in self._acts.get(chosen.id, ()) if self._happenings.of_act(each).status != "failed"]
            self._acts[chosen.id] = [*kept, act]

    def _is_next(self, act: Act, step: Step) -> bool:
        """Tell whether an act is one more of several by which a step is done."""
        if not isinstance(step, model.Block):
            return False
        return act.kind == "script" and act.what in self._matcher.missing(
            self._acts.get(step.id, ()), step, self.scope(step.id)
        )

    # ------------------------------------------------------------ the walk

    def look(self) -> None:
        """See how everything stands now; only while somebody is looking."""
        self.standings = {}
        self._sequence(self._steps, Moment(-1, 0.0))

    def current(self) -> str | None:
        """Return the step that somebody is at; None if all is done."""
        return self._first(self._steps)

    def carrying(self) -> str | None:
        """Return the step that the console carries out for somebody; None if there is none."""
        return next((each.id for each in self._steps if self.standings[each.id] == _CARRYING), None)

    def _first(self, steps: Sequence[Step]) -> str | None:
        last = self._last_begun(steps)
        for place, step in enumerate(steps):
            status = self.standings[step.id].status
            if status in ("done", "not needed") or (place < last and status in ("open", "failed")):
                continue
            inner = [each for _, branch in inner_steps(step) if (each := self._first(branch)) is not None]
            return next((each for each in inner if self.standings[each].status != "doing"), next(iter(inner), step.id))
        return None

    def _last_begun(self, steps: Sequence[Step]) -> int:
        return max((place for place, step in enumerate(steps) if self._is_begun(step)), default=-1)

    def _is_begun(self, step: Step) -> bool:
        return any(
            each.id in self._acts or each.id in self._carried or self.marks.get(each.id) for each in inside((step,))
        )

    def _sequence(self, steps: Sequence[Step], since: Moment | None) -> Moment | None:
        """Look at steps that follow each other; return when the last one was done, None if it was not."""
        last = self._last_begun(steps)
        for place, step in enumerate(steps):
            done = self._step(step, since, is_passed_over=place < last)
            since = since if done is None and place < last else done
        return since

    def _step(self, step: Step, since: Moment | None, *, is_passed_over: bool) -> Moment | None:
        identity, standing = step.id, self._told(step)
        if isinstance(step, _INNER):
            return self._outer(step, standing, since, is_passed_over=is_passed_over)
        if standing is None and (
            identity in self._passed
            or (since is not None and self._evidence.is_so(step, since, self.scope(identity)))
            or (is_passed_over and isinstance(step, _TRACELESS))
        ):
            standing = _DONE
        self.standings[identity] = standing or _OPEN
        if standing is None or standing.status != "done":
            return None
        return self._passed.setdefault(identity, self._happenings.now)

    def _told(self, step: Step) -> Standing | None:
        """Return what tells of a step; None if nothing does."""
        if self.marks.get(step.id):
            return Standing("done", "you")
        if step.id in self._carried:
            return self._carried[step.id]
        acts = self._acts.get(step.id)
        if not acts:
            return None
        waits = not isinstance(step, model.Call) or step.wait
        standings = [self._happenings.of_act(act, waits=waits) for act in acts]
        worst = ("failed", "doing", "done")
        found = min(standings, key=lambda standing: worst.index(standing.status))
        missing = self._matcher.missing(acts, step, self.scope(step.id)) if isinstance(step, model.Block) else ()
        if missing and found.status != "failed":
            return Standing("doing", "you", f"not added yet: {', '.join(missing)}")
        return found

    def _outer(
        self, step: Step, standing: Standing | None, since: Moment | None, *, is_passed_over: bool
    ) -> Moment | None:
        """Look at a step in which others lie."""
        done = self._inner(step, since, is_passed_over=is_passed_over)
        if standing is not None and standing.status == "done":
            for each in inside((step,)):
                if self.standings.get(each.id, _OPEN).status == "open":
                    self.standings[each.id] = _DONE
            done = self._passed.setdefault(step.id, self._happenings.now)
        if standing is None:
            within = {self.standings[each.id].status for each in inside((step,)) if each is not step}
            standing = _DONE if done is not None else Standing("doing") if "doing" in within else _OPEN
        self.standings[step.id] = standing
        return since if isinstance(step, model.Background) else done

    def _inner(self, step: Step, since: Moment | None, *, is_passed_over: bool) -> Moment | None:
        match step:
            case model.When():
                return self._when(step, since, is_passed_over=is_passed_over)
            case model.Repeat() | model.ForEach():
                return self._again(step, since)
            case model.Background():
                return self._sequence(step.steps, since)
            case Part():
                return self._part(step, since)
            case model.Parallel():
                ends = [self._sequence(branch, since) for branch in step.branches]
                known = [end for end in ends if end is not None]
                return max(known, key=lambda end: end.n, default=since) if len(known) == len(ends) else None
        raise TypeError(f"{type(step).__name__} holds no steps")

    def _part(self, step: Part, since: Moment | None) -> Moment | None:
        done = self._sequence(step.branches[0], since)
        if done is not None and step.call.save is not None:
            inner = self._scopes[step.id]
            self.scope(step.id).variables[step.call.save] = dict(inner.variables)
        return done

    def _when(self, step: model.When, since: Moment | None, *, is_passed_over: bool) -> Moment | None:
        """Follow the branch that is taken; what is not known to hold when it is reached is not taken."""
        taken = self._taken.get(step.id)
        if taken is None:
            begun = [any(map(self._is_begun, steps)) for steps in (step.steps, step.otherwise)]
            taken = begun[0] if any(begun) else None
            if taken is None and since is not None and not is_passed_over:
                taken = step.condition.evaluate(self.scope(step.id))
            if taken is not None:
                self._taken[step.id] = taken
        if taken is None and since is None:
            self._sequence(step.steps, None)
            self._sequence(step.otherwise, None)
            return None
        chosen, left_out = (step.steps, step.otherwise) if taken else (step.otherwise, step.steps)
        for each in inside(left_out):
            self.standings[each.id] = _NOT_NEEDED
        return self._sequence(chosen, since)

    def _again(self, step: model.Repeat | model.ForEach, since: Moment | None) -> Moment | None:
        """Follow steps that are done several times; each time they begin anew."""
        if since is None:
            return self._sequence(step.steps, None)
        scope = self.scope(step.id)
        items = _items(step, scope)
        times = len(items) if isinstance(step, model.ForEach) else _times(step, scope)
        rounds = self._rounds.setdefault(step.id, [since])
        while len(rounds) <= times:
            if isinstance(step, model.ForEach):
                scope.variables[step.item] = items[len(rounds) - 1]
            done = self._sequence(step.steps, rounds[-1])
            if done is None:
                return None
            until = step.until if isinstance(step, model.Repeat) else None
            if len(rounds) == times or (until is not None and until.evaluate(scope) is True):
                return done
            rounds.append(done)
            for each in inside(step.steps):
                for known in (self._passed, self._acts, self._carried, self._taken, self._rounds, self.marks):
                    known.pop(each.id, None)
        for each in inside(step.steps):
            self.standings[each.id] = _NOT_NEEDED
        return since


def _times(step: model.Repeat, scope: ProcedureScope) -> int:
    times = value_of(step.times, scope)
    return min(int(times), _MOST_ROUNDS) if isinstance(times, int | float) else 1


def _items(step: model.Repeat | model.ForEach, scope: ProcedureScope) -> tuple[Any, ...]:
    if not isinstance(step, model.ForEach):
        return ()
    items = value_of(step.of, scope)
    if items is None:
        return ()
    return tuple(items) if isinstance(items, tuple | list) else (items,)
