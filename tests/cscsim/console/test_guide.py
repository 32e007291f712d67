"""The procedure at hand, and the console's own command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from fsm import read_journal
from tests.cscsim.cli import call
from tests.cscsim.console.by_hand import Observer


def live(page, wanted):
    """Return the procedure as it stands, once it is as wanted."""
    page.until(lambda _: wanted({**page.live, "steps": page.steps}), seen=True)
    return {**page.live, "steps": page.steps}


def status(step, wanted):
    return lambda told: told["steps"].get(step, {}).get("status") == wanted


def test_steps_are_marked_by_what_was_done(training):
    with training.trainee() as page:
        page.ask("subscribe", procedure=True)
        assert live(page, status("announce", "current"))["current"] == "announce"
        page.ask("announce", step="announce")
        page.ask("confirm", step="clear", answer=True)
        live(page, status("checkout", "current"))
        for step in ("checkout", "vent"):
            page.ask("mark", step=step)
        live(page, status("enable_atcs", "current"))
        page.ask("speed", to="max")
        page.ask("queue", what="add", path="auxtel/enable_atcs.py", config="")
        told = live(page, status("enable_atcs", "done"))

    assert told["steps"]["enable_atcs"]["by"] == "you"
    assert told["steps"]["begin"]["status"] == "done"
    assert told["current"] == "enable_latiss"


def test_the_whole_weekly_calibration_is_marked_step_by_step(training):
    guide = training.room.run.desk.following
    observer, steps = Observer(training.room.plan.site.library), {each.id: each.step for each in guide.guide.steps}
    with training.trainee(name="Ana") as page:
        page.ask("subscribe", procedure=True)
        page.ask("speed", to="max")
        told = live(page, lambda told: told["current"])
        led = []
        while told["current"] is not None:
            current = told["current"]
            led.append(current)
            for request in observer.requests(steps[current], guide.scope_of(current)):
                page.ask(**request)
            told = live(page, status(current, "done"))

        asked = [each for each in steps if each not in ("begin", "before")]
        assert led == asked
        assert {step["status"] for step in told["steps"].values()} == {"done"}
        assert [each for each in told["postconditions"] if each["truth"] is not True] == []


def test_who_subscribes_the_procedure_gets_it_whole_whoever_had_it_before(training):
    with training.trainee() as first:
        first.ask("subscribe", procedure=True)
        live(first, status("announce", "current"))
        whole = first.steps.keys()
        with training.trainee() as second:
            assert second.steps == {}
            second.ask("subscribe", procedure=True)
            assert live(second, status("announce", "current"))["current"] == "announce"
            assert second.steps.keys() == whole
        first.ask("subscribe", procedure=False)
        first.ask("announce", step="announce")
        seen = len(first.seen)
        first.ask("subscribe", procedure=True)
        first.until(lambda message: message.get("steps", {}).get("announce", {}).get("status") == "done", seen=True)
        told = [message["steps"].keys() for message in first.seen[seen:] if "steps" in message]
        assert told[0] == whole
        assert {"announce"} <= set().union(*told[1:]) < whole
    with training.trainee(run=first.hello["run"], after=first.hello["n"]) as back:
        assert back.joined["resumed"]
        back.ask("subscribe", procedure=True)
        live(back, status("announce", "done"))
        assert back.steps.keys() == whole


def test_what_a_look_has_found_that_failed_is_found_by_the_next(training, monkeypatch, caplog):
    lookout = training.room.run.lookout
    with training.trainee() as page:
        real = lookout._instructor
        failures: list[int] = []

        def fail_once():
            if (
                not failures
                and page.live.get("current") is None
                and "announce" in lookout._last.get("live", {}).values()
            ):
                failures.append(1)
                raise ZeroDivisionError
            return real()

        monkeypatch.setattr(lookout, "_instructor", fail_once)
        page.ask("subscribe", procedure=True)
        assert live(page, status("announce", "current"))["current"] == "announce"

    assert failures
    assert "a look failed" in caplog.text


def test_a_step_is_done_for_who_asks(training):
    with training.trainee() as page:
        page.ask("subscribe", procedure=True)
        page.ask("speed", to="max")
        page.ask("do_step", step="clear")
        asked = page.until(lambda message: message.get("asks"), seen=True)["asks"][0]
        assert "already" in page.refused("do_step", step="enable_atcs")
        page.ask("reply", ask=asked["ask"], answer=True)
        live(page, status("clear", "done"))
        page.ask("do_step", step="enable_atcs")
        told = live(page, status("enable_atcs", "done"))
        page.until(lambda message: message.get("components", {}).get("ATDome", {}).get("state") == "ENABLED", seen=True)

    assert told["steps"]["enable_atcs"]["by"] == "done for you"
    by = {record["by"] for record in read_journal(training.room.run.journal) if record["kind"] == "command"}
    assert "observer" in by


def test_a_step_that_is_not_there_is_refused_with_the_nearest(training):
    with training.trainee() as page:
        assert page.refused("do_step", step="enable_atc") == "weekly has no step enable_atc; did you mean enable_atcs?"
        assert page.refused("confirm", step="enable_atcs") == "step enable_atcs asks nothing"
        assert page.refused("cancel_step") == "no step is being carried out"


def test_without_a_procedure_there_are_no_steps(free):
    with free.trainee() as page:
        assert page.hello["procedure"] is None
        assert page.refused("do_step", step="1") == "there is no procedure at hand"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("auxtl",), "did you mean auxtel?"),
        (("--training", "first_weekl"), "did you mean first_weekly?"),
        (("--training", "first_weekly", "--scenario", "encoder_slip"), "leave --scenario out"),
        (("comcam", "--training", "first_weekly"), "not comcam"),
        (("--speed", "fast"), "--speed fast"),
        (("--host", "999.1.1.1"), "cannot listen there"),
    ],
)
def test_bad_input_is_told_and_nothing_is_opened(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("console", "--no-browser", "--port", "0", *arguments)

    assert result.exit_code == 2
    assert words in result.output


def test_it_says_where_it_is_and_ends_in_order(tmp_path):
    command = [sys.executable, "-W", "error", "-m", "cscsim", "console", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        found = re.fullmatch(r"trainee:    (http://127\.0\.0\.1:\d+/)\n", first)
        assert found, first
        assert re.match(r"instructor: http://127\.0\.0\.1:\d+/\?token=\S{24}#/instructor", second)
        with urllib.request.urlopen(found[1]) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "journal: .cscsim/console/auxtel-1.jsonl" in rest
    assert "cscsim debrief .cscsim/console/auxtel-1.jsonl" in rest
    records = list(read_journal(tmp_path / ".cscsim/console/auxtel-1.jsonl"))
    assert (records[0]["kind"], records[-1]["kind"]) == ("run", "end")
