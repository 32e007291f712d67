"""The rehearsal that a journal was written by, put together again from what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cscsim.locate import Site, known, open_site
from cscsim.sources import Sources
from fsm import AuthorError
from procedures import Rehearsal, parse_injection
from procedures.branch import Branch
from procedures.moment import parse_moment
from procedures.replay import Recording

__all__ = ["Recorded", "find_recorded", "parameter_set_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A rehearsal that was recorded.

    Attributes
    ----------
    site
        Where it took place.
    changes
        Files that are not as they were, in words.
    """

    recording: Recording
    rehearsal: Rehearsal
    site: Site
    changes: tuple[str, ...]


def find_recorded(recording: Recording) -> Recorded:
    """Put a rehearsal together again.

    Raises
    ------
    AuthorError
        If something that it needs is there no more; names it.
    """
    said = recording.circumstances
    if said["procedure"] is None:
        raise AuthorError(
            "a test of pytest has made it, or `cscsim serve`, and others did things of their own to the observatory: "
            "it cannot be run again from its journal; of a test, run the test again. "
            "`cscsim diff` holds its journal against another one",
            file=str(recording.path),
        )
    sources = Sources(recording.path, said.get("files", {}))
    if said.get("training"):
        raise AuthorError(
            f"somebody was trained in it ({said['training']}): what a person did is not done again by a procedure; "
            "`cscsim debrief` tells of it",
            file=str(recording.path),
        )
    try:
        site = open_site(sources.name("observatory", said["observatory"]), parameter_set_of(said, sources))
        scenario = sources.name("scenario", said["scenario"])
        branches = [_branch(record, recording, site) for record in recording.branches]
        rehearsal = Rehearsal(
            procedure=site.procedure(sources.name("procedure", said["procedure"])),
            library=site.library,
            blocks=site.blocks,
            observatory=site.sheet,
            seed=said["seed"],
            config=said["config"],
            scenario=site.scenario(scenario) if scenario is not None else None,
            faults=tuple(parse_injection(text, site.truth) for text in said["faults"]),
            files=sources.files(),
            branches=tuple(branch for branch, _ in branches),
        )
    except AuthorError as error:
        if error.file is not None:
            raise
        raise AuthorError(
            f"cannot be run again: {error.message}", file=str(recording.path), suggestion=error.suggestion
        ) from error
    changes = (*sources.changes, *(change for _, changes in branches for change in changes))
    if said.get("lent"):
        changes = (*changes, "its images were real and its jobs were done (--images); now both are only simulated")
    return Recorded(recording=recording, rehearsal=rehearsal, site=site, changes=changes)


def parameter_set_of(said: Mapping[str, Any], sources: Sources) -> str | None:
    """Return the parameter set; none if an observatory's own file names one that cscsim does not bring along."""
    name = str(said["parameter_set"])
    if (
        "observatory" in said.get("files", {})
        and "parameter_set" not in said["files"]
        and name not in known("parameters")
    ):
        return None
    return str(sources.name("parameter_set", name))


def _branch(record: Mapping[str, Any], recording: Recording, site: Site) -> tuple[Branch, list[str]]:
    sources = Sources(recording.path, record.get("files", {}))
    scenario = sources.name("scenario", record["scenario"])
    branch = Branch(
        moment=parse_moment(record["until"], site.truth),
        scenario=site.scenario(scenario) if scenario is not None else None,
        faults=tuple(parse_injection(text, site.truth) for text in record["faults"]),
        files=sources.files(),
    )
    return branch, sources.changes
