"""What only an instructor may ask for: faults, scenarios, frozen time, hints in other words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cscsim.console.acts import Act
from cscsim.console.asked import Asked
from cscsim.console.desk import Desk
from cscsim.locate import known
from fsm import AuthorError, OperatorError, format_value
from procedures.branch import INSTRUCTOR, Branch
from procedures.moment import Moment
from procedures.scenario_injection import Injection, InjectionSheet, read_injection
from procedures.training import Hint

__all__ = ["INSTRUCTOR_ACTS", "active_faults"]


def inject(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Let a fault happen now; the journal has it as a branch of the run."""
    component, fault = desk.component(asked.text("component")).name, asked.text("fault")
    values = {str(name): _value(str(name), value) for name, value in asked.mapping("parameters").items()}
    sheet = InjectionSheet(fault=f"{component}.{fault}", parameters=values)
    injection = read_injection(sheet, desk.plan.site.truth, lambda _: None)
    _branch(desk, Branch(moment=_now(desk), faults=(injection,)))
    return {"number": max(desk.faults.look(), default=0)}


def _value(name: str, value: object) -> Any:
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise OperatorError(f"inject {name[:40]}: a number, true, false or a text such as 2.5 deg is expected")
    return value


def _now(desk: Desk) -> Moment:
    return Moment(text=f"{desk.clock.now!r} s", at=desk.clock.now)


def _branch(desk: Desk, branch: Branch) -> None:
    # A fault that its component refuses must not leave a record of a branch that never was.
    for injection in (*(branch.scenario.faults if branch.scenario else ()), *branch.faults):
        _check(desk, injection)
    desk.faults.look()
    desk.calls_off += branch.happen(desk.observatory)
    desk.faults.origin = INSTRUCTOR
    desk.faults.look()
    desk.faults.origin = "scenario"


def _check(desk: Desk, injection: Injection) -> None:
    from csc.disturbances import fault_of
    from csc.faults import fault_values

    component = desk.component(injection.component)
    plan = fault_of(component.blueprint, injection.fault, injection.values, component=component.name)
    fault_values(component.name, plan, injection.values)


def clear(desk: Desk, asked: Asked) -> dict[str, Any]:
    """End a fault, as by hand."""
    number = asked.whole("number")
    found = desk.faults.look().get(number)
    if found is None:
        raise OperatorError(f"fault {number} is not active (any more)")
    _clear(desk, asked, *found)
    return {}


def clear_all(desk: Desk, asked: Asked) -> dict[str, Any]:
    """End all faults, also those that an instructor has let come later."""
    while desk.calls_off:
        desk.calls_off.pop()()
    count = 0
    while faults := desk.faults.look():
        _clear(desk, asked, *next(iter(faults.values())))
        count += 1
    return {"cleared": count}


def _clear(desk: Desk, asked: Asked, component: str, fault: Any) -> None:
    if fault.plan.name in desk.component(component).blueprint.faults:
        desk.session.by_hand(component, fault.plan.name, by=asked.by)
    else:  # a disturbance is nobody's fault, and no hand takes it away
        desk.component(component).faults.clear(fault)


def scenarios(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Return the scenarios of this observatory."""
    rows = []
    for name in known("scenarios"):
        try:
            found = desk.plan.site.scenario(name)
        except AuthorError:
            continue  # it is about another observatory
        why = ""
        try:
            Branch(moment=_now(desk), scenario=found)
        except AuthorError as error:
            why = error.message
        faults = [str(each) for each in found.faults]
        rows.append({"name": name, "title": found.title, "procedure": found.procedure, "faults": faults, "why": why})
    return {"scenarios": rows}


def scenario(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Let what a scenario has come from now on."""
    found = desk.plan.site.scenario(asked.text("name"))
    _branch(desk, Branch(moment=_now(desk), scenario=found))
    return {"faults": [str(each) for each in found.faults]}


def freeze(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Stop time, or let it go on."""
    desk.pace.freeze(on=asked.flag("on", True), by=asked.by)
    return desk.pace.as_dict()


def hint(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Show the trainee a hint."""
    if "text" not in asked.data:
        text = desk.session.hint(by=asked.by)
        return {"number": desk.session.hints_given if text is not None else 0, "text": text or ""}
    words = asked.text("text")
    desk.session.act(Hint(number=0, text=words), by=asked.by)
    return {"number": 0, "text": words}


def active_faults(desk: Desk) -> list[dict[str, Any]]:
    """Return what is wrong now."""
    rows = []
    for number, (component, fault) in desk.faults.look().items():
        plans = fault.plan.parameters
        words = [f"{key}={format_value(value, plans[key].unit)}" for key, value in fault.values.items()]
        rows.append(
            {
                "number": number,
                "component": component,
                "fault": fault.plan.name,
                "values": dict(fault.values),
                "text": " ".join(words),
                **desk.faults.facts(fault),
            }
        )
    return rows


INSTRUCTOR_ACTS: Mapping[str, Act] = {
    "inject": inject,
    "clear": clear,
    "clear_all": clear_all,
    "scenarios": scenarios,
    "scenario": scenario,
    "freeze": freeze,
    "hint": hint,
}
