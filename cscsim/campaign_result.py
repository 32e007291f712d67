"""What came of a campaign, in the orders in which it is told: silent first, and as a matrix of faults and moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cscsim.campaign_plan import Plan, declared_faults, step_ids
from cscsim.coverage_data import summary_of, words_for
from cscsim.coverage_universe import Universe, cover
from procedures.campaign import CLASSES, Case, Run
from procedures.campaign import Row as KeptRow
from procedures.campaign.judging import Verdict
from procedures.coverage import Coverage, Seen

__all__ = ["ORDER", "Matrix", "Result", "ResultRow", "letter_of", "meaning_of", "severity"]

ORDER = ("silent", "stuck", "crashed", "detected", "recovered", "harmless", "not_injected")
"""From what matters most."""

_LETTERS = {each.name: each.letter for each in CLASSES}
_MEANINGS = {each.name: each.meaning for each in CLASSES}


def letter_of(classification: str) -> str:
    """Return the letter of a class, as in matrices."""
    return _LETTERS[classification]


def meaning_of(classification: str) -> str:
    """Return what a class means."""
    return _MEANINGS[classification]


def severity(classification: str) -> int:
    """Return how far down a class stands; the finding that people come for has 0."""
    return ORDER.index(classification)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A run and its verdict."""

    case: Case
    run: Run
    verdict: Verdict

    @property
    def classification(self) -> str:
        """Its word."""
        return self.verdict.classification

    @property
    def unsafe(self) -> tuple[str, ...]:
        """What was not safe at its end."""
        return self.verdict.unsafe

    @property
    def fault_name(self) -> str:
        """Component and fault, without its parameters; empty for a scenario."""
        component, fault = self.case.component, self.case.fault
        return f"{component}.{fault[len(component) + 1 :].partition(':')[0]}" if component else ""

    @property
    def moment(self) -> str:
        """When the fault was to happen: a step, a time, or the beginning."""
        if self.case.at_step is not None:
            return self.case.at_step
        if self.case.scenario is not None:
            return "as it says"
        return "random" if any("@" in fault for fault in self.case.faults) else "beginning"

    @property
    def detected_by(self) -> str:
        """By what the fault was noticed, with the script; empty if it was not."""
        verdict = self.verdict
        if verdict.detected_by is None:
            return ""
        if not verdict.detected_where:
            return verdict.detected_by
        return f"{verdict.detected_by} in {verdict.detected_where.removesuffix('.py')}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        case, run, verdict = self.case, self.run, self.verdict
        return {
            "scenario": case.scenario,
            "fault": case.fault if case.faults else None,
            "procedure": case.procedure,
            "seed": case.seed,
            "at": self.moment,
            "outcome": run.outcome or None,
            "classification": verdict.classification,
            "because": verdict.because,
            "detected_by": verdict.detected_by,
            "detected_where": verdict.detected_where,
            "detected_after_s": verdict.detected_after,
            "injected_at_s": verdict.injected_at,
            "harm": list(verdict.harm),
            "noticed": list(verdict.noticed),
            "safe": not verdict.unsafe,
            "unsafe": list(verdict.unsafe),
            "simulated_seconds": run.seconds,
            "digest": run.digest,
            "command": case.command,
        }


