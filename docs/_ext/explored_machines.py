"""Explores every component, with every fault, and writes what was found into the documentation.

`make explore` runs it. It takes a minute, so the page lies beside the others and not among those that are written when
the documentation is built. What is found and is as it should be has its explanation in a file beside the page: a
finding without one, and an explanation of nothing that was found, make it fail.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reference_pages.markdown import code, prose, table
from rich.console import Console

from csc import Blueprint, load_catalogue
from csc.exploration import GRAVE, KINDS, Exploration, Finding, Part, explore_components
from fsm import load_document
from fsm.explore import Progress

__all__ = ["TOGETHER", "explanations", "needs_explanation", "page", "stale", "unexplained"]

FOLDER = Path(__file__).parents[1] / "explanation"
PAGE = FOLDER / "explored-machines.md"
EXPLANATIONS = FOLDER / "explored-machines.yaml"
TOGETHER = ("ATWhiteLight", "ATDome", "ATCamera")
"""Components that were explored together, as an example of those that go their own ways."""
READERS = ("ATDome", "ATDomeTrajectory")
"""Components that were explored together because one reads the other."""
MOST = 10_000_000
_EVERYWHERE = "all"
_EXPLAINED = (*GRAVE, "dead state", "unreached state", "dead row", "outside")

_INTRODUCTION = """\
# What machines can do

`make explore` wrote this page: it explored every component as its data sheet states it, alone, first sound and then
with each of its faults.

## What is explored

A *situation* says in which state each machine is, the summary state among them, and what those stored outputs are on
which something hangs.
From each situation everything is tried that may happen there, until nothing new is found:

- any command with any fields, if the summary state and the guards let it pass;
- any timer of a state, at any time; timers with the same time ring in the order of their rows;
- any trigger that the data sheet says the behaviour `fires`, any error with which it `fails`;
- with a fault: the fault itself wherever the component may be, and its cure, as often as you like, one fault at a time.

Whatever rows emit follows at once until nothing is left, as in a running component.
What only Python computes may be anything in its `range`, each time that it is asked.
What a component reads of another one may be anything that the other could publish.
What a guard asks of a number that takes too many values, such as a count of images, is yes or no until a row sets it.

So more is explored than can happen.
What is never reached here never comes about; what goes wrong here may need a look at the times, which are not known.

A weekly rehearsal is held against it: every situation in which it was is among those that were explored.
"""


def explanations() -> dict[str, dict[str, str]]:
    """Return the explanations by component and finding."""
    data = load_document(EXPLANATIONS).data
    return {component: {key: str(text) for key, text in findings.items()} for component, findings in data.items()}


def needs_explanation(finding: Finding) -> bool:
    """Tell whether a finding has to be explained or mended."""
    return finding.kind in _EXPLAINED


def explained(finding: Finding, texts: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the explanation of a finding; None if there is none."""
    own = texts.get(finding.component, {}).get(finding.key)
    return own if own is not None else texts.get(_EVERYWHERE, {}).get(finding.key)


