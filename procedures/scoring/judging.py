"""Reads a score off the records of a journal: the same records give the same score.

An act fits a cause only from when that has begun; a wrong cure is one until the cause is over. What an instructor does
is not the trainee's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fsm import Record
from procedures.branch import INSTRUCTOR
from procedures.replay.words import in_words
from procedures.scoring.score import CauseScore, Deed, GoalScore, Score
from procedures.training import Act, ActPattern, Cause, Goal, Training, acts_of
from procedures.training.model import SAFE, SHOWS

__all__ = ["score_session"]


def score_session(records: Sequence[Record], training: Training) -> Score:
    """Say how a session went.

    Parameters
    ----------
    records
        Of its journal, in order; one that was cut is scored as far as it goes.
    training
        What was to be learnt.
    """
    acts = [act for act in acts_of(records) if act.by.partition(":")[0] != INSTRUCTOR]
    is_session = any(record["kind"] == "run" and record.get("training") for record in records[:1])
    end = records[-1]["t"] if records else 0.0
    goals = tuple(_goal(goal, records, is_session=is_session) for goal in training.goals)
    causes = tuple(_cause(cause, records, acts, is_session=is_session) for cause in training.causes)
    all_reached = all(goal.reached for goal in goals)
    deeds = [goal.deed for goal in goals if goal.deed is not None]
    last = max(deeds, key=lambda deed: deed.n) if all_reached and deeds else None
    return Score(
        training=training.name,
        title=training.title,
        is_whole=bool(records) and records[-1]["kind"] == "end",
        goals=goals,
        causes=causes,
        violations=tuple(_violations(records)),
        wrong_reports=tuple(_wrong_reports(acts, training.causes, causes)),
        hints=tuple(_deed(act) for act in acts_of(records) if act.kind == "hint"),
        par=training.par,
        par_because=" ".join(training.par_because.split()),
        took=last.t if last is not None else end,
        last=last,
    )


def _goal(goal: Goal, records: Sequence[Record], *, is_session: bool) -> GoalScore:
    said = [record for record in records if record["kind"] == "goal" and record["goal"] == goal.id]
    reached = said[-1]["what"] == "reached" if said else goal.holds == "never"
    return GoalScore(
        id=goal.id,
        title=goal.title,
        holds=goal.holds,
        reached=reached if is_session else None,
        deed=Deed(said[-1]["t"], said[-1]["n"], said[-1].get("because", "")) if said else None,
    )


def _cause(cause: Cause, records: Sequence[Record], acts: Sequence[Act], *, is_session: bool) -> CauseScore:
    began = _began(cause, records)
    safe = None if began is None else _safe(cause, records, began)
    since = [] if began is None else [act for act in acts if act.n > began.n]
    before = [act for act in since if safe is None or act.n < safe.n]
    return CauseScore(
        id=cause.id,
        title=cause.title,
        is_distraction=cause.is_distraction,
        began=began,
        shown=_shown(cause, records, began) if is_session else began,
        noticed=next((_deed(act) for act in since if _fits(act, cause.signs)), None),
        safe=safe,
        right_cures=tuple(_deed(act) for act in before if _fits(act, cause.cures)),
        wrong_cures=tuple(_deed(act) for act in before if _fits(act, cause.wrong)),
    )


def _began(cause: Cause, records: Sequence[Record]) -> Deed | None:
    """Return when it came; what is so from the beginning comes with the first record."""
    for record in records:
        if not cause.fault:
            return Deed(record["t"], record["n"], "it is so from the beginning")
        if _is_of(record, cause, "injected"):
            return Deed(record["t"], record["n"], in_words(record))
    return None


def _shown(cause: Cause, records: Sequence[Record], began: Deed | None) -> Deed | None:
    """Return from when on it could be seen, which only a session tells; that cannot be before it began."""
    if began is None or cause.shows is None:
        return began
    found = next(_reached(f"{SHOWS}{cause.id}", records), None)
    return began if found is not None and found.n < began.n else found


def _reached(goal: str, records: Sequence[Record]) -> Iterator[Deed]:
    for record in records:
        if record["kind"] == "goal" and record["goal"] == goal and record["what"] == "reached":
            yield Deed(record["t"], record["n"], record.get("because", ""))


def _safe(cause: Cause, records: Sequence[Record], began: Deed) -> Deed | None:
    """Return what ended it: its own condition, the first time that it came true, or else the end of its fault."""
    if cause.safe is not None:
        return next((deed for deed in _reached(f"{SAFE}{cause.id}", records) if deed.n > began.n), None)
    found: Deed | None = None
    for record in records:
        if record["n"] <= began.n:
            continue
        if _is_of(record, cause, "injected"):
            found = None  # it has come again
        elif _is_of(record, cause, "cured") or _is_of(record, cause, "cleared"):
            found = Deed(record["t"], record["n"], in_words(record))
    return found


def _is_of(record: Record, cause: Cause, what: str) -> bool:
    return (
        record["kind"] == "fault"
        and (record["who"], record["fault"]) == (cause.component, cause.fault)
        and record["what"] == what
    )


def _fits(act: Act, patterns: Sequence[ActPattern]) -> bool:
    return any(pattern.fits(act) for pattern in patterns)


def _wrong_reports(acts: Sequence[Act], causes: Sequence[Cause], scores: Sequence[CauseScore]) -> Iterator[Deed]:
    """Yield the reports that fit no cause that had begun."""
    for act in acts:
        if act.kind != "report":
            continue
        begun = (
            cause
            for cause, score in zip(causes, scores, strict=True)
            if score.began is not None and score.began.n < act.n
        )
        if not any(_fits(act, cause.signs) for cause in begun):
            yield _deed(act)


def _violations(records: Sequence[Record]) -> Iterator[Deed]:
    for record in records:
        if record["kind"] == "condition" and record["truth"] is not True:
            yield Deed(record["t"], record["n"], in_words(record))


def _deed(act: Act) -> Deed:
    return Deed(act.t, act.n, str(act))
