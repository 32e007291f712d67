"""What data sheets say of behaviours is so in every rehearsal: triggers, errors, commands to others, ranges."""

from __future__ import annotations

from functools import cache

import pytest

from procedures import Rehearsal, rehearse
from tests.acceptance.audit import Audit
from tests.acceptance.stage import site

REHEARSALS = (
    "weekly",
    "daily",
    "misalignment",
    "daytime_checkout",
    "prepare_for_flat_fields",
    "prepare_for_vent",
    "prepare_for_onsky",
    "shutdown",
    "latiss_combined_calibrations",
)
SENT = {
    "ATDome.moveAzimuth",
    "ATHexapod.moveToPosition",
    "ATMCS.startTracking",
    "ATMCS.stopTracking",
    "ATMCS.trackTarget",
    "ATPneumatics.m1SetPressure",
    "ScriptQueue.add",
    "Script.run",
}
"""Commands of components that some rehearsal sees: otherwise nothing would have been looked at."""


@cache
def audited(procedure: str) -> Audit:
    here = site()
    audit = Audit()
    rehearse(
        Rehearsal(
            procedure=here.procedure(procedure),
            library=here.library,
            blocks=here.blocks,
            observatory=here.sheet,
            seed=1,
        ),
        spectator=audit,
    )
    return audit


@pytest.mark.parametrize("procedure", REHEARSALS)
def test_components_do_what_their_data_sheets_say(procedure: str) -> None:
    audit = audited(procedure)

    assert audit.complaints == []


def test_components_command_each_other_in_rehearsals() -> None:
    sent = {command for procedure in REHEARSALS for command in audited(procedure).sent}

    assert sent >= SENT
