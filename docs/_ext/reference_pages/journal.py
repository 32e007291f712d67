"""Tables of the journal's records and of the report, held against a rehearsal that is run for it.

What a field means is told here; a field that comes without being told, or is told and never comes, fails the build.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from csc.bus.mqtt.payload import Private
from csc.bus.mqtt.requests import Requests
from csc.bus.mqtt.topics import Place, TopicTree
from csc.bus.mqtt.wire import Message
from cscsim.locate import open_site
from fsm import Clock, Journal, read_journal, simulate
from procedures import Rehearsal, parse_injection, rehearse
from procedures.branch import Branch
from procedures.moment import parse_moment
from procedures.training import Note, Pause, Refusal, open_session
from reference_pages.language import complete
from reference_pages.markdown import GENERATED, code, prose, table

__all__ = ["COMMON", "KINDS", "pages", "weekly_records"]

_ROOT = Path(__file__).parents[3]

COMMON = {
    "t": "simulated time since the start [s], to the microsecond",
    "n": "number of the record, from 1",
    "kind": "what happened",
    "who": "to whom, or by whom: a component, a script, `observer` who acts, `instructor` who has a run branch, "
    "`training` that watches goals, `console` that refuses",
}
KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "run": (
        "The first record: all that the others depend on.",
        {
            "procedure": "name of the procedure",
            "observatory": "name of the observatory",
            "parameter_set": "name of the values of its components' parameters",
            "seed": "seed of everything random",
            "config": "values given with `--set`",
            "scenario": "name of the scenario, or null",
            "faults": "faults given with `--fault`",
            "files": "which of these were read from files: `path` as it was given, and `sha256` of what was in it",
            "training": "name of the training scenario; only if somebody was trained",
        },
    ),
    "branch": (
        "The run leaves the one it comes from, as `cscsim replay --then` has it do; all before is the same in both.",
        {
            "until": "when, as it was given",
            "scenario": "name of the scenario, or null; its times count from here",
            "faults": "faults given with `--fault`; their times count from here",
            "files": "as in the first record",
        },
    ),
    "step": (
        "A step begins or ends.",
        {
            "step": "its id, after those of the steps that called its procedure",
            "name": "its name",
            "what": "`started`, `done`, `failed` or `stopped`",
            "because": "why it failed",
        },
    ),
    "condition": (
        "A condition was checked; of the components' own invariants only those that are broken.",
        {
            "where": "procedure and step, or component, machine and state",
            "condition": "the condition, in canonical units",
            "truth": "true, false, or null for unknown",
            "because": "the smallest part that makes it so, with the values seen",
        },
    ),
    "command": (
        "A command was sent.",
        {
            "command": "its name",
            "data": "its fields",
            "seq": "its sequence number",
            "by": "who sent it",
        },
    ),
    "ack": (
        "A command was acknowledged.",
        {
            "command": "its name",
            "seq": "the command's sequence number",
            "ack": "SAL's word: COMPLETE, INPROGRESS, FAILED, ABORTED, TIMEOUT and so on",
            "result": "its text",
            "error": "error code, if it is not 0",
            "timeout": "time that an acknowledgement in progress asks for [s]",
        },
    ),
    "event": (
        "An event was published. Telemetry is not in the journal.",
        {"topic": "its name", "data": "the fields that have changed"},
    ),
    "transition": (
        "A machine has entered a state.",
        {
            "machine": "the machine; `summary` is the summary state",
            "source": "the state it has left",
            "state": "the state it has entered",
            "job": "which of OCPS' jobs it belongs to",
        },
    ),
    "message": (
        "A message did not arrive as it was sent, because of a disturbance. Of telemetry nothing is said.",
        {
            "type": "command, ack or event",
            "name": "the topic, or the command",
            "seq": "the command's sequence number, or the sample's",
            "what": "`lost`, `late`, `doubled` or `overtaken`",
        },
    ),
    "expectation": (
        "Something came true that the scenario expects never to be so.",
        {"condition": "the condition, in canonical units", "because": "what makes it so, with the values seen"},
    ),
    "fault": (
        "A fault or disturbance began or ended.",
        {
            "fault": "its name",
            "parameters": "its parameters, in canonical units",
            "what": "`injected`, `cured` by what happened, or `cleared` by hand or in its time",
        },
    ),
    "confirm": (
        "A person answered.",
        {"step": "the step", "question": "the question", "answer": "true for yes"},
    ),
    "announce": ("A person passed something on.", {"step": "the step", "text": "the words"}),
    "report": (
        "A person named what is suspected.",
        {
            "component": "the component",
            "fault": "the fault of it; empty if only the component is suspected",
            "text": "further words",
        },
    ),
    "note": ("A person wrote something down.", {"text": "the words"}),
    "hint": (
        "A hint was shown.",
        {"number": "which of the training's, from 1; 0 for one in an instructor's words", "text": "the hint"},
    ),
    "pause": ("A person stopped simulated time, or let it go on.", {"what": "`paused` or `resumed`"}),
    "hand": (
        "Something was done at the hardware, by hand or by whom the observer has asked.",
        {
            "component": "where",
            "act": "the fault that was taken away, or the trigger that cures one",
            "what": "`done`, or `nothing to do`",
        },
    ),
    "refused": (
        "A console refused what somebody asked for; nothing of it came to the bus.",
        {"by": "who asked", "what": "for what", "because": "why not"},
    ),
    "goal": (
        "A goal of a training was reached, or is so no more.",
        {
            "goal": "its id; `shows.` or `safe.` and the id of a cause for when that can be seen, or is over",
            "what": "`reached` or `lost`",
            "condition": "the condition, in canonical units",
            "because": "what makes it so, with the values seen",
        },
    ),
    "wire": (
        "Over MQTT something came, or was to go, that cannot.",
        {
            "what": "`refused`: it cannot be read; `not sent`: it cannot be written; `left unread`: there was too much",
            "topic": "name of the command, event or fault",
            "because": "why",
            "number": "how many were left unread",
        },
    ),
    "log": (
        "A procedure wrote to its log.",
        {"step": "the step", "level": "info, warning or error", "message": "the line"},
    ),
    "end": ("The last record.", {"outcome": "passed, failed or aborted", "because": "why it has not passed"}),
}
RARE = frozenset({("ack", "error"), ("run", "files"), ("branch", "files"), ("wire", "number")})
"""Fields that the rehearsals below do not show."""

REPORT = {
    "procedure": "name of the procedure",
    "outcome": "passed, failed or aborted",
    "because": "why it has not passed; empty if it has",
    "observatory": "name of the observatory",
    "parameter_set": "name of the values of its components' parameters",
    "seed": "seed of everything random",
    "config": "values given with `--set`",
    "scenario": "name of the scenario, or null",
    "faults": "faults given with `--fault`",
    "simulated_seconds": "how long it took in the observatory [s]",
    "wall_seconds": "how long it took to compute [s]",
    "journal.records": "number of records",
    "journal.digest": "SHA-256 of the journal",
    "steps[].id": "id of the step, as in the journal",
    "steps[].name": "its name",
    "steps[].outcome": "done, failed, stopped, or running if it never ended",
    "steps[].start": "when it began, since the start [s]",
    "steps[].end": "when it ended [s], or null",
    "steps[].because": "why it failed; empty if it has not",
    "conditions.checked": "how many conditions were checked",
    "conditions.violated[].where": "procedure and step, or component, machine and state",
    "conditions.violated[].condition": "the condition",
    "conditions.violated[].because": "the smallest part that makes it so, with the values seen",
    "components.*.summary_state": "the component's summary state at the end",
    "components.*.machines": "each machine's state at the end",
    "components.*.outputs": "each output at the end, in canonical units; also those that are not published",
    "images[].name": "name of the image",
    "images[].type": "in capitals, such as FLAT",
    "images[].exposure_time": "commanded [s]",
    "images[].filter": "element in the filter wheel",
    "images[].grating": "element in the grating wheel",
    "images[].counts_adu": "mean level above bias [adu]",
    "images[].saturated": "whether the level has reached saturation",
    "expectations": "null without a scenario that says what will come of this procedure",
    "expectations.as_expected": "whether all of it has come",
    "expectations.detected_by": "condition, step or line by which the procedure first noticed a fault, or null",
    "expectations.detected_after_s": "how long after the first fault that was [s], or null",
    "expectations.judged[].expected": "what was expected, in words",
    "expectations.judged[].met": "whether it came",
    "expectations.judged[].because": "what was seen; empty where there is nothing to say",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the tables that the pages about the journal and the report include."""
    runs = _runs()
    records = [record for records, _ in runs for record in records]
    yield "generated/journal_kinds.md", "\n".join(_kinds([*records, *_session(), *_refused()]))
    yield "generated/report_keys.md", GENERATED + _report([report for _, report in runs])


