"""Who may read and write what; and that the file for mosquitto says the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.bus.mqtt.roles import ANY_OBSERVATORY, RIGHTS, Role, acl_file, may
from csc.bus.mqtt.topics import TopicTree
from fsm import AuthorError

AUXTEL = TopicTree("auxtel")
WRITES = {
    "ATDome/demand/position/10": {Role.OBSERVE, Role.OPERATE, Role.INJECT, Role.STAGE},
    "ATDome/command/start": {Role.OPERATE, Role.INJECT, Role.STAGE},
    "ATDome/inject/slip": {Role.INJECT, Role.STAGE},
    "ATDome/ack/start": {Role.STAGE},
    "ATDome/event/summaryState": {Role.STAGE},
    "ATDome/telemetry/position": {Role.STAGE},
    "ATDome/alive": {Role.STAGE},
    "reply/ann": {Role.STAGE},
    "clock": {Role.STAGE},
    "ATDome/command/start/more": {Role.STAGE},
    "ATDome/command": {Role.STAGE},
    "command/start": {Role.STAGE},
}


@pytest.mark.parametrize("below", WRITES)
@pytest.mark.parametrize("role", Role)
def test_each_role_writes_what_it_is_for(role, below):
    assert may(role, "write", f"{AUXTEL.root}/{below}", AUXTEL) is (role in WRITES[below])


def test_each_role_may_what_the_one_before_it_may():
    for lower, higher in zip(Role, list(Role)[1:], strict=False):
        for pattern in RIGHTS[lower].write:
            assert may(higher, "write", f"{AUXTEL.root}/{pattern}", AUXTEL)


@pytest.mark.parametrize(
    "topic",
    [
        "#",
        "+/#",
        "cscsim/#",
        "cscsim/1/auxtel",
        "cscsim/1/other/#",
        "cscsim/1/+/clock",
        "cscsim/2/auxtel/clock",
        "$SYS/#",
        "$share/g/cscsim/1/auxtel/#",
        "",
    ],
)
def test_nobody_reads_or_writes_beyond_the_observatory(topic):
    assert not any(may(role, action, topic, AUXTEL) for role in Role for action in ("read", "write"))


@pytest.mark.parametrize("topic", ["#", "+/event/#", "ATDome/#", "+/telemetry/+", "clock"])
def test_all_of_an_observatory_may_be_read(topic):
    assert all(may(role, "read", f"{AUXTEL.root}/{topic}", AUXTEL) for role in Role)
    assert all(may(role, "read", f"{AUXTEL.root}/{topic}") for role in Role)


def matches(pattern: list[str], topic: list[str]) -> bool:
    """Say whether a filter matches a topic, as the standard defines it."""
    if not pattern:
        return not topic
    if pattern[0] == "#":
        return bool(topic)
    return bool(topic) and pattern[0] in ("+", topic[0]) and matches(pattern[1:], topic[1:])


LEVELS = st.lists(st.sampled_from(["ATDome", "command", "demand", "inject", "start", "+"]), min_size=1, max_size=4)


@given(filter_=LEVELS, ends=st.sampled_from([[], ["#"]]), topic=LEVELS, role=st.sampled_from(list(Role)))
def test_a_filter_that_may_be_written_matches_no_topic_that_may_not(filter_, ends, topic, role):
    plain = [level if level != "+" else "x" for level in topic]
    if may(role, "write", "/".join([AUXTEL.root, *filter_, *ends]), AUXTEL) and matches([*filter_, *ends], plain):
        assert may(role, "write", "/".join([AUXTEL.root, *plain]), AUXTEL)


def test_the_file_for_mosquitto_says_all_that_the_table_says():
    text = acl_file(AUXTEL, {f"a-{role}": role for role in Role})

    for role, entry in zip(Role, text.split("\n\n"), strict=True):
        lines = entry.strip().splitlines()
        assert lines[:2] == [f"# {role}", f"user a-{role}"]
        assert lines[2:] == [
            f"topic {action} cscsim/1/auxtel/{pattern}"
            for action in ("read", "write")
            for pattern in getattr(RIGHTS[role], action)
        ]


def test_one_file_may_serve_all_observatories():
    assert "topic write cscsim/1/+/+/command/+" in acl_file(ANY_OBSERVATORY, {"ann": Role.OPERATE})


@pytest.mark.parametrize("name", ["", "an n", "ann\ntopic write #", "a:b", "x" * 65, "anné", "a/b", "+"])
def test_a_name_that_would_break_the_file_is_refused(name):
    with pytest.raises(AuthorError, match="is no name of a user"):
        acl_file(AUXTEL, {name: Role.OBSERVE})
