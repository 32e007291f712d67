"""`cscsim password`: what it asks for, and the line that it prints."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys

import pytest
from click.testing import CliRunner

from csc.bus.mqtt.roles import Role
from csc.bus.mqtt.users import is_password, load_users
from cscsim.command_line import main

_PATIENCE = 20.0
COMMAND = [sys.executable, "-m", "cscsim", "password", "ann"]


def given(text, *arguments):
    return CliRunner().invoke(main, ("password", *arguments), input=text)


def test_the_line_is_that_of_a_file_of_users(tmp_path):
    path = tmp_path / "users.yaml"
    lines = given("acts\n", "ann", "--role", "operate").stdout + given("sees", "joe").stdout
    path.write_text(f"users:\n{lines}", encoding="utf-8")

    users = load_users(path)

    assert {name: user.role for name, user in users.items()} == {"ann": Role.OPERATE, "joe": Role.OBSERVE}
    assert is_password("acts", users["ann"].password)
    assert is_password("sees", users["joe"].password)
    assert "acts" not in lines


def test_mosquittos_line_has_the_name_and_the_hash():
    name, _, kept = given("acts\r\nmore\n", "ann", "--mosquitto").stdout.strip().partition(":")

    assert (name, is_password("acts", kept)) == ("ann", True)


@pytest.mark.parametrize("password", ["ünïcödé £", " with spaces ", "x" * 1000])
def test_whatever_one_types_is_a_password(password):
    line = given(f"{password}\n", "ann", "--mosquitto").stdout

    assert is_password(password, line.strip().partition(":")[2])


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("", ["ann"], "cscsim: the password has no characters; 1 to 1000 are expected"),
        ("\n", ["ann"], "cscsim: the password has no characters; 1 to 1000 are expected"),
        ("x" * 5000, ["ann"], "characters; 1 to 1000 are expected"),
        ("acts", ["a b"], "cscsim: 'a b' is no name of a user: letters, digits and _ . @ - are, at most 64"),
        ("acts", ["ann", "--role", "king"], "'king' is not one of 'observe', 'operate', 'inject', 'stage'"),
    ],
)
def test_bad_input_is_told_and_nothing_is_printed(text, arguments, told):
    result = given(text, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def at_a_terminal(*typed: str) -> tuple[bytes, str]:
    """Type something at each prompt; return the output, and all that the terminal shows."""
    ours, theirs = pty.openpty()
    shown = ""

    def read() -> bool:
        nonlocal shown
        ready, _, _ = select.select([ours], [], [], _PATIENCE if one.poll() is None else 0.0)
        shown += os.read(ours, 1000).decode() if ready else ""
        return bool(ready)

    with subprocess.Popen(COMMAND, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True) as one:
        for number, text in enumerate(typed, 1):
            while len(re.findall("(ann|again):", shown)) < number and read():
                pass
            os.write(ours, f"{text}\n".encode())
        assert one.stdout is not None
        printed = one.stdout.read()
        one.wait(_PATIENCE)
    while read():
        pass
    os.close(theirs)
    os.close(ours)
    return printed, shown


def test_at_a_terminal_it_is_asked_for_twice_and_not_shown():
    printed, shown = at_a_terminal("acts", "acts")

    assert printed.startswith(b"  ann: {role: observe, password: $7$")
    assert "Password of ann:" in shown
    assert "The same again:" in shown
    assert "acts" not in shown


def test_two_that_differ_are_asked_for_again():
    printed, shown = at_a_terminal("acts", "act", "sees", "sees")

    assert is_password("sees", printed.decode().partition("password: ")[2].rstrip("}\n"))
    assert "do not match" in shown
