"""`cscsim watch`: what components tell, as it comes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from cscsim.locate import open_site
from cscsim.watched import choose
from tests.csc.client.served import BROKERS, any_broker, served
from tests.cscsim.cli import call

pytestmark = pytest.mark.mqtt


@pytest.fixture(scope="module", params=BROKERS)
def broker(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with any_broker(request.param, folder) as address:
        with served(folder, address, "--speed", "60x", "--state", "ATCS=ENABLED"):
            yield "--broker", str(address)


class Watching:
    """`cscsim watch` in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "cscsim", "watch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "100"},
        )

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")


def test_what_is_known_comes_first_in_the_order_of_the_components(broker):
    result = call("watch", "*.summaryState", *broker, "--count", "21")

    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line[1] for line in lines] == [f"{who}.summaryState" for who in open_site().sheet.components]
    assert lines[0][2:] == ["summaryState", "ENABLED", "(2)"]
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d\.\d", line[0]) for line in lines)


def test_then_comes_what_changes_and_only_that(broker):
    with Watching("ATDome.azimuth*State", "ATDome.lastAz*", "--acks", *broker) as watching:
        before = [watching.line() for _ in range(3)]
        assert call("send", "ATDome.moveAzimuth", "azimuth=30", *broker).exit_code == 0
        after = [watching.line() for _ in range(4)]
        watching.process.send_signal(signal.SIGINT)
        code = watching.process.wait(20)

    assert [line.split()[1] for line in before] == [
        "ATDome.azimuthCommandedState", "ATDome.azimuthState", "ATDome.lastAzimuthGoTo"
    ]  # fmt: skip
    assert code == 0
    told = "\n".join(after)
    assert re.search(r"ATDome.moveAzimuth +command azimuth 30\b.* deg  by \S+", told)
    assert re.search(r"ATDome.azimuthCommandedState +commandedState GOTOPOSITION \(2\)  azimuth 30 deg", told)
    assert re.search(r"ATDome.lastAzimuthGoTo +position 30 deg$", told, re.MULTILINE)


def test_telemetry_is_watched_if_it_is_named_at_the_cadence_that_is_asked_for(broker):
    result = call("watch", "ATDome.position", "--every", "20", *broker, "--json", "--count", "3")

    samples = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(sample["component"], sample["kind"], sample["topic"]) for sample in samples} == {
        ("ATDome", "telemetry", "position")
    }
    assert samples[2]["t"] - samples[1]["t"] == pytest.approx(20, abs=0.5)
    assert samples[0]["tai"] - samples[0]["t"] == pytest.approx(open_site().sheet.tai_start, abs=0.001)
    assert isinstance(samples[0]["data"]["azimuthPosition"], float)


def test_it_ends_after_a_time(broker):
    result = call("watch", "ATDome.summaryState", *broker, "--for", "0.5")

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1


def test_an_observatory_that_is_not_there_is_told(tmp_path):
    with any_broker("embedded", tmp_path) as address:
        result = call("watch", "ATDome", "--broker", str(address), "--for", "0.2")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"auxtel is not on {address} now; `cscsim serve auxtel` starts it\n"


@pytest.mark.parametrize(
    ("patterns", "told"),
    [
        (["ATDom.*"], "cscsim: ATDom.*: there is no component ATDom; did you mean ATDome?"),
        (["ATDome.moveCod"], "cscsim: ATDome.moveCod: there is no topic moveCod; did you mean ATDome.moveCode?"),
        (["*.zzz*"], "cscsim: *.zzz*: there is no topic zzz*"),
        (["ATDome", "X.y"], "cscsim: X.y: there is no component X"),
    ],
)  # fmt: skip
def test_a_pattern_that_fits_nothing_is_told_with_the_nearest_name(patterns, told):
    result = call("watch", *patterns)

    assert (result.exit_code, result.stderr) == (2, f"{told}\n")


def test_without_a_broker_it_is_told_how_to_start_one():
    result = call("watch", "ATDome", "--broker", "mqtt://127.0.0.1:9")

    assert result.exit_code == 1
    assert (
        "no broker at mqtt://127.0.0.1:9: Connection refused; mosquitto or `cscsim serve` starts one" in result.stderr
    )


@pytest.mark.parametrize(
    ("pattern", "telemetry", "topics"),
    [
        ("ATMount.target", False, {"ATMCS.target"}),
        ("ATDome.position", False, {"ATDome.position"}),
        ("ATDome.pos*", False, set()),
        ("ATDome.pos*", True, {"ATDome.position"}),
        ("OCPS.job_result", False, {"OCPS:1.job_result"}),
        ("Script.state", False, {"Script.state"}),
        ("*Dome.summaryState", False, {"ATDome.summaryState"}),
    ],
)
def test_patterns_choose(pattern, telemetry, topics):
    chosen = choose(
        [pattern, "ATDome.summaryState"],
        open_site().vocabulary.blueprints,
        telemetry=telemetry,
        every=None,
        acks=False,
    )

    assert {f"{who}.{topic.name}" for who, topic in chosen.topics()} == topics | {"ATDome.summaryState"}
