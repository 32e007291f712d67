"""Situations that meet at one place: which are told apart, which are joined, and which are looked at again."""

from __future__ import annotations

from csc.foresight import World
from fsm.conditions import between, exactly
from procedures.checking.meeting import VARIANTS, Meeting
from procedures.checking.situation import MAIN, Situation, Thread

MOTOR, LAMP, COUNT = ("One", "motor"), ("One", "lamp"), ("One", "count")


class Waiting:
    """What a thread waits for; all that wait for the same one stand at the same place."""

    def __init__(self, *, last: bool = False) -> None:
        self.last = last


HERE, THERE, AT_LAST = Waiting(), Waiting(), Waiting(last=True)


def situation(motor: str, lamp: str = "A", count: float = 0.0, at: Waiting = HERE) -> Situation:
    world = World(
        machines={MOTOR: frozenset(motor), LAMP: frozenset(lamp)},
        values={COUNT: exactly(count)},
        connected={"One": True},
        overrides={"One": ""},
    )
    return Situation(world, {MAIN: Thread(None, at)})  # type: ignore[arg-type]  # nobody asks what it does


def meeting(*situations: Situation) -> tuple[Meeting, list[Situation]]:
    grown: list[Situation] = []
    met = Meeting(grown.append)
    for each in situations:
        met.add(each)
    return met, grown


def following(met: Meeting) -> list[tuple[str, str]]:
    """The states of motor and lamp of each situation that is yet to be looked at, in turn."""
    found = []
    while (each := met.next()) is not None:
        found.append(("".join(sorted(each.world.machines[MOTOR])), "".join(sorted(each.world.machines[LAMP]))))
    return found


def test_nothing_was_met_at_first() -> None:
    met, _ = meeting()

    assert met.next() is None


def test_what_was_met_first_is_looked_at_first() -> None:
    met, grown = meeting(situation("A"), situation("B"), situation("C"))

    assert following(met) == [("A", "A"), ("B", "A"), ("C", "A")]
    assert not grown


def test_what_was_met_before_is_not_looked_at_again() -> None:
    met, grown = meeting(situation("A"))
    met.next()

    met.add(situation("A"))

    assert met.next() is None
    assert not grown


def test_situations_that_tell_little_more_are_joined() -> None:
    met, grown = meeting(situation("A"), situation("AB"))

    assert following(met) == [("AB", "A")]
    assert len(grown) == 1


def test_a_situation_that_tells_less_is_nothing_new() -> None:
    met, grown = meeting(situation("AB"), situation("A"))

    assert following(met) == [("AB", "A")]
    assert not grown


def test_one_that_has_grown_is_looked_at_again() -> None:
    met, _ = meeting(situation("A"))
    met.next()

    met.add(situation("AB"))

    assert following(met) == [("AB", "A")]


def test_one_that_has_grown_takes_others_in() -> None:
    met, _ = meeting(situation("A"), situation("B"), situation("AB"))

    assert following(met) == [("AB", "A")]


def test_situations_of_which_neither_tells_more_are_told_apart() -> None:
    met, _ = meeting(situation("A", "AB"), situation("AB", "A"))

    assert following(met) == [("A", "AB"), ("AB", "A")]


def test_other_places_are_told_apart() -> None:
    met, _ = meeting(situation("A", at=HERE), situation("A", at=THERE))

    assert len(following(met)) == 2


def test_where_all_come_together_they_are_joined_and_looked_at_last() -> None:
    met, _ = meeting(situation("A", at=AT_LAST), situation("C"), situation("B", at=AT_LAST))

    assert following(met) == [("C", "A"), ("AB", "A")]


def test_values_that_grow_again_and_again_are_widened() -> None:
    met, _ = meeting()

    for count in range(100):
        met.add(situation("A", count=count))
        met.next()
    looked_at = 0
    for count in range(100, 200):
        met.add(situation("A", count=count))
        looked_at += met.next() is not None

    assert looked_at == 0


def test_values_that_grow_are_all_in_what_was_met() -> None:
    met, _ = meeting(*(situation("A", count=count) for count in range(20)))

    last = met.next()

    assert last is not None
    assert last.world.values[COUNT].join(between(0.0, 19.0)) == last.world.values[COUNT]


def test_too_many_variants_are_joined_with_the_first() -> None:
    many = [Situation(_numbered(number), {MAIN: Thread(None, HERE)}) for number in range(VARIANTS + 5)]  # type: ignore[arg-type]  # as above
    met, _ = meeting(*many)

    found = []
    while (each := met.next()) is not None:
        found.append(each.world.machines[MOTOR])

    assert len(found) == VARIANTS
    assert found[0] == {f"S{number}" for number in (0, *range(VARIANTS, VARIANTS + 5))}


def _numbered(number: int) -> World:
    machines = {MOTOR: frozenset((f"S{number}",))}
    return World(machines=machines, values={}, connected={"One": True}, overrides={"One": ""})
