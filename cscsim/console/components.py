"""Components as chips and pages show them: state, machines, heartbeat; for an instructor also the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from csc import Blueprint, Observatory
from cscsim.console.seen import SILENT, Seen
from fsm import format_value

__all__ = ["ComponentViews", "groups_of", "hidden_machines", "truth_of"]

_LETTERS = {"DISABLED": "D", "ENABLED": "E", "FAULT": "F", "OFFLINE": "O", "STANDBY": "S"}
_OTHERS = "others"


class ComponentViews:
    """How the components of one observatory look."""

    def __init__(self, observatory: Observatory, seen: Seen) -> None:
        self._observatory = observatory
        self._seen = seen
        self.names = tuple(observatory.sheet.components)
        self._beats: dict[str, float] = {}
        self._readers: dict[str, dict[str, Callable[[], Any]]] = {}

    def beats(self) -> dict[str, float]:
        """Return when each heartbeat was last heard [s]; only while somebody is looking."""
        for name in self.names:
            sample = self._seen.last(name, "heartbeat")
            if sample is not None:
                self._beats[name] = sample.t
        return dict(self._beats)

    def look(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Yield each component with how it is seen on the bus, and how an instructor sees it."""
        for name in self.names:
            blueprint = self._seen.vocabulary().blueprints[name]
            beat = self._beats.get(name)
            machines = {machine: read() for machine, read in self._machines(name, blueprint).items()}
            state = machines.get("summary")
            shared: dict[str, Any] = {
                "state": state,
                "letter": _LETTERS.get(str(state), "U") if blueprint.is_csc else "",
                "alive": beat is not None and self._seen.clock.now - beat <= SILENT,
                "simulated": True,
                "is_csc": blueprint.is_csc,
            }
            seen = {**shared, "machines": machines}
            component = self._observatory.components.get(name)
            if component is None:  # it is away just now
                yield name, seen, seen
                continue
            true = {key: machine.state for key, machine in component.machines.items()}
            summary = {"summary": component.summary_state} if blueprint.is_csc else {}
            yield name, seen, {**shared, "machines": {**summary, **true}}

    def _machines(self, name: str, blueprint: Blueprint) -> dict[str, Callable[[], Any]]:
        """Return what reads each machine that can be seen on the bus."""
        if name not in self._readers:
            reader = self._seen.reader(name)
            machines = ["summary"] if blueprint.is_csc else []
            machines += [each for each in blueprint.machines if blueprint.published(each)]
            self._readers[name] = {each: reader.reader(each) for each in machines}
        return self._readers[name]


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
