"""All disturbances, by name, and the faults that a component may have with them.

A fault of a data sheet goes before a disturbance of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping

from csc.blueprint import Blueprint, Fault
from csc.disturbances.messages import MESSAGES
from csc.disturbances.model import Disturbance
from csc.disturbances.restart import RESTART
from csc.disturbances.sensors import SENSORS
from csc.disturbances.silence import SILENCE
from csc.disturbances.slowness import SLOWNESS
from fsm import AuthorError, Value, nearest

__all__ = ["DISTURBANCES", "fault_of"]

DISTURBANCES: Mapping[str, Disturbance] = {
    each.name: each for each in (SILENCE, SLOWNESS, RESTART, *SENSORS, *MESSAGES)
}
"""What may befall any component."""


def fault_of(blueprint: Blueprint, name: str, given: Mapping[str, Value], *, component: str | None = None) -> Fault:
    """Return a fault of a component: one of its data sheet, or a disturbance aimed at what is given.

    Parameters
    ----------
    component
        How the component is called in an error; as in its data sheet if left out.

    Raises
    ------
    AuthorError
        If there is no such fault, or the component has not what it is aimed at; names the nearest.
    """
    declared = blueprint.faults.get(name)
    if declared is not None:
        return declared
    if name not in DISTURBANCES:
        near = nearest(name, (*blueprint.faults, *DISTURBANCES))
        raise AuthorError(f"{component or blueprint.component} has no fault {name}", suggestion=near)
    return DISTURBANCES[name].plan(blueprint, given)
