"""Faults that others ask for: ``{"action": "begin", "parameters": {"slip": "2.5 deg"}}``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from csc import Ack, AckCode, Observatory, ObservatoryVocabulary
from csc.fields import shown
from fsm import AuthorError, nearest
from procedures.scenario_injection import InjectionSheet, read_injection

__all__ = ["FaultDesk"]

_ACTIONS = ("begin", "end")
_KEYS = ("action", "parameters")


class FaultDesk:
    """Lets faults happen, and end, for whoever may ask.

    Parameters
    ----------
    observatory
        Where.
    truth
        The names of what is there.
    """

    def __init__(self, observatory: Observatory, truth: ObservatoryVocabulary) -> None:
        self._observatory, self._truth = observatory, truth

    def act(self, who: str, fault: str, fields: Mapping[str, Any]) -> Ack:
        """Do what is asked; say that it is done, or why not.

        Parameters
        ----------
        who, fault
            The component, and the name of its fault or of a disturbance.
        fields
            ``action``: begin, which is meant if it is left out, or end. ``parameters``: values by name; a text has a
            unit, and a number is in the canonical one.
        """
        try:
            self._act(who, fault, fields)
        except AuthorError as error:
            return Ack(AckCode.FAILED, 1, f"Failed: {error}")
        return Ack(AckCode.COMPLETE, 0, "Done")

    def _act(self, who: str, fault: str, fields: Mapping[str, Any]) -> None:
        for key in fields:
            if key not in _KEYS:
                raise AuthorError(
                    f"{shown(key)} is not asked for; {', '.join(_KEYS)} are", suggestion=nearest(key, _KEYS)
                )
        action = fields.get("action", "begin")
        if action not in _ACTIONS:
            raise AuthorError(f"action={shown(action)}: {' or '.join(_ACTIONS)} is expected")
        component = self._observatory.components.get(who)
        if component is None:
            raise AuthorError(f"{who} is not there now")
        values = _values(fields.get("parameters", {}))
        sheet = InjectionSheet(fault=f"{who}.{fault}", parameters=values)
        injection = read_injection(sheet, self._truth, lambda _: None)
        if action == "begin":
            component.faults.inject(injection.fault, **injection.values)
            return
        active = [each for each in component.faults.active if each.plan.name == injection.fault]
        if not active:
            raise AuthorError(f"{who} has no {injection.fault} that could end")
        for each in active:
            component.faults.clear(each)


def _values(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise AuthorError(f"parameters={shown(given)}: values by name are expected")
    for name, value in given.items():
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            raise AuthorError(
                f"{shown(name)}={shown(value)}: a number, true, false or a text such as 2.5 deg is expected"
            )
    return dict(given)