@dataclass(frozen=True, slots=True)
class Matrix:
    """The runs of one procedure: by fault, and by moment."""

    procedure: str
    moments: tuple[str, ...]
    cells: Mapping[str, Mapping[str, tuple[ResultRow, ...]]]

    @property
    def is_wide(self) -> bool:
        """Whether there are several moments."""
        return len(self.moments) > 1


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a campaign.

    Attributes
    ----------
    judged
        The runs, in the order of the plan.
    kept
        How many of the runs were there already.
    wall_seconds
        How long it took this time [s].
    """

    plan: Plan
    judged: tuple[KeptRow, ...]
    baselines: Mapping[Case, Run]
    store: str
    kept: int
    workers: int
    wall_seconds: float

    @property
    def rows(self) -> list[ResultRow]:
        """The runs, in the order of the plan."""
        return [ResultRow(row.case, row.run, row.verdict) for row in self.judged if row.verdict is not None]

    @property
    def counts(self) -> dict[str, int]:
        """How many runs there are of each class, from what matters most."""
        counted = Counter(row.classification for row in self.rows)
        return {name: counted[name] for name in ORDER if counted[name]}

    def meaning_of_fault(self, row: ResultRow) -> str:
        """Say what goes wrong in a run; empty if its data sheet does not."""
        truth = self.plan.site(row.case.procedure).truth
        if row.case.scenario is not None:
            return self.plan.site(row.case.procedure).scenario(row.case.scenario).title
        component, _, fault = row.fault_name.rpartition(".")
        plan = truth.blueprints.get(component)
        return plan.faults[fault].meaning if plan is not None and fault in plan.faults else ""

    def unsafe_conditions(self) -> dict[str, int]:
        """How many runs break each condition of a safe end, the most first."""
        counted = Counter(each.partition(": ")[0] for row in self.rows for each in row.unsafe)
        return dict(counted.most_common())

    def matrices(self) -> Iterator[Matrix]:
        """Yield the runs of each procedure, as a table of faults and moments."""
        rows = self.rows
        for procedure in self.plan.procedures:
            cells: dict[str, dict[str, list[ResultRow]]] = {}
            moments: dict[str, None] = {}
            for row in rows:
                if row.case.procedure == procedure:
                    moments.setdefault(row.moment)
                    cells.setdefault(row.case.fault, {}).setdefault(row.moment, []).append(row)
            yield Matrix(
                procedure,
                tuple(sorted(moments, key=self._place_of(procedure))),
                {fault: {at: tuple(each) for at, each in by.items()} for fault, by in cells.items()},
            )

    def _place_of(self, procedure: str) -> Callable[[str], int]:
        """Return what tells where a moment stands: steps in the order of the procedure, what is no step before them."""
        steps = step_ids(self.plan.procedure(procedure))
        return lambda moment: steps.index(moment) if moment in steps else -1

    def coverage(self) -> dict[str, Any]:
        """Return what was tried of what there is: of the plan's faults and steps, and of everything."""
        rows = self.rows
        found: dict[str, Any] = {}
        for procedure in self.plan.procedures:
            declared = declared_faults(self.plan.site(procedure))
            own = [row for row in rows if row.case.procedure == procedure]
            tried = {row.fault_name for row in own}
            happened = {row.fault_name for row in own if row.verdict.injected_at is not None}
            steps = step_ids(self.plan.procedure(procedure))
            struck = {row.case.at_step for row in own if row.case.at_step and row.verdict.injected_at is not None}
            found[procedure] = {
                "faults_declared": len(declared),
                "faults_tried": len(tried & set(declared)),
                "faults_that_happened": len(happened & set(declared)),
                "faults_never_tried": [fault for fault in declared if fault not in tried],
                "steps": len(steps),
                "steps_struck": len(struck),
                "noticed_by": sorted({row.detected_by for row in own if row.detected_by}),
            }
        return {
            "classifications": self.counts,
            "unsafe": sum(bool(row.unsafe) for row in rows),
            "procedures": found,
            "tried": summary_of(self.tried),
            "never_tried": self.never_tried(),
        }

    @cached_property
    def _covered(self) -> tuple[Coverage, Universe, list[str]]:
        seen = Seen()
        for run in (*self.baselines.values(), *(row.run for row in self.judged)):
            seen.add(run.seen)
        return cover(seen)

    @property
    def tried(self) -> Coverage:
        """What its runs have tried of what there is."""
        return self._covered[0]

    def never_tried(self) -> dict[str, dict[str, list[str]]]:
        """Return what matters most of what was never tried: by component or procedure, and by what it is.

        Transitions and refusals, and conditions that were never seen false, are left to `cscsim coverage`.
        """
        coverage, universe, _ = self._covered
        found = {
            name: {
                group: [words_for(name, universe)(item)[0] for item in part.groups[group].missing]
                for group in ("states", "faults", "errors")
                if part.groups[group].missing
            }
            for name, part in coverage.components.items()
        }
        for name, part in coverage.procedures.items():
            steps = [item[2] for item in part.groups["steps"].missing if item[-1] == "begun"]
            conditions = [" ".join(item[2:]).strip() for item, word in part.conditions().items() if word == "never"]
            found[name] = {key: words for key, words in (("steps", steps), ("conditions", conditions)) if words}
        return {name: groups for name, groups in found.items() if groups}

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "campaign": self.plan.name,
            "runs": [row.as_json() for row in self.rows],
            "baselines": [
                {
                    "procedure": case.procedure,
                    "seed": case.seed,
                    "outcome": run.outcome,
                    "simulated_seconds": run.seconds,
                    "digest": run.digest,
                    "command": case.command,
                }
                for case, run in self.baselines.items()
            ],
            "coverage": self.coverage(),
            "store": self.store,
            "runs_that_were_kept": self.kept,
            "workers": self.workers,
            "wall_seconds": round(self.wall_seconds, 3),
        }
