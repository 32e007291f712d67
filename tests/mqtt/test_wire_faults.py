"""What becomes of a run, and of commands, when the wire fails: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from csc import AckCode
from csc.bus.mqtt.connect_packet import ConnectPacket
from csc.bus.mqtt.presence import ALIVE, GONE
from tests.mqtt.brokers import Mosquitto, client, needs_mosquitto
from tests.mqtt.crowd import Order, member
from tests.mqtt.meddling import Meddler
from tests.mqtt.stage import served, served_elsewhere
from tests.mqtt.talk import RawClient, receive
from tests.mqtt.trouble import WHO, all_answered, all_done, check, crowd_without_broker, held, killed, troubled, until
from tests.mqtt.weekly import in_memory, over

pytestmark = pytest.mark.mqtt
OBSERVATORY = "wire"


# ---------------------------------------------------------------- a rehearsal


@needs_mosquitto()
@pytest.mark.slow
def test_a_rehearsal_is_the_same_when_its_broker_is_killed_again_and_again(real):
    with troubled(lambda: killed(real)):
        report = over(real.address)

    assert (report.outcome, report.digest) == ("passed", in_memory().digest)


@needs_mosquitto()
@pytest.mark.slow
def test_a_rehearsal_is_the_same_when_its_broker_is_held_for_a_while(real):
    with troubled(lambda: held(real, 1.0)):
        report = over(real.address)

    assert (report.outcome, report.digest) == ("passed", in_memory().digest)


# ---------------------------------------------------------------- commands of clients


@needs_mosquitto()
@pytest.mark.slow
def test_of_eighty_clients_none_loses_a_command_when_the_broker_is_killed(real):
    crowd_without_broker(real, 80)  # `make soak` has 200, ten times


@needs_mosquitto()
def test_commands_are_done_when_the_broker_goes_on(real):
    with served(real.address, WHO, name=OBSERVATORY) as observatory:

        async def main() -> list[Order]:
            async with member(real.address, OBSERVATORY) as one:
                real.pause()
                orders = [one.mark(WHO) for _ in range(300)]
                await asyncio.sleep(1.0)
                assert not observatory.of("command", WHO)
                real.resume()
                await all_done(orders)
                return orders

        check(observatory, asyncio.run(main()))


@needs_mosquitto()
def test_commands_that_are_sent_while_there_is_no_broker_are_done_when_there_is_one(real):
    with served(real.address, WHO, name=OBSERVATORY) as observatory:

        async def main() -> list[Order]:
            async with member(real.address, OBSERVATORY) as one:
                real.kill()
                orders = [one.mark(WHO) for _ in range(300)]
                await asyncio.sleep(0.3)
                real.start()
                await all_done(orders)
                return orders

        check(observatory, asyncio.run(main()))


@needs_mosquitto()
def test_a_command_that_takes_its_time_ends_with_one_acknowledgement_though_the_broker_is_killed_meanwhile(real):
    with served(real.address, "ATDome", name=OBSERVATORY, speed=20.0) as observatory:

        async def main() -> Order:
            async with member(real.address, OBSERVATORY) as one:
                order = one.send("ATDome", "homeAzimuth")
                await until(lambda: bool(order.acks))
                await asyncio.to_thread(killed, real)
                assert not order.final
                await all_done([order])
                return order

        order = asyncio.run(main())

        assert [ack.code for ack in order.final] == [AckCode.COMPLETE]
        assert len(observatory.of("command", "ATDome")) == 1


@pytest.mark.parametrize("at", ["client", "observatory"])
def test_what_comes_twice_and_out_of_turn_is_done_once(broker, at):
    with Meddler(broker.address, twice=True, swaps=True) as meddler:
        here, there = (meddler, broker) if at == "observatory" else (broker, meddler)
        with served(here.address, WHO, name=OBSERVATORY) as observatory:

            async def main() -> list[Order]:
                async with member(there.address, OBSERVATORY) as one:
                    orders = [one.mark(WHO) for _ in range(200)]
                    await all_done(orders)
                    return orders

            check(observatory, asyncio.run(main()))
        assert meddler.count > 200


def test_an_event_that_comes_late_does_not_undo_the_one_after_it(broker):
    with (
        Meddler(broker.address, twice=True, swaps=True) as meddler,
        served(broker.address, WHO, name=OBSERVATORY) as observatory,
        served(meddler.address, name=OBSERVATORY, elsewhere=(WHO,)) as looker,
    ):
        heard: list[int] = []
        looker.call(lambda: looker.bus.subscribe(WHO, "logLevel", lambda sample: heard.append(sample.level)))

        async def main() -> None:
            async with member(broker.address, OBSERVATORY) as one:
                await all_done([one.send(WHO, "setLogLevel", level=1 + number % 50) for number in range(200)])

        asyncio.run(main())

        last = observatory.bus.last(WHO, "logLevel")
        assert last is not None
        found = looker.bus.last(WHO, "logLevel")
        assert found is not None
        assert found.level == heard[-1] == last.level
        assert len(heard) <= 201


# ---------------------------------------------------------------- those who do not take part


@pytest.mark.slow
def test_who_never_reads_holds_up_nobody_and_takes_little_memory(broker):
    process = Path(f"/proc/{broker.pid}/status")
    rounds = 80 if isinstance(broker, Mosquitto) else 20  # of 1 MB: more than mosquitto keeps, and than we may take
    with served(broker.address, WHO, name=OBSERVATORY, keep=False) as observatory, RawClient(broker.address) as idler:
        idler.connect(ConnectPacket(client="idler"))
        idler.subscribe("#", qos=1)
        before = _resident(process)

        def shout() -> None:
            for number in range(250):
                text = f"{number:04}" + "x" * 4000
                observatory.bus.publish(WHO, "logMessage", {"message": text}, {})

        async def main() -> None:
            async with member(broker.address, OBSERVATORY) as one:
                for _ in range(rounds):
                    observatory.call(shout)
                    await all_answered([one.mark(WHO)])
                    gc.collect(1)  # what is garbage waits for nobody

        kept, most = _taken(main)

        if isinstance(broker, Mosquitto):  # the other one is cut off after some time, and takes what comes until then
            assert _resident(process) - before < 75e6
        assert kept < 10e6
        assert most < 18e6  # less than all rounds: one waits, in several forms


def _taken(work: Callable[[], Coroutine[None, None, None]]) -> tuple[int, int]:
    """How many bytes of this process the objects take that some work has left, and took at most during it.

    Its resident memory would tell what the tests before this one left behind, too.
    """
    tracemalloc.start()
    try:
        asyncio.run(work())
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def _resident(status: Path) -> float:
    if not status.exists():
        pytest.skip("the memory of a process is read from /proc")
    [line] = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS")]
    return float(line.split()[1]) * 1024


def test_a_component_whose_process_is_killed_is_seen_as_dead(broker):
    topic = f"cscsim/1/{OBSERVATORY}/{WHO}/alive"

    async def main(pid: int) -> list[bytes]:
        async with client(broker.address) as looker:
            await looker.subscribe(topic, qos=1)
            before = await receive(looker)
            os.kill(pid, 9)
            after = await receive(looker)
        async with client(broker.address) as late:
            await late.subscribe(topic, qos=1)
            return [message.payload for message in (*before, *after, *await receive(late))]

    with served_elsewhere(broker.address, OBSERVATORY, WHO) as process:
        assert asyncio.run(main(process.pid)) == [ALIVE, GONE, GONE]


@needs_mosquitto()
def test_a_component_is_seen_again_when_the_broker_is_back(real):
    with served(real.address, WHO, name=OBSERVATORY):

        async def main() -> list[bytes]:
            await asyncio.to_thread(killed, real)
            async with client(real.address) as looker:
                await looker.subscribe(f"cscsim/1/{OBSERVATORY}/{WHO}/+", qos=1)
                return [message.payload for message in await receive(looker)]

        assert asyncio.run(main()) == [ALIVE]


@needs_mosquitto()
def test_what_was_published_is_there_again_when_the_broker_has_forgotten_it(real):
    with served(real.address, WHO, name=OBSERVATORY) as observatory:
        state = f"cscsim/1/{OBSERVATORY}/{WHO}/event/summaryState"

        async def main() -> bytes:
            await asyncio.to_thread(killed, real)
            async with client(real.address) as looker:
                await looker.subscribe(state, qos=1)
                return bytes((await receive(looker))[0].payload)

        last = observatory.bus.last(WHO, "summaryState")
        assert last is not None
        assert f'"summaryState":{last.summaryState},' in asyncio.run(main()).decode()
