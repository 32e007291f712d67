"""The fixture `rehearse`: a procedure from beginning to report, under the circumstances that the test states."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from csc import Observatory
from csc.latiss.images import Exposure
from csc.truth import TruthScope
from cscsim.locate import Site
from cscsim.preflight import check_calls
from cscsim.pytest_plugin.answers import Answers, GivenAnswers
from cscsim.pytest_plugin.circumstances import Circumstances, check_marks, site_of
from cscsim.pytest_plugin.concise import concise
from cscsim.pytest_plugin.finding import Finding
from cscsim.pytest_plugin.journals import Account, Journals, shown
from cscsim.pytest_plugin.view import View
from cscsim.sources import sources_of
from cscsim.style import duration
from fsm import Record, read_journal
from procedures import Procedure, Rehearsal, Report, find_detection, load_procedure, rehearse
from procedures.report import StepReport, Violation

__all__ = ["Rehearse", "Rehearsed"]


class Rehearse:
    """Rehearses procedures; each call is a new observatory and a new beginning.

    Parameters
    ----------
    circumstances
        What the marks of the test say.
    journals
        Where the journals go.
    """

    def __init__(self, circumstances: Circumstances, journals: Journals) -> None:
        self._circumstances = circumstances
        self._journals = journals
        check_marks(circumstances)

    def __repr__(self) -> str:
        return "<rehearse>"

    @concise
    def __call__(
        self,
        procedure: str | PathLike[str],
        *,
        seed: int | None = None,
        config: Mapping[str, Any] | None = None,
        faults: Iterable[str] = (),
        scenario: str | PathLike[str] | None = None,
        answers: GivenAnswers = True,
    ) -> Rehearsed:
        """Rehearse a procedure at full speed and report on it.

        Parameters
        ----------
        procedure
            Name, path, or the text of one.
        seed
            Of everything random; that of the mark `observatory` if left out, or 0.
        config
            Values of its configuration, besides its defaults.
        faults
            Besides those of the marks, each as on the command line: ``ATDome.encoder_slip:slip=2 deg@20 min``.
        scenario
            Name or path; that of the mark if left out.
        answers
            What a person answers to a human check: always yes, always no, a part of the question and the answer to
            it for each that is not answered with yes, or a function of the question that returns the answer.

        Raises
        ------
        AuthorError
            If there is no such procedure, fault, scenario or key of the configuration; names the nearest.
        RuntimeError
            If an asynchronous test calls it, which has a time of its own.
        """
        __tracebackhide__ = True
        _need_no_time()
        given = replace(self._circumstances, faults=(*self._circumstances.faults, *faults))
        if seed is not None:
            given = replace(given, seed=seed)
        if scenario is not None:
            given = replace(given, scenario=str(scenario))
        rehearsal, site = _rehearsal(given, str(procedure), config or {})
        asker, watcher, account = Answers(answers), _Watcher(), self._journals.open()
        stage = site.library.stage
        try:
            report = rehearse(replace(rehearsal, journal=account.path), asker=asker, spectator=watcher)
        finally:
            site.library.stage = stage
        again = {}
        if given.is_plain and "\n" not in str(procedure):  # all of it has a name
            again["replay"] = f"cscsim replay {shown(account.place)}"
            if answers is True:
                again["again"] = _command(rehearsal, given, str(procedure))
        rehearsed = Rehearsed(report, account, watcher, again)
        asker.see_that_all_were_given(report)
        return rehearsed


class Rehearsed:
    """What came of a rehearsal.

    Attributes
    ----------
    report
        All of it, as `procedures.rehearse` returns it.
    at_the_end
        What was so when the procedure had ended: ``report.at_the_end["ATWhiteLight.lamp is OFF"]``.
    """

    def __init__(self, report: Report, account: Account, watcher: _Watcher, again: Mapping[str, str]) -> None:
        self.report = report
        self._account = account
        self._again = again
        self.at_the_end: View = watcher.view
        account.matters = not report.passed
        account.tell = self._tell

    def __repr__(self) -> str:
        return f"<rehearsal of {self.report.circumstances['procedure']}>"

    @property
    def passed(self) -> Finding:
        """Whether all went well; says why not."""
        report = self.report
        return Finding(report.passed, report.outcome if report.passed else f"{report.outcome}: {report.because}")

    def failed_by(self, what: str) -> Finding:
        """Tell whether it did not pass because of something that is named in the reason or a violated condition.

        Parameters
        ----------
        what
            A part of a condition, of a step's id or of the message.
        """
        if self.report.passed:
            return Finding(False, "passed")
        told = [self.because, *(f"{each.where}: {each.condition} ({each.because})" for each in self.violations)]
        return Finding(any(what in each for each in told), f"{self.outcome}: {'; '.join(dict.fromkeys(told))}")

    @property
    def detected(self) -> Finding:
        """Whether the procedure noticed that something went wrong; says by what, and how long after."""
        found = find_detection(self.records())
        if found is None:
            return Finding(False, "nothing in the procedure has noticed it")
        return Finding(True, f"{found[0]}, {duration(found[1])} after it happened")

    @property
    def as_expected(self) -> Finding:
        """Whether what the scenario expects has come; says what has not."""
        judgement = self.report.expectations
        if judgement is None:
            return Finding(None, "no scenario says what is expected of this procedure")
        missed = [f"{each.expected}: {each.because}" for each in judgement.judged if not each.met]
        return Finding(judgement.as_expected, "; ".join(missed) or "as expected")

    @property
    def outcome(self) -> str:
        """One of passed, failed, aborted."""
        return self.report.outcome

    @property
    def because(self) -> str:
        """Why it did not pass."""
        return self.report.because

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The conditions that did not hold, where, and the values seen."""
        return self.report.violations

    @property
    def steps(self) -> tuple[StepReport, ...]:
        """The steps of the procedure, with their outcomes and times [s]."""
        return self.report.steps

    @property
    def images(self) -> tuple[Exposure, ...]:
        """The images taken."""
        return self.report.images

    @property
    def simulated_seconds(self) -> float:
        """How long it took [s]."""
        return self.report.simulated_seconds

    @property
    def digest(self) -> str:
        """The digest of its journal: the same for the same procedure, circumstances and seed."""
        return self.report.digest

    @property
    def journal(self) -> Path:
        """The file of its journal; it is gone when the test has passed."""
        return self._account.path

    def records(self, *kinds: str, who: str | None = None) -> list[Record]:
        """Return the records of its journal: of some kinds, of one component, or all."""
        return [
            dict(record)
            for record in read_journal(self.journal)
            if (not kinds or record["kind"] in kinds) and who in (None, record["who"])
        ]

    def _tell(self) -> list[str]:
        report = self.report
        around = report.circumstances
        lines = [
            f"rehearsal    {around['procedure']} at {around['observatory']}, seed {around['seed']}",
            f"outcome      {report.outcome} after {duration(report.simulated_seconds)}",
        ]
        lines += [f"because      {report.because}"] if report.because else []
        lines += [
            f"violated     {each.where}: {each.condition}\n             {each.because}" for each in report.violations
        ]
        lines += [f"scenario     {around['scenario']}"] if around["scenario"] else []
        lines += [f"fault        {fault}" for fault in around["faults"]]
        lines += [f"{title:<13}{command}" for title, command in self._again.items()]
        return lines


