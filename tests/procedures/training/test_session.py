"""Sessions: what goes wrong is armed, goals are journaled, acts are recorded, and all of it can be done again."""

from __future__ import annotations

import asyncio

import pytest

from cscsim.locate import open_site
from fsm import AuthorError, Journal, simulate
from procedures.training import Hint, Note, open_session
from procedures.training.again import act_again
from tests.procedures.training.good_trainees import GOOD
from tests.procedures.training.trainee import hold_session


def kinds(records, *wanted):
    return [record for record in records if record["kind"] in wanted]


def test_a_journal_of_a_session_begins_and_ends_as_one():
    async def nothing(trainee):
        pass

    _, records = hold_session("faint_flats", nothing, seed=7)

    assert records[0]["kind"] == "run"
    assert (records[0]["training"], records[0]["procedure"], records[0]["seed"]) == ("faint_flats", "weekly", 7)
    assert [record["fault"] for record in kinds(records, "fault")] == ["encoder_slip"]
    assert records[-1] == records[-1] | {"kind": "end", "outcome": "failed"}
    assert "not reached: bright, aligned" in records[-1]["because"]


def test_hints_come_in_order_until_there_are_none():
    shown: list[str | None] = []

    async def asks(trainee):
        shown.extend(trainee.session.hint() for _ in range(4))
        trainee.session.act(Hint(number=0, text="Think."), by="instructor")

    training, records = hold_session("faint_flats", asks)

    assert shown == [*training.hints, None]
    assert [(each["who"], each["number"]) for each in kinds(records, "hint")] == [
        ("observer", 1),
        ("observer", 2),
        ("observer", 3),
        ("instructor", 0),
    ]


def test_what_is_done_by_hand_takes_a_fault_away_or_is_only_recorded():
    async def mends(trainee):
        assert not trainee.hand("ATDome.emergency_stop")
        assert trainee.hand("ATPneumatics.covers_in_standby")
        with pytest.raises(AuthorError, match="did you mean emergency_stop"):
            trainee.hand("ATDome.emergency_stp")

    _, records = hold_session("mirror_stays_covered", mends)

    assert [(each["component"], each["what"]) for each in kinds(records, "hand")] == [
        ("ATDome", "nothing to do"),
        ("ATPneumatics", "done"),
    ]
    assert [each["what"] for each in kinds(records, "fault")] == ["injected", "cleared"]


def test_a_goal_that_must_never_be_is_lost_once():
    async def hurries(trainee):
        await trainee.block("BLOCK-309")

    _, records = hold_session("something_left_running", hurries)

    assert [each["what"] for each in kinds(records, "goal") if each["goal"] == "order"] == ["lost"]
    assert "order" in records[-1]["because"]


def test_a_goal_at_the_end_may_be_lost_and_reached_again():
    _, records = hold_session("faint_flats", GOOD["faint_flats"])

    dark = [each["what"] for each in kinds(records, "goal") if each["goal"] == "dark"]
    assert dark == ["reached", "lost", "reached"]


@pytest.mark.parametrize("name", ["faint_flats", "dome_has_stopped", "nothing_is_there", "filter_refused"])
def test_a_session_is_the_same_when_it_is_done_again(name):
    async def acts(trainee):
        trainee.session.act(Note(text="I begin"))
        trainee.session.hint()
        trainee.answer("light", yes=True)
        await GOOD[name](trainee)

    training, records = hold_session(name, acts)
    site = open_site()

    async def again(clock):
        journal = Journal(lambda: clock.now)
        async with open_session(
            training, clock, journal, seed=1, sheet=site.sheet, library=site.library, blocks=site.blocks
        ) as session:
            await act_again(session, records)
        return journal.records

    assert simulate(again, tai_start=site.sheet.tai_start) == records


def test_a_session_that_is_given_up_says_so():
    kept = []

    async def main(clock):
        journal = Journal(lambda: clock.now)
        kept.append(journal)
        site = open_site()
        async with open_session(
            site.training("faint_flats"), clock, journal, sheet=site.sheet, library=site.library, blocks=site.blocks
        ) as session:
            clock.loop.call_soon(clock.loop.main.cancel)
            await session.observatory.clock.sleep(10.0)

    with pytest.raises(asyncio.CancelledError):
        simulate(main)

    assert kept[0].records[-1]["outcome"] == "aborted"
    assert kept[0].records[-1]["because"] == "interrupted"
