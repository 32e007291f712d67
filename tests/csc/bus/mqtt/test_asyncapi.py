"""The AsyncAPI document: valid, complete, and true of what components say."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from astropy import units

from csc import Observatory, load_catalogue, load_observatory
from csc.bus.mqtt.asyncapi import asyncapi_document
from csc.bus.mqtt.payload import Private, encode
from csc.bus.mqtt.revision import revision
from csc.bus.mqtt.topics import TopicTree
from csc.catalogue import read_sheets
from csc.disturbances import DISTURBANCES
from csc.observatory import ObservatorySheet, PlacedComponent
from fsm import AuthorError, Clock, Journal, simulate
from tests.asyncapi.contract import Contract
from tests.asyncapi.parser import ERROR, judge, needs_parser
from tests.csc.programs import FakeBlocks, FakeCatalogue
from tests.csc.tiny import SHEETS

ROOT = Path(__file__).parents[4]
CATALOGUE = load_catalogue()
AUXTEL, COMCAM = (
    load_observatory(ROOT / "sim_configs" / "observatories" / f"{name}.yaml", CATALOGUE)
    for name in ("auxtel", "comcam")
)
TREE = TopicTree("auxtel")
CONTRACT = Contract(asyncapi_document(AUXTEL, CATALOGUE))
PLACED = {name: CATALOGUE[name.partition(":")[0]] for name in AUXTEL.components}
NOT_NEWEST = "asyncapi-latest-version"
"""Information, no warning: 3.1 adds nothing that MQTT needs."""


def written(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()


# ---------------------------------------------------------------------- the official parser


@needs_parser()
@pytest.mark.parametrize("sheet", [AUXTEL, COMCAM], ids=["auxtel", "comcam"])
def test_the_official_parser_finds_nothing_wrong(sheet):
    document = asyncapi_document(sheet, CATALOGUE)

    verdict = judge(written(document))

    assert [(severity, code) for severity, code, _, _ in verdict.findings] == [(2, NOT_NEWEST)]
    assert (verdict.channels, verdict.operations) == (len(document["channels"]), len(document["operations"]))


@needs_parser()
def test_the_official_parser_would_find_what_is_wrong():
    document = asyncapi_document(AUXTEL, CATALOGUE, components=["ATBuilding"])
    document["operations"]["clock"]["action"] = "shout"

    assert (ERROR, "operations/clock/action") in [(each[0], each[2]) for each in judge(written(document)).findings]


# ---------------------------------------------------------------------- what there is


def test_every_topic_of_every_component_is_on_one_channel():
    wanted = {TREE.clock}
    for name, plan in PLACED.items():
        wanted |= {TREE.of(name, "alive"), TREE.of(name, "demand", "alive")}
        wanted |= {TREE.of(name, kind, what) for kind in ("command", "ack") for what in plan.commands}
        faults = [*plan.faults, *(key for key, each in DISTURBANCES.items() if plan.is_csc or not each.csc_only)]
        wanted |= {TREE.of(name, kind, fault) for kind in ("inject", "ack") for fault in faults}
        for topic in plan.topics.values():
            if topic.simulated and topic.cadence is not None:
                wanted |= {TREE.of(name, kind, topic.name) for kind in ("telemetry", "demand")}
            if topic.simulated and not topic.telemetry and topic.name != "heartbeat":
                wanted.add(TREE.of(name, "event", topic.name))

    assert {topic: keys for topic in wanted if len(keys := CONTRACT.keys(topic)) != 1} == {}
    told = CONTRACT.topics(("alive", "command", "ack", "inject", "telemetry", "demand", "event"))
    assert {topic for topic in told if "{" not in topic} == wanted - {TREE.clock}


@pytest.mark.parametrize(
    "topic", ["telemetry/position/10", "demand/position/10", "demand/heartbeat", "ack/enable", "ack/message_lost"]
)
def test_what_is_addressed_in_other_ways_is_on_one_channel(topic):
    assert len(CONTRACT.keys(f"{TREE.root}/ATDome/{topic}")) == 1


@pytest.mark.parametrize(
    "topic",
    ["command/run", "event/state", "telemetry/heartbeat", "inject/message_lost", "ack/run", "alive", "demand/alive"],
)
def test_scripts_that_the_queue_loads_are_there(topic):
    assert len(CONTRACT.keys(f"{TREE.root}/Script:200000/{topic}")) == 1


def test_what_is_not_there_has_no_channel():
    assert CONTRACT.keys(f"{TREE.root}/ATDome/command/fly") == []
    assert CONTRACT.keys(f"{TREE.root}/MTDome/command/enable") == []


def test_the_observatory_receives_requests_and_sends_the_rest():
    actions = {
        topic: (operation := CONTRACT.operation(CONTRACT.keys(f"{TREE.root}/ATDome/{topic}")[0]))["action"]
        + (" and replies" if "reply" in operation else "")
        for topic in (
            *("command/moveAzimuth", "inject/encoder_slip", "demand/position", "event/azimuthState"),
            *("telemetry/position", "ack/enable", "alive", "demand/alive"),
        )
    }

    assert actions == {
        "command/moveAzimuth": "receive and replies",
        "inject/encoder_slip": "receive and replies",
        "demand/position": "receive",
        "event/azimuthState": "send",
        "telemetry/position": "send",
        "ack/enable": "send",
        "alive": "send",
        "demand/alive": "receive and replies",
    }


@pytest.mark.parametrize(
    ("topic", "qos", "retain", "role"),
    [
        ("ATDome/command/moveAzimuth", 1, False, "operate"),
        ("ATDome/inject/encoder_slip", 1, False, "inject"),
        ("ATDome/demand/position", 1, False, "observe"),
        ("ATDome/ack/moveAzimuth", 1, False, "observe"),
        ("ATDome/event/azimuthState", 1, True, "observe"),
        ("ATDome/telemetry/position", 0, False, "observe"),
        ("ATDome/telemetry/position/10", 0, False, "observe"),
        ("ATDome/alive", 1, True, "observe"),
        ("ATDome/demand/alive", 1, False, "observe"),
        ("clock", 1, True, "observe"),
    ],
)
def test_how_a_message_travels_and_who_may_send_or_hear_it(topic, qos, retain, role):
    [key] = CONTRACT.keys(f"{TREE.root}/{topic}")

    operation = CONTRACT.operation(key)

    assert operation["bindings"]["mqtt"] == {"qos": qos, "retain": retain, "bindingVersion": "0.2.0"}
    assert operation["x-role"] == role


def test_acknowledgements_go_where_a_request_says():
    reply = CONTRACT.resolve(CONTRACT.operation("ATDome.command.moveAzimuth")["reply"])

    assert reply["address"]["location"] == "$message.payload#/private_replyTo"
    assert CONTRACT.resolve(reply["channel"])["address"] is None
    assert CONTRACT.resolve(CONTRACT.resolve(reply["channel"])["messages"]["ack"])["payload"] == {
        "$ref": "#/components/schemas/ack"
    }


@pytest.mark.parametrize("who", ["ATDome", "Script:200000"])
def test_who_asks_whether_a_component_is_there_is_answered_where_it_says_so(who):
    [asks], [says] = (CONTRACT.keys(TREE.of(who, *path)) for path in (("demand", "alive"), ("alive",)))

    assert CONTRACT.operation(asks)["reply"] == {"channel": {"$ref": f"#/channels/{says}"}}
    assert CONTRACT.complaints(TREE.of(who, "demand", "alive"), {}) == []


def test_a_command_says_what_it_needs_and_how_it_fails():
    told = CONTRACT.operation("ATDome.command.homeAzimuth")["description"].splitlines()

    assert "- Taken in ENABLED." in told
    assert "- Does nothing if `homing is HOMED and home_switch is PRESSED and azimuth_motion is NOTINMOTION`." in told
    assert (
        "- Refused unless `homing is not HOMING`: “azimuth is homing since {homing_since} s; "
        "wait for azimuthState.homing=false”" in told
    )
    assert "- Done when `homing is HOMED and home_switch is PRESSED and azimuth_command is not HOME`." in told


def test_a_published_field_says_what_it_is():
    fields = CONTRACT.message("ATDome.event.azimuthCommandedState")["payload"]["properties"]

    assert fields == {
        "commandedState": {
            "type": "integer",
            "format": "int32",
            "x-names": {"UNKNOWN": 1, "GOTOPOSITION": 2, "HOME": 3, "STOP": 4},
            "description": "the request",
        },
        "azimuth": {
            "allOf": [{"$ref": "#/components/schemas/float"}],
            "x-unit": "deg",
            "description": "the last azimuth asked for; NaN at the start and for homing",
        },
    }


def test_units_are_those_of_the_wire_and_astropy_knows_them():
    spelled = set()
    for message in CONTRACT.document["components"]["messages"].values():
        for schema in message["payload"].get("properties", {}).values():
            spelled |= {schema["x-unit"]} if "x-unit" in schema else set()

    assert {"deg", "arcsec", "Pa", "hour"} <= spelled
    assert [text for text in sorted(spelled) if not isinstance(units.Unit(text), units.UnitBase)] == []


def test_the_same_observatory_gives_the_same_document():
    again = asyncapi_document(AUXTEL, CATALOGUE)

    assert written(again) == written(dict(CONTRACT.document))


# ---------------------------------------------------------------------- some components only


@pytest.mark.parametrize("name", ["OCPS:1", "OCPS"])
def test_only_components_that_are_named_are_in_it(name):
    contract = Contract(asyncapi_document(AUXTEL, CATALOGUE, components=[name]))

    assert len(contract.keys(f"{TREE.root}/OCPS:1/command/execute")) == 1
    assert len(contract.keys(f"{TREE.root}/OCPS:1/command/enable")) == 1
    assert contract.keys(f"{TREE.root}/ATDome/command/enable") == []
    assert not any(key.startswith("ATDome") for key in contract.channels)


def test_a_component_is_found_by_its_alias():
    assert "ATMCS.command.startTracking" in asyncapi_document(AUXTEL, CATALOGUE, components=["ATMount"])["channels"]


def test_a_component_that_is_not_there_is_not_found():
    with pytest.raises(AuthorError, match=r"^there is no component ATDoom here; did you mean ATDome\?$"):
        asyncapi_document(AUXTEL, CATALOGUE, components=["ATDoom"])


def test_every_reference_of_a_part_leads_somewhere():
    contract = Contract(asyncapi_document(AUXTEL, CATALOGUE, components=["Script"]))

    def look(item: Any) -> int:
        if isinstance(item, dict):
            if isinstance(item.get("$ref"), str):
                contract.resolve(item)
                return 1
            return sum(map(look, item.values()))
        return sum(map(look, item)) if isinstance(item, list) else 0

    assert look(contract.document) > 100


# ---------------------------------------------------------------------- what components say


def test_what_enabled_components_say_is_as_the_document_tells():
    placed = {
        name: PlacedComponent(state="ENABLED", machines=each.machines) for name, each in AUXTEL.components.items()
    }
    sheet = AUXTEL.model_copy(update={"components": placed})
    services = {"scripts": FakeCatalogue(), "blocks": FakeBlocks()}
    wrong: list[str] = []
    heard: set[str] = set()

    async def main(clock: Clock) -> None:
        journal = Journal(lambda: clock.now)
        async with Observatory(sheet, clock, journal, services=services, catalogue=CATALOGUE) as observatory:
            for name, plan in PLACED.items():
                for topic in plan.topics.values():
                    observatory.bus.subscribe(name, topic.name, partial(hear, name))
            await clock.sleep(100.0)
            for name, plan in PLACED.items():
                for key in plan.topics:
                    if (last := observatory.bus.last(name, key)) is not None:
                        hear(name, last)

    def hear(name: str, sample: Any) -> None:
        plan = PLACED[name].topics[sample.topic]
        topic = TREE.of(name, "event" if plan.cadence is None else "telemetry", sample.topic)
        if topic not in heard:
            heard.add(topic)
            private = Private(sndStamp=1.0, seqNum=1, identity=name, origin=1, revCode=revision(plan), t=sample.t)
            wrong.extend(CONTRACT.complaints(topic, orjson.loads(encode(sample.data, private))))

    simulate(main)

    assert wrong == []
    assert len([topic for topic in heard if "/telemetry/" in topic]) > 50
    assert len([topic for topic in heard if "/event/" in topic]) > 250


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_may_be_published(number):
    private = Private(sndStamp=1.0, t=0.0)
    fields = {"commandedState": 1, "azimuth": number}

    payload = orjson.loads(encode(fields, private))

    assert CONTRACT.complaints(TREE.of("ATDome", "event", "azimuthCommandedState"), payload) == []


# ---------------------------------------------------------------------- drift


def tiny(folder: Path, old: str = "", new: str = "") -> tuple[Contract, str]:
    """Return the tiny component's document and the revision of its lampState, with a text of its sheet replaced."""
    text = (SHEETS / "tiny.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "tiny.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    sheets = read_sheets([path])
    placed = {"Tiny": PlacedComponent()}
    sheet = ObservatorySheet(observatory="one", title="One", start="2026-01-15T13:00:00", components=placed)
    return Contract(asyncapi_document(sheet, sheets)), revision(sheets["Tiny"].topics["lampState"])


POWER = "power: {type: double, unit: kW}"


def test_a_field_that_is_added_to_a_data_sheet_is_in_the_document(tmp_path):
    added = f"{POWER}\n      hours: {{type: float, unit: h, meaning: how long it has burnt}}"

    contract, _ = tiny(tmp_path, POWER, added)

    payload = contract.message("Tiny.event.lampState")["payload"]
    assert payload["required"] == ["state", "power", "hours"]
    assert payload["properties"]["hours"]["x-unit"] == "h"
    assert payload["properties"]["hours"]["description"] == "how long it has burnt"


def test_the_document_has_the_revision_of_the_bus(tmp_path):
    contract, version = tiny(tmp_path)

    assert contract.message("Tiny.event.lampState")["x-revision"] == version


def test_a_range_is_told_in_the_unit_of_the_wire(tmp_path):
    contract, _ = tiny(tmp_path)

    power = contract.message("Tiny.command.turnOn")["payload"]["properties"]["power"]

    assert (power["minimum"], power["maximum"], power["x-unit"]) == (0.0, 1.2, "kW")


def test_a_command_that_is_not_simulated_says_so(tmp_path):
    contract, _ = tiny(tmp_path)

    assert contract.operation("Tiny.command.fly")["description"] == "- Not simulated: it is refused."


def test_a_fault_has_its_parameters_as_they_are_written(tmp_path):
    contract, _ = tiny(tmp_path)
    topic = "cscsim/1/one/Tiny/inject/bad_bulb"

    assert contract.message("Tiny.inject.bad_bulb")["payload"]["properties"]["parameters"]["properties"] == {
        "duration": {"type": "string", "default": "100 s", "description": "time to warm up; from 1 s to 3600 s"}
    }
    assert contract.complaints(topic, {"action": "begin", "parameters": {"duration": "2 min"}}) == []
    assert contract.complaints(topic, {"action": "begin", "parameters": {"time": "2 min"}})
    assert contract.complaints(topic, {"action": "start"})
