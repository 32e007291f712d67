"""Which runs a campaign consists of: procedures, each with its faults at their moments and its scenarios, and seeds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from cscsim.campaign_opening import procedure_of, site_of
from cscsim.locate import Site, known
from cscsim.preflight import check_calls
from cscsim.settings import read_settings
from cscsim.sources import sources_of
from fsm import AuthorError, AuthorErrors, Position, nearest
from procedures import Injection, Procedure, parse_injection
from procedures.campaign import Case
from procedures.scenario_trigger import Occasion

__all__ = ["MOMENTS", "Plan", "check_plan", "declared_faults", "plan_cases", "split_faults", "step_ids"]

MOMENTS = ("beginning", "steps", "random")
"""When faults happen; anything else is the id of a step."""

Place = Callable[[str, int], Position | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a campaign is asked to try.

    Attributes
    ----------
    name
        What its store and report are called after.
    faults
        ``all``, components, or faults in one line without a time.
    scenarios
        By name or path; ``all`` are those that are meant for the procedure.
    at
        Moments, and ids of steps, at which each fault happens.
    sample
        How many of all runs to take, at random; None for all.
    safe_end
        Conditions of a safe end besides the usual ones: name and text.
    """

    name: str
    title: str = ""
    procedures: tuple[str, ...]
    faults: tuple[str, ...] = ("all",)
    scenarios: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (1,)
    at: tuple[str, ...] = ("beginning",)
    sample: int | None = None
    observatory: str | None = None
    parameter_set: str | None = None
    settings: tuple[str, ...] = ()
    safe_end: tuple[tuple[str, str], ...] = ()

    def site(self, procedure: str) -> Site:
        """Return where a procedure takes place."""
        return site_of(procedure, self.observatory, self.parameter_set)

    def procedure(self, procedure: str) -> Procedure:
        """Return a procedure of the plan."""
        return procedure_of(procedure, self.observatory, self.parameter_set)

    def baselines(self) -> tuple[Case, ...]:
        """Return the cases without a fault."""
        return tuple(
            Case(
                procedure=procedure,
                seed=seed,
                observatory=self.observatory,
                parameter_set=self.parameter_set,
                settings=self.settings,
            )
            for procedure, seed in product(self.procedures, self.seeds)
        )

    def files(self) -> dict[str, str]:
        """Return path and SHA-256 of each file that does not come along with cscsim."""
        named = [
            sources_of(procedure=procedure, observatory=self.observatory, parameter_set=self.parameter_set)
            for procedure in self.procedures
        ]
        named += [sources_of(scenario=scenario) for scenario in self.scenarios]
        return {source["path"]: source["sha256"] for sources in named for source in sources.values()}

    def sources(self) -> list[str]:
        """Return what all that does not come along with cscsim comes to."""
        return [*self.files().values(), *(f"{name}: {text}" for name, text in self.safe_end)]


def split_faults(text: str) -> list[str]:
    """Split what is typed after ``--faults``; a comma may also stand between the parameters of a fault.

    >>> split_faults("ATDome,ATCamera.sequencer_stops,OCPS:1.job_error:times=2")
    ['ATDome', 'ATCamera.sequencer_stops', 'OCPS:1.job_error:times=2']
    >>> split_faults("ATDome.sensor_biased:output=azimuth,by=2.5 deg,ATMCS")
    ['ATDome.sensor_biased:output=azimuth,by=2.5 deg', 'ATMCS']
    """
    return [each.strip() for each in re.split(r",(?=\s*[A-Za-z]\w*(?::\d+)?(?:\.|\s*,|\s*$))", text) if each.strip()]


def check_plan(plan: Plan, place: Place) -> None:
    """Check every name of a plan before anything is run.

    Parameters
    ----------
    place
        Returns where the nth item of a key is written.

    Raises
    ------
    AuthorErrors
        With every mistake.
    """
    errors: list[AuthorError] = []
    for number, procedure in enumerate(plan.procedures):
        try:
            check_calls(plan.procedure(procedure), plan.site(procedure))
        except AuthorErrors:
            raise
        except AuthorError as error:
            if error.file is not None:
                raise
            errors.append(_at(place("procedures", number), error))
    if errors:
        raise AuthorErrors(errors)
    for procedure in plan.procedures:
        read_settings(plan.procedure(procedure), plan.settings)
        for key, texts, read in (
            ("faults", plan.faults, lambda text, of: _faults(text, plan.site(of))),
            ("at", plan.at, lambda text, of: _moments(text, plan.procedure(of))),
            ("scenarios", plan.scenarios, lambda text, of: _scenarios(text, plan.site(of), plan.procedure(of))),
        ):
            for number, text in enumerate(texts):
                try:
                    read(text, procedure)
                except AuthorError as error:
                    errors.append(_at(place(key, number), error))
        if errors:
            raise AuthorErrors(errors)


