"""The training scenarios in the order of the course, with what a trainee may know of each before it."""

from __future__ import annotations

from typing import Any

from cscsim.locate import known, open_site
from fsm import AuthorError

__all__ = ["course_rows"]


def course_rows() -> list[dict[str, Any]]:
    """Return a row for each; one whose file is wrong has its mistakes under ``error``, and comes first."""
    site = open_site()
    rows: list[dict[str, Any]] = []
    for name in known("training"):
        row: dict[str, Any] = {"name": name}
        try:
            training = site.training(name)
        except AuthorError as error:
            row["error"] = str(error)
        else:
            row |= {
                "number": training.number,
                "title": training.title,
                "procedure": training.procedure,
                "goals": [goal.title for goal in training.goals],
                "hints": len(training.hints),
                "par_s": training.par,
            }
        rows.append(row)
    return sorted(rows, key=lambda row: row.get("number", 0))
