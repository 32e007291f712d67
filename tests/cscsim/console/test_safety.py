"""Who is not let in, and what is too much."""

from __future__ import annotations

import json

import pytest
from starlette.websockets import WebSocketDisconnect

from cscsim.console.limits import LARGEST, Allowance
from cscsim.console.roles import Role, Tokens
from cscsim.console.safety import Doors
from fsm import read_journal
from tests.cscsim.console.talking import HOST, TOKENS, Talk, console, plan_of


def turned_away(socket):
    """Return the last words and the code with which a connection ends."""
    bye = None
    while True:
        try:
            message = json.loads(socket.receive_text())
        except WebSocketDisconnect as end:
            return bye, end.code
        bye = message["because"] if message["kind"] == "bye" else bye


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", f"http://{HOST}.evil.example"])
def test_a_foreign_page_is_turned_away_and_journaled(training, origin):
    with training.socket(origin=origin) as socket:
        bye, code = turned_away(socket)

    assert code == 4003
    assert "only the console's own page" in bye
    assert [record["what"] for record in read_journal(training.room.run.journal) if record["kind"] == "refused"] == [
        "a connection"
    ]


def test_a_name_that_leads_here_by_a_trick_is_turned_away(training):
    with training.socket(host="evil.example:8700", origin="http://evil.example:8700") as socket:
        assert turned_away(socket)[1] == 4003
    assert training.client.get("/", headers={"host": "evil.example"}).status_code == 403


def test_its_own_page_is_let_in(training):
    with training.socket(origin=f"http://{HOST}") as socket:
        assert Talk(socket).ask("join")["role"] == "trainee"


@pytest.mark.parametrize("token", ["wrong", "the-trainee", "ünïcode\x00", 3, None])
def test_a_wrong_token_is_turned_away(training, token):
    with training.socket() as socket:
        socket.send_text(json.dumps({"id": 1, "do": "join", "token": token}))
        assert turned_away(socket)[1] == 4001


def test_wherever_others_may_come_a_token_is_needed(tmp_path):
    tokens = Tokens(needs_one=True)
    with console(tmp_path, plan_of("auxtel"), host="0.0.0.0", tokens=tokens) as opened:
        with opened.socket() as socket:
            socket.send_text(json.dumps({"id": 1, "do": "join"}))
            assert "a token is needed" in turned_away(socket)[0]
        with opened.joined(token=tokens.trainee) as page:
            assert page.hello["role"] == "trainee"
        assert opened.client.get("/debrief").status_code == 403
        assert opened.client.get("/images/x.png").status_code == 403


def test_too_large_a_request_is_turned_away(training):
    with training.trainee() as page:
        page.socket.send_text(json.dumps({"id": 9, "do": "note", "text": "x" * LARGEST}))
        bye, code = turned_away(page.socket)

    assert code == 4008
    assert "at most 65536 bytes" in bye


def test_too_many_requests_are_answered_and_then_turned_away(training):
    with training.trainee() as page:
        for number in range(500):
            page.socket.send_text(json.dumps({"id": number, "do": "look", "component": "ATDome"}))
        _, code = turned_away(page.socket)

    assert code == 4008


@pytest.mark.parametrize("text", ["null", "[]", "3", '"join"', '{"do": {}}', '{"id": [1], "do": "look"}', "\x00"])
def test_nonsense_is_answered_and_the_connection_stays(training, text):
    with training.trainee() as page:
        page.socket.send_text(text)
        assert page.until(lambda message: message["kind"] == "answer")["ok"] is False
        assert page.ask("look", component="ATDome")["component"] == "ATDome"


def test_script_text_stays_text(training):
    name = "<script>alert(1)</script>"
    with training.trainee(name=name) as page:
        page.ask("note", text=name)
        record = page.record(lambda record: record["kind"] == "note")
        page.ask("end")

    assert record["text"] == name
    assert name not in training.client.get("/debrief").text


def test_every_answer_says_what_a_page_may_load(training):
    headers = training.client.get("/").headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert training.client.get("/images/AT_O_20260115_000001.png", params={"size": "1e9"}).status_code == 400
    assert training.client.get("/images/nothing.png").status_code == 404
    assert training.client.get("/static/..%2f..%2froles.py").status_code == 404


def test_tokens_tell_roles():
    assert TOKENS.role_of("the-instructors") is Role.INSTRUCTOR
    assert TOKENS.role_of("") is Role.TRAINEE
    assert Tokens(needs_one=True).role_of("") is None
    assert Tokens().instructor != Tokens().instructor


@pytest.mark.parametrize(
    ("host", "is_wide"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True)]
)
def test_listening_beyond_this_machine_is_wide(host, is_wide):
    assert Doors(host).is_wide is is_wide


def test_an_allowance_comes_back_with_time():
    now = [0.0]
    allowance = Allowance(2, 1, now=lambda: now[0])

    assert [allowance.take() for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [allowance.take() for _ in range(2)] == [True, False]
