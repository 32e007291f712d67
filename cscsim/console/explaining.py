"""What would come of a command if it were sent now.

The order is the component's own: state, fields, what is ignored, guards, rows of machines. What is published counts as
it is published, for whoever looks knows no more. What nothing on the bus tells, such as whether a controller can be
reached, the component itself is asked for, as it would be by sending the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from csc import Blueprint, Command
from csc.arguments import arguments, canonical
from csc.summary_state import SummaryState
from cscsim.console.seen import SILENT, Seen
from cscsim.console.typed import read_fields
from fsm import AuthorError, Name, Refused, Scope, Statechart, Value

__all__ = ["explain"]


def explain(seen: Seen, name: str, typed: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Say of each command of a component what would come of it; only while somebody is looking.

    Parameters
    ----------
    typed
        Values of fields, by command.
    """
    blueprint = seen.vocabulary().blueprints[name]
    state = seen.reader(name).reader("summary")() if blueprint.is_csc else None
    heartbeat = seen.last(name, "heartbeat")
    is_heard = heartbeat is None or seen.clock.now - heartbeat.t <= SILENT
    told = {}
    for command in blueprint.commands.values():
        judged = _Judged(seen, blueprint, name, command)
        told[command.name] = judged.told(state, (typed or {}).get(command.name, {}), is_heard=is_heard)
    return {"component": name, "t": round(seen.clock.now, 3), "commands": told}


class _Judged:
    """A command that might be sent."""

    def __init__(self, seen: Seen, blueprint: Blueprint, name: str, command: Command) -> None:
        self._seen, self._blueprint, self._name, self._command = seen, blueprint, name, command
        self._guards: list[dict[str, Any]] = []

    def told(self, state: Value | None, given: Mapping[str, Any], *, is_heard: bool) -> dict[str, Any]:
        """Return whether it would be taken, why not, and what each guard says."""
        allowed, sentence = self._judge(state, given)
        if not is_heard and allowed:
            allowed, sentence = None, f"{self._name} has not been heard for a while"
        return {"allowed": allowed, "sentence": sentence, "guards": self._guards}

    def _judge(self, state: Value | None, given: Mapping[str, Any]) -> tuple[bool | None, str]:
        command = self._command
        if state is not None and state not in command.states:
            return False, f"Failed: {self._not_in(str(state))}"
        if not command.simulated:
            return False, f"Failed: {self._name}.{command.name} is not simulated"
        missing = ""
        try:
            data = canonical(command, SimpleNamespace(**arguments(command, read_fields(command, given))))
        except (AuthorError, Refused) as error:
            if given:
                return False, f"Failed: {error}"
            data, missing = SimpleNamespace(), str(error)  # nothing is typed yet, and some value must be
        scope = _Scope(self._seen, self._blueprint, self._name, data)
        if command.ignored_when is not None and command.ignored_when.evaluate(scope) is True:
            return True, "done already: nothing would happen"
        unknown = ""
        refusal = ""
        for guard in command.guards:
            truth, because = guard.that.evaluate(scope), guard.that.explain(scope)
            otherwise = guard.otherwise.fill(scope)
            self._guards.append(
                {"condition": str(guard.that), "truth": truth, "because": because, "otherwise": otherwise}
            )
            if truth is False and not refusal:
                refusal = otherwise
            if truth is None and not unknown:
                unknown = because
        if refusal:
            return False, f"Failed: {refusal}"
        rows, why = self._rows(scope)
        if rows is False:
            return False, f"Failed: {command.name} refused: {why}"
        if missing:
            return None, missing
        if unknown or rows is None:
            return None, f"cannot be told from the bus: {unknown or why}"
        return True, ""

    def _not_in(self, state: str) -> str:
        as_sal = SummaryState[state].as_sal()
        if self._command.changes_state:
            return f"{self._command.name} not allowed in state {as_sal}"
        if state == "FAULT":
            sample = self._seen.last(self._name, "errorCode")
            data = sample.data if sample is not None else {}
            code, report = data.get("errorCode", 0), data.get("errorReport", "")
            return f"Not allowed in Fault state: errorCode={code}, errorReport={report!r}"
        return f"Not allowed in state={as_sal}"

    def _rows(self, scope: Scope) -> tuple[bool | None, str]:
        """Tell whether some machine would take the command; of several one is enough."""
        charts = [chart for chart in self._blueprint.machines.values() if self._command.name in chart.triggers]
        told = [self._row(chart, scope) for chart in charts]
        if not charts or any(truth is True for truth, _ in told):
            return True, ""
        if any(truth is None for truth, _ in told):
            return None, next(why for truth, why in told if truth is None)
        return False, "; ".join(why for _, why in told)

    def _row(self, chart: Statechart, scope: Scope) -> tuple[bool | None, str]:
        """Say of one machine what `fsm.Machine.refusal` says, with the state that is seen."""
        trigger = self._command.name
        state = scope.read(Name(parts=(chart.name,)))
        if state is None:
            return None, f"{chart.name} is not published"
        reasons: list[tuple[bool | None, str]] = []
        for row in chart.rows.get((str(state), trigger), ()):
            truth = True if row.guard is None else row.guard.evaluate(scope)
            if truth is True or row.guard is None:
                return True, ""
            reasons.append((truth, row.raises.fill(scope) if row.raises else row.guard.explain(scope)))
        if reasons:
            return next((each for each in reasons if each[0] is None), reasons[0])
        for row in chart.transitions:
            if trigger in row.on and row.raises is not None and row.guard is None:
                return False, row.raises.fill(scope)
        return False, f"{chart.name} is {state}"


class _Scope:
    """The names of a component's own conditions, read as they are published."""

    def __init__(self, seen: Seen, blueprint: Blueprint, name: str, data: SimpleNamespace) -> None:
        self._seen, self._blueprint, self._name, self._data = seen, blueprint, name, data

    def read(self, name: Name) -> Value | None:
        """Return the value of a name; None if it is unknown."""
        blueprint = self._blueprint
        match name.parts:
            case ("argument", field):
                value: Value | None = getattr(self._data, field, None)
                return value
            case (what,) if what == "summary" or blueprint.published(what):
                return self._published(self._name, what)
            case (what,) if what in blueprint.parameters:
                return self._seen.parameters(self._name)[what]
            case (remote, *rest) if remote in blueprint.remotes and remote in self._seen.vocabulary().blueprints:
                return self._published(remote, rest[0] if rest else "summary")
        return self._seen.ask(self._name, name)

    def _published(self, component: str, what: str) -> Value | None:
        blueprint = self._seen.vocabulary().blueprints[component]
        if what != "summary" and not blueprint.published(what):
            return None
        return self._seen.reader(component).reader(what)()
