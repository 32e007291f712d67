"""What other clients ask for: read, known again, answered once."""

from __future__ import annotations

import itertools

import orjson
import pytest

from csc import Ack, AckCode
from csc.bus.mqtt import TopicTree
from csc.bus.mqtt.acks import decode_ack, encode_ack
from csc.bus.mqtt.link import Message
from csc.bus.mqtt.payload import Malformed, Private, decode
from csc.bus.mqtt.requests import Request, Requests
from csc.bus.mqtt.topics import Place
from fsm import Journal

TREE = TopicTree("auxtel")
PLACE = Place("ATDome", "command", "moveAzimuth")
REPLY = TREE.reply("ann")
DONE, FAILED = Ack(AckCode.COMPLETE, 0, "Done"), Ack(AckCode.FAILED, 1, "Failed")
PROGRESS = Ack(AckCode.INPROGRESS, 0, "moving", 30.0)


class Desk:
    """Requests, and what is said to those who have sent them."""

    def __init__(self):
        self.journal = Journal(lambda: 0.0)
        self.said: list[Message] = []
        numbers = itertools.count(1)
        self.requests = Requests(TREE, "us", self.journal, self.said.append, self.private, lambda: next(numbers))

    def private(self, seq_num, identity, **more):
        return Private(seqNum=seq_num, identity=identity, **more)

    def read(self, place=PLACE, retain=False, answer_to="", tag=b"", **fields) -> Request | None:
        sent = {f"private_{name[1:]}" if name.startswith("_") else name: value for name, value in fields.items()}
        topic = TREE.of(place.who, place.kind, place.what)
        return self.requests.read(place, Message(topic, orjson.dumps(sent), 1, retain, answer_to, tag))

    def told(self) -> list[tuple[str, Ack]]:
        return [(message.topic, decode_ack(decode(message.payload)[0])) for message in self.said]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_request_is_read_with_who_sent_it_and_where_the_answer_goes(desk):
    request = desk.read(azimuth=3.0, _replyTo=REPLY, _correlation="1", _identity="ann@site")

    assert request == Request(
        who="ATDome", what="moveAzimuth", reply_to=REPLY, correlation="1", identity="ann@site", seq_num=1,
        fields={"azimuth": 3.0},
    )  # fmt: skip


def test_who_says_nothing_is_answered_where_everybody_hears_it(desk):
    request = desk.read()

    assert (request.reply_to, request.identity) == ("cscsim/1/auxtel/ATDome/ack/moveAzimuth", "unknown")


def test_an_answer_says_to_what_it_is(desk):
    request = desk.read(_replyTo=REPLY, _correlation="1")
    desk.requests.answer(request, DONE)

    [message] = desk.said
    fields, private = decode(message.payload)
    assert (message.topic, message.qos, message.retain) == (REPLY, 1, False)
    assert (fields["command"], fields["ack"]) == ("moveAzimuth", 303)
    assert (private.correlation, private.seqNum, private.identity) == ("1", 1, "ATDome")


def test_nothing_follows_the_final_acknowledgement(desk):
    request = desk.read(_replyTo=REPLY)
    for ack in (PROGRESS, PROGRESS, DONE, FAILED, PROGRESS):
        desk.requests.answer(request, ack)

    assert [ack for _, ack in desk.told()] == [PROGRESS, PROGRESS, DONE]


def test_a_request_that_comes_again_is_told_again_what_it_was_told_last(desk):
    request = desk.read(_replyTo=REPLY, _correlation="1")
    assert desk.read(_replyTo=REPLY, _correlation="1") is None
    assert desk.said == []

    desk.requests.answer(request, PROGRESS)
    assert desk.read(_replyTo=REPLY, _correlation="1") is None
    desk.requests.answer(request, DONE)
    assert desk.read(_replyTo=REPLY, _correlation="1") is None

    assert [ack for _, ack in desk.told()] == [PROGRESS, PROGRESS, DONE, DONE]


def test_requests_of_others_to_others_and_without_correlation_are_new(desk):
    other = Place("ATMCS", "command", "moveAzimuth")

    numbers = [
        desk.read(_replyTo=REPLY, _correlation="1").seq_num,
        desk.read(_replyTo=REPLY, _correlation="2").seq_num,
        desk.read(_replyTo=TREE.reply("bob"), _correlation="1").seq_num,
        desk.read(other, _replyTo=REPLY, _correlation="1").seq_num,
        desk.read(_replyTo=REPLY).seq_num,
        desk.read(_replyTo=REPLY).seq_num,
    ]

    assert numbers == [1, 2, 3, 4, 5, 6]


