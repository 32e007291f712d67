"""What a debrief is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from procedures.debrief.guide import Guided
from procedures.debrief.timeline import Timeline
from procedures.scoring import Score

__all__ = ["Debrief"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """What a journal tells of a run.

    Attributes
    ----------
    circumstances
        The first record, without what every record has.
    subject
        What it is about, in words: the title of the training or of the procedure.
    outcome, because
        How it ended; empty if the journal was cut.
    notes
        What somebody who reads it should know of the journal, in sentences.
    checked
        How many conditions were checked.
    guide
        The steps of the procedure beside what was done; empty if the procedure is not known.
    contingency
        What the procedure says for when something goes wrong.
    score
        None if nobody was trained.
    """

    circumstances: Mapping[str, Any]
    subject: str
    outcome: str
    because: str
    notes: tuple[str, ...]
    seconds: float
    records: int
    digest: str
    checked: int
    timeline: Timeline
    guide: tuple[Guided, ...]
    contingency: tuple[str, ...]
    score: Score | None

    @property
    def is_whole(self) -> bool:
        """Whether the journal comes to an end."""
        return bool(self.outcome)

    @property
    def title(self) -> str:
        """What it is a debrief of."""
        return str(self.circumstances.get("training") or self.circumstances.get("procedure") or "a test")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for a course."""
        timeline = self.timeline
        return {
            "circumstances": dict(self.circumstances),
            "subject": self.subject,
            "outcome": self.outcome or None,
            "because": self.because,
            "notes": list(self.notes),
            "is_whole": self.is_whole,
            "simulated_seconds": self.seconds,
            "journal": {"records": self.records, "digest": self.digest},
            "conditions": {"checked": self.checked, "violated": [asdict(each) for each in timeline.violations]},
            "score": self.score.as_dict() if self.score is not None else None,
            "acts": [{**asdict(act), "text": str(act)} for act in timeline.acts],
            "faults": [asdict(each) for each in timeline.faults],
            "steps": [asdict(each) for each in timeline.steps],
            "scripts": [asdict(each) for each in timeline.scripts],
            "states": {name: [asdict(each) for each in spans] for name, spans in timeline.states.items()},
            "transitions": [asdict(each) for each in timeline.transitions],
            "goals": [asdict(each) for each in timeline.goals],
            "images": [asdict(each) for each in timeline.images],
            "contingency": list(self.contingency),
            "guide": [
                {
                    "id": each.id,
                    "name": each.name,
                    "does": each.does,
                    "outcome": each.outcome,
                    "was_done": each.was_done,
                    "acts": [act.n for act in each.acts],
                }
                for each in self.guide
            ],
        }
