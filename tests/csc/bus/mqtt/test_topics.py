"""The tree of topics: what is written can be read, and nothing else can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.bus.mqtt import TopicTree
from csc.bus.mqtt.topics import KINDS, Place

TREE = TopicTree("auxtel")
LEVELS = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=12)


@given(LEVELS, st.sampled_from([kind for kind in KINDS if kind != "alive"]), LEVELS, st.just("") | LEVELS)
def test_a_place_that_is_written_is_read(who, kind, what, every):
    assert TREE.place(TREE.of(who, kind, what, every)) == Place(who, kind, what, every)


def test_that_a_component_is_there_has_no_name():
    assert TREE.place(TREE.of("ATDome", "alive")) == Place("ATDome", "alive")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "cscsim",
        "cscsim/1/auxtel",
        "cscsim/1/auxtel/",
        "cscsim/1/auxtel/clock",
        "cscsim/1/auxtel/reply/ann",
        "cscsim/1/auxtel/ATDome",
        "cscsim/1/auxtel/ATDome/command",
        "cscsim/1/auxtel/ATDome/command/",
        "cscsim/1/auxtel/ATDome/command/start/",
        "cscsim/1/auxtel/ATDome/dream/start",
        "cscsim/1/auxtel/ATDome/alive/now",
        "cscsim/1/auxtel/ATDome/telemetry/position/10/20",
        "cscsim/1/comcam/ATDome/command/start",
        "cscsim/2/auxtel/ATDome/command/start",
        "cscsim/1/auxtelescope/ATDome/command/start",
    ],
)
def test_other_topics_are_no_components(topic):
    assert TREE.place(topic) is None


def test_the_topics_of_an_observatory_are_below_its_root():
    for topic in (TREE.clock, TREE.reply("ann"), TREE.of("OCPS:1", "ack", "execute")):
        assert topic.startswith("cscsim/1/auxtel/")
    assert TREE.reply("ann") == f"{TREE.replies}/ann"
