"""How a case is shrunk: its pieces, the case of each try, and what is left as a scenario."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cscsim.campaign_opening import open_case, procedure_of, site_of
from cscsim.campaign_progress import Progress
from cscsim.locate import Site
from cscsim.preflight import check_calls
from cscsim.scenario_writing import fault_sheet, procedure_beside, scenario_text
from cscsim.settings import read_settings
from cscsim.sources import sources_of
from fsm import AuthorError
from procedures import Injection, parse_injection
from procedures.campaign import Campaign, Case, Executor, Row, Store
from procedures.campaign.beginnings import beginnings_of
from procedures.campaign.finding import Finding, Wanted, find_what_to_keep, read_wanted
from procedures.campaign.mixture import Mixture, mixture_of
from procedures.campaign.shrink import Shrinker, Shrunk

__all__ = ["Prepared", "ShrunkScenario", "prepare", "shrink_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A case that was read and checked.

    Attributes
    ----------
    whole
        The case with its faults as they are written in full.
    files
        Path and SHA-256 of each file that does not come along with cscsim.
    """

    whole: Case
    site: Site
    mixture: Mixture
    wanted: Wanted
    files: Mapping[str, str]


def prepare(case: Case, keep: str | None) -> Prepared:
    """Read all that a case names.

    Raises
    ------
    AuthorError
        If a file or a name is wrong.
    """
    names = (case.procedure, case.observatory, case.parameter_set)
    site, procedure = site_of(*names), procedure_of(*names)
    check_calls(procedure, site)
    read_settings(procedure, case.settings)
    scenario = site.scenario(case.scenario) if case.scenario is not None else None
    faults = tuple(str(parse_injection(text, site.truth)) for text in case.faults)
    named = sources_of(
        procedure=case.procedure,
        observatory=case.observatory,
        parameter_set=case.parameter_set,
        scenario=case.scenario,
    )
    return Prepared(
        whole=replace(case, faults=faults),
        site=site,
        mixture=mixture_of(scenario, faults),
        wanted=_wanted(keep, site),
        files={source["path"]: source["sha256"] for source in named.values()},
    )


def _wanted(keep: str | None, site: Site) -> Wanted:
    try:
        return read_wanted(keep, site.truth)
    except AuthorError as error:
        raise AuthorError(f"--keep {keep}: {error.message}", suggestion=error.suggestion) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrunkScenario:
    """What is left of a case.

    Attributes
    ----------
    original
        Its run.
    written
        The run of the file to which what is left was written; None if it was not.
    """

    prepared: Prepared
    finding: Finding
    original: Row
    shrunk: Shrunk
    written: Row | None = None

    @property
    def faults(self) -> tuple[Injection, ...]:
        """The faults that are left."""
        return tuple(parse_injection(text, self.prepared.site.truth) for text in self.shrunk.mixture.faults)

    @property
    def row(self) -> Row:
        """The run that is told: that of the file, if there is one."""
        return self.written or self.shrunk.row

    def text(self, path: Path) -> str:
        """Return what is left as the text of a scenario, for a file."""
        whole = self.prepared.whole
        return _text(path, whole, self.faults, self.shrunk.mixture.placed, self._expected(), self._summary())

    def _summary(self) -> str:
        was = f"the scenario {self.prepared.whole.scenario}" if self.prepared.whole.scenario else "several faults"
        return f"What is left of {was}, shrunk as long as the run with seed {self.prepared.whole.seed} is the same."

    def _expected(self) -> dict[str, Any]:
        row = self.shrunk.row
        outcome = {"outcome": row.run.outcome} if row.run.outcome and not row.run.stuck else {}
        noticed = {"silent": False, "detected": True}.get(row.classification)
        return outcome | ({"detected": noticed} if noticed is not None else {})

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        shrunk, row = self.shrunk, self.row
        return {
            "procedure": self.prepared.whole.procedure,
            "seed": self.prepared.whole.seed,
            "kept": self.finding.words,
            "pieces": len(self.prepared.mixture.pieces),
            "faults": [fault_sheet(fault) for fault in self.faults],
            **shrunk.mixture.placed,
            "outcome": row.run.outcome or None,
            "classification": row.classification,
            "digest": row.run.digest,
            "command": row.case.command,
            "output": self.written.case.scenario if self.written is not None else None,
            "minimal": shrunk.is_minimal,
            "tries": [{"what": each.what, "keeps": each.keeps, "is": each.row.classification} for each in shrunk.tries],
        }


def _text(
    path: Path,
    case: Case,
    faults: tuple[Injection, ...],
    placed: Mapping[str, Any],
    expect: Mapping[str, Any],
    summary: str,
) -> str:
    head: dict[str, Any] = {
        "scenario": path.stem,
        "title": " and ".join([*(f"{fault.component}.{fault.fault}" for fault in faults), *(_placed(placed))]),
        "summary": summary,
        "procedure": procedure_beside(case.procedure, path),
        "expect": dict(expect),
    }
    return scenario_text({key: value for key, value in head.items() if value != ""}, faults, placed)


def _placed(placed: Mapping[str, Any]) -> list[str]:
    return [f"other {kind} of {', '.join(of)}" for kind, of in placed.items()]


def shrink_case(
    prepared: Prepared, store: Store, executor: Executor, tries: int, progress: Progress, output: str | None = None
) -> ShrunkScenario:
    """Run a case, and then smaller ones; write what is left, and run it from there.

    Parameters
    ----------
    tries
        At the most.
    output
        File to write to.

    Raises
    ------
    AuthorError
        If its run has nothing that is to be kept.
    """
    campaign = Campaign(store, executor, open_case, safe_end=prepared.wanted.safe_end, told=progress.step)
    tried = _Cases(prepared, store.path.parent)
    progress.begin("the whole", 2)
    (row,) = campaign.carry_out([prepared.whole])
    baseline = Row(case=row.case.baseline, run=campaign.baselines[row.case.baseline])
    finding = find_what_to_keep(prepared.wanted, row, baseline)
    progress.begin(f"smaller, still {finding.words}", tries)

    def run(mixtures: Sequence[Mixture]) -> tuple[Row, ...]:
        return campaign.carry_out([tried.of(mixture) for mixture in mixtures])

    (apart,) = run([prepared.mixture])
    steps = beginnings_of(open_case(row.case.baseline))
    shrinker = Shrinker(run, finding.is_in, prepared.site.truth, steps=steps, most=tries)
    shrunk = shrinker.shrink(prepared.mixture, apart)
    found = ShrunkScenario(prepared=prepared, finding=finding, original=row, shrunk=shrunk)
    if output is None:
        return found
    path = output if "/" in output else f"./{output}"
    Path(path).write_text(found.text(Path(path)), encoding="utf-8")
    case = replace(prepared.whole, faults=(), scenario=path)
    store.forget([case])
    (written,) = campaign.carry_out([case])
    if not finding.is_in(written):
        raise RuntimeError(f"{path} does not do what its faults do")
    return replace(found, written=written)


class _Cases:
    """The case of each try: faults alone are written in it, what else there is stands in a file beside the store."""

    def __init__(self, prepared: Prepared, folder: Path) -> None:
        self._prepared = prepared
        self._folder = folder

    def of(self, mixture: Mixture) -> Case:
        case = replace(self._prepared.whole, faults=mixture.faults, scenario=None)
        if not mixture.placed:
            return case
        text = _text(self._folder / "shrunk.yaml", case, (), mixture.placed, {}, "")
        path = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.yaml"
        if not path.is_file():
            path.write_text(text, encoding="utf-8")
        return replace(case, scenario=str(path))
