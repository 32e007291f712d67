"""Tries every fault in the calibration procedures, and writes into the documentation which of them nobody notices.

`make findings` runs it: campaigns of some three thousand rehearsals, ten minutes on two cores. So the page lies beside
the others and not among those that are written when the documentation is built; tests do every run again that it tells.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reference_pages.markdown import code, prose, table

from cscsim.locate import open_site

__all__ = ["ALONE", "GUARDED", "MOMENTS", "PAGE", "PROCEDURES", "page"]

FOLDER = Path(__file__).parents[1] / "explanation"
PAGE = FOLDER / "silent-faults.md"
ALONE = FOLDER / "blocks-alone.yaml"
"""The scripts and blocks of the weekly calibrations without a condition."""
PROCEDURES = ("daily", "weekly", "misalignment")
GUARDED = "{}-guarded"
MOMENTS = ("beginning", "sets", "shutdown")
"""When faults strike the blocks alone."""
_UNNOTICED = ("silent", "stuck")

Run = Mapping[str, Any]

_INTRODUCTION = """\
# Faults that nobody notices

`make findings` wrote this page from campaigns: each fault that a data sheet declares, alone, in one rehearsal.
A fault is *silent* if it does harm, the procedure passes, and nothing in it says more than a warning.
How a run is judged, [](campaigns.md) tells.

