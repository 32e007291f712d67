"""Messages as they travel: what is written is read, and what cannot be read is refused with a reason."""

from __future__ import annotations

import contextlib
import json
import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.bus.mqtt.payload import LARGEST, Malformed, Private, decode, encode, number, user_at_host

NAMES = st.text(max_size=12).filter(lambda name: not name.startswith("private_"))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = (
    st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.lists(st.integers(0, 9) | TEXTS, max_size=5)
)
PRIVATE = st.builds(
    Private,
    sndStamp=st.floats(0, 1e10),
    seqNum=st.integers(0, 2**31),
    identity=st.sampled_from(["", "ann@site", "é"]),
    origin=st.integers(0, 2**31),
    revCode=st.sampled_from(["", "35bee0c0"]),
    t=st.none() | st.floats(0, 1e9),
    correlation=st.none() | st.sampled_from(["1", "a-b"]),
    replyTo=st.none() | st.just("cscsim/1/auxtel/reply/ann"),
)


@given(st.dictionaries(NAMES.filter(lambda name: name.isprintable()), VALUES, max_size=5), PRIVATE)
def test_a_message_that_is_written_is_read(fields, private):
    assert decode(encode(fields, private)) == (fields, private)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(payload):
    with contextlib.suppress(Malformed):
        fields, private = decode(payload)
        assert isinstance(fields, dict)
        assert isinstance(private, Private)


def test_private_fields_that_say_nothing_are_left_out():
    assert set(orjson.loads(encode({"a": 1}, Private()))) == {
        "a",
        *(f"private_{name}" for name in ("sndStamp", "seqNum", "identity", "origin", "revCode")),
    }


def test_nothing_is_a_message_without_fields():
    assert decode(b"") == ({}, Private())


@pytest.mark.parametrize(
    ("value", "written"),
    [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity"), ([1.0, math.nan], [1.0, "NaN"])],
)
def test_a_number_that_json_cannot_write_is_a_text(value, written):
    assert json.loads(encode({"a": value}, Private()))["a"] == written


def test_that_text_stands_for_the_number():
    assert math.isnan(number("NaN"))
    assert (number("Infinity"), number("-Infinity")) == (math.inf, -math.inf)
    assert [number(value) for value in ("nan", 3, None, ["NaN"])] == ["nan", 3, None, ["NaN"]]


def test_arrays_are_lists():
    assert decode(encode({"a": np.arange(3.0)}, Private()))[0] == {"a": [0.0, 1.0, 2.0]}


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        (b"x" * (LARGEST + 1), "262145 bytes is too long"),
        (b"{", "no JSON"),
        (b"NaN", "no JSON"),
        (b'"text"', "a JSON object is expected"),
        (b"[]", "a JSON object is expected"),
        (b'{"a": "\\ud800"}', "no JSON"),
        (b'{"a": ' + b"[" * 16 + b"]" * 16 + b"}", "nested deeper than 16 levels"),
        (b'{"private_seqNum": 1.5}', "private_seqNum is 1.5"),
        (b'{"private_seqNum": true}', "private_seqNum is"),
        (b'{"private_sndStamp": "now"}', "private_sndStamp is 'now'"),
        (b'{"private_identity": "a\\nb"}', "at most 256 printable characters"),
        (b'{"private_correlation": "%s"}' % (b"a" * 257), "at most 256 printable characters"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read_is_refused(payload, because):
    with pytest.raises(Malformed) as caught:
        decode(payload)

    assert because in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_is_allowed_at_the_limits_is_read():
    assert decode(b'{"a": ' + b"[" * 14 + b"]" * 14 + b"}")[0]
    assert decode(b'{"a": "%s"}' % (b"x" * (LARGEST - 9)))[0]
    assert decode(b'{"private_correlation": "%s"}' % (b"a" * 256))[1].correlation == "a" * 256


def test_private_fields_of_later_versions_are_left_aside():
    assert decode(b'{"private_later": [1], "a": 1}') == ({"a": 1}, Private())


def test_what_nobody_would_read_is_not_written():
    with pytest.raises(Malformed, match="too long"):
        encode({"a": "x" * LARGEST}, Private())


def test_a_user_is_called_as_sal_does(monkeypatch):
    monkeypatch.setenv("USER", "ann")

    user, at, host = user_at_host().partition("@")

    assert (user, at) == ("ann", "@")
    assert host