def weekly_records() -> list[Mapping[str, Any]]:
    """Return the journal of a weekly rehearsal in which nothing goes wrong."""
    return _runs()[0][0]


@cache
def _runs() -> list[tuple[list[Mapping[str, Any]], Mapping[str, Any]]]:
    """Rehearse what shows every kind of record.

    A weekly run that passes, one that fails, a dome that is cured, and a scenario that is not as it expects.
    """
    slipped = "ATDome.encoder_slip:slip=2.5deg"
    return [
        _rehearse("weekly"),
        _rehearse("weekly", slipped, branch=("20 min", "ATWhiteLight.bulb_dies@1 h")),
        _rehearse("misalignment", slipped),
        _rehearse("daily", scenario="docs/how-to/examples/lost_answer.yaml"),
    ]


@cache
def _session() -> list[Mapping[str, Any]]:
    """Let somebody do one of each thing in a training."""
    site = open_site()

    async def main(clock: Clock) -> list[Mapping[str, Any]]:
        journal = Journal(lambda: clock.now)
        async with open_session(
            site.training("mirror_stays_covered"),
            clock,
            journal,
            sheet=site.sheet,
            library=site.library,
            blocks=site.blocks,
            seed=1,
        ) as session:
            session.act(Note(text="the mirror was washed yesterday"))
            session.act(Pause(what="paused"))
            session.act(Refusal(by="somebody", what="a connection", because="wrong token"), by="console")
            session.hint()
            session.report("ATPneumatics.covers_in_standby", "the command fails with a text")
            session.by_hand("ATPneumatics", "covers_in_standby")
            await session.remote("ATMCS").command("stopTracking")
            await session.remote("ATPneumatics").command("openM1Cover")
            await clock.sleep(120.0)
        return list(journal.records)

    return simulate(main)