Each procedure is there twice: as the observatory has it, and *guarded*, with the conditions that were found missing.
`weekly-guarded` [extends](../how-to/write-a-procedure.md#add-conditions-to-another-one) `weekly` by nothing else, so
its file is the list of what to add:

```{literalinclude} ../../procedures/library/rehearsals/weekly-guarded.yaml
:language: yaml
:start-at: "preconditions:"
```
"""

_BEGINNING = """\
## From the beginning

Every fault from the first second on: `cscsim campaign silent_faults`.
"""

_STEPS = """\
## At the beginning of each step of the weekly calibrations

`cscsim campaign weekly_matrix`, and the same with `--procedure weekly-guarded --faults all --at steps`.
"""

_BLOCKS = """\
## What the conditions of the weekly calibrations are good for

The same scripts and blocks as in `weekly`, one after the other, and nobody looks:

```{literalinclude} blocks-alone.yaml
:language: yaml
:start-at: "steps:"
```

Images are taken with whatever light there is: none of the scripts looks at telescope, dome or lamp, and the flats are
verified against flats that are as dark.
A verification of few images cannot fail either: of one image, as in the observatory's short set, two would have to be
bad ([](facts-and-choices.md)).
What harms them without a word is noticed by the conditions of `weekly`, or of `weekly-guarded`:
"""

_CONCLUSIONS = """\
## What can be learnt

- *An event that comes is not an event that says yes.* The scripts count the messages of the data service; those of
  images that the butler refused count, too. Ask for `statusCode`.
- *A job that has ended is not a job that went well.* Its exit code is in `job_result`, and a script that waits only so
  long for its jobs ends before they do. Wait for the last one, and ask.
- *An image that was taken is not an image with light on it.* Only the counts tell that the dome stands elsewhere than
  it says.
- *What is known may be old.* The last words of a component that has died can still be read; ask whether it is ENABLED.
- *The end comes too early.* A component that breaks down during the last step says so some seconds later. Wait before
  you judge.
"""


def page(runs: Sequence[Run], steps: Sequence[Run], alone: Sequence[Run]) -> str:
    """Return the page.

    Parameters
    ----------
    runs
        Of the procedures and their guarded variants, with each fault from the beginning.
    steps
        Of the weekly calibrations and their guarded variant, with each fault at the beginning of each step; and of the
        former, from the beginning.
    alone
        Of the blocks alone.
    """
    return "\n".join(_lines(runs, steps, alone)).rstrip() + "\n"


def _lines(runs: Sequence[Run], steps: Sequence[Run], alone: Sequence[Run]) -> Iterator[str]:
    known = {(run["procedure"], run["fault"], run["at"]): run for run in (*runs, *steps)}
    yield _INTRODUCTION
    yield _BEGINNING
    yield _counts(runs)
    rows = []
    for run in _unnoticed(runs, PROCEDURES):
        other = known[GUARDED.format(run["procedure"]), run["fault"], run["at"]]
        rows.append((code(run["fault"]), run["procedure"], _harm(run), *_noticed(other)))
    yield table(("fault", "in", "harm that nobody notices", "what notices it when guarded", "after"), rows)
    yield _STEPS
    yield _counts(steps)
    rows = []
    for fault, some in _by_fault(_unnoticed(steps, ("weekly",))).items():
        others = [known[GUARDED.format("weekly"), fault, run["at"]] for run in some]
        longest = max(others, key=lambda other: other["detected_after_s"] or 0.0)
        where = ", ".join(code(run["at"]) for run in some)
        rows.append((code(fault), where, _harm(some[0]), *_noticed(longest)))
    yield table(
        ("fault", "at the step", "harm that nobody notices", "what notices it when guarded", "at most after"), rows
    )
    yield _BLOCKS
    rows = []
    for fault, some in _by_fault(_unnoticed(alone)).items():
        where = ", ".join(run["at"] if run["at"] == MOMENTS[0] else code(run["at"]) for run in some)
        worst = max(some, key=lambda run: len(run["harm"]))
        rows.append((code(fault), where, _harm(worst), *_noticed(_catching(known, worst))))
    yield table(("fault", "at", "harm", "what notices it", "after"), rows)
    yield _meanings((*runs, *steps, *alone))
    yield _CONCLUSIONS


def _unnoticed(runs: Iterable[Run], procedures: Sequence[str] | None = None) -> list[Run]:
    """Return the runs that nobody noticed, of these procedures or of all."""
    some = (run for run in runs if run["classification"] in _UNNOTICED)
    return [run for run in some if procedures is None or run["procedure"] in procedures]


def _harm(run: Run) -> str:
    because = str(run["because"])
    told: str = prose(because if run["classification"] == "silent" else f"it never ends: {because}")
    return told


def _by_fault(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run["fault"], []).append(run)
    return found


def _catching(known: Mapping[tuple[str, str, str], Run], run: Run) -> Run:
    """Return the run of the weekly calibrations that notices what a run of the blocks alone does not."""
    usual = known["weekly", run["fault"], run["at"]]
    return usual if usual["classification"] not in _UNNOTICED else known["weekly-guarded", run["fault"], run["at"]]


def _noticed(run: Run) -> tuple[str, str]:
    """Say by what and how long after a fault a run has noticed it."""
    if run["classification"] in _UNNOTICED:
        return "nothing", ""
    if run["detected_by"] is None:
        return f"it waits until it is over, and passes ({run['classification']})", ""
    where = f" in {run['procedure']}" if not run["detected_where"] else f" in {run['detected_where']}"
    return f"{code(run['detected_by'])}{where}", f"{run['detected_after_s']:.0f} s"


def _counts(runs: Sequence[Run]) -> str:
    words = sorted({run["classification"] for run in runs})
    rows = []
    for procedure in dict.fromkeys(run["procedure"] for run in runs):
        own = [run["classification"] for run in runs if run["procedure"] == procedure]
        rows.append((procedure, str(len(own)), *(str(own.count(word)) for word in words)))
    counted: str = table(("procedure", "runs", *words), rows)
    return counted


def _meanings(runs: Iterable[Run]) -> str:
    """Say what the faults are that nobody notices."""
    blueprints = open_site().truth.blueprints
    rows = []
    for fault in dict.fromkeys(run["fault"] for run in runs if run["classification"] in _UNNOTICED):
        component, _, name = fault.rpartition(".")
        declared = blueprints[component].faults[name]
        rows.append((code(fault), prose(declared.meaning), prose(declared.seen), prose(declared.cure)))
    told: str = table(("fault", "what happens", "how it is seen", "the cure"), rows)
    return f"## The faults\n\n{told}"


# ------------------------------------------------------------------- running


def campaign(*arguments: str) -> list[Run]:
    """Return the runs of a campaign."""
    command = [sys.executable, "-m", "cscsim", "campaign", *arguments, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return list(json.loads(done.stdout)["runs"])


def main() -> int:
    """Run the campaigns, and write the page."""
    runs = campaign("silent_faults")
    steps = [*campaign("weekly_matrix"), *_of("weekly-guarded", "steps")]
    alone = [run for moment in MOMENTS for run in _of(str(ALONE), moment)]
    PAGE.write_text(page(runs, steps, alone), encoding="utf-8")
    return 0


def _of(procedure: str, at: str) -> list[Run]:
    return campaign("--procedure", procedure, "--faults", "all", "--at", at)


if __name__ == "__main__":
    sys.exit(main())
