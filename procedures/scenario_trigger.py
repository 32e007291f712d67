"""When an injection happens: the nth time that a command is sent, a machine enters a state, or a step begins.

Times and conditions need no words of their own; see `procedures.scenario_injection`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from csc import Observatory, ObservatoryVocabulary
from fsm import AuthorError, Position, Record, nearest
from procedures.model import Procedure
from procedures.placement import find_component, placed_name
from procedures.walk import walk_steps

__all__ = ["Occasion", "OccasionSheet", "parse_occasion", "read_occasion", "unknown_step"]

_FORM = "command ATCamera.takeImages #3, transition ATWhiteLight.lamp WARMUP #1 or step sets #1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The nth of something.

    Attributes
    ----------
    component
        Its name on the bus; empty if a step is meant.
    command
        The command that is sent to it; None if a machine or a step is meant.
    machine, state
        The machine, and the state that it enters.
    step
        Id of the step of the rehearsed procedure that begins, as the journal has it.
    nth
        From 1.
    """

    component: str = ""
    command: str | None = None
    machine: str = ""
    state: str = ""
    step: str = ""
    nth: int = 1

    def arm(self, observatory: Observatory, act: Callable[[], None]) -> Callable[[], None]:
        """Call `act` when it comes, before a command that is meant has arrived; return what calls it off."""
        seen = 0
        wanted = self._wanted

        def look(record: Record) -> None:
            nonlocal seen
            if seen < self.nth and all(record.get(key) == value for key, value in wanted.items()):
                seen += 1
                if seen == self.nth:
                    observatory.clock.call_soon(act)

        def call_off() -> None:
            nonlocal seen
            seen = self.nth

        observatory.journal.listen(look)
        return call_off

    @property
    def _wanted(self) -> Mapping[str, Any]:
        """Return what the journal says of each."""
        if self.command is not None:
            return {"kind": "command", "who": self.component, "command": self.command}
        if self.step:
            return {"kind": "step", "who": "observer", "step": self.step, "what": "started"}
        return {"kind": "transition", "who": self.component, "machine": self.machine, "state": self.state}

    def __str__(self) -> str:
        if self.command is not None:
            return f"command {self.component}.{self.command} #{self.nth}"
        if self.step:
            return f"step {self.step} #{self.nth}"
        return f"transition {self.component}.{self.machine} {self.state} #{self.nth}"


class OccasionSheet(BaseModel):
    """The nth time that a command is sent, a machine enters a state, or a step begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    command: str | None = None
    transition: str | None = None
    step: str | None = None
    nth: int = 1


def read_occasion(
    sheet: OccasionSheet, truth: ObservatoryVocabulary, place: Callable[[str], Position | None]
) -> Occasion:
    """Read an occasion and check every name in it.

    Parameters
    ----------
    place
        Returns where a key is written.

    Raises
    ------
    AuthorError
        If a name is wrong (names the nearest), or not exactly one of `command`, `transition` and `step` is given.
        Steps are believed: the procedure is not known here, see `unknown_step`.
    """
    if [sheet.command, sheet.transition, sheet.step].count(None) != 2:
        raise AuthorError.at(place("command"), "say one of `command`, `transition` and `step`")
    if sheet.nth < 1:
        raise AuthorError.at(place("nth"), f"nth={sheet.nth}: the first is number 1")
    if sheet.command is not None:
        at = place("command")
        component, name = _split(sheet.command, at)
        plan = find_component(component, truth, at)
        if name not in plan.commands:
            raise AuthorError.at(at, f"{component} has no command {name}", suggestion=nearest(name, plan.commands))
        return Occasion(component=placed_name(component, truth), command=name, nth=sheet.nth)
    if sheet.step is not None:
        return Occasion(step=sheet.step.strip(), nth=sheet.nth)
    at = place("transition")
    target, _, state = str(sheet.transition).strip().rpartition(" ")
    if not target:
        raise AuthorError.at(at, f"{sheet.transition}: a transition is written as in ATWhiteLight.lamp WARMUP")
    component, machine = _split(target.strip(), at)
    plan = find_component(component, truth, at)
    charts = dict(plan.machines) | ({"summary": plan.summary_chart} if plan.summary_chart is not None else {})
    if machine not in charts:
        raise AuthorError.at(at, f"{component} has no machine {machine}", suggestion=nearest(machine, charts))
    states = charts[machine].by_name
    if state not in states:
        raise AuthorError.at(at, f"{target} has no state {state}", suggestion=nearest(state, states))
    return Occasion(component=placed_name(component, truth), machine=machine, state=state, nth=sheet.nth)


def parse_occasion(text: str) -> OccasionSheet | None:
    """Read ``command ATCamera.takeImages #3``, ``transition ATWhiteLight.lamp WARMUP`` or ``step sets``.

    Returns
    -------
    OccasionSheet or None
        None if it is none of these.

    Raises
    ------
    AuthorError
        If it begins so and does not go on so.
    """
    kind, _, rest = text.partition(" ")
    if kind not in ("command", "transition", "step"):
        return None
    what, mark, nth = rest.partition("#")
    if not what.strip() or (mark and not nth.strip().isdigit()):
        raise AuthorError(f"{text}: is written as in {_FORM}")
    return OccasionSheet(**{kind: what.strip()}, nth=int(nth) if mark else 1)


def unknown_step(occasion: Occasion, procedure: Procedure) -> AuthorError | None:
    """Say what is wrong with the step that an occasion waits for; None if the procedure has it, or none is meant.

    Of a step inside a called procedure, only the call is looked for.
    """
    known = [step.id for step in walk_steps((*procedure.steps, *procedure.on_failure, *procedure.cleanup))]
    if not occasion.step or occasion.step.partition("/")[0] in known:
        return None
    return AuthorError(f"{procedure.name} has no step {occasion.step}", suggestion=nearest(occasion.step, known))


def _split(name: str, at: Position | None) -> tuple[str, str]:
    component, dot, what = name.partition(".")
    if not dot:
        raise AuthorError.at(at, f"{name}: is written COMPONENT.NAME")
    return component, what
