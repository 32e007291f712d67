"""`cscsim send`: one command, and how it ended."""

from __future__ import annotations

import json

import pytest

from tests.csc.client.served import BROKERS, any_broker, served
from tests.cscsim.cli import call, in_a_process

pytestmark = pytest.mark.mqtt


@pytest.fixture(scope="module", params=BROKERS)
def broker(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with any_broker(request.param, folder) as address:
        with served(folder, address, "--speed", "60x", "--state", "ATCS=ENABLED"):
            yield "--broker", str(address)


def test_a_command_that_is_done_ends_with_zero(broker):
    done = in_a_process("send", "ATDome.moveAzimuth", "azimuth=180arcmin", *broker)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"ATDome.moveAzimuth: COMPLETE Done\n", b"")
    last = call("watch", "ATDome.lastAzimuthGoTo", *broker, "--count", "1").stdout
    assert last.endswith("position 3 deg\n")


def test_an_alias_will_do_and_an_index_may_be_left_out(broker):
    assert call("send", "ATMount.setLogLevel", "level=10", *broker).stdout == "ATMCS.setLogLevel: COMPLETE Done\n"
    assert call("send", "OCPS.start", *broker).stdout == "OCPS:1.start: COMPLETE Done\n"
    assert call("send", "OCPS:1.standby", *broker).stdout == "OCPS:1.standby: COMPLETE Done\n"


def test_a_refusal_is_in_the_components_words(broker):
    result = call("send", "ATCamera.takeImages", *broker)

    assert result.exit_code == 1
    assert result.stdout == "ATCamera.takeImages: FAILED Not allowed in state=<State.STANDBY: 5>\n"
    assert result.stderr == ""


def test_progress_is_shown(broker):
    result = call("send", "ATPneumatics.openM1Cover", *broker)

    assert result.exit_code == 0
    progress, end = result.stdout.splitlines()
    assert progress.startswith("ATPneumatics.openM1Cover: INPROGRESS, at most ")
    assert progress.endswith(" s more")
    assert end == "ATPneumatics.openM1Cover: COMPLETE Done"


def test_json_is_one_object(broker):
    done = call("send", "ATPneumatics.closeM1Cover", "--json", *broker)
    refused = call("send", "ATCamera.disable", "--json", *broker)

    assert json.loads(done.stdout) == {
        "command": "ATPneumatics.closeM1Cover", "ack": 303, "name": "COMPLETE", "error": 0, "result": "Done"
    }  # fmt: skip
    assert (json.loads(refused.stdout)["ack"], refused.exit_code) == (-302, 1)


def test_what_is_not_there_is_told(broker):
    result = call("send", "Script:200007.run", *broker)

    assert result.exit_code == 1
    assert result.stderr.startswith("cscsim: Script:200007 is not there; ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ATDome"], "cscsim: ATDome: is written COMPONENT.COMMAND, such as ATDome.moveAzimuth"),
        (["ATDom.start"], "cscsim: there is no ATDom in auxtel; did you mean ATDome?"),
        (["ATDome.moveAzimut"], "cscsim: ATDome has no command moveAzimut; did you mean moveAzimuth?"),
        (["ATDome.moveAzimuth", "azimut=3"], "cscsim: moveAzimuth has no field azimut; did you mean azimuth?"),
        (["ATDome.moveAzimuth", "azimuth=3s"], "cscsim: azimuth=3s: a number in deg is expected"),
        (["ATDome.start", "--observatory", "comcm"], "cscsim: there is no observatory comcm; did you mean comcam?"),
        (["ATDome.start", "--broker", "mqtt://x/y"], "--broker mqtt://x/y: an address ends with its port"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(arguments, told):
    result = call("send", *arguments)

    assert (result.exit_code, result.stderr) == (2, f"{told}\n")


def test_without_a_broker_it_is_told_how_to_start_one():
    result = call("send", "ATDome.start", "--broker", "mqtt://127.0.0.1:9")

    assert result.exit_code == 1
    assert result.stderr == (
        "cscsim: no broker at mqtt://127.0.0.1:9: Connection refused; mosquitto or `cscsim serve` starts one\n"
    )
