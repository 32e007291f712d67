"""Records in words."""

from __future__ import annotations

import orjson
import pytest

from procedures.replay import in_words, matters
from tests.procedures.replay.lamp import lamp, record


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"kind": "step", "who": "observer", "step": "turn", "name": "Turn", "what": "failed", "because": "stuck"},
            "observer step turn failed: Turn, because stuck",
        ),
        (
            {"kind": "ack", "who": "ATDome", "command": "moveAzimuth", "seq": 3, "ack": "FAILED", "result": "no"},
            "ATDome acknowledges moveAzimuth (3): FAILED no",
        ),
        (
            {"kind": "command", "who": "ATDome", "by": "observer", "command": "moveAzimuth", "data": {"azimuth": 3}},
            "observer sends ATDome moveAzimuth azimuth=3",
        ),
        ({"kind": "fault", "who": "ATDome", "fault": "x", "what": "cured"}, "fault ATDome.x is cured"),
        ({"kind": "new", "who": "ATDome"}, "ATDome: new"),
        ({"kind": "step", "who": "ATDome"}, "ATDome: step"),
    ],
)
def test_a_record_in_words(told, words):
    assert in_words(told) == words


def test_every_record_of_a_run_has_words_of_its_own(tmp_path):
    recording = record(lamp(), tmp_path / "run.jsonl")
    records = [orjson.loads(line) for line in recording.lines()]

    assert [each for each in records if in_words(each) == f"{each['who']}: {each['kind']}"] == []
    assert {each["kind"] for each in records if matters(each)} >= {"step", "command", "transition", "confirm", "end"}
    assert not any(matters(each) for each in records if each["kind"] == "event")
