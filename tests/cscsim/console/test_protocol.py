"""What a page is told and may ask for, without a browser."""

from __future__ import annotations

import pytest

from cscsim.console.roles import Role, as_seen_by
from fsm import read_journal


def moved(state):
    return lambda message: message.get("components", {}).get("ATDome", {}).get("state") == state


def test_hello_has_everything(training):
    with training.trainee(name="Ana") as page:
        hello = page.hello

    assert hello["role"] == "trainee"
    assert hello["protocol"] == 2
    assert hello["speed"] == 60.0
    assert hello["training"]["name"] == "first_weekly"
    assert hello["procedure"]["name"] == "weekly"
    assert hello["components"]["ATDome"]["letter"] == "S"
    assert hello["queues"]["ScriptQueue:2"]["running"]
    groups = hello["observatory"]["groups"]
    assert sorted(name for names in groups.values() for name in names) == sorted(hello["components"])


def test_a_command_is_acknowledged_after_its_answer_and_shows_in_the_component(training):
    with training.trainee() as page:
        ack = page.command("ATDome", "start")
        page.until(moved("DISABLED"), seen=True)
        answered = next(at for at, message in enumerate(page.seen) if message.get("id") == 2)
        acknowledged = next(at for at, message in enumerate(page.seen) if "acks" in message)

        assert ack["ack"] == "COMPLETE"
        assert answered < acknowledged
        record = page.record(lambda record: record["kind"] == "command")
        assert (record["by"], record["seq"]) == ("observer", ack["seq"])


def test_a_refused_command_gets_the_components_own_sentence(training):
    with training.trainee() as page:
        explained = page.ask("explain", component="ATDome")["commands"]["moveAzimuth"]
        ack = page.command("ATDome", "moveAzimuth", azimuth=3)

    assert ack["ack"] == "FAILED"
    assert explained["allowed"] is False
    assert explained["sentence"] == ack["result"]


@pytest.mark.parametrize(
    ("fields", "allowed"), [({"azimuth": "3 deg"}, True), ({"azimuth": "four"}, False), ({"azimuth": "3 m"}, False)]
)
def test_what_is_explained_is_what_would_come(free, fields, allowed):
    with free.trainee() as page:
        page.ask("state", of="ATDome", to="ENABLED")
        explained = page.ask("explain", component="ATDome", fields={"moveAzimuth": fields})["commands"]["moveAzimuth"]
        answer = page.raw(do="command", component="ATDome", command="moveAzimuth", fields=fields)
        refused = answer.get("error", "")
        if answer["ok"]:
            ack = page.final_ack(answer["id"])
            refused = ack["result"] if ack["ack"] == "FAILED" else ""

    assert explained["allowed"] is allowed
    assert explained["sentence"].removeprefix("Failed: ") == refused.removeprefix("Failed: ")


def test_what_is_left_out_has_its_default_or_is_named(free):
    with free.trainee() as page:
        page.ask("state", of="ATDome", to="ENABLED")
        page.ask("state", of="ATCamera", to="ENABLED")
        move = page.ask("explain", component="ATDome")["commands"]["moveAzimuth"]
        take = page.ask("explain", component="ATCamera")["commands"]["takeImages"]

    assert (move["allowed"], move["sentence"]) == (True, "")
    assert take["allowed"] is None
    assert take["sentence"].startswith("takeImages.numImages is left out")


def test_telemetry_comes_at_its_cadence_without_moving_time(free):
    with free.trainee() as page:
        page.ask("state", of="ATDome", to="ENABLED")
        page.ask("subscribe", topics=["ATDome.position"], every=0.1)
        batch = page.until(lambda message: "telemetry" in message, seen=True)
        before = free.room.pieces.head["t"]
        page.until(lambda message: "telemetry" in message)

    assert batch["telemetry"]["ATDome.position"]["data"]["azimuthPosition"] == pytest.approx(285.0)
    assert free.room.pieces.head["t"] == before


def test_what_comes_of_a_command_is_told_with_its_acknowledgement(training):
    with training.trainee() as page:
        page.ask("speed", to="pause")
        page.ask("subscribe", explain=["ATDome"])
        page.command("ATDome", "start")
        told = next(message for message in page.seen if "acks" in message)

        assert told["components"]["ATDome"]["state"] == "DISABLED"
        assert [record["kind"] for record in told["records"] if record["who"] == "ATDome"][-1] == "ack"


def test_of_telemetry_only_what_is_otherwise_is_told_and_nothing_gets_lost(free):
    topic, partly = "ATDome.position", False
    told: dict[str, object] = {}
    with free.trainee() as page:
        page.ask("speed", to="1x")
        page.ask("state", of="ATDome", to="ENABLED")
        page.ask("subscribe", topics=[topic], every=0.1)
        first = page.until(lambda message: "telemetry" in message, seen=True)["telemetry"][topic]["data"]
        page.ask("command", component="ATDome", command="moveAzimuth", fields={"azimuth": 3})
        for _ in range(10):
            page.until(lambda message: "telemetry" in message)
        page.ask("speed", to="pause")
        for _ in range(2):  # the second one was measured after time had stopped
            page.until(lambda message: message.get("paused") and "telemetry" in message)
        for message in page.seen:
            data = message.get("telemetry", {}).get(topic, {}).get("data", {})
            partly = partly or 0 < len(data) < len(first)
            told |= data
        assert partly
        assert told == page.ask("look", component="ATDome")["topics"]["position"]["data"]

        page.ask("subscribe", topics=[])
        count = len(page.seen)
        page.ask("subscribe", topics=[topic])
        page.until(lambda message: "telemetry" in message)
        again = next(message for message in page.seen[count:] if "telemetry" in message)
        assert again["telemetry"][topic]["data"] == told


