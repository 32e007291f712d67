"""Components as chips and pages show them: state, machines, heartbeat; for an instructor also the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from csc import Blueprint, Observatory
from cscsim.console.seen import SILENT, Seen
from fsm import Record, format_value

__all__ = ["ComponentViews", "groups_of", "hidden_machines", "truth_of"]

_LETTERS = {"DISABLED": "D", "ENABLED": "E", "FAULT": "F", "OFFLINE": "O", "STANDBY": "S"}
_OTHERS = "others"


class ComponentViews:
    """How the components of one observatory look, kept up to date by the records of the journal.

    Attributes
    ----------
    beats
        When each heartbeat was last heard [s], as far as somebody has looked.
    """

    def __init__(self, observatory: Observatory, seen: Seen) -> None:
        self._observatory = observatory
        self._seen = seen
        self.names = tuple(observatory.sheet.components)
        self.beats: dict[str, float] = {}
        self._readers = {name: self._read_machines(name) for name in self.names}
        self._news = set(self.names)

    def see(self, record: Record) -> None:
        """Take a record of the journal: whose it is may look otherwise than before."""
        self._news.add(record["who"])

    def forget(self) -> None:
        """Take all components as changed: hearts, say, beat without a record."""
        self._news.update(self.names)

    def look(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Yield each component that may have changed: how it is seen on the bus, and how an instructor sees it.

        Only while somebody is looking.
        """
        news, self._news = self._news, set()
        if self._observatory.bus.interference:  # what was published may come at any time
            news.update(self.names)
        for name in self.names:
            if name in news:
                yield name, *self._look(name)

    def _look(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        is_csc = self._seen.vocabulary().blueprints[name].is_csc
        heartbeat = self._seen.last(name, "heartbeat")
        if heartbeat is not None:
            self.beats[name] = heartbeat.t
        machines = {machine: read() for machine, read in self._readers[name].items()}
        state = machines.get("summary")
        shared: dict[str, Any] = {
            "state": state,
            "letter": _LETTERS.get(str(state), "U") if is_csc else "",
            "alive": heartbeat is not None and self._seen.clock.now - heartbeat.t <= SILENT,
            "simulated": True,
            "is_csc": is_csc,
        }
        seen = {**shared, "machines": machines}
        component = self._observatory.components.get(name)
        if component is None:  # it is away just now
            return seen, seen
        true = {key: machine.state for key, machine in component.machines.items()}
        summary = {"summary": component.summary_state} if is_csc else {}
        return seen, {**shared, "machines": {**summary, **true}}

    def _read_machines(self, name: str) -> dict[str, Callable[[], Any]]:
        """Return what reads each machine that can be seen on the bus."""
        reader = self._seen.reader(name)
        machines = ["summary"] if reader.blueprint.is_csc else []
        machines += [each for each in reader.blueprint.machines if reader.blueprint.published(each)]
        return {each: reader.reader(each) for each in machines}


def hidden_machines(blueprints: Mapping[str, Blueprint]) -> dict[str, frozenset[str]]:
    """Return the machines of each component that nothing on the bus tells of."""
    return {
        name: frozenset(each for each in plan.machines if not plan.published(each)) for name, plan in blueprints.items()
    }


def groups_of(observatory: Observatory) -> dict[str, tuple[str, ...]]:
    """Return every component once, in groups: those of the observatory, and the others."""
    groups: dict[str, tuple[str, ...]] = {}
    told: set[str] = set()
    for name, members in observatory.groups.items():
        groups[name] = tuple(each for each in members if each not in told)
        told.update(members)
    others = tuple(name for name in observatory.sheet.components if name not in told)
    return {**groups, _OTHERS: others} if others else groups


def truth_of(observatory: Observatory, name: str) -> Mapping[str, Any]:
    """Return a component as it truly is; only while somebody is looking."""
    component = observatory.components.get(name)
    if component is None:
        return {"machines": {}, "outputs": {}, "units": {}, "text": {}}
    snapshot = component.snapshot()
    plans = component.blueprint.outputs
    outputs = {key: value for key, value in snapshot["outputs"].items() if value is not None}
    return {
        "state": snapshot["summary_state"],
        "machines": snapshot["machines"],
        "outputs": outputs,
        "units": {key: plans[key].unit for key in outputs},
        "text": {key: format_value(value, plans[key].unit) for key, value in outputs.items()},
    }
