"""Training: what is to be learnt, what goes wrong unseen, hints and goals; and what people do, in the journal."""

from procedures.training.act import Act, acts_of, is_person
from procedures.training.act_pattern import ActPattern, parse_act_pattern
from procedures.training.acts import (
    OBSERVER,
    Announced,
    Answer,
    Hand,
    Hint,
    Note,
    Pause,
    PersonalAct,
    Refusal,
    Report,
    parse_suspicion,
    write_act,
)
from procedures.training.load import load_training
from procedures.training.model import Cause, Goal, Training
from procedures.training.session import Session, open_session

__all__ = [
    "OBSERVER",
    "Act",
    "ActPattern",
    "Announced",
    "Answer",
    "Cause",
    "Goal",
    "Hand",
    "Hint",
    "Note",
    "Pause",
    "PersonalAct",
    "Refusal",
    "Report",
    "Session",
    "Training",
    "acts_of",
    "is_person",
    "load_training",
    "open_session",
    "parse_act_pattern",
    "parse_suspicion",
    "write_act",
]
