"""cscsim asyncapi: the document as a file, and what a rehearsal says held against it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from csc import load_catalogue
from csc.bus.memory import MemoryBus
from csc.bus.mqtt.asyncapi import asyncapi_document
from csc.bus.mqtt.payload import Private, encode
from csc.bus.mqtt.topics import TopicTree
from cscsim.asyncapi import _as_yaml
from cscsim.locate import open_site
from fsm import load_document, read_journal
from tests.asyncapi.contract import Contract
from tests.asyncapi.parser import ERROR, judge, needs_parser
from tests.cscsim.cli import SMALL, call, in_a_process

DOCUMENT = asyncapi_document(open_site("auxtel").sheet)
TREE = TopicTree("auxtel")


def test_the_auxiliary_telescope_is_meant_if_no_observatory_is_named():
    result = call("asyncapi")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == call("asyncapi", "auxtel").stdout


def test_yaml_and_json_say_the_same():
    from_yaml = load_document(call("asyncapi").stdout, name="asyncapi.yaml").data
    from_json = orjson.loads(call("asyncapi", "--format", "json").stdout)

    assert from_yaml == from_json == DOCUMENT


@needs_parser()
def test_the_official_parser_reads_the_yaml():
    verdict = judge(call("asyncapi", "comcam").stdout)

    assert [finding for finding in verdict.findings if finding[0] <= ERROR + 1] == []
    assert verdict.channels > 100


@pytest.mark.parametrize(
    "text", ["506e8252", "12345678", "1.5e3", "0x12", "0o17", "1e5", "null", "on", "~", "a: b", "a\nb\n"]
)
def test_a_text_that_looks_like_something_else_stays_a_text(text):
    assert load_document(_as_yaml({"revision": text}), name="x.yaml").data == {"revision": text}


def channels_of(*arguments: str) -> set[str]:
    return set(orjson.loads(call("asyncapi", "--format", "json", *arguments).stdout)["channels"])


def test_only_components_that_are_named_are_written():
    channels = channels_of("--component", "ATDome")

    assert "ATDome.command.moveAzimuth" in channels
    assert not any(key.startswith("ATMCS") for key in channels)


def test_several_components_may_be_named():
    channels = channels_of("--component", "ATDome", "--component", "OCPS")

    assert {"ATDome.command.moveAzimuth", "OCPS_1.command.execute"} <= channels


def test_an_observatory_may_be_a_file():
    assert "id: urn:cscsim:1:small\n" in call("asyncapi", SMALL[1]).stdout


def test_it_is_written_to_a_file(tmp_path):
    path = tmp_path / "auxtel.yaml"

    result = call("asyncapi", "--output", str(path))

    assert result.stdout == ""
    assert path.read_text(encoding="utf-8") == call("asyncapi").stdout


def test_it_is_the_same_in_every_process():
    written = [
        in_a_process("asyncapi", "--component", "ScriptQueue", PYTHONHASHSEED=seed, COLUMNS="80").stdout
        for seed in "12"
    ]

    assert written[0] == written[1]
    assert written[0].startswith(b"asyncapi: 3.0.0\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("auxtell",), "cscsim: there is no observatory auxtell; did you mean auxtel?"),
        (("--component", "ATDoom"), "cscsim: there is no component ATDoom here; did you mean ATDome?"),
        (("--component", "CCCamera"), "cscsim: there is no component CCCamera here; did you mean ATCamera?"),
        (("--output", "no/such/folder/a.yaml"), "no/such/folder/a.yaml: cannot be written: No such file or directory"),
    ],
)
def test_a_mistake_is_told(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = call("asyncapi", *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{message}\n")


# ---------------------------------------------------------------------- a rehearsal


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[Any]], Path]:
    """What components said in the weekly calibrations, by topic, and the journal."""
    said: dict[str, list[Any]] = defaultdict(list)
    deliver = MemoryBus._deliver

    def listening(bus: MemoryBus, kind: str, key: tuple[str, str], data: Any) -> None:
        said[TREE.of(key[0], kind, key[1])].append(data)
        deliver(bus, kind, key, data)

    path = tmp_path_factory.mktemp("rehearsal") / "weekly.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryBus, "_deliver", listening)
        assert call("rehearse", "weekly", "--seed", "1", "--yes", "--journal", str(path)).exit_code == 0
    return said, path


def test_what_components_say_in_a_rehearsal_is_as_the_document_tells(rehearsed):
    said, _ = rehearsed
    contract = Contract(DOCUMENT)
    private = Private(sndStamp=1.0, seqNum=1, identity="x", origin=1, revCode="12345678", t=0.0)

    wrong = [
        complaint
        for topic, messages in said.items()
        for message in messages[-20:]
        for complaint in contract.complaints(topic, orjson.loads(encode(message, private)))
    ]

    assert wrong == []
    assert len(said) > 300


def test_what_is_sent_to_components_in_a_rehearsal_is_as_the_document_tells(rehearsed):
    _, path = rehearsed
    contract = Contract(DOCUMENT)
    commands = [record for record in read_journal(path) if record["kind"] == "command"]
    sent = {orjson.dumps((record["who"], record["command"], record["data"])): record for record in commands}

    wrong = [
        complaint
        for record in sent.values()
        for complaint in contract.complaints(
            TREE.of(record["who"], "command", record["command"]), orjson.loads(encode(record["data"], Private()))
        )
    ]

    assert wrong == []
    assert len(sent) > 50
    assert {record["who"].partition(":")[0] for record in sent.values()} <= set(load_catalogue())
