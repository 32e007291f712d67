"""Looks at a run for the pages: what has changed since the last look, and what somebody has subscribed.

It looks between two callbacks, in the simulation's thread, a few times a second of real time, and changes nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from cscsim.console.components import groups_of, truth_of
from cscsim.console.desk import Desk
from cscsim.console.explaining import explain
from cscsim.console.images import image_row
from cscsim.console.instructor_acts import active_faults
from procedures.sky import TAI_MINUS_UTC
from procedures.sun import LONGITUDE

__all__ = ["Look", "Lookout", "Wanted"]

_BEATS_EVERY = 1.0
_LIVE_EVERY = 0.5
_EXPLAIN_EVERY = 0.2
"""Real time [s] between looks at what is costly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What pages have subscribed, all together."""

    topics: frozenset[str] = frozenset()
    explain: frozenset[str] = frozenset()
    truth: frozenset[str] = frozenset()
    procedure: bool = False


@dataclass(slots=True, kw_only=True)
class Look:
    """What was seen: whole things that replace what was; None and empty where nothing has changed.

    Attributes
    ----------
    head
        Time, speed and the like.
    components
        As anybody sees them, and as an instructor does.
    live, steps
        The procedure as it stands, and those of its steps that stand otherwise.
    """

    head: dict[str, Any]
    components: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    beats: dict[str, float] | None = None
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)
    telemetry: dict[str, dict[str, Any]] = field(default_factory=dict)
    explain: dict[str, dict[str, Any]] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)
    live: dict[str, Any] | None = None
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    asks: list[dict[str, Any]] | None = None
    instructor: dict[str, Any] | None = None


class Lookout:
    """Looks at one run.

    Parameters
    ----------
    desk
        Of the run.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._components: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._last: dict[str, Any] = {}
        self._due: dict[str, float] = {}
        self._images = 0

    def first(self) -> dict[str, Any]:
        """Return what never changes within a run."""
        desk, sheet = self._desk, self._desk.observatory.sheet
        training = desk.session.training
        with desk.seen.looking():
            procedure = desk.following.page() if desk.following is not None else None
        return {
            "observatory": {
                "name": sheet.observatory,
                "title": sheet.title,
                "tai_start": desk.clock.tai_start,
                "utc_offset": -TAI_MINUS_UTC,
                "longitude": LONGITUDE,
                "groups": groups_of(desk.observatory),
            },
            "training": {
                "name": training.name,
                "number": training.number,
                "title": training.title,
                "learn": training.learn,
                "briefing": training.briefing,
                "hints": len(training.hints),
                "par": training.par,
                "goals": [{"id": goal.id, "title": goal.title} for goal in training.goals],
            }
            if training.name
            else None,
            "procedure": procedure,
        }

    def look(self, wanted: Wanted) -> Look:
        """Look now.

        Raises
        ------
        Exception
            Whatever has gone wrong; the next look then finds everything anew, as nobody was told of this one.
        """
        try:
            return self._look(wanted)
        except Exception:
            self._forget()
            raise

    def _forget(self) -> None:
        """Take everything as new."""
        self._components.clear()
        self._last.clear()
        self._due.clear()
        self._desk.queues.forget()

    def _look(self, wanted: Wanted) -> Look:
        desk = self._desk
        desk.pace.rest()
        now = time.monotonic()
        with desk.seen.looking():
            found = Look(head=self._head())
            takes_beats = self._is_due("beats", now, _BEATS_EVERY)
            if takes_beats:
                desk.components.forget()
            for name, seen, true in desk.components.look():
                if self._components.get(name) != (seen, true):
                    self._components[name] = found.components[name] = (seen, true)
            if takes_beats:
                found.beats = {name: round(t, 2) for name, t in desk.components.beats.items()}
            found.queues = dict(desk.queues.changed())
            for key in wanted.topics:
                who, _, topic = key.rpartition(".")
                sample = desk.seen.last(who, topic)
                if sample is not None:
                    found.telemetry[key] = {"t": round(sample.t, 6), "data": sample.data}
            is_time = bool(wanted.explain) and self._is_due("explain", now, _EXPLAIN_EVERY)
            for name in wanted.explain:
                if is_time or name in found.components:  # what a command would do changes with the state, not behind it
                    told = explain(desk.seen, name)
                    if self._is_new(f"explain {name}", told["commands"]):
                        found.explain[name] = told
            if wanted.procedure and desk.following is not None and self._is_due("live", now, _LIVE_EVERY):
                live = desk.following.live()
                steps = live.pop("steps")
                found.steps = {name: step for name, step in steps.items() if self._is_new(f"step {name}", step)}
                found.live = self._if_new("live", live)
            found.truth = {name: truth_of(desk.observatory, name) for name in wanted.truth}
            found.asks = self._if_new("asks", list(desk.asker.open))
            found.instructor = self._if_new("instructor", self._instructor())
            found.images = self._new_images()
        return found

    def live(self) -> dict[str, Any]:
        """Return the procedure as it stands; empty if there is none."""
        following = self._desk.following
        if following is None:
            return {}
        with self._desk.seen.looking():
            return following.live()

    def _head(self) -> dict[str, Any]:
        return {"t": round(self._desk.clock.now, 3), **self._desk.pace.as_dict()}

    def _instructor(self) -> dict[str, Any]:
        session = self._desk.session
        reached = {watch.id: watch.is_reached for watch in session.watches}
        return {
            "faults": active_faults(self._desk),
            "goals": [
                {"id": goal.id, "title": goal.title, "reached": reached.get(goal.id, False)}
                for goal in session.training.goals
            ],
            "hints_given": session.hints_given,
            "hints_left": list(session.training.hints[session.hints_given :]),
        }

    def _new_images(self) -> list[dict[str, Any]]:
        if len(self._desk.images) == self._images:
            return []
        rows = [image_row(each, self._desk.clock.tai_start) for each in list(self._desk.images)[self._images :]]
        self._images += len(rows)
        return rows

    def _is_due(self, what: str, now: float, every: float) -> bool:
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True

    def _is_new(self, what: str, value: Any) -> bool:
        if what in self._last and self._last[what] == value:
            return False
        self._last[what] = value
        return True

    def _if_new(self, what: str, value: Any) -> Any:
        return value if self._is_new(what, value) else None
