"""Scores: how a training session went, read off its journal alone."""

from procedures.scoring.judging import score_session
from procedures.scoring.score import CauseScore, Deed, Figure, GoalScore, Score

__all__ = ["CauseScore", "Deed", "Figure", "GoalScore", "Score", "score_session"]