def _at(position: Position | None, error: AuthorError) -> AuthorError:
    if position is None or error.file is not None:
        return error
    return AuthorError.at(position, error.message, suggestion=error.suggestion)


def plan_cases(plan: Plan, duration: Callable[[Case], float]) -> tuple[Case, ...]:
    """Return the runs of a plan, in the order in which they are told.

    Parameters
    ----------
    duration
        Returns how long a baseline takes [simulated s], for faults at random moments.
    """
    cases = [case for baseline in plan.baselines() for case in _cases(plan, baseline, duration)]
    cases = list(dict.fromkeys(cases))
    if plan.sample is not None and plan.sample < len(cases):
        chosen = sorted(random.Random(0).sample(range(len(cases)), plan.sample))
        cases = [cases[number] for number in chosen]
    return tuple(cases)


def _cases(plan: Plan, baseline: Case, duration: Callable[[Case], float]) -> Iterator[Case]:
    site, procedure = plan.site(baseline.procedure), plan.procedure(baseline.procedure)
    faults = list(dict.fromkeys(str(fault) for text in plan.faults for fault in _faults(text, site)))
    for text, moment in product(faults, [moment for at in plan.at for moment in _moments(at, procedure)]):
        fault = parse_injection(text, site.truth)
        if moment == "random":
            when = random.Random(f"{text} {baseline.seed}").uniform(0.0, duration(baseline))
            yield replace(baseline, faults=(str(replace(fault, at=float(round(when)))),))
        elif moment == "beginning":
            yield replace(baseline, faults=(str(fault),))
        else:
            timed = replace(fault, at=None, on=Occasion(step=moment))
            yield replace(baseline, faults=(str(timed),), at_step=moment)
    for name in dict.fromkeys(name for text in plan.scenarios for name in _scenarios(text, site, procedure)):
        yield replace(baseline, scenario=name)


def _scenarios(text: str, site: Site, procedure: Procedure) -> list[str]:
    """Return the scenarios that one word means: for `all`, those that are meant for the procedure."""
    if text != "all":
        site.scenario(text)
        return [text]
    return [name for name in known("scenarios") if _is_meant(name, site, procedure)]


def _is_meant(name: str, site: Site, procedure: Procedure) -> bool:
    try:
        return site.scenario(name).procedure == procedure.name
    except AuthorError:
        return False  # it speaks of components that are not here


def step_ids(procedure: Procedure) -> list[str]:
    """Return the ids of the steps of a procedure, without those inside others."""
    return [step.id for step in procedure.steps]


def _moments(text: str, procedure: Procedure) -> list[str]:
    steps = step_ids(procedure)
    if text == "steps":
        return steps
    if text in (*MOMENTS, *steps):
        return [text]
    near = nearest(text, (*MOMENTS, *steps))
    raise AuthorError(
        f"{procedure.name} has no step {text}; beside them there are {', '.join(MOMENTS)}", suggestion=near
    )


def declared_faults(site: Site) -> list[str]:
    """Return every fault that the data sheets of an observatory's components declare."""
    return [f"{name}.{fault}" for name in site.sheet.components for fault in site.truth.blueprints[name].faults]


def _faults(text: str, site: Site) -> list[Injection]:
    """Return the faults that one word means."""
    return [parse_injection(name, site.truth) for name in _named(text, site)]


def _named(text: str, site: Site) -> Iterable[str]:
    if text == "all":
        return declared_faults(site)
    if "@" in text:
        raise AuthorError(f"fault {text}: a campaign says with `at` when its faults happen; leave the time out")
    if "." in text:
        return [text]
    name = site.truth.canonical(text)
    if name not in site.sheet.components:
        names: Sequence[str] = ("all", *site.sheet.components)
        raise AuthorError(f"there is no component {text} here", suggestion=nearest(text, names))
    own = [fault for fault in declared_faults(site) if fault.rpartition(".")[0] == name]
    if not own:
        raise AuthorError(f"{text} declares no fault; any component may have a disturbance, such as {text}.silence")
    return own
