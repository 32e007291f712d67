"""Components are looked at when there is news of them, and then look as if all had been looked at."""

from __future__ import annotations

from typing import Any

from csc import PublishedReader, load_catalogue
from csc.disturbances import DISTURBANCES
from cscsim.console.components import ComponentViews
from cscsim.console.lookout import Wanted
from cscsim.console.roles import Role
from fsm import AuthorError, OperatorError
from tests.cscsim.console.by_hand import by_hand
from tests.cscsim.console.talking import plan_of

NOBODY: Any = None
WITHOUT_RECORDS = "alive"  # hearts beat without a record, and whoever looks listens to them once a second


def looked_at(hand):
    with hand.desk.seen.looking():
        return {name: views for name, *views in hand.desk.components.look()}


def all_looked_at(hand):
    desk = hand.desk
    with desk.seen.looking():
        return {name: views for name, *views in ComponentViews(desk.observatory, desk.seen).look()}


def recorded(shown):
    return {
        name: [{key: value for key, value in view.items() if key != WITHOUT_RECORDS} for view in views]
        for name, views in shown.items()
    }


def test_who_has_no_news_is_not_looked_at_again():
    async def work(hand):
        first = looked_at(hand)
        await hand.desk.clock.sleep(10.0)
        looked_at(hand)
        await hand.desk.clock.sleep(10.0)
        quiet = looked_at(hand)
        await hand.ask("state", of="ATDome", to="DISABLED")
        return first, quiet, looked_at(hand), all_looked_at(hand)

    first, quiet, news, everything = by_hand(plan_of("auxtel"), work)

    assert list(first) == list(everything)
    assert quiet == {}
    assert {"ATDome"} <= set(news) < set(everything)
    assert news["ATDome"] == everything["ATDome"]


def test_a_state_that_is_heard_late_is_seen_when_it_is_heard():
    async def work(hand):
        await hand.ask("state", of="ATDome", to="ENABLED")
        await hand.ask(
            "inject", role=Role.INSTRUCTOR, component="ATDome", fault="message_late", parameters={"by": "5 s"}
        )
        looked_at(hand)
        await hand.ask("command", component="ATDome", command="disable")
        early, truth = looked_at(hand)["ATDome"]
        await hand.desk.clock.sleep(10.0)
        late, _ = looked_at(hand)["ATDome"]
        return early["state"], truth["machines"]["summary"], late["state"]

    assert by_hand(plan_of("auxtel"), work) == ("ENABLED", "DISABLED", "DISABLED")


def test_hearts_are_listened_to_without_news(monkeypatch):
    monkeypatch.setattr("cscsim.console.lookout._BEATS_EVERY", 0.0)

    async def work(hand):
        hand.lookout.look(Wanted())
        await hand.desk.clock.sleep(60.0)
        return hand.desk.clock.now, hand.lookout.look(Wanted()).beats

    now, beats = by_hand(plan_of("auxtel"), work)

    assert {"ATDome", "ATMCS", "ATSpectrograph"} <= {name for name, beat in beats.items() if now - beat <= 1.0}


def test_every_machine_that_is_seen_is_seen_by_events():
    """What is only measured makes no record; there is nothing of it that a look at news could miss."""
    for blueprint in load_catalogue().values():
        for machine in filter(blueprint.published, blueprint.machines):
            for topic in PublishedReader(NOBODY, blueprint.component, blueprint).topics(machine):
                assert blueprint.topics[topic].cadence is None, (blueprint.component, machine, topic)


def test_what_is_seen_of_news_is_what_anybody_sees_who_looks_at_everything():
    async def work(hand):
        desk, shown, injected = hand.desk, looked_at(hand), 0
        for state in ("ENABLED", "DISABLED", "ENABLED"):
            for group in ("ATCS", "LATISS"):
                await hand.ask("state", of=group, to=state)
                shown |= looked_at(hand)
                assert recorded(shown) == recorded(all_looked_at(hand))
        for name, blueprint in desk.observatory.vocabulary().blueprints.items():
            for fault in (*blueprint.faults, *DISTURBANCES):
                try:
                    await hand.ask("inject", role=Role.INSTRUCTOR, component=name, fault=fault)
                except (AuthorError, OperatorError):
                    continue  # it takes a value that has no default, or cannot happen there
                injected += 1
                for pause in (0.3, 7.0, 90.0):
                    await desk.clock.sleep(pause)
                    shown |= looked_at(hand)
                    assert recorded(shown) == recorded(all_looked_at(hand)), (name, fault, pause)
            await hand.ask("clear_all", role=Role.INSTRUCTOR)
            shown |= looked_at(hand)
            assert recorded(shown) == recorded(all_looked_at(hand)), name
        return injected

    assert by_hand(plan_of("auxtel"), work) > 100
