"""Replay: a run again from its journal, held against it record by record, looked at, branched, compared."""

from procedures.replay.comparison import Comparison, Digested, compare_journals
from procedures.replay.follower import Follower, Verdict, Watchable
from procedures.replay.picture import OpenCondition, Picture, take_picture
from procedures.replay.recording import Recording, read_recording
from procedures.replay.words import in_words, matters

__all__ = [
    "Comparison",
    "Digested",
    "Follower",
    "OpenCondition",
    "Picture",
    "Recording",
    "Verdict",
    "Watchable",
    "compare_journals",
    "in_words",
    "matters",
    "read_recording",
    "take_picture",
]