def test_only_so_many_are_remembered_and_without_their_fields(desk, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.requests._REMEMBERED", 3)
    for number in range(5):
        request = desk.read(_replyTo=REPLY, _correlation=str(number), text="long")
        assert request.take_fields() == {"text": "long"}
        assert request.fields == {}

    assert desk.read(_replyTo=REPLY, _correlation="4") is None
    assert desk.read(_replyTo=REPLY, _correlation="0") is not None


@pytest.mark.parametrize(
    "reply_to",
    [
        "#",
        "cscsim/1/auxtel/clock",
        "cscsim/1/auxtel/reply",
        "cscsim/1/auxtel/reply/",
        "cscsim/1/auxtel/reply/+",
        "cscsim/1/auxtel/ATDome/command/stop",
        "cscsim/1/comcam/reply/ann",
    ],
)
def test_a_reply_topic_that_is_none_is_refused(desk, reply_to):
    assert desk.read(_replyTo=reply_to) is None

    [(topic, ack)] = desk.told()
    assert topic == "cscsim/1/auxtel/ATDome/ack/moveAzimuth"
    assert ack.code is AckCode.FAILED
    assert ack.result.startswith("Failed: the reply topic is ")
    [record] = desk.journal.records
    assert (record["kind"], record["who"], record["what"], record["topic"]) == (
        "wire", "ATDome", "refused", "moveAzimuth",
    )  # fmt: skip


def test_a_name_that_is_too_long_is_refused_and_not_remembered(desk):
    assert desk.read(Place("ATDome", "command", "x" * 1000), _correlation="1") is None

    assert "a name of 1000 characters is none" in desk.told()[0][1].result
    assert len(desk.journal.records[0]["topic"]) < 200


def test_what_the_broker_has_kept_is_not_done(desk):
    assert desk.read(retain=True, _correlation="1") is None

    assert desk.said == []
    assert "kept it from former times" in desk.journal.records[0]["because"]


def test_a_command_of_ours_once_more_is_left_alone(desk):
    assert desk.read(_correlation="us-1", _replyTo=TREE.reply("us")) is None
    assert (desk.said, desk.journal.records) == ([], [])
    assert desk.read(_correlation="us-1", _replyTo=REPLY) is not None


# ---------------------------------------------------------------- MQTT 5


def test_mqtt_5s_own_properties_count_like_the_private_fields(desk):
    request = desk.read(answer_to=REPLY, tag=b"\xff\x00")
    assert (request.reply_to, request.correlation) == (REPLY, "\\xff\x00")
    desk.requests.answer(request, DONE)
    assert desk.read(answer_to=REPLY, tag=b"\xff\x00") is None

    assert [(message.topic, message.correlation) for message in desk.said] == [(REPLY, b"\xff\x00")] * 2


def test_two_that_differ_are_not_taken_for_one(desk):
    assert desk.read(answer_to=REPLY, tag=b"\xff") is not None
    assert desk.read(answer_to=REPLY, tag=b"\xfe") is not None


def test_the_private_fields_come_first(desk):
    request = desk.read(answer_to=TREE.reply("bob"), tag=b"2", _replyTo=REPLY, _correlation="1")

    assert (request.reply_to, request.correlation) == (REPLY, "1")


@pytest.mark.parametrize(("answer_to", "tag"), [("elsewhere", b""), (REPLY, b"x" * 257)])
def test_properties_that_are_wrong_are_refused(desk, answer_to, tag):
    assert desk.read(answer_to=answer_to, tag=tag) is None

    assert desk.told()[0][1].code is AckCode.FAILED


# ---------------------------------------------------------------- acknowledgements


@pytest.mark.parametrize("ack", [DONE, FAILED, PROGRESS, Ack(AckCode.NOPERM, 7, "é")])
def test_an_acknowledgement_that_is_written_is_read(ack):
    assert decode_ack(decode(encode_ack("start", ack, Private()))[0]) == ack


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ack": 303},
        {"ack": 1, "error": 0, "result": "", "timeout": 0},
        {"ack": [], "error": 0, "result": "", "timeout": 0},
        {"ack": 303, "error": "x", "result": "", "timeout": 0},
        {"ack": 303, "error": 0, "result": "", "timeout": {}},
    ],
)
def test_what_is_no_acknowledgement_is_refused(fields):
    with pytest.raises(Malformed, match="no acknowledgement"):
        decode_ack(fields)
