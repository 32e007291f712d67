"""How the worst moment of a fault is searched, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cscsim.campaign_opening import open_case, procedure_of, site_of
from cscsim.campaign_progress import Progress
from cscsim.preflight import check_calls
from cscsim.settings import read_settings
from cscsim.sources import sources_of
from fsm import AuthorError
from procedures import Injection, parse_injection
from procedures.campaign import Campaign, Case, Executor, Row, Store
from procedures.campaign.beginnings import Beginning, beginnings_of
from procedures.campaign.search import Interval, Sample, Timeline, search_worst

__all__ = ["WorstMoment", "check_case", "find_worst"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstMoment:
    """What comes of a fault, whenever it happens.

    Attributes
    ----------
    case
        The fault without a time.
    steps
        When the steps begin without it.
    """

    case: Case
    timeline: Timeline
    steps: tuple[Beginning, ...]

    @property
    def fault(self) -> str:
        """The fault, without its time."""
        return self.case.faults[0]

    @property
    def title(self) -> str:
        """What was searched, in a sentence."""
        return f"{self.fault} in {self.case.procedure}: what comes of it, whenever it happens"

    def step_at(self, t: float) -> str:
        """Return the step that is under way at a time [simulated s] without the fault."""
        return next((each.step for each in reversed(self.steps) if each.t <= t), "")

    def steps_in(self, interval: Interval) -> str:
        """Name the steps during which the moments of an interval lie."""
        first, last = self.step_at(interval.begins), self.step_at(interval.ends)
        return first if first == last else f"{first} … {last}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "procedure": self.case.procedure,
            "fault": self.fault,
            "seed": self.case.seed,
            "simulated_seconds": self.timeline.duration,
            "worst": self._sample(self.timeline.worst),
            "intervals": [
                {"is": each.label, "from_s": each.begins, "to_s": each.ends, "tries": len(each.samples)}
                for each in self.timeline.intervals
            ],
            "tries": [self._sample(each) for each in self.timeline.samples],
        }

    def _sample(self, sample: Sample) -> dict[str, Any]:
        verdict = sample.row.verdict
        return {
            "at_s": sample.t,
            "step": self.step_at(sample.t),
            "is": sample.label,
            "classification": sample.row.classification,
            "images_lost": sample.badness.images,
            "detected_by": verdict.detected_by if verdict is not None else None,
            "detected_after_s": verdict.detected_after if verdict is not None else None,
            "seconds_lost": round(sample.badness.seconds, 3),
            "digest": sample.row.run.digest,
            "command": sample.row.case.command,
        }


def check_case(case: Case) -> Mapping[str, str]:
    """Check every name in a case; return path and SHA-256 of the files that do not come along with cscsim.

    Raises
    ------
    AuthorError
        If one is wrong, or the fault has a time already.
    """
    names = (case.procedure, case.observatory, case.parameter_set)
    procedure = procedure_of(*names)
    check_calls(procedure, site_of(*names))
    read_settings(procedure, case.settings)
    _fault(case)
    named = sources_of(procedure=case.procedure, observatory=case.observatory, parameter_set=case.parameter_set)
    return {source["path"]: source["sha256"] for source in named.values()}


def _fault(case: Case) -> Injection:
    (text,) = case.faults
    fault = parse_injection(text, site_of(case.procedure, case.observatory, case.parameter_set).truth)
    if "@" in text:
        raise AuthorError(f"--fault {text}: its moment is what is searched; leave the time out")
    if isinstance(fault.until, float):
        raise AuthorError(f"--fault {text}: say with `for` how long it lasts: when it begins is searched")
    return fault


def find_worst(case: Case, store: Store, executor: Executor, tries: int, progress: Progress) -> WorstMoment:
    """Try a fault at many moments.

    Raises
    ------
    AuthorError
        If the procedure does not pass without it.
    """
    fault = _fault(case)
    campaign = Campaign(store, executor, open_case, told=progress.step)
    progress.begin("without the fault", 1)
    campaign.run_baselines([case])
    steps = beginnings_of(open_case(case.baseline))
    progress.begin("moments", tries)

    def run(moments: Sequence[int]) -> tuple[Row, ...]:
        return campaign.carry_out(
            [replace(case, faults=(str(replace(fault, at=float(moment))),)) for moment in moments]
        )

    baseline = campaign.baselines[case.baseline]
    seed = f"{fault} {case.seed}"
    timeline = search_worst(run, baseline, [each.t for each in steps], tries=tries, seed=seed)
    return WorstMoment(case=replace(case, faults=(str(fault),)), timeline=timeline, steps=steps)
