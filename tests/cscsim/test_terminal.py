"""A person at a terminal: answers, refuses, interrupts. Each command runs on a terminal of its own."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios

import pytest

from fsm import read_journal
from tests.cscsim.cli import LIGHT, SMALL, call

PATIENCE = 30.0
"""So long a terminal may be silent [s]."""


class Terminal:
    """A command on a pseudo-terminal of 100 x 40."""

    def __init__(self, *arguments: str) -> None:
        self._screen, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cscsim", *arguments],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
            | {"TERM": "xterm", "NO_COLOR": "1"},
        )
        os.close(other)
        self.text = ""
        self._characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._seen = 0

    def read_until(self, words: str) -> None:
        """Read until words appear after those that were waited for before."""
        while words not in self.text[self._seen :]:
            ready, _, _ = select.select([self._screen], [], [], PATIENCE)
            assert ready, f"nothing more came, and {words!r} not at all:\n{self.text}"
            self._read()
        self._seen = self.text.index(words, self._seen) + len(words)

    def type(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def finish(self) -> int:
        """Read the rest and return the exit code."""
        with contextlib.suppress(OSError):  # Linux says so when the other side is closed
            while True:
                self._read()
        os.close(self._screen)
        return self.process.wait()

    def _read(self) -> None:
        data = os.read(self._screen, 65536)
        if not data:
            raise OSError("the terminal is closed")
        self.text += self._characters.decode(data)


@pytest.fixture
def terminal():
    """Opens terminals, and ends what still runs on them."""
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield open_terminal
    for each in opened:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "run.jsonl"


def test_a_person_is_asked_and_answers(terminal, journal):
    run = terminal("rehearse", LIGHT, *SMALL, "--journal", str(journal))

    run.read_until("Is it so? [y/n]")
    run.type("perhaps\n")
    run.read_until("Please answer y or n")
    run.read_until("Is it so? [y/n]")
    run.type("y\n")
    run.read_until("Press Enter when it is announced.")
    run.type("\n")

    assert run.finish() == 0
    assert "the camera in the dome" in run.text
    assert "PASSED" in run.text
    (answer,) = [record for record in read_journal(journal) if record["kind"] == "confirm"]
    assert (answer["t"], answer["answer"]) == (0.0, True)


def test_no_ends_the_rehearsal(terminal, journal):
    run = terminal("rehearse", LIGHT, *SMALL)

    run.read_until("Is it so? [y/n]")
    run.type("n\n")

    assert run.finish() == 1
    assert "ABORTED" in run.text
    assert "answered no: Is the dome free of people?" in run.text


def test_the_end_of_input_ends_the_rehearsal(terminal):
    run = terminal("rehearse", LIGHT, *SMALL)

    run.read_until("Is it so? [y/n]")
    run.type("\x04")

    assert run.finish() == 1
    assert "nobody answered: standard input has ended" in run.text


@pytest.mark.parametrize("speed", ["max", "60x"])
def test_ctrl_c_at_a_question_ends_the_rehearsal_with_a_report(terminal, journal, speed):
    run = terminal("rehearse", LIGHT, *SMALL, "--speed", speed, "--journal", str(journal))

    run.read_until("Is it so? [y/n]")
    run.type("\x03")

    assert run.finish() == 1
    assert "ABORTED" in run.text
    assert "step people Nobody is in the dome" in run.text
    assert "Traceback" not in run.text
    assert list(read_journal(journal))[-1]["outcome"] == "aborted"


def test_ctrl_c_at_60x_ends_the_rehearsal_with_a_report(terminal, journal):
    run = terminal("rehearse", LIGHT, *SMALL, "--yes", "--speed", "60x", "--journal", str(journal))

    run.read_until("Let the lamp warm up")
    run.type("\x03")

    assert run.finish() == 1
    assert "ABORTED" in run.text
    assert "step warm Let the lamp warm up" in run.text
    assert "Traceback" not in run.text
    last = list(read_journal(journal))[-1]
    assert (last["kind"], last["outcome"]) == ("end", "aborted")
    assert 1.0 < last["t"] < 900.0


def test_ctrl_c_at_full_speed_ends_the_rehearsal_with_a_report(terminal, journal, tmp_path):
    endless = tmp_path / "endless.yaml"
    endless.write_text(
        "procedure: endless\nkind: script\ntitle: Endless\nsteps:\n"
        "  - repeat: {times: 1e9, steps: [{id: rest, name: Rest, wait: 1 s}]}\n"
    )
    run = terminal("rehearse", str(endless), *SMALL, "--journal", str(journal))

    run.read_until("repeat up to")
    run.type("\x03")

    assert run.finish() == 1
    assert "ABORTED" in run.text
    assert list(read_journal(journal))[-1]["outcome"] == "aborted"


def test_the_cursor_comes_back(terminal):
    run = terminal("rehearse", LIGHT, *SMALL, "--yes")

    assert run.finish() == 0
    assert run.text.rfind("\x1b[?25h") > run.text.rfind("\x1b[?25l")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The journal of a rehearsal; those who go through it only read it."""
    journal = tmp_path_factory.mktemp("recorded") / "run.jsonl"
    assert call("rehearse", LIGHT, *SMALL, "--yes", "--journal", str(journal)).exit_code == 0
    return journal


