"""The client of notebooks, against an observatory that another process serves."""

from __future__ import annotations

import asyncio
import inspect
import math
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import cscsim
from csc import Ack, AckCode, AckError, AckTimeoutError, load_catalogue
from csc.bus.mqtt.roles import Role
from csc.client import Client, ClientComponent
from csc.client.topic import readable
from csc.messages import Sample
from cscsim.locate import open_site
from fsm import AuthorError, OperatorError
from tests.csc.client.served import BROKERS, any_broker, served
from tests.cscsim.cli import call
from tests.mqtt.brokers import Login, client, mosquitto, needs_mosquitto

pytestmark = pytest.mark.mqtt
READY = ("--speed", "60x", "--state", "ATCS=ENABLED", "--state", "ATWhiteLight=ENABLED")


@pytest.fixture(scope="module", params=BROKERS)
def auxtel(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with any_broker(request.param, folder) as address, served(folder, address, *READY) as running:
        yield running


def within(running, act: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """Do something with a client."""

    async def main():
        async with asyncio.timeout(30.0), cscsim.connect(str(running.address)) as obs:
            return await act(obs)

    return asyncio.run(main())


def test_a_command_is_a_method(auxtel):
    async def act(obs):
        return await obs.ATDome.moveAzimuth(azimuth=3)

    assert within(auxtel, act) == Ack(AckCode.COMPLETE, 0, "Done")


def test_a_refusal_has_the_components_words(auxtel):
    async def act(obs):
        with pytest.raises(AckError, match="must be a number"):
            await obs.ATDome.moveAzimuth(azimuth="east")
        with pytest.raises(AckError, match=r"Not allowed in state=<State\.STANDBY: 5>") as caught:
            await obs.ATCamera.takeImages(numImages=1)
        return caught.value.ack.code

    assert within(auxtel, act) is AckCode.FAILED


def test_in_progress_acknowledgements_are_told_and_extend_the_limit(auxtel):
    async def act(obs):
        seen: list[Ack] = []
        await obs.ATDome.stopMotion()
        await obs.sleep(30)
        ack = await obs.ATDome.homeAzimuth(timeout=5.0, on_progress=seen.append)
        return ack.code, [each.code for each in seen], seen[0].timeout > 0

    assert within(auxtel, act) == (AckCode.COMPLETE, [AckCode.INPROGRESS], True)


def test_an_event_of_before_is_there_at_once_and_the_next_one_comes(auxtel):
    async def act(obs):
        door = obs.ATDome.events.dropoutDoorState
        before = await door.next(timeout=30)
        last = door.last()
        topic = obs.ATWhiteLight.events.logLevel
        assert (await topic.next(timeout=30)).level == 20
        await obs.ATWhiteLight.setLogLevel(level=30)
        return before.topic, before == last, (await topic.next(timeout=30)).level

    assert within(auxtel, act) == ("dropoutDoorState", True, 30)


def test_events_are_read_one_after_the_other_by_several_at_once(auxtel):
    async def first_two(topic):
        found = []
        async for sample in topic:
            found.append(sample.summaryState)
            if len(found) == 3:
                break
        return found

    async def act(obs):
        topic = obs.ATPtg.events.summaryState
        readers = [asyncio.create_task(first_two(topic)) for _ in range(2)]
        await asyncio.sleep(0)
        await obs.ATPtg.set_summary_state("STANDBY")
        found = await asyncio.gather(*readers)
        await asyncio.sleep(0)
        assert not obs._bus._listeners["ATPtg", "summaryState"], "who reads no more is not called"
        await obs.ATPtg.set_summary_state("ENABLED")
        return found

    assert within(auxtel, act) == [[2, 1, 5], [2, 1, 5]]


def test_telemetry_is_sampled_while_it_is_asked_for_at_its_own_cadence_or_a_slower_one(auxtel):
    async def act(obs):
        fast, slow = obs.ATDome.telemetry.position, obs.ATDome.telemetry.position(every=30)
        assert fast.last() is None
        quick = [await fast.next(timeout=60) for _ in range(3)]
        late = [await slow.next(timeout=120) for _ in range(3)]
        return quick, late

    quick, late = within(auxtel, act)

    assert {sample.topic for sample in (*quick, *late)} == {"position"}
    assert isinstance(quick[0].azimuthPosition, float)
    assert quick[1].t - quick[0].t == pytest.approx(0.2, abs=0.05)
    assert [sample.t % 30 for sample in late[1:]] == pytest.approx([0, 0], abs=0.21)
    assert late[2].t - late[1].t == pytest.approx(30, abs=0.5)


def test_time_goes_as_the_observatorys_does(auxtel):
    async def act(obs):
        loop = asyncio.get_running_loop()
        real, before = loop.time(), obs.time
        await obs.sleep(60)
        after = obs.time
        return before, after, loop.time() - real

    before, after, real = within(auxtel, act)

    assert before.speed == 60
    assert after.t - before.t == pytest.approx(60, abs=15)
    assert after.tai - after.t == pytest.approx(open_site().sheet.tai_start, abs=0.001)
    assert real == pytest.approx(1.0, abs=0.25)


def test_nobody_answers_in_time(auxtel):
    async def act(obs):
        with pytest.raises(AckTimeoutError, match="NOACK No command acknowledgement seen"):
            await obs["Script:299999"].run(timeout=5)
        with pytest.raises(TimeoutError, match="timed out after 5 s waiting for ATDome.moveCode"):
            await obs.ATDome.events.moveCode.next(flush=True, timeout=5)
        return obs["Script:299999"].alive

    assert within(auxtel, act) is False


def test_states_of_components_and_groups(auxtel):
    async def act(obs):
        passed = await obs.OCPS.set_summary_state("ENABLED")
        await obs.LATISS.set_summary_state("DISABLED")
        return passed, obs["OCPS:1"].summary_state, obs.LATISS.summary_states, obs.OCPS.alive, repr(obs.OCPS)

    passed, state, states, alive, written = within(auxtel, act)

    assert (passed, state) == (["STANDBY", "DISABLED", "ENABLED"], "ENABLED")
    assert set(states.values()) == {"DISABLED"}
    assert (alive, written) == (True, "<OCPS:1 ENABLED>")


def test_who_waits_when_the_connection_is_closed_is_told(auxtel):
    async def main():
        client = cscsim.connect(str(auxtel.address))
        async with client as obs:
            waiting = [
                asyncio.create_task(obs.ATDome.events.moveCode.next(flush=True)),
                asyncio.create_task(obs["Script:299999"].run()),
                asyncio.create_task(obs.sleep(1e6)),
            ]
            await asyncio.sleep(0.1)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(RuntimeError, match="use it within `async with`"):
            _ = client.time
        return [str(result) for result in results], repr(client)

    told, written = asyncio.run(main())

    assert told == ["the connection was closed meanwhile"] * 3
    assert written.endswith(", closed>")


def test_in_a_notebook_one_stays_connected_until_it_is_closed(auxtel):
    async def main():
        obs = await cscsim.connect(str(auxtel.address), identity="ann")
        try:
            return repr(obs), obs.ATDome.summary_state
        finally:
            await obs.close()
            await obs.close()

    assert asyncio.run(main()) == (f"<auxtel on {auxtel.address}>", "ENABLED")


def test_several_clients_share_a_loop(auxtel):
    async def main():
        async with cscsim.connect(str(auxtel.address)) as one, cscsim.connect(str(auxtel.address)) as other:
            await asyncio.gather(one.ATWhiteLight.setLogLevel(level=10), other.ATHexapod.setLogLevel(level=10))
            async with asyncio.timeout(30):
                async for sample in other.ATWhiteLight.events.logLevel:  # what it was before comes first
                    if sample.level == 10:
                        return

    asyncio.run(main())


# ---------------------------------------------------------------------- names


@pytest.fixture(scope="module")
def dome():
    """A component of a client that is connected to nothing."""
    return ClientComponent(None, None, "ATDome", load_catalogue()["ATDome"], "test")  # type: ignore[arg-type]


def test_commands_and_topics_are_completed(dome):
    assert {"moveAzimuth", "start", "events", "telemetry", "summary_state"} <= set(dir(dome))
    assert {"azimuthState", "summaryState"} <= set(dir(dome.events))
    assert "position" in dir(dome.telemetry)
    assert "position" not in dir(dome.events)


def test_a_command_tells_of_itself(dome):
    move = dome.moveAzimuth

    assert str(inspect.signature(move)).startswith("(*, azimuth: 'float [deg]' = 0.0, timeout: ")
    assert inspect.iscoroutinefunction(move)
    text = inspect.getdoc(move)
    assert text is not None
    assert text.startswith("Turn the dome to an azimuth")
    assert "azimuth : float [deg]" in text
    assert "azimuth is not homed" in text
    assert "Unless the component is ENABLED." in text


def test_limits_are_in_the_unit_in_which_a_field_is_sent():
    hexapod = ClientComponent(None, None, "ATHexapod", load_catalogue()["ATHexapod"], "test")  # type: ignore[arg-type]

    text = inspect.getdoc(hexapod.setMaxSystemSpeeds)

    assert text is not None
    assert "speed : double [mm/s]" in text
    assert "From 0.001 to 10 mm/s." in text


def test_a_topic_tells_of_itself(dome):
    assert "azimuthPosition : double [deg]" in dome.telemetry.position.__doc__
    assert "Every 0.2 s" in dome.telemetry.position.__doc__


def test_a_wrong_name_is_answered_with_the_nearest(dome):
    with pytest.raises(AttributeError, match="ATDome has no command moveAzimut; did you mean moveAzimuth"):
        _ = dome.moveAzimut
    with pytest.raises(AttributeError, match="ATDome has no event sumaryState; did you mean summaryState"):
        _ = dome.events.sumaryState
    with pytest.raises(AttributeError, match="ATDome has no telemetry positions; did you mean position"):
        _ = dome.telemetry.positions
    with pytest.raises(TypeError, match=r"ATDome\.moveAzimuth has no field azimut; did you mean azimuth"):
        asyncio.run(dome.moveAzimuth(azimut=3))
    with pytest.raises(ValueError, match="every=0: a time in seconds above 0"):
        dome.telemetry.position(every=0)


def test_a_field_that_is_called_like_an_argument_is_not_in_the_way():
    camera = ClientComponent(None, None, "ATCamera", load_catalogue()["ATCamera"], "test")  # type: ignore[arg-type]
    [parameter] = [each for each in inspect.signature(camera.startImage).parameters.values() if each.name == "timeout"]

    assert parameter.default == 3600.0


@pytest.mark.parametrize("name", sorted(load_catalogue()))
def test_no_command_or_topic_hides_what_a_client_has_of_its_own(name):
    plan = load_catalogue()[name]
    component = ClientComponent(None, None, name, plan, "test")  # type: ignore[arg-type]

    assert all(callable(getattr(component, command)) for command in plan.commands)
    assert not set(plan.commands) & set(dir(ClientComponent))
    assert not set(plan.topics) & set(dir(type(component.events)))


def test_components_and_groups_are_found_by_all_of_their_names():
    obs = cscsim.connect()

    assert {"ATDome", "ATMount", "ATMCS", "OCPS", "ATCS", "LATISS"} <= set(dir(obs))
    with pytest.raises(AttributeError, match="there is no ATDom in auxtel; did you mean ATDome"):
        _ = obs.ATDom
    with pytest.raises(KeyError, match="there is no component OCPS:3 in auxtel; did you mean OCPS:1"):
        _ = obs["OCPS:3"]
    with pytest.raises(RuntimeError, match="not connected to auxtel"):
        _ = obs.ATDome


def test_numbers_that_json_has_not_are_read_as_numbers():
    fields = load_catalogue()["ATDome"].topics["position"].fields

    data = readable(Sample("position/10", {"azimuthPosition": "NaN", "private": 1}, 0.0), fields).data

    assert math.isnan(data["azimuthPosition"])
    assert data["private"] == 1


# ---------------------------------------------------------------------- what may be wrong


def test_an_observatory_that_is_not_there_is_told_at_once(tmp_path):
    async def main(address):
        with pytest.raises(OperatorError, match=r"auxtel is not on mqtt://.*; `cscsim serve auxtel` starts it"):
            async with cscsim.connect(str(address)):
                pass

    with any_broker("embedded", tmp_path) as address:
        asyncio.run(main(address))


@pytest.mark.parametrize("kind", BROKERS)
def test_an_observatory_that_a_broker_only_remembers_is_told_after_a_second(tmp_path, kind):
    async def main(address):
        topics = [f"cscsim/1/auxtel/{who}/alive" for who in ("ATDome", "ATMCS")]
        async with client(address) as one:
            for topic in topics:
                await one.publish(topic, b'{"alive":true}', qos=1, retain=True)
        before = time.monotonic()
        with pytest.raises(
            OperatorError, match=r"auxtel is not on \S+ now: the broker remembers it, but nobody answers"
        ):
            async with cscsim.connect(str(address)):
                pass
        assert time.monotonic() - before < 5.0

    with any_broker(kind, tmp_path) as address:
        asyncio.run(main(address))
        watched = call("watch", "ATDome", "--broker", str(address), "--for", "2")
        sent = call("send", "ATDome.start", "--broker", str(address))

    told = (
        f"auxtel is not on {address} now: the broker remembers it, but nobody answers; `cscsim serve auxtel` starts it"
    )
    assert (watched.exit_code, watched.stderr) == (0, f"{told}\n")
    assert (sent.exit_code, sent.stderr) == (1, f"cscsim: {told}\n")


def test_one_component_that_a_broker_only_remembers_is_not_there(auxtel):
    async def main():
        async with client(auxtel.address) as one:
            await one.publish("cscsim/1/auxtel/Script:7/alive", b'{"alive":true}', qos=1, retain=True)
        async with cscsim.connect(str(auxtel.address)) as obs:
            return obs.ATDome.alive, obs["Script:7"].alive

    assert asyncio.run(main()) == (True, False)


def test_without_a_broker_it_is_told_how_to_start_one():
    async def main():
        with pytest.raises(OperatorError, match=r"no broker at mqtt://127\.0\.0\.1:9: .*`cscsim serve` starts one"):
            async with cscsim.connect("mqtt://127.0.0.1:9"):
                pass

    asyncio.run(main())


def test_an_address_that_is_none_is_refused():
    with pytest.raises(AuthorError, match="an address begins with mqtt://"):
        cscsim.connect("http://127.0.0.1")


def test_a_command_whose_sender_is_cancelled_is_not_sent_again(auxtel):
    async def act(obs):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await obs["Script:299999"].run()
        return [number for number in range(10) if f"{obs._bus.client}-{number}" in obs._bus._unanswered]

    assert within(auxtel, act) == []


# ---------------------------------------------------------------------- a broker, or an observatory, that goes


@needs_mosquitto()
def test_a_command_is_answered_although_the_broker_was_away(tmp_path):
    async def main(broker):
        async with asyncio.timeout(50.0), cscsim.connect(str(broker.address)) as obs:
            broker.kill()
            asked = asyncio.create_task(obs.ATDome.moveAzimuth(azimuth=20))
            await asyncio.sleep(0.5)
            broker.start()
            ack = await asked
            state = await obs.ATDome.events.azimuthCommandedState.next(timeout=600)
            return ack.code, state.azimuth

    with mosquitto(tmp_path) as broker, served(tmp_path, broker.address, *READY):
        assert asyncio.run(main(broker)) == (AckCode.COMPLETE, 20)


@needs_mosquitto()
def test_who_died_together_with_the_broker_is_seen_as_gone_and_who_did_not_stays(tmp_path):
    settings = {"autosave_interval": 1, "autosave_on_changes": "true"}
    database = tmp_path / "mosquitto.db"

    async def main(broker, running):
        async with asyncio.timeout(50.0), cscsim.connect(str(broker.address)) as obs:
            for dies in (False, True):
                while not (database.exists() and b"ATDome/alive" in database.read_bytes()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                broker.kill()
                if dies:
                    running.process.kill()
                broker.start()
                await asyncio.sleep(0.0 if dies else 4.0)  # the roll call would be over
                if not dies:
                    assert all(component.alive for component in obs.components.values())
            assert obs.ATDome.alive  # as the broker has it
            while any(component.alive for component in obs.components.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    with mosquitto(tmp_path, settings=settings) as broker, served(tmp_path, broker.address, *READY) as running:
        asyncio.run(main(broker, running))


def test_an_observatory_that_ends_is_seen_as_gone_and_what_it_said_can_be_read(tmp_path):
    async def main(running, how):
        async with cscsim.connect(str(running.address)) as obs:
            assert obs.ATDome.alive
            running.end(how)
            async with asyncio.timeout(20.0):
                while obs.ATDome.alive:  # noqa: ASYNC110  # nothing tells of it
                    await asyncio.sleep(0.02)
            return obs.ATDome.summary_state

    with any_broker("embedded", tmp_path) as address:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with served(tmp_path, address, *READY) as running:
                assert asyncio.run(main(running, how)) == "ENABLED"


@needs_mosquitto()
def test_who_only_looks_on_reads_and_commands_nothing(tmp_path):
    users = {"eye": Login(Role.OBSERVE, "sees"), "stage": Login(Role.STAGE, "plays")}

    async def main(broker):
        async with cscsim.connect(str(broker.address), user="eye", password="sees") as obs:
            position = await obs.ATDome.telemetry.position.next(timeout=600)
            with pytest.raises(AckTimeoutError):
                await obs.ATDome.moveAzimuth(azimuth=3, timeout=30)
            return isinstance(position.azimuthPosition, float)

    with mosquitto(tmp_path, users=users) as broker:
        login = {"CSCSIM_MQTT_USER": "stage", "CSCSIM_MQTT_PASSWORD": "plays"}
        with served(tmp_path, broker.address, *READY, **login):
            assert asyncio.run(main(broker))