class _Watcher:
    """Keeps the observatory of a rehearsal, to be looked at afterwards."""

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        self.view = View(TruthScope(observatory), observatory.vocabulary(truth=True))

    def see(self, record: Record) -> None:
        pass


def _need_no_time() -> None:
    """See to it that nobody's time is running.

    Raises
    ------
    RuntimeError
        If it is.
    """
    __tracebackhide__ = True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "rehearse has an observatory and a time of its own: call it in a test that is not async, "
        "or run the procedure with `await observatory.run(...)`"
    )


def _rehearsal(given: Circumstances, name: str, config: Mapping[str, Any]) -> tuple[Rehearsal, Site]:
    is_text = "\n" in name
    site = site_of(given, None if is_text else name)
    procedure: Procedure = load_procedure(name, site.vocabulary) if is_text else site.procedure(name)
    check_calls(procedure, site)
    return Rehearsal(
        procedure=procedure,
        library=site.library,
        blocks=site.blocks,
        observatory=given.place(site),
        seed=given.seed,
        config=config,
        scenario=given.the_scenario(site),
        faults=given.injections(site),
        files=sources_of(
            procedure=None if is_text else name,
            observatory=given.observatory,
            parameter_set=given.parameter_set,
            scenario=given.scenario,
        ),
    ), site


def _command(rehearsal: Rehearsal, given: Circumstances, procedure: str) -> str:
    """Return what to type to see the same on a terminal."""
    words = ["cscsim", "rehearse", procedure, "--yes", "--seed", str(rehearsal.seed)]
    words += ["--observatory", given.observatory] if given.observatory else []
    words += ["--parameters", given.parameter_set] if given.parameter_set else []
    words += ["--scenario", given.scenario] if given.scenario else []
    words += [word for fault in rehearsal.faults for word in ("--fault", str(fault))]
    words += [word for key, value in rehearsal.config.items() for word in ("--set", f"{key}={json.dumps(value)}")]
    return shlex.join(words)