def test_a_run_is_gone_through_step_by_step(terminal, recorded):
    run = terminal("replay", str(recorded), "--step")

    run.read_until("> ")
    run.type("\n")
    run.read_until("> ")
    run.type("until ATWhiteLight.lamp is WARMUP\n")
    run.read_until("ATWhiteLight.lamp goes from TURNING_ON to WARMUP")
    run.read_until("> ")
    run.type("why ATWhiteLight.lamp is ON\n")
    run.read_until("ATWhiteLight.lamp is WARMUP, not ON")
    run.read_until("> ")
    run.type("state ATDome\n")
    run.read_until("azimuth_motion")
    run.read_until("> ")
    run.type("state\n")
    run.read_until("How the observatory stands")
    run.read_until("> ")
    run.type("jump\n")
    run.read_until("There is no jump; help says what there is.")
    run.type("n 5 min\n")
    run.read_until("0:05:0")
    run.type("help\n")
    run.read_until("inject FAULT")
    run.type("end\n")

    assert run.finish() == 0
    assert "records up to 0:15:01" in run.text


def test_a_person_leaves_a_replay(terminal, recorded):
    run = terminal("replay", str(recorded), "--step", "--until", "1 min")

    run.read_until("0:01:00 #")
    run.type("quit\n")

    assert run.finish() == 0
    assert "Left at 0:01:00; all" in run.text


@pytest.mark.parametrize("keys", ["\x03", "\x04"])
def test_ctrl_c_and_the_end_of_input_leave_a_replay(terminal, recorded, keys):
    run = terminal("replay", str(recorded), "--step")

    run.read_until("> ")
    run.type(keys)

    assert run.finish() == 0
    assert "Left at 0:00:00" in run.text
    assert "Traceback" not in run.text


def test_what_is_injected_in_a_replay_is_a_branch_that_comes_again(terminal, recorded, tmp_path):
    branch = tmp_path / "branch.jsonl"
    run = terminal("replay", str(recorded), "--step", "--until", "5 min", "--journal", str(branch))

    run.read_until("0:05:00 #")
    run.type("inject ATWhiteLight.bulb_dyes\n")
    run.read_until("did you mean bulb_dies?")
    run.type("inject ATWhiteLight.bulb_dies\n")
    run.read_until("the run branches: fault ATWhiteLight.bulb_dies")
    run.type("end\n")

    assert run.finish() == 0
    assert "The branch has failed" in run.text
    again = terminal("replay", str(branch))
    assert again.finish() == 0
    assert "The same: " in again.text
