"""A campaign as JUnit XML: a test case a run, which fails if the run is silent, stuck, crashed or ends unsafe."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cscsim.campaign_result import Result, ResultRow, meaning_of

__all__ = ["junit_text"]

_FAILURES = ("silent", "stuck")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(result: Result) -> str:
    """Return the file's text."""
    rows = result.rows
    suite = ElementTree.Element(
        "testsuite",
        name=f"cscsim campaign {result.plan.name}",
        tests=str(len(rows)),
        failures=str(sum(bool(_failure(row)) for row in rows)),
        errors=str(sum(row.classification == "crashed" for row in rows)),
        skipped=str(sum(row.classification == "not_injected" for row in rows)),
        time=f"{result.wall_seconds:.3f}",
    )
    for row in rows:
        _add(suite, row)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _failure(row: ResultRow) -> str:
    """Return the kind of failure that a run is; empty if it is none."""
    if row.classification in _FAILURES:
        return row.classification
    return "unsafe" if row.unsafe and row.classification != "crashed" else ""


def _add(suite: ElementTree.Element, row: ResultRow) -> None:
    name = f"{row.case.fault} at {row.moment}, seed {row.case.seed}"
    case = ElementTree.SubElement(suite, "testcase", classname=f"campaign.{row.case.procedure}", name=_clean(name))
    kind = _failure(row)
    told = [row.verdict.because, *row.verdict.harm, *(f"not safe: {each}" for each in row.unsafe), row.case.command]
    if row.classification == "crashed":
        ElementTree.SubElement(case, "error", type="crashed", message=_clean(row.verdict.because))
    elif row.classification == "not_injected":
        ElementTree.SubElement(case, "skipped", message=_clean(row.verdict.because))
    elif kind:
        message = row.unsafe[0] if kind == "unsafe" else meaning_of(kind)
        failure = ElementTree.SubElement(case, "failure", type=kind, message=_clean(message))
        failure.text = _clean("\n".join(filter(None, told)))
    out = ElementTree.SubElement(case, "system-out")
    out.text = _clean(f"{row.classification}; noticed by: {row.detected_by or 'nothing'}\n{row.case.command}")


def _clean(text: str) -> str:
    """Leave out what XML cannot say."""
    return _UNWRITABLE.sub("?", text)