def _refused() -> Iterator[Mapping[str, Any]]:
    """Let somebody send what cannot be read."""
    journal = Journal(lambda: 12.5)
    requests = Requests(
        TopicTree("auxtel"), "cscsim", journal, lambda _: None, lambda number, who, **_: Private(), lambda: 1
    )
    topic = TopicTree("auxtel").of("ATDome", "command", "moveAzimuth")
    requests.read(Place("ATDome", "command", "moveAzimuth"), Message(topic, b'{"azimuth": 3.0'))
    yield from journal.records


def _rehearse(
    name: str, *faults: str, scenario: str | None = None, branch: tuple[str, str] | None = None
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    site = open_site()
    branches = [branch] if branch is not None else []
    with TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.jsonl"
        report = rehearse(
            Rehearsal(
                procedure=site.procedure(name),
                library=site.library,
                blocks=site.blocks,
                observatory=site.sheet,
                seed=1,
                faults=tuple(parse_injection(fault, site.truth) for fault in faults),
                scenario=site.scenario(str(_ROOT / scenario)) if scenario is not None else None,
                branches=tuple(
                    Branch(moment=parse_moment(at, site.truth), faults=(parse_injection(fault, site.truth),))
                    for at, fault in branches
                ),
                journal=journal,
            )
        )
        return list(read_journal(journal)), json.loads(json.dumps(report.as_json(), default=str))


def _kinds(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    records = list(records)
    complete("kind of record", {record["kind"] for record in records}, dict(KINDS))  # type: ignore[arg-type]  # names
    yield GENERATED
    yield "Every record has these fields:\n"
    yield table(("field", "meaning"), [(code(name), text) for name, text in COMMON.items()])
    for kind, (summary, fields) in KINDS.items():
        of_kind = [record for record in records if record["kind"] == kind]
        found = {key for record in of_kind for key in record} - set(COMMON)
        complete(f"field of {kind}", found | {name for name in fields if (kind, name) in RARE}, dict(fields))
        yield f"## {kind}\n\n{prose(summary)}\n"
        yield table(("field", "meaning"), [(code(name), prose(text)) for name, text in fields.items()])
        shown = max(of_kind[:40], key=lambda record: (len(record), -len(json.dumps(record))))
        yield f"```json\n{_shown(shown)}\n```\n"


def _shown(record: Mapping[str, Any]) -> str:
    """Write a record on lines that fit the page; in the journal it is one."""
    words = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in record.items()]
    lines = [", ".join(words[: len(COMMON)]), *words[len(COMMON) :]]
    return "{" + ",\n ".join(lines) + "}"


def _report(reports: Iterable[Mapping[str, Any]]) -> str:
    found = {key for report in reports for key in _paths(report)}
    complete("key of the report", found, REPORT)
    return table(("key", "meaning"), [(code(key), prose(text)) for key, text in REPORT.items()])


def _paths(value: Any, at: str = "") -> Iterator[str]:
    """Yield the keys of nested data; what is named by a component, a machine or an output stands as one."""
    if isinstance(value, dict) and at not in _NAMED_FREELY:
        for key, item in value.items():
            name = "*" if at == "components" else key
            yield from _paths(item, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from _paths(item, f"{at}[]")
    elif value != [] or at == "faults":
        yield at


_NAMED_FREELY = ("config", "components.*.machines", "components.*.outputs")
