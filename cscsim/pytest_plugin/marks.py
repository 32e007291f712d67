"""The marks as `pytest --markers` tells them, and the faults that `every_fault` and `all_faults` stand for.

What the other marks say is read in `circumstances`, when a test is about to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cscsim.locate import Site

__all__ = ["MARKS", "every_fault_of"]

MARKS = (
    "observatory(name='auxtel', *, states={}, machines={}, parameters={}, parameter_set=None, start=None, seed=0): "
    "(cscsim) where the fixtures observatory and rehearse are, and how it is there at the beginning; "
    "states={'ATDome': 'ENABLED'}, machines={'ATDome': {'homing': 'HOMED'}}, "
    "parameters={'ATWhiteLight': {'max_retries': 5}}",
    "fault(name, *, when=None, **parameters): (cscsim) what goes wrong for the fixtures observatory and rehearse: "
    "fault('ATDome.encoder_slip', slip='2 deg', when='20 min'); when is a time or a condition; may be repeated",
    "scenario(name): (cscsim) the scenario of the fixtures observatory and rehearse, by name or path",
    "every_fault(*components): (cscsim) repeat the test with each declared fault of these components or groups, "
    "or of all; it happens at the beginning, and the fixture current_fault names it",
    "simulated: (cscsim) run an async test in simulated time although it uses none of cscsim's fixtures",
)


def every_fault_of(components: Iterable[str], observatory: str, *, asked_by: str) -> list[str]:
    """Return every declared fault of components or groups, or of all if there are none, as ``COMPONENT.FAULT``.

    What is wrong fails the collection of the test.
    """
    from cscsim.locate import open_site
    from fsm import AuthorError

    try:
        site = open_site(observatory)
        names = [member for name in components for member in _members(name, site)] or list(site.truth.blueprints)
    except AuthorError as error:
        raise pytest.fail.Exception(f"{asked_by}: {error}", pytrace=False) from None
    return [f"{name}.{fault}" for name in dict.fromkeys(names) for fault in site.truth.blueprints[name].faults]


def _members(name: str, site: Site) -> tuple[str, ...]:
    from fsm import AuthorError, nearest
    from procedures.placement import placed_name

    vocabulary = site.truth
    members: tuple[str, ...] = vocabulary.groups.get(name) or (placed_name(name, vocabulary),)
    if members[0] not in vocabulary.blueprints:
        known = (*vocabulary.groups, *vocabulary.blueprints)
        raise AuthorError(f"there is no component {name}", suggestion=nearest(name, known))
    return members