def test_a_page_that_comes_back_gets_the_gap(training):
    with training.trainee() as page:
        page.command("ATDome", "start")
        batch = page.until(moved("DISABLED"), seen=True)
        n, run = batch["n"], page.hello["run"]
    with training.trainee() as other:
        other.command("ATDome", "enable")
    with training.trainee(run=run, after=n) as page:
        assert page.joined["resumed"]
        page.until(moved("ENABLED"), seen=True)
        gap = [record for message in page.seen for record in message.get("records", ())]
        upto = page.seen[-1]["n"]
    with training.trainee(run="7", after=n) as page:
        assert page.hello["components"]["ATDome"]["state"] == "ENABLED"
    hidden = training.room.run.desk.hidden
    missed = [dict(record) for record in read_journal(training.room.run.journal) if n < record["n"] <= upto]
    assert gap == [seen for record in missed if (seen := as_seen_by(Role.TRAINEE, record, hidden)) is not None]
    assert ("command", "enable") in {(record["kind"], record.get("command")) for record in gap}


def test_several_pages_see_the_same(training):
    with training.trainee(name="Ana") as ana, training.trainee(name="Ben") as ben:
        ana.command("ATDome", "start")
        ben.until(moved("DISABLED"), seen=True)
        record = ben.record(lambda record: record["kind"] == "command")

    assert record["by"] == "observer:Ana"


def test_speed_steps_and_durations(training):
    with training.trainee() as page:
        assert page.ask("speed", to="pause")["paused"]
        before = page.ask("look", component="ATDome")["t"]
        assert page.ask("look", component="ATDome")["t"] == before
        page.ask("speed", to="10 min")
        page.until(lambda message: message.get("paused") and message.get("t", 0) > before)
        assert page.ask("look", component="ATDome")["t"] == pytest.approx(before + 600.0)
        page.ask("command", component="ATDome", command="start")
        page.ask("speed", to="step")
        assert page.ask("speed", to=2.5)["speed"] == 2.5
        assert "10 min is expected" in page.refused("speed", to="5 deg")
        assert "not a quantity" in page.refused("speed", to="quick")
    kinds = [record["what"] for record in read_journal(training.room.run.journal) if record["kind"] == "pause"]
    assert kinds[:4] == ["paused", "resumed", "paused", "resumed"]


def test_a_sheet_names_each_state_and_arrow_of_a_drawing(training):
    with training.trainee() as page:
        sheet = page.ask("sheet", component="ATDome")

    machine = sheet["machines"]["summary"]
    assert all(node in machine["mermaid"] for node in machine["nodes"].values())
    assert {"number": 1, "source": "STANDBY", "target": "DISABLED"} in machine["edges"]
    assert sheet["commands"]["moveAzimuth"]["fields"][0]["unit"] == "deg"
    assert "encoder_slip" in sheet["faults"]
    assert "silence" in sheet["disturbances"]


def test_what_makes_no_sense_is_refused_with_a_sentence_and_journaled(training):
    with training.trainee() as page:
        assert page.refused("comand") == "nobody can do comand; did you mean command?"
        assert "did you mean ATDome" in page.refused("look", component="ATDom")
        assert page.refused("command", component=3) == "command component: a text is expected"
        assert page.refused("subscribe", topics=["ATDome.nonsense"]) == "nobody publishes ATDome.nonsense"
        assert page.refused("reply", ask=9, answer=True).startswith("question 9")
        page.socket.send_text("{")
        assert "not JSON" in page.until(lambda message: "error" in message)["error"]
        assert page.refused("report", suspicion="ATDome.encoder_slop") == (
            "ATDome has no fault encoder_slop; did you mean encoder_slip?"
        )
    refused = [record for record in read_journal(training.room.run.journal) if record["kind"] == "refused"]
    assert refused[0]["what"] == "comand"
    assert len(refused) == 7


def test_words_of_people_are_in_the_journal(training):
    with training.trainee(name="Ana") as page:
        page.ask("note", text="the mirror is dusty")
        page.ask("report", suspicion="ATDome.encoder_slip", text="it is off")
        assert page.ask("hint")["number"] == 1
        assert page.ask("by_hand", component="ATDome", act="encoder_slip") == {"done": False}
    acts = [(record["kind"], record["who"]) for record in read_journal(training.room.run.journal)]
    for kind in ("note", "report", "hint", "hand"):
        assert (kind, "observer:Ana") in acts


def test_stop_all_is_commands_of_the_person(training):
    with training.trainee() as page:
        sent = page.ask("stop_all")["sent"]

        assert "ATDome.stopMotion" in sent
        page.record(lambda record: record["kind"] == "command" and record["command"] == "stopMotion")


def test_a_page_that_leaves_in_the_middle_harms_nobody(training):
    for _ in range(5):
        with training.socket() as socket:
            socket.send_text('{"id": 1, "do": "join"}')
            for number in range(20):
                socket.send_text(f'{{"id": {number}, "do": "state", "of": "ATCS", "to": "ENABLED"}}')
    with training.trainee() as page:
        assert page.ask("look", component="ATDome")["component"] == "ATDome"
    assert training.room.run.error is None
