"""What a score is: numbers, each with the records of the journal that it was read from.

There is no sum. A trainee who noticed late and one who tried wrong cures have different things to learn, and one number
would hide which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["CauseScore", "Deed", "Figure", "GoalScore", "Score"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that the journal says, in words: when [s], and in which record."""

    t: float
    n: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of the score.

    Attributes
    ----------
    value
        None if there is none, which `because` explains.
    unit
        ``s``, or empty for a count.
    of
        How many there could be; None if that has no meaning.
    records
        Numbers of the records that it was read from.
    """

    name: str
    value: float | int | None
    unit: str = ""
    of: int | None = None
    records: tuple[int, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalScore:
    """A goal.

    Attributes
    ----------
    reached
        None if the journal does not say: it is of no training session.
    deed
        The record that says so last; None if there is none.
    """

    id: str
    title: str
    holds: str
    reached: bool | None
    deed: Deed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseScore:
    """What went wrong, and what was done about it.

    Attributes
    ----------
    began, shown
        When it came, and from when on it could be seen; None if it has not happened. Times are counted from `shown`.
    noticed, safe
        The first act that fits it, and what ended it; None if there was none.
    """

    id: str
    title: str
    is_distraction: bool
    began: Deed | None
    shown: Deed | None
    noticed: Deed | None
    safe: Deed | None
    right_cures: tuple[Deed, ...]
    wrong_cures: tuple[Deed, ...]

    @property
    def time_to_notice(self) -> float | None:
        """From when it could be seen to the first act that fits it [s]; 0 if somebody was quicker."""
        return _between(self.shown, self.noticed)

    @property
    def time_to_safe(self) -> float | None:
        """From when it could be seen to its end [s]; 0 if somebody was quicker."""
        return _between(self.shown, self.safe)


def _between(first: Deed | None, last: Deed | None) -> float | None:
    return None if first is None or last is None else max(0.0, round(last.t - first.t, 6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a session went.

    Attributes
    ----------
    is_whole
        Whether the journal comes to an end; if not, this is the score up to its last record.
    violations
        Conditions that did not hold.
    wrong_reports
        Reports that fit nothing that went wrong.
    took
        Simulated time [s] until the last goal was reached; until the end if one is missing.
    """

    training: str
    title: str
    is_whole: bool
    goals: tuple[GoalScore, ...]
    causes: tuple[CauseScore, ...]
    violations: tuple[Deed, ...]
    wrong_reports: tuple[Deed, ...]
    hints: tuple[Deed, ...]
    par: float
    par_because: str
    took: float
    last: Deed | None

    @property
    def goals_reached(self) -> int:
        """How many goals were reached."""
        return sum(goal.reached is True for goal in self.goals)

    @property
    def has_all_goals(self) -> bool:
        """Whether all were."""
        return self.goals_reached == len(self.goals)

    @property
    def wrong_cures(self) -> tuple[Deed, ...]:
        """All wrong cures, each once, in order."""
        return tuple(sorted({deed for cause in self.causes for deed in cause.wrong_cures}, key=lambda deed: deed.n))

    @property
    def lost(self) -> float:
        """Simulated time [s] lost against par; 0 if there was time to spare."""
        return round(max(0.0, self.took - self.par), 6)

    def figures(self) -> Iterator[Figure]:
        """Yield each number with where it comes from."""
        yield Figure(
            name="goals reached",
            value=self.goals_reached if all(goal.reached is not None for goal in self.goals) else None,
            of=len(self.goals),
            records=tuple(goal.deed.n for goal in self.goals if goal.deed is not None),
            because=_goals_missing(self.goals),
        )
        for cause in self.causes:
            yield from _of_cause(cause)
        yield _count("wrong cures tried", self.wrong_cures)
        yield _count("wrong reports", self.wrong_reports)
        yield _count("conditions violated", self.violations)
        yield _count("hints used", self.hints)
        yield self._time_lost()

    def _time_lost(self) -> Figure:
        if any(goal.reached is None for goal in self.goals):
            value, because = None, "when the goals were reached is not known"
        else:
            value = self.lost
            because = f"{self.took:g} s of {self.par:g} s" if self.has_all_goals else "not all goals were reached"
        records = () if self.last is None else (self.last.n,)
        return Figure(name="time lost against par", value=value, unit="s", records=records, because=because)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "training": self.training,
            "title": self.title,
            "is_whole": self.is_whole,
            "figures": [asdict(figure) for figure in self.figures()],
            "goals": [asdict(goal) for goal in self.goals],
            "causes": [
                {**asdict(cause), "time_to_notice_s": cause.time_to_notice, "time_to_safe_s": cause.time_to_safe}
                for cause in self.causes
            ],
            "wrong_reports": [asdict(deed) for deed in self.wrong_reports],
            "violations": [asdict(deed) for deed in self.violations],
            "hints": [asdict(deed) for deed in self.hints],
            "par_s": self.par,
            "par_because": self.par_because,
            "took_s": self.took,
            "lost_s": self.lost,
        }


def _goals_missing(goals: tuple[GoalScore, ...]) -> str:
    if any(goal.reached is None for goal in goals):
        return "the journal is of no training session, which would say it"
    missing = [goal.title for goal in goals if not goal.reached]
    return f"missing: {'; '.join(missing)}" if missing else ""


def _of_cause(cause: CauseScore) -> Iterator[Figure]:
    name = f"{cause.title}{' (a distraction)' if cause.is_distraction else ''}"
    for what, value, deed, none in (
        ("time to notice", cause.time_to_notice, cause.noticed, "nobody noticed it"),
        ("time to safe", cause.time_to_safe, cause.safe, "it was not over"),
    ):
        records = tuple(each.n for each in (cause.shown, deed) if each is not None)
        because = "it has not happened" if cause.began is None else none if deed is None else deed.text
        if cause.began is not None and cause.shown is None:
            because = "it has not shown" if deed is None else f"before it could be seen: {deed.text}"
        yield Figure(name=f"{what}: {name}", value=value, unit="s", records=records, because=because)


def _count(name: str, deeds: tuple[Deed, ...]) -> Figure:
    words = "; ".join(dict.fromkeys(deed.text for deed in deeds))
    return Figure(name=name, value=len(deeds), records=tuple(deed.n for deed in deeds), because=words)
