"""A campaign is carried out: baselines first, then every case that is not on disk yet, each judged as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fsm import AuthorError
from procedures.campaign.case import Case
from procedures.campaign.judging import judge
from procedures.campaign.pool import Executor, Lost
from procedures.campaign.run import Run
from procedures.campaign.store import Row, Store
from procedures.campaign.witness import Limits
from procedures.campaign.work import Opener, Task, run_task

__all__ = ["Campaign"]

Told = Callable[[Row], None]


class Campaign:
    """Cases, carried out by an executor and kept in a store.

    Parameters
    ----------
    store
        What is in it already is not run again.
    executor
        Where the runs take place; what comes of them does not depend on it.
    open_case
        Finds the files of a case; a function of a module.
    safe_end
        Conditions of a safe end besides those of the table: name and text.
    told
        Called with each row that is new.

    Attributes
    ----------
    baselines
        The runs without a fault, so far.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        open_case: Opener,
        *,
        safe_end: tuple[tuple[str, str], ...] = (),
        told: Told = lambda row: None,
    ) -> None:
        self._store = store
        self._executor = executor
        self._open = open_case
        self._safe_end = safe_end
        self._told = told
        self.baselines: dict[Case, Run] = {}

    def run_baselines(self, cases: Iterable[Case]) -> None:
        """Run what the cases are held against.

        Raises
        ------
        AuthorError
            If a procedure does not pass although nothing goes wrong: then nothing can be held against it.
        """
        wanted = list(dict.fromkeys(case.baseline for case in cases))
        self.baselines |= dict(self._store.runs(wanted))
        missing = [case for case in wanted if case not in self.baselines]
        for case, run in self._carried_out(missing):
            self.baselines[case] = run
            self._keep(Row(case=case, run=run))
        for case in wanted:
            run = self.baselines[case]
            if run.outcome != "passed":
                why = run.crash or run.stuck or f"{run.outcome}: {run.because}"
                raise AuthorError(
                    f"{case.procedure} with seed {case.seed} does not pass without a fault ({why}); try {case.command}"
                )

    def carry_out(self, cases: Sequence[Case]) -> tuple[Row, ...]:
        """Run the cases that are not in the store; return the rows of all, in the order of the cases.

        Raises
        ------
        AuthorError
            As `run_baselines`.
        """
        cases = list(dict.fromkeys(cases))
        self.run_baselines(cases)
        rows = {case: self._judged(case, run) for case, run in self._store.runs(cases)}
        for case, run in self._carried_out([case for case in cases if case not in rows]):
            rows[case] = self._judged(case, run)
            self._keep(rows[case])
        return tuple(rows[case] for case in cases)

    def _judged(self, case: Case, run: Run) -> Row:
        return Row(case=case, run=run, verdict=judge(run, self.baselines[case.baseline]))

    def _keep(self, row: Row) -> None:
        self._store.keep(row)
        self._told(row)

    def _carried_out(self, cases: Sequence[Case]) -> Iterable[tuple[Case, Run]]:
        tasks = [Task(case=case, open=self._open, limits=self._limits(case), safe_end=self._safe_end) for case in cases]
        for task, run in self._executor.map(run_task, tasks):
            yield task.case, Run(crash="it has killed its worker three times") if isinstance(run, Lost) else run

    def _limits(self, case: Case) -> Limits:
        usual = self.baselines.get(case.baseline)
        return Limits.beside(usual) if usual is not None else Limits()
