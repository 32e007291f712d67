"""A scenario as the text of a file that can be read again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cscsim.locate import is_file
from fsm import Condition, format_quantity
from procedures import Injection

__all__ = ["fault_sheet", "procedure_beside", "scenario_text"]


def scenario_text(head: Mapping[str, Any], faults: tuple[Injection, ...], placed: Mapping[str, Any]) -> str:
    """Return the text of a scenario.

    Parameters
    ----------
    head
        What stands before and after its faults, such as `scenario`, `title`, `procedure` and `expect`.
    placed
        What components begin with, under the keys of a scenario.
    """
    last = {"expect": head["expect"]} if head.get("expect") else {}
    data = {key: value for key, value in head.items() if key != "expect"}
    data |= {"faults": [fault_sheet(fault) for fault in faults]} if faults else {}
    return yaml.safe_dump(data | dict(placed) | last, sort_keys=False, allow_unicode=True, width=116)


def fault_sheet(fault: Injection) -> dict[str, Any]:
    """Return a fault as a scenario has it."""
    sheet: dict[str, Any] = {"fault": f"{fault.component}.{fault.fault}"}
    if fault.values:
        sheet["parameters"] = {key: _value(value, fault.units.get(key)) for key, value in fault.values.items()}
    if fault.when is not None:
        sheet["when"] = str(fault.when)
    elif fault.on is not None:
        kind, _, rest = str(fault.on).partition(" ")
        sheet["on"] = {kind: rest.rpartition(" #")[0], "nth": fault.on.nth}
    elif fault.at:
        sheet["at"] = _value(fault.at, "s")
    if fault.lasting is not None:
        sheet["for"] = _value(fault.lasting, "s")
    elif fault.until is not None:
        sheet["until"] = str(fault.until) if isinstance(fault.until, Condition) else _value(fault.until, "s")
    if fault.probability < 1.0:
        sheet["probability"] = fault.probability
    return sheet


def _value(value: Any, unit: str | None) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return format_quantity(float(value), unit, exact=True) if is_number and unit else value


def procedure_beside(procedure: str, scenario: Path) -> str:
    """Return how a scenario names its procedure: as in the library, or by its file, from where the scenario is."""
    if not is_file(procedure):
        return procedure
    return Path(os.path.relpath(procedure, scenario.parent)).as_posix()