def unexplained(findings: Sequence[Finding], texts: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Return the findings that need an explanation and have none."""
    return [each for each in findings if needs_explanation(each) and explained(each, texts) is None]


def stale(findings: Sequence[Finding], texts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the explanations of what was not found."""
    found = {(each.component, each.key) for each in findings} | {(_EVERYWHERE, each.key) for each in findings}
    return [f"{component}: {key}" for component, keys in texts.items() for key in keys if (component, key) not in found]


# ------------------------------------------------------------------- writing


def page(
    report: Exploration,
    others: Sequence[Exploration],
    texts: Mapping[str, Mapping[str, str]],
    sheets: Mapping[str, Blueprint],
) -> str:
    """Return the page."""
    return "\n".join(_lines(report, others, texts, sheets)).rstrip() + "\n"


def _lines(
    report: Exploration,
    others: Sequence[Exploration],
    texts: Mapping[str, Mapping[str, str]],
    sheets: Mapping[str, Blueprint],
) -> Iterator[str]:
    yield _INTRODUCTION
    yield "## How much there is\n"
    rows = []
    for group in report.groups:
        [name] = group.components
        alike = "" if group.standing_for == group.situations else f"for {_spaced(group.standing_for)}"
        most = max((each.situations for each in report.faults.get(name, ())), default=0)
        rows.append(
            (
                code(name),
                _spaced(group.situations),
                alike,
                str(group.depth),
                _spaced(most) if most else "",
                _all(group.exhausted),
            )
        )
    heads = ("component", "situations", "machines alike", "actions deep", "with a fault, at most", "explored")
    yield table(heads, rows)
    yield "Machines that are alike, as the vent gates, are not told apart: one situation stands for several.\n"
    for other in others:
        yield from _together(other)
    yield from _findings(report, texts)
    yield from _faults(report, sheets)
    yield from _order(report)


def _together(report: Exploration) -> Iterator[str]:
    names = ", ".join(code(name) for group in report.groups for name in group.components)
    if len(report.groups) == 1:
        [group] = report.groups
        yield (
            f"{names} were explored together, for one reads the other: {_spaced(group.situations)} situations, "
            f"{_all(group.exhausted)} of them, {group.depth} actions deep.\n"
        )
        return
    product = " × ".join(_spaced(group.standing_for) for group in report.groups)
    yield (
        f"{names} read nothing of each other, and a command may come to each at any time, so each goes its own way: "
        f"together they can be in every combination, {product} = {_spaced(report.together)} situations. "
        "These are counted, not enumerated; nothing more would be found by it.\n"
    )


def _findings(report: Exploration, texts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "## What was found, and why it is as it is\n"
    for kind in _EXPLAINED:
        some = [finding for finding in report.findings if finding.kind == kind]
        if not some:
            continue
        yield f"### {kind.capitalize()}: {KINDS[kind]}\n"
        common = texts.get(_EVERYWHERE, {})
        for key in dict.fromkeys(each.key for each in some if each.key in common):
            names = [each.component for each in some if each.key == key and key not in texts.get(each.component, {})]
            if names:
                subject = next(each.subject for each in some if each.key == key)
                yield f"- {code(subject)} of {', '.join(names)}:\n  {prose(common[key])}"
        for each in some:
            own = texts.get(each.component, {}).get(each.key)
            if own is not None or each.key not in common:
                because = "" if each.kind in GRAVE or not each.because else f" ({prose(each.because)})"
                yield f"- **{each.component}** {code(each.subject)}{because}:\n  {prose(own or 'NOT EXPLAINED')}"
        yield ""


def _faults(report: Exploration, sheets: Mapping[str, Blueprint]) -> Iterator[str]:
    yield "## What brings a component back\n"
    yield (
        "A component is back when it is ENABLED and stands as one may stand to which nothing ever happened.\n"
        "*Commands* means that they suffice from wherever the fault has left it; *its cure*, that from somewhere the "
        "cure is needed, too.\n"
    )
    rows = []
    for component, recoveries in report.faults.items():
        for each in recoveries:
            cure = "" if each.verdict == "commands" else prose(sheets[component].faults[each.fault].cure)
            rows.append((code(f"{component}.{each.fault}"), _spaced(each.situations), each.verdict, cure))
    yield table(("fault", "situations", "brought back by", "the cure"), rows)


def _order(report: Exploration) -> Iterator[str]:
    yield "## Where the order of rows decides\n"
    some = [finding for finding in report.findings if finding.kind == "overlap"]
    last = sum(finding.kind == "order" for finding in report.findings)
    yield (
        f"In {last} pairs of rows the later one has no guard: it is for whatever the earlier one leaves.\n"
        f"In these {len(some)} both guards may hold at once, and the earlier row is taken:\n"
    )
    for each in some:
        first, _, second = each.subject.partition(" / ")
        yield f"- **{each.component}**, {each.because}:\n  {code(first)}\n  before {code(second)}"
    yield ""


def _all(exhausted: bool) -> str:
    return "all" if exhausted else "not all"


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


# ------------------------------------------------------------------- running


def main() -> int:
    """Explore, write the page, and say what has no explanation."""
    console, catalogue, texts = Console(stderr=True, highlight=False), load_catalogue(), explanations()

    def notice(name: str, progress: Progress) -> None:
        if console.is_terminal:
            console.print(f"\r{name}: {_spaced(progress.situations)} situations\x1b[K", end="")

    def explored(*names: str, faults: bool = False, together: bool = True) -> Exploration:
        parts = [Part(name=name, plan=catalogue[name]) for name in names]
        return explore_components(parts, catalogue, faults=faults, together=together, limit=MOST, notice=notice)

    report = explored(*sorted(catalogue), faults=True, together=False)
    others = [explored(*TOGETHER), explored(*READERS)]
    PAGE.write_text(page(report, others, texts, catalogue), encoding="utf-8")
    missing, left = unexplained(report.findings, texts), stale(report.findings, texts)
    for finding in missing:
        console.print(f"\nnot explained: {finding.component}  {finding.key}\n  {finding.because}", markup=False)
        for line in finding.trace:
            console.print(f"    {line}", markup=False)
    for name in left:
        console.print(f"explains what was not found: {name}", markup=False)
    exhausted = report.exhausted and all(other.exhausted for other in others)
    if not exhausted:
        console.print("not everything was explored")
    return 0 if exhausted and not missing and not left else 1


if __name__ == "__main__":
    sys.exit(main())
