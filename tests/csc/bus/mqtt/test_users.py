"""The file of users, and how passwords are kept."""

from __future__ import annotations

import subprocess

import pytest

from csc.bus.mqtt.roles import Role
from csc.bus.mqtt.users import User, hashed, is_password, load_users, password_file, user_line
from fsm import AuthorError
from tests.mqtt.brokers import needs_mosquitto, program

GOOD = hashed("acts")


def test_a_password_is_known_again_and_another_is_not():
    assert is_password("acts", GOOD)
    assert not is_password("act", GOOD)
    assert not is_password("", GOOD)
    assert hashed("acts") != GOOD


@pytest.mark.parametrize("kept", [None, "", "acts", "$6$abc$def", "$7$0$AAAA$AAAA", GOOD[:-8]])
def test_nobody_has_a_password_that_was_not_kept(kept):
    assert not is_password("acts", kept)
    assert not is_password("", kept)


@needs_mosquitto()
def test_what_mosquitto_keeps_is_understood(tmp_path):
    path = tmp_path / "passwords"
    command = [program("mosquitto_passwd") or "mosquitto_passwd", "-c", "-b", str(path), "ann", "acts"]
    subprocess.run(command, check=True, capture_output=True)

    name, _, kept = path.read_text(encoding="utf-8").strip().partition(":")

    assert (name, is_password("acts", kept), is_password("sees", kept)) == ("ann", True, False)


def test_a_file_says_who_the_users_are(tmp_path):
    path = tmp_path / "users.yaml"
    path.write_text(f"users:\n  ann: {{role: operate, password: {GOOD}}}\n", encoding="utf-8")

    users = load_users(path)

    assert users == {"ann": User(role=Role.OPERATE, password=GOOD)}
    assert password_file(users) == f"ann:{GOOD}\n"


def test_a_line_is_read_back_whatever_the_name_would_mean_to_yaml(tmp_path):
    names = ("ann", "a.b@c-d_e", "true", "No", "null", "123", "1e5", "-", ".", "@", "0x1f", "1_000", "2026-01-15", "y")
    user = User(role=Role.INJECT, password=GOOD)
    path = tmp_path / "users.yaml"
    path.write_text("users:\n" + "".join(user_line(name, user) for name in names), encoding="utf-8")

    assert load_users(path) == dict.fromkeys(names, user)


def test_a_line_is_not_made_for_a_name_that_is_none():
    with pytest.raises(AuthorError, match="'a b' is no name of a user"):
        user_line("a b", User(role=Role.OPERATE, password=GOOD))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("users: {}\n", "users.yaml:1: a mapping with `users` is expected"),
        ("ann: {}\n", "users.yaml:1: a mapping with `users` is expected"),
        ("- ann\n", "users.yaml:1: a mapping with `users` is expected"),
        (f"users:\n  a b: {{role: operate, password: {GOOD}}}\n", "users.yaml:2:.*'a b' is no name of a user"),
        ("users:\n  ann: operate\n", "users.yaml:2:.*ann has `role` and `password`"),
        (f"users:\n  ann: {{role: operat, password: {GOOD}}}\n", "users.yaml:2:.*no role operat.*mean operate"),
        ("users:\n  ann: {role: operate, password: acts}\n", "users.yaml:2:.*ann: the password is kept as"),
    ],
)
def test_a_mistake_in_the_file_is_found(tmp_path, text, complaint):
    path = tmp_path / "users.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AuthorError, match=complaint):
        load_users(path)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = tmp_path / "users.yaml"
    path.write_text("users:\n  ann: operate\n  bob: {role: inject, password: breaks}\n", encoding="utf-8")

    with pytest.raises(AuthorError, match=r"(?s)users\.yaml:2:.*\n.*users\.yaml:3:"):
        load_users(path)
