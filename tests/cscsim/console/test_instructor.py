"""Two roles: what a trainee must not see or do, and what an instructor may."""

from __future__ import annotations

import pytest

from fsm import read_journal
from tests.cscsim.console.talking import TOKENS

SECRET = ("fault", "goal", "branch")


def test_an_instructor_injects_a_fault_which_only_shows_to_instructors(training):
    with training.trainee() as page, training.instructor() as teacher:
        assert teacher.hello["instructor"]["faults"] == []
        teacher.ask("inject", component="ATDome", fault="encoder_slip", parameters={"slip": "2.5 deg"})
        told = teacher.until(lambda message: message.get("instructor", {}).get("faults"), seen=True)
        page.command("ATDome", "start")
        seen = [record["kind"] for message in page.seen for record in message.get("records", ())]

        [fault] = told["instructor"]["faults"]
        assert (fault["component"], fault["fault"], fault["from"]) == ("ATDome", "encoder_slip", "instructor")
        assert fault["values"] == {"slip": 2.5}
        assert not set(seen) & set(SECRET)
        assert "instructor" not in page.hello
        teacher.ask("clear", number=fault["number"])
        teacher.until(lambda message: message.get("instructor", {}).get("faults") == [], seen=False)
    kinds = [(record["kind"], record["who"]) for record in read_journal(training.room.run.journal)]
    assert ("branch", "instructor") in kinds
    assert ("hand", "instructor") in kinds


@pytest.mark.parametrize("act", ["inject", "clear", "clear_all", "scenarios", "scenario", "freeze", "rewind"])
def test_a_trainee_is_no_instructor(training, act):
    with training.trainee() as page:
        assert page.refused(act) == f"{act} is for an instructor"


def test_the_truth_is_for_instructors(training):
    with training.trainee() as page, training.instructor() as teacher:
        assert page.refused("subscribe", truth=["ATDome"]) == "the truth is for an instructor"
        teacher.ask("subscribe", truth=["ATDome"])
        message = teacher.until(lambda message: "truth" in message, seen=True)

    assert message["truth"]["ATDome"]["units"]["azimuth"] == "deg"


def test_a_fault_that_is_not_there_leaves_no_record(training):
    with training.instructor() as teacher:
        assert "did you mean encoder_slip?" in teacher.refused("inject", component="ATDome", fault="encoder_slop")
        assert teacher.refused("inject", component="ATDome", fault="encoder_slip", parameters={"slip": "3 m"})
    assert not [record for record in read_journal(training.room.run.journal) if record["kind"] == "branch"]


def test_frozen_time_is_the_instructors(training):
    with training.trainee() as page, training.instructor() as teacher:
        assert teacher.ask("freeze", on=True)["frozen"]
        assert page.refused("speed", to="max") == "the instructor has frozen time"
        assert page.refused("command", component="ATDome", command="start").startswith("the instructor has frozen")
        assert page.refused("state", of="ATDome", to="ENABLED").startswith("the instructor has frozen")
        assert not teacher.ask("freeze", on=False)["frozen"]
        assert page.command("ATDome", "start")["ack"] == "COMPLETE"


def test_a_hint_in_an_instructors_words(training):
    with training.trainee() as page, training.instructor() as teacher:
        teacher.ask("hint", text="look at the lamp")
        record = page.record(lambda record: record["kind"] == "hint")

    assert (record["number"], record["text"], record["who"]) == (0, "look at the lamp", "instructor")


def test_an_instructor_sees_what_a_trainee_looks_at(training):
    with training.instructor() as teacher, training.trainee(name="Ana") as page:
        page.ask("panel", hash="#/queue", detail="CONFIG")
        told = teacher.until(lambda message: message["kind"] == "trainees")

    assert [(each["name"], each["panel"]) for each in told["trainees"]] == [("Ana", "#/queue")]


def test_a_rewound_run_is_the_same_up_to_there_and_then_another(training):
    with training.trainee() as page, training.instructor() as teacher:
        page.command("ATDome", "start")
        teacher.ask("inject", component="ATDome", fault="encoder_slip")
        page.ask("note", text="before")
        page.ask("speed", to="10 min")
        page.until(lambda message: message.get("t", 0.0) > 600.0, seen=True)
        page.command("ATDome", "enable")
        first = list(read_journal(training.room.run.journal))
        until = next(record["t"] for record in first if record["kind"] == "note") + 100.0
        answer = teacher.ask("rewind", to=until)
        hello = page.until(lambda message: message["kind"] == "hello" and message["run"] == "2", seen=True)

        assert answer["run"] == "2"
        assert hello["paused"]
        assert hello["t"] == pytest.approx(until, abs=1e-3)
        assert hello["components"]["ATDome"]["state"] == "DISABLED"
        assert page.ask("speed", to="60x")["paused"] is False
        assert page.command("ATDome", "standby")["ack"] == "COMPLETE"
        assert "from 0 to now" in teacher.refused("rewind", to=1e9)
    second = list(read_journal(training.room.run.journal))
    same = [record for record in first if record["t"] <= until]
    assert [record["kind"] for record in second[: len(same)]] == [record["kind"] for record in same]


def test_debrief_is_for_the_trainee_only_when_the_session_has_ended(training):
    with training.trainee() as page:
        assert training.client.get("/debrief").status_code == 403
        assert training.client.get("/journal").status_code == 403
        assert training.client.get("/debrief", params={"token": TOKENS.instructor}).status_code == 200
        page.ask("end")
        page.until(lambda message: message.get("ended"), seen=True)
        assert page.refused("note", text="too late") == "the session has ended"
    answer = training.client.get("/debrief")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    data = training.client.get("/debrief.json").json()
    assert data["score"] is not None
