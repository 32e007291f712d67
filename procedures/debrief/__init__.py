"""Debriefs: what a journal tells of a run to those who were in it, with or without a training."""

from procedures.debrief.debrief import Debrief
from procedures.debrief.guide import Guided, follow_guide
from procedures.debrief.making import make_debrief
from procedures.debrief.timeline import Moment, Span, Taken, Timeline, make_timeline

__all__ = [
    "Debrief",
    "Guided",
    "Moment",
    "Span",
    "Taken",
    "Timeline",
    "follow_guide",
    "make_debrief",
    "make_timeline",
]
