"""Makes a debrief of any journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fsm import AuthorError, Record
from procedures.blocks import Blocks
from procedures.debrief.debrief import Debrief
from procedures.debrief.guide import follow_guide
from procedures.debrief.timeline import make_timeline
from procedures.model import Procedure
from procedures.replay.recording import Recording, record_of
from procedures.scoring import score_session
from procedures.training import Training

__all__ = ["make_debrief", "read_records"]

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "step": ("step", "what"),
    "condition": ("where", "condition", "truth"),
    "expectation": ("condition", "because"),
    "command": ("command", "data", "by"),
    "event": ("topic", "data"),
    "transition": ("machine", "source", "state"),
    "fault": ("fault", "what"),
    "goal": ("goal", "what", "because"),
    "branch": ("scenario", "faults"),
    "end": ("outcome",),
}
"""What a debrief reads of each kind of record."""


def read_records(recording: Recording) -> list[Record]:
    """Return the records of a journal, up to the last whole one.

    Raises
    ------
    AuthorError
        If a line is no record, or lacks what its kind has; says which.
    """
    records = []
    for number, line in enumerate(recording.lines(), start=1):
        record = record_of(line, recording.path, number)
        missing = [key for key in _FIELDS.get(record["kind"], ()) if key not in record]
        if missing:
            words = f"not a journal record: a {record['kind']} without {', '.join(missing)}"
            raise AuthorError(words, file=str(recording.path), line=number)
        records.append(record)
    return records


def make_debrief(
    recording: Recording,
    *,
    training: Training | None = None,
    procedure: Procedure | None = None,
    blocks: Blocks | None = None,
    notes: Sequence[str] = (),
) -> Debrief:
    """Read a debrief off a journal.

    Parameters
    ----------
    training
        What the journal is scored by; None for a journal of no training.
    procedure, blocks
        The guide; None leaves it out.
    notes
        What is known of the journal from elsewhere.

    Raises
    ------
    AuthorError
        If a line of the journal is no record; says which.
    """
    records = read_records(recording)
    concerned = [cause.component for cause in training.causes] if training is not None else []
    timeline = make_timeline(records, concerned=concerned)
    end = recording.end or {}
    return Debrief(
        circumstances=recording.circumstances,
        subject=_subject(recording, training, procedure),
        outcome=str(end.get("outcome", "")),
        because=str(end.get("because", "")),
        notes=(*_notes(recording, records), *notes),
        seconds=recording.last,
        records=recording.records,
        digest=recording.digest,
        checked=sum(record["kind"] == "condition" for record in records),
        timeline=timeline,
        guide=tuple(follow_guide(procedure, timeline.acts, timeline.steps, blocks)) if procedure and blocks else (),
        contingency=procedure.contingency if procedure is not None else (),
        score=score_session(records, training) if training is not None else None,
    )


def _subject(recording: Recording, training: Training | None, procedure: Procedure | None) -> str:
    if training is not None and recording.circumstances.get("training"):
        return training.title
    return procedure.title if procedure is not None else ""


def _notes(recording: Recording, records: Sequence[Record]) -> list[str]:
    if not recording.is_cut:
        return []
    broken = recording.path.stat().st_size > sum(map(len, recording.lines()))
    last = f"record {recording.records}, at {recording.last:g} s"
    half = "; a line after it is broken off and was left out" if broken else ""
    return [f"The journal was cut: the run did not come to its end. This is what there is up to {last}{half}."]
