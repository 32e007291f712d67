"""The reference page of the wire: its messages are what the code sends and reads, its tables what the code has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import pytest

from csc import AckCode, load_catalogue, load_observatory
from csc.bus.mqtt.asyncapi import asyncapi_document
from csc.bus.mqtt.asyncapi.shared import PRIVATE_FIELDS
from csc.bus.mqtt.demand import _LONGEST_LEASE, DEFAULT_LEASE
from csc.bus.mqtt.payload import _DEEPEST, _LONGEST, LARGEST, Private, decode, encode
from csc.bus.mqtt.presence import ALIVE
from csc.bus.mqtt.requests import _REMEMBERED
from csc.bus.mqtt.revision import revision
from csc.bus.mqtt.roles import RIGHTS
from csc.bus.mqtt.topics import TopicTree
from csc.fields import TEXT_LIMIT
from csc.messages import Ack, Sample
from csc.observatory import tai_from_iso
from tests.asyncapi.contract import Contract
from tests.csc.rig import Rig, run
from tests.docs.blocks import DOCS

PAGE = (DOCS / "reference" / "mqtt.md").read_text(encoding="utf-8")
CATALOGUE = load_catalogue()
SHEET = load_observatory(DOCS.parent / "sim_configs" / "observatories" / "auxtel.yaml", CATALOGUE)
TREE = TopicTree("auxtel")
CONTRACT = Contract(asyncapi_document(SHEET, CATALOGUE, components=["ATDome"]))
REQUESTS = ("command", "inject", "demand")


class Shown(NamedTuple):
    """A message on the page."""

    topic: str
    payload: Mapping[str, Any]


SHOWN = [
    Shown(topic, orjson.loads(payload))
    for topic, payload in re.findall(r"^```text\n(\S+)\n(\{\n.*?^\})\n```$", PAGE, re.MULTILINE | re.DOTALL)
]
"""The messages on the page, in their order."""


def of(kind: str) -> Shown:
    """Return the one message of a kind."""
    [found] = [each for each in SHOWN if each.topic.split("/")[-2] == kind or each.topic.endswith(f"/{kind}")]
    return found


def fields_of(shown: Shown) -> dict[str, Any]:
    return decode(orjson.dumps(shown.payload))[0]


def table_after(words: str) -> list[list[str]]:
    """Return the rows of the first table after some words, without its head."""
    parts = PAGE[PAGE.index(words) :].split("\n\n")[1:]
    table = next(part for part in parts if part.startswith("|"))
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def test_every_kind_of_message_is_shown():
    kinds = {place.kind if (place := TREE.place(each.topic)) else each.topic.split("/")[3] for each in SHOWN}

    assert kinds == {"command", "reply", "ack", "event", "telemetry", "demand", "inject", "alive", "clock"}


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.topic)
def test_a_message_is_on_the_tree_and_as_the_document_tells(shown):
    place = TREE.place(shown.topic)

    if place is not None:
        assert TREE.of(*place) == shown.topic
        assert CONTRACT.complaints(shown.topic, shown.payload) == []
    else:
        assert shown.topic in (TREE.clock, TREE.reply("ann"))
        key = "clock" if shown.topic == TREE.clock else "ATDome.ack"
        assert [error.message for error in CONTRACT.validator(key).iter_errors(shown.payload)] == []


@pytest.mark.parametrize(
    "shown", [each for each in SHOWN if each.topic.split("/")[-2] not in REQUESTS], ids=lambda shown: shown.topic
)
def test_a_message_of_a_component_is_written_as_the_code_writes_it(shown):
    written = orjson.dumps(shown.payload)

    assert written == (ALIVE if shown.topic.endswith("alive") else encode(*decode(written)))


def test_requests_can_be_read_and_name_a_topic_for_their_acknowledgements():
    for kind in ("command", "inject"):
        assert decode(orjson.dumps(of(kind).payload))[1].replyTo == TREE.reply("ann")
    assert fields_of(of("demand")) == {"lease": DEFAULT_LEASE}


def test_what_the_dome_says_is_what_the_page_shows():
    async def scenario(rig: Rig) -> dict[str, Any]:
        said: dict[str, Any] = {}
        position: list[Sample] = []

        async def move(kind: str) -> None:
            acks: list[Ack] = []
            rig.observatory.bus.send(
                "ATDome", "moveAzimuth", fields_of(of("command")), identity="ann", reply=acks.append
            )
            await rig.sleep(0.0)
            [ack] = acks
            said[kind] = (
                rig.now,
                {
                    "command": "moveAzimuth",
                    "ack": int(ack.code),
                    "error": ack.error,
                    "result": ack.result,
                    "timeout": 0.0,
                },
            )

        rig.observatory.bus.subscribe("ATDome", "position", position.append)
        await rig.enable("ATDome")
        await rig.sleep(20.0 - rig.now)
        await move("reply")
        await rig.sleep(100.0 - rig.now)
        rig.inject("ATDome", "not_homed")
        await move("ack")
        for kind, sample in (("event", rig.event("ATDome", "azimuthCommandedState")), ("telemetry", position[-1])):
            said[kind] = (sample.t, dict(sample.data))
        return said

    said = run(scenario, "ATDome", start=SHEET.start)

    assert said == {kind: (of(kind).payload["private_t"], fields_of(of(kind))) for kind in said}
    assert set(said) == {"reply", "ack", "event", "telemetry"}


def test_stamps_and_versions_are_those_that_belong_to_a_message():
    started = tai_from_iso(SHEET.start)
    for shown in SHOWN:
        _, private = decode(orjson.dumps(shown.payload))
        if private.t is not None:
            assert private.sndStamp == started + private.t
        place = TREE.place(shown.topic)
        if place is not None and place.kind in ("event", "telemetry"):
            assert private.revCode == revision(CATALOGUE[place.who].topics[place.what])
    clock = of("clock").payload
    assert (clock["t"], clock["tai"]) == (clock["private_t"], clock["private_sndStamp"])


def test_the_fault_that_is_shown_can_be_asked_for():
    fault = CATALOGUE["ATDome"].faults["encoder_slip"]

    assert set(of("inject").payload["parameters"]) <= set(fault.parameters)


# ---------------------------------------------------------------------- tables


def test_the_table_of_private_fields_is_complete():
    assert [row[0] for row in table_after("### Private fields")] == [f"`private_{name}`" for name in Private.__slots__]
    assert list(PRIVATE_FIELDS) == list(Private.__slots__)


def test_the_table_of_acknowledgements_is_complete():
    rows = table_after("it may come any number of")

    assert [(int(row[0]), row[1].strip("`")) for row in rows] == [(int(code), code.name) for code in AckCode]
    assert [row[2].startswith("final: ") for row in rows] == [code.is_final for code in AckCode]


def test_the_table_of_roles_is_what_brokers_check():
    rows = {row[0]: [re.findall(r"`(.*?)`", cell) for cell in row[1:]] for row in table_after("## Roles")}

    assert rows == {str(role): [list(rights.read), list(rights.write)] for role, rights in RIGHTS.items()}


def test_the_limits_are_those_of_the_code():
    told = [int(re.sub(r"\D", "", row[1])) for row in table_after("## Limits")]

    assert told == [LARGEST, _DEEPEST, TEXT_LIMIT, _LONGEST, _LONGEST_LEASE, _REMEMBERED]
    assert "a lease is real time [s]: 60 " in PAGE.lower()
