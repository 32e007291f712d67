from __future__ import annotations

from types import SimpleNamespace

import pytest

from csc import AckError, Behaviour, Refused
from tests.csc.rig import Rig
from tests.csc.tiny import give, run

STANDBY = {"Tiny": "STANDBY"}


def parameters(rig: Rig) -> tuple[object, object]:
    p = rig.behaviour("Tiny").p
    return p.warmup, p.mode


def test_start_without_an_override_takes_the_defaults() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "start")

        assert parameters(rig) == (10.0, "fast")
        assert rig.event("Tiny", "configurationApplied").configurations == "_init.yaml"

    run(scenario, states=STANDBY)


def test_start_with_an_override_takes_its_values() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "start", configurationOverride="slow.yaml")

        assert parameters(rig) == (60.0, "slow")
        assert rig.event("Tiny", "configurationApplied").configurations == "_init.yaml,slow.yaml"

    run(scenario, states=STANDBY)


def test_the_configuration_is_announced_before_the_state() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "start")

        topics = [record["topic"] for record in rig.records("event")]
        assert topics.index("configurationApplied") < len(topics) - 1 - topics[::-1].index("summaryState")

    run(scenario, states=STANDBY)


def test_the_overrides_there_are_are_published() -> None:
    async def scenario(rig: Rig) -> None:
        assert rig.event("Tiny", "configurationsAvailable").overrides == "slow.yaml"

    run(scenario, states=STANDBY)


def test_an_override_that_is_not_there_is_refused() -> None:
    async def scenario(rig: Rig) -> None:
        message = r"Failed: Config file 'fast\.yaml' does not exist; there is slow\.yaml$"
        with pytest.raises(AckError, match=message):
            await rig.command("Tiny", "start", configurationOverride="fast.yaml")

        assert rig.state("Tiny") == "STANDBY"
        assert rig.event("Tiny", "configurationApplied") is None
        assert parameters(rig) == (10.0, "fast")

    run(scenario, states=STANDBY)


def test_a_component_without_overrides_says_so() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match=r"Config file 'any\.yaml' does not exist; there is no override$"):
            await rig.command("Peer", "start", configurationOverride="any.yaml")

    run(scenario, "Peer", states={})


def test_the_next_start_forgets_the_override() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.set_state("Tiny", "DISABLED", "slow.yaml")
        await rig.set_state("Tiny", "STANDBY")
        await rig.set_state("Tiny", "DISABLED")

        assert parameters(rig) == (10.0, "fast")

    run(scenario, states=STANDBY)


def test_the_observatory_replaces_defaults_and_an_override_replaces_both() -> None:
    async def scenario(rig: Rig) -> None:
        before = (*parameters(rig), rig.behaviour("Tiny").p.tries)
        await rig.command("Tiny", "start", configurationOverride="slow.yaml")

        assert before == (30.0, "fast", 5)
        assert (*parameters(rig), rig.behaviour("Tiny").p.tries) == (60.0, "slow", 5)

    run(scenario, states=STANDBY, parameters={"Tiny": {"warmup": "30 s", "tries": 5}})


class RefusesAtOnce(Behaviour):
    def do_start(self, data: SimpleNamespace) -> None:
        raise Refused(f"no lamp that warms up in {self.p.warmup:g} s")


class RefusesLater(Behaviour):
    async def do_start(self, data: SimpleNamespace) -> None:
        await self.clock.sleep(1.0)
        raise Refused(f"no lamp that warms up in {self.p.warmup:g} s")


@pytest.mark.parametrize("behaviour", [RefusesAtOnce, RefusesLater])
def test_a_start_that_the_behaviour_refuses_leaves_the_parameters_as_they_were(
    monkeypatch: pytest.MonkeyPatch, behaviour: type[Behaviour]
) -> None:
    give(monkeypatch, Tiny=behaviour)

    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match="no lamp that warms up in 60 s"):
            await rig.command("Tiny", "start", configurationOverride="slow.yaml")

        assert parameters(rig) == (10.0, "fast")
        assert rig.state("Tiny") == "STANDBY"

    run(scenario, states=STANDBY)
