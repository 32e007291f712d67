"""A case: one run of a campaign, before it is run.

Procedure, circumstances and seed decide everything in a run, so a case is all that is needed to do it again: here, in
another process, or by hand with the command line that it prints.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import asdict, dataclass, replace

__all__ = ["Case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run of a campaign.

    Attributes
    ----------
    procedure, observatory, parameter_set, scenario
        By name or path; None is what `cscsim rehearse` takes if it is not told.
    settings
        Values of the procedure's configuration, each as it is typed: key=value.
    faults
        Each in one line, as `cscsim rehearse --fault` takes it.
    at_step
        Step at whose beginning the faults happen, for the matrix of faults and steps; None if at another time.
    """

    procedure: str
    seed: int = 1
    observatory: str | None = None
    parameter_set: str | None = None
    settings: tuple[str, ...] = ()
    scenario: str | None = None
    faults: tuple[str, ...] = ()
    at_step: str | None = None

    @property
    def key(self) -> str:
        """What tells it from all other cases; the same wherever and whenever it is asked for.

        >>> Case(procedure="weekly").key == Case(procedure="weekly").key != Case(procedure="daily").key
        True
        """
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def baseline(self) -> Case:
        """The same without any fault: what its run is held against."""
        return replace(self, scenario=None, faults=(), at_step=None)

    @property
    def is_baseline(self) -> bool:
        """Whether nothing goes wrong in it."""
        return self == self.baseline

    @property
    def fault(self) -> str:
        """What goes wrong in it, without the time: its faults, or else its scenario.

        >>> Case(procedure="weekly", faults=("ATDome.encoder_slip:slip=1 deg@step sets #1",)).fault
        'ATDome.encoder_slip:slip=1 deg'
        """
        faults = " + ".join(fault.partition("@")[0] for fault in self.faults)
        return faults or (f"scenario {self.scenario}" if self.scenario is not None else "")

    @property
    def component(self) -> str:
        """The component of its first fault; empty for a scenario.

        >>> Case(procedure="daily", faults=("OCPS:1.job_fails",)).component
        'OCPS:1'
        """
        return self.faults[0].partition("@")[0].partition(".")[0] if self.faults else ""

    @property
    def command(self) -> str:
        """The command line that does it again.

        >>> Case(procedure="weekly", faults=("ATDome.stall@step setup #1",)).command
        "cscsim rehearse weekly --yes --seed 1 --fault 'ATDome.stall@step setup #1'"
        """
        words = ["cscsim", "rehearse", self.procedure, "--yes", "--seed", str(self.seed)]
        for option, value in (
            ("--observatory", self.observatory),
            ("--parameters", self.parameter_set),
            ("--scenario", self.scenario),
        ):
            words += [option, value] if value is not None else []
        for option, values in (("--set", self.settings), ("--fault", self.faults)):
            for value in values:
                words += [option, value]
        return shlex.join(words)
