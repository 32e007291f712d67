"""Rehearses for the acceptance tests: any procedure, with faults, on the observatory that users get."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cscsim.locate import Site, open_site
from procedures import Rehearsal, Report, load_procedure, parse_injection, rehearse


@cache
def site() -> Site:
    return open_site("auxtel")


@cache
def weekly(seed: int = 1) -> Report:
    return run("weekly", seed=seed)


def run(procedure: str, *faults: str, seed: int = 1, journal: Path | None = None, **config: Any) -> Report:
    """Rehearse a procedure of the library, or the text of one."""
    here = site()
    plan = load_procedure(procedure, here.vocabulary) if "\n" in procedure else here.procedure(procedure)
    return rehearse(
        Rehearsal(
            procedure=plan,
            library=here.library,
            blocks=here.blocks,
            observatory=here.sheet,
            seed=seed,
            config=config,
            faults=tuple(parse_injection(fault, here.truth) for fault in faults),
            journal=journal,
        )
    )


def steps(*lines: str) -> str:
    """Write a rehearsal of these steps."""
    return "\n".join(
        ["procedure: play", "kind: rehearsal", "title: a play", "steps:", *(f"  - {line}" for line in lines)]
    )


ENABLE_ALL = (
    "{call: {procedure: auxtel/enable_atcs.py, via: 'ScriptQueue:2'}}",
    "{call: {procedure: auxtel/enable_latiss.py, via: 'ScriptQueue:2'}}",
    "{summary_state: {of: ATWhiteLight, to: ENABLED}}",
    "{summary_state: {of: 'OCPS:1', to: ENABLED}}",
)
