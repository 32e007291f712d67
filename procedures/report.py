"""What came of a rehearsal: a view of its journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from csc.latiss.images import Exposure, ImageStore
from fsm import Journal, Record
from procedures.expectations import Judgement

__all__ = ["Report", "StepReport", "Violation", "make_report"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step of the procedure; times in simulated s, `end` None if it never ended."""

    id: str
    name: str
    outcome: str
    start: float
    end: float | None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """A condition that did not hold, where, and the values seen."""

    where: str
    condition: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a rehearsal.

    Attributes
    ----------
    outcome
        passed, failed or aborted.
    because
        Why it did not pass.
    simulated_seconds, wall_seconds
        How long it took, in both times [s].
    components
        Each component at the end.
    expectations
        What the scenario has expected of it, and whether it came; None if it has not said, or for another procedure.
    """

    circumstances: Mapping[str, Any]
    outcome: str
    because: str
    simulated_seconds: float
    wall_seconds: float
    records: int
    digest: str
    steps: tuple[StepReport, ...]
    checked: int
    violations: tuple[Violation, ...]
    components: Mapping[str, Any]
    images: tuple[Exposure, ...]
    expectations: Judgement | None = None

    @property
    def passed(self) -> bool:
        """Whether all went well."""
        return self.outcome == "passed"

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "procedure": self.circumstances["procedure"],
            "outcome": self.outcome,
            "because": self.because,
            "observatory": self.circumstances["observatory"],
            "parameter_set": self.circumstances["parameter_set"],
            "seed": self.circumstances["seed"],
            "config": self.circumstances["config"],
            "scenario": self.circumstances["scenario"],
            "faults": self.circumstances["faults"],
            "simulated_seconds": round(self.simulated_seconds, 6),
            "wall_seconds": round(self.wall_seconds, 6),
            "journal": {"records": self.records, "digest": self.digest},
            "steps": [asdict(step) for step in self.steps],
            "conditions": {"checked": self.checked, "violated": [asdict(item) for item in self.violations]},
            "components": dict(self.components),
            "images": [_image(image) for image in self.images],
            "expectations": self.expectations.as_json() if self.expectations is not None else None,
        }


def _image(image: Exposure) -> dict[str, Any]:
    return {
        "name": image.name,
        "type": image.image_type,
        "exposure_time": image.exposure_time,
        "filter": image.filter,
        "grating": image.grating,
        "counts_adu": round(image.counts, 3),
        "saturated": image.saturated,
    }


def make_report(
    circumstances: Mapping[str, Any],
    *,
    outcome: str,
    because: str,
    simulated_seconds: float,
    journal: Journal,
    who: str,
    components: Mapping[str, Any],
    images: ImageStore,
    expectations: Judgement | None = None,
) -> Report:
    """Read the report off the journal of a run."""
    conditions = list(journal.of_kind("condition"))
    return Report(
        circumstances=circumstances,
        outcome=outcome,
        because=because,
        simulated_seconds=simulated_seconds,
        wall_seconds=0.0,
        records=journal.count,
        digest=journal.digest,
        steps=_steps(record for record in journal.of_kind("step") if record["who"] == who),
        checked=len(conditions),
        violations=tuple(
            Violation(record["where"], record["condition"], record.get("because", ""))
            for record in conditions
            if record["truth"] is not True
        ),
        components=components,
        images=tuple(images),
        expectations=expectations,
    )


def _steps(records: Iterable[Record]) -> tuple[StepReport, ...]:
    steps: list[StepReport] = []
    open_steps: dict[str, int] = {}
    for record in records:
        identity = record["step"]
        if record["what"] == "started":
            open_steps[identity] = len(steps)
            steps.append(StepReport(identity, record["name"], "running", record["t"], None))
        elif identity in open_steps:
            number = open_steps.pop(identity)
            begun = steps[number]
            steps[number] = StepReport(
                identity, begun.name, record["what"], begun.start, record["t"], record.get("because", "")
            )
    return tuple(steps)
