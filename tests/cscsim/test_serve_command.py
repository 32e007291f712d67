"""`cscsim serve`: an observatory that anybody may command, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import orjson
import pytest

import cscsim
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.roles import Role
from csc.bus.mqtt.users import hashed
from fsm import read_journal
from tests.csc.client.served import BROKERS, any_broker, served
from tests.cscsim.cli import call, in_a_process
from tests.mqtt.brokers import client, free_port, mosquitto, needs_mosquitto, program
from tests.mqtt.talk import receive, receive_until

pytestmark = pytest.mark.mqtt
ROOT = "cscsim/1/auxtel"
READY = ("--speed", "60x", "--state", "ATCS=ENABLED")


@pytest.fixture(scope="module", params=BROKERS)
def auxtel(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with any_broker(request.param, folder) as address, served(folder, address, *READY, "--allow-faults") as running:
        yield running


def tell(address, topic, **payload):
    """Publish a request, and wait for nothing."""

    async def main():
        async with client(address) as teller:
            await teller.publish(f"{ROOT}/{topic}", orjson.dumps(payload), qos=1)

    asyncio.run(main())


def asked(address, topic, login=None, **payload):
    """Publish a request; return its final acknowledgement."""

    async def main():
        async with client(address, login) as asker:
            who, _, name = topic.split("/")
            ack = f"{ROOT}/{who}/ack/{name}"
            await asker.subscribe(ack, qos=1)
            await asker.publish(f"{ROOT}/{topic}", orjson.dumps(payload), qos=1)
            while True:
                [message] = await receive(asker)
                told = json.loads(message.payload)
                if told["ack"] not in (300, 301):
                    return told

    return asyncio.run(main())


# ---------------------------------------------------------------------- what it says and does


def test_it_says_where_it_is_and_what_to_try(auxtel):
    where = f"-h 127.0.0.1 -p {auxtel.address.port}"

    assert (
        auxtel.lines[:11]
        == [
            "auxtel  The Auxiliary Telescope on a cold morning",
            f"  broker  mqtt://127.0.0.1:{auxtel.address.port}",
            "  topics  cscsim/1/auxtel/…, of 21 components",
            "  time    2026-01-15 13:00:00 TAI, 60x",
            "  faults  may be injected by others",
            "To try:",
            f"  mosquitto_sub {where} -v -t 'cscsim/1/auxtel/+/event/summaryState'",
            f"  mosquitto_pub {where} -q 1 -t cscsim/1/auxtel/ATCamera/command/start -m '{{}}'",
            f"  cscsim watch 'ATCamera.*' --acks --broker mqtt://127.0.0.1:{auxtel.address.port}",
            "Ctrl-C ends it.",
        ][:11]
    )


def test_a_command_is_done_and_a_line_tells_of_it(auxtel):
    ack = asked(auxtel.address, "ATDome/command/moveAzimuth", azimuth=3.0, private_identity="ann@desk")

    assert (ack["ack"], ack["result"]) == (303, "Done")
    line = auxtel.wait_for("ATDome.moveAzimuth azimuth=3.0 by ann@desk")
    assert line.endswith("by ann@desk ✓ Done")


def test_a_refusal_is_answered_and_told_in_the_components_words(auxtel):
    ack = asked(auxtel.address, "ATOODS/command/disable")

    assert (ack["ack"], ack["result"]) == (-302, "Failed: disable not allowed in state <State.STANDBY: 5>")
    assert auxtel.wait_for("ATOODS.disable").endswith(
        "ATOODS.disable by unknown ✗ FAILED disable not allowed in state <State.STANDBY: 5>"
    )


def test_what_takes_long_is_told_when_it_begins_and_when_it_has_ended(auxtel):
    asked(auxtel.address, "ATPneumatics/command/openM1Cover")

    assert auxtel.wait_for("ATPneumatics.openM1Cover by unknown … under way")
    assert ", after " in auxtel.wait_for("ATPneumatics.openM1Cover by unknown ✓ Done")


def test_a_fault_begins_and_ends_when_somebody_asks(auxtel):
    begun = asked(auxtel.address, "ATDome/inject/encoder_slip", parameters={"slip": "2.5 deg"})
    ended = asked(auxtel.address, "ATDome/inject/encoder_slip", action="end")
    again = asked(auxtel.address, "ATDome/inject/encoder_slip", action="end")

    assert [each["ack"] for each in (begun, ended, again)] == [303, 303, -302]
    assert again["result"] == "Failed: ATDome has no encoder_slip that could end"
    assert auxtel.wait_for("ATDome.encoder_slip slip=2.5 injected")
    assert auxtel.wait_for("ATDome.encoder_slip cleared")


@pytest.mark.parametrize(
    ("topic", "payload", "told"),
    [
        ("ATDome/inject/encoder_slop", {}, "did you mean encoder_slip?"),
        ("ATDome/inject/encoder_slip", {"parameters": {"slop": "1 deg"}}, "did you mean slip?"),
        ("ATDome/inject/encoder_slip", {"parameters": {"slip": "1 s"}}, "must be in deg"),
        ("ATDome/inject/encoder_slip", {"parameters": {"slip": "x"}}, "a quantity in deg is expected"),
        ("ATDome/inject/encoder_slip", {"parameters": {"slip": {"a": [1]}}}, "a number, true, false or a text"),
        ("ATDome/inject/encoder_slip", {"parameters": [1]}, "values by name are expected"),
        ("ATDome/inject/encoder_slip", {"action": "stop"}, "action='stop': begin or end is expected"),
        ("ATDome/inject/encoder_slip", {"action": {}}, "action={}: begin or end is expected"),
        ("ATDome/inject/encoder_slip", {"parameter": {}}, "did you mean parameters?"),
    ],
)
def test_a_fault_that_is_none_is_refused_with_a_reason(auxtel, topic, payload, told):
    ack = asked(auxtel.address, topic, **payload)

    assert ack["ack"] == -302
    assert told in ack["result"]


def test_it_tells_the_time(auxtel):
    async def main():
        async with client(auxtel.address) as asker:
            await asker.subscribe(f"{ROOT}/clock", qos=1)
            [message] = await receive(asker)
            return message.retain, json.loads(message.payload)

    retained, clock = asyncio.run(main())

    assert retained
    assert clock["speed"] == 60.0
    assert clock["tai"] - clock["t"] == pytest.approx(1768482000.0)


def test_scripts_of_the_queue_run(auxtel):
    asked(auxtel.address, "ScriptQueue:2/command/resume")
    ack = asked(
        auxtel.address, "ScriptQueue:2/command/add",
        isStandard=True, path="auxtel/enable_latiss.py", config="", location=2, private_identity="ann",
    )  # fmt: skip

    assert ack["ack"] == 303, ack
    assert auxtel.wait_for("Script:200000.run by ScriptQueue:2")
    assert auxtel.wait_for("ATCamera.enable by Script:200000 ✓ Done")


# ---------------------------------------------------------------------- how it begins and ends


def test_without_leave_nobody_injects_a_fault(tmp_path):
    with any_broker("embedded", tmp_path) as address, served(tmp_path, address):
        ack = asked(address, "ATDome/inject/encoder_slip")

    assert (ack["ack"], ack["result"]) == (-300, "no faults may be injected here from outside")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order(tmp_path, how):
    journal = tmp_path / "served.jsonl"
    with any_broker("embedded", tmp_path) as address:
        with served(tmp_path, address, *READY, "--journal", str(journal), "--seed", "3") as running:
            asked(address, "ATDome/command/moveAzimuth", azimuth=3.0)
            code = running.end(how)

        async def main():
            async with client(address) as asker, client(address) as speaker:
                await asker.subscribe(f"{ROOT}/ATDome/alive", qos=1)
                await asker.subscribe(f"{ROOT}/end", qos=1)
                await speaker.publish(f"{ROOT}/end", b"", qos=1)
                return [message.payload for message in await receive_until(asker, f"{ROOT}/end")]

        alive = asyncio.run(main())

    records = list(read_journal(journal))
    assert code == 0
    assert alive == [b'{"alive":false}']
    assert (records[0]["kind"], records[0]["observatory"], records[0]["seed"]) == ("run", "auxtel", 3)
    assert (records[-1]["kind"], records[-1]["outcome"]) == ("end", "passed")
    assert any(record["kind"] == "command" and record["command"] == "moveAzimuth" for record in records)
    assert call("replay", str(journal)).stderr.strip().startswith(f"{journal}: ")


@pytest.mark.parametrize("speed", ["max", "1x"])
def test_it_runs_at_any_speed(tmp_path, speed):
    with any_broker("embedded", tmp_path) as address, served(tmp_path, address, "--speed", speed):
        assert asked(address, "ATDome/command/start")["ack"] == 303


def test_it_brings_a_broker_along_with_users_and_their_roles(tmp_path):
    users = tmp_path / "users.yaml"
    users.write_text(
        f"users:\n  ann: {{role: {Role.OPERATE}, password: {hashed('acts')}}}\n"
        f"  joe: {{role: {Role.OBSERVE}, password: {hashed('sees')}}}\n",
        encoding="utf-8",
    )
    address = Address(port=free_port())
    with served(tmp_path, address, "--port", str(address.port), "--users", str(users)) as running:
        ack = asked(address, "ATDome/command/start", ("ann", "acts"))
        broker = ("--broker", f"mqtt://joe:sees@127.0.0.1:{address.port}")
        send = call("send", "ATDome.enable", *broker, "--timeout", "2")

        assert ack["ack"] == 303
        assert running.lines[1] == f"  broker  mqtt://127.0.0.1:{address.port}"
        assert (send.exit_code, "NOACK" in send.stdout) == (1, True)
        assert call("watch", "ATDome.summaryState", *broker, "--count", "1").stdout.endswith("DISABLED (1)\n")


@needs_mosquitto()
def test_mosquittos_clients_do_what_is_proposed(tmp_path):
    address = Address(port=free_port())
    with served(tmp_path, address, "--port", str(address.port)) as running:
        subscribe, publish = (line.strip() for line in running.lines if "mosquitto_" in line)
        replaced = {name: program(name) or name for name in ("mosquitto_sub", "mosquitto_pub")}
        for name, path in replaced.items():
            subscribe, publish = subscribe.replace(name, path), publish.replace(name, path)
        subprocess.run(publish, shell=True, check=True, timeout=20)
        running.wait_for("ATMCS.start by unknown ✓ Done")
        deadline = time.monotonic() + 20
        while (states := _states(f"{subscribe} -C 21"))["ATMCS"] != 1 and time.monotonic() < deadline:
            pass  # the line tells that it was said; it may not have reached the broker yet

    assert states["ATMCS"] == 1
    assert states["ATDome"] == 5


def _states(subscribe):
    heard = subprocess.run(subscribe, shell=True, check=True, timeout=20, capture_output=True, text=True).stdout
    said = (line.split(" ", 1) for line in heard.splitlines())
    return {topic.split("/")[3]: json.loads(payload)["summaryState"] for topic, payload in said}


# ---------------------------------------------------------------------- the broker that comes along dies


def kill_broker(running):
    """Kill the process of the broker that a service has brought along."""
    for thread in Path(f"/proc/{running.process.pid}/task").iterdir():
        for pid in (thread / "children").read_text(encoding="utf-8").split():
            if "embedded_process" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
                os.kill(int(pid), signal.SIGKILL)
                return
    pytest.fail("the service has no broker of its own")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
def test_the_broker_is_started_again_and_what_was_begun_is_ended(tmp_path):
    address = Address(port=free_port())

    async def main(running):
        async with asyncio.timeout(50.0), cscsim.connect(str(address)) as obs:
            begun = asyncio.Event()
            moving = asyncio.create_task(obs.ATPneumatics.openM1Cover(on_progress=lambda ack: begun.set()))
            await begun.wait()
            kill_broker(running)
            meanwhile = asyncio.create_task(obs.ATDome.moveAzimuth(azimuth=3))
            acks = [await moving, await meanwhile]
            return [ack.code.name for ack in acks], obs.ATDome.alive

    with served(tmp_path, address, *READY, "--port", str(address.port)) as running:
        assert asyncio.run(main(running)) == (["COMPLETE", "COMPLETE"], True)
        assert running.wait_for("cscsim: ") == (
            f"cscsim: {address}: the embedded broker was killed by SIGKILL, and was started again"
        )
        assert len([line for line in running.lines if "openM1Cover" in line and "under way" not in line]) == 1
        assert running.end() == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up in /proc")
def test_a_broker_that_cannot_be_kept_up_ends_the_service(tmp_path):
    address, journal = Address(port=free_port()), tmp_path / "served.jsonl"
    with served(tmp_path, address, *READY, "--port", str(address.port), "--journal", str(journal)) as running:
        for deaths in (1, 2):
            kill_broker(running)
            deadline = time.monotonic() + 20.0
            while len([line for line in running.lines if "started again" in line]) < deaths:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        kill_broker(running)

        assert running.process.wait(30.0) == 1
        assert running.lines[-1] == (
            f"cscsim: {address}: the embedded broker was killed by SIGKILL, 3 times within 60 s; "
            "mosquitto is another one to use with --broker"
        )
    end = list(read_journal(journal))[-1]
    assert (end["outcome"], end["because"]) == ("aborted", "the broker was lost")


# ---------------------------------------------------------------------- the broker is away in the end


@needs_mosquitto()
@pytest.mark.parametrize(("how", "moves"), [("kill", False), ("kill", True), ("pause", True)])
def test_who_ends_it_while_the_broker_is_away_is_not_kept_waiting(tmp_path, how, moves):
    journal = tmp_path / "served.jsonl"
    with mosquitto(tmp_path) as broker:
        with served(tmp_path, broker.address, *READY, "--journal", str(journal)) as running:
            if moves:
                tell(broker.address, "ATDome/command/moveAzimuth", azimuth=90.0)
                while b"moveAzimuth" not in journal.read_bytes():
                    time.sleep(0.01)
            getattr(broker, how)()
            time.sleep(1.5)  # it has come to what it cannot say any more
            before = time.monotonic()
            running.process.send_signal(signal.SIGINT)
            code = running.process.wait(30.0)
            lasted = time.monotonic() - before
            if how == "pause":
                broker.resume()

    end = list(read_journal(journal))[-1]
    because = "the broker was away when this was ended"
    assert (code, end["outcome"], end["because"]) == (1, "aborted", because)
    told = f"cscsim: {broker.address}: {because}: what was said last has not reached it; {journal} is complete"
    assert running.lines[-1] == told
    assert lasted < (8.0 if how == "kill" else 15.0)


# ---------------------------------------------------------------------- what may be wrong


def test_an_observatory_that_is_there_already_is_not_served_twice(auxtel):
    done = in_a_process("serve", "--broker", str(auxtel.address))

    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"cscsim: auxtel is already on {auxtel.address}: ATMCS, ATPtg, ATAOS and 18 more; "
        "end that one, or use another broker\n"
    )


def test_a_port_that_is_taken_is_told(tmp_path):
    with any_broker("embedded", tmp_path) as address:
        done = in_a_process("serve", "--port", str(address.port))

    assert done.returncode == 1
    assert f"mqtt://127.0.0.1:{address.port}: another program listens there" in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["auxtell"], "cscsim: there is no observatory auxtell; did you mean auxtel?"),
        (["--speed", "fast"], "--speed fast: must be max, real or a factor such as 60x"),
        (["--broker", "http://x"], "--broker http://x: an address begins with mqtt:// or mqtts://"),
        (["--broker", "mqtt://x", "--port", "1"], "--port is of the broker that comes along; --broker is not"),
        (["--broker", "mqtt://x", "--users", "u.yaml"], "--users is of the broker that comes along; --broker is not"),
        (["--state", "ATDome"], "--state ATDome: is written NAME=STATE, such as ATDome=ENABLED"),
        (["--state", "ATDom=ENABLED"], "--state ATDom=ENABLED: there is no component ATDom; did you mean ATDome?"),
        (["--state", "ATCS=ENABLD"], "--state ATCS=ENABLD: ATCS has no summary state ENABLD; did you mean ENABLED?"),
        (["--users", "none.yaml"], "none.yaml"),
    ],
)
def test_bad_input_is_told_and_nothing_is_begun(arguments, told):
    port = () if "--broker" in arguments else ("--port", "0")

    result = call("serve", *arguments, *port) if "--port" not in arguments else call("serve", *arguments)

    assert result.exit_code == 2, result.output
    assert told in result.stderr


def test_without_a_broker_it_says_so_at_once():
    result = call("serve", "--broker", "mqtt://127.0.0.1:9")

    assert result.exit_code == 1
    assert "cscsim: no broker at mqtt://127.0.0.1:9: Connection refused" in result.stderr


def test_without_aiomqtt_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("cscsim.broker.find_spec", lambda name: None)

    result = call("serve", "--broker", "mqtt://127.0.0.1:9")

    assert result.exit_code == 2
    assert result.stderr == "cscsim: MQTT needs aiomqtt: pip install 'cscsim[mqtt]'\n"
