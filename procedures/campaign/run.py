"""What is kept of a run of a campaign: plain data, small enough for ten thousand of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fsm import Record
from procedures.coverage import Seen

__all__ = ["Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a case.

    Attributes
    ----------
    outcome
        passed, failed or aborted; empty if it did not come to an end.
    stuck
        Why it never ended by itself; empty if it did.
    crash
        The error of ours that ended it; empty if there was none.
    records
        How many the journal has.
    seconds
        How long it took [simulated s].
    notable
        The journal's records of faults, conditions that do not hold, failed steps, warnings and errors, and the end;
        those of a script name it.
    images
        Of each kind of image, the counts [adu] of all, in order.
    saturated
        Of each kind of image, how many are.
    products
        How many came of each product besides images.
    states
        The state at the end of each machine, and of each component's summary.
    own
        States into which a fault itself has put machines when it happened.
    moved
        The machines that have changed their state.
    unsafe
        Conditions of a safe end that do not hold, each with why.
    coverage
        What came about in it, packed.
    """

    outcome: str = ""
    because: str = ""
    stuck: str = ""
    crash: str = ""
    digest: str = ""
    records: int = 0
    seconds: float = 0.0
    notable: tuple[Record, ...] = ()
    images: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    saturated: Mapping[str, int] = field(default_factory=dict)
    products: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    unsafe: tuple[tuple[str, str], ...] = ()
    coverage: str = ""

    @property
    def seen(self) -> Seen:
        """What came about in it."""
        return Seen.unpack(self.coverage)

    def as_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Run:
        """Read what `as_text` has written."""
        data: dict[str, Any] = json.loads(text)
        data["notable"] = tuple(data["notable"])
        data["images"] = {kind: tuple(counts) for kind, counts in data["images"].items()}
        data["moved"] = tuple(data["moved"])
        data["unsafe"] = tuple((name, why) for name, why in data["unsafe"])
        return cls(**data)
