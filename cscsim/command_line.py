"""The command `cscsim`.

Only click is loaded here: what a command needs is loaded when it runs, so that `cscsim --help` answers at once.
"""

from __future__ import annotations

import contextlib
import io
import sys
from importlib import import_module
from typing import Any

import click

from cscsim.errors import CommandGroup

__all__ = ["main"]

_COMMANDS = (
    "rehearse",
    "campaign",
    "worst",
    "shrink",
    "coverage",
    "replay",
    "debrief",
    "diff",
    "images",
    "image",
    "ptc",
    "raws",
    "check",
    "explore",
    "list",
    "show",
    "diagram",
    "asyncapi",
    "console",
    "serve",
    "password",
    "send",
    "watch",
)


class _Commands(CommandGroup):
    """Finds each command in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command."""
        if cmd_name not in _COMMANDS:
            return None
        command: Any = import_module(f"cscsim.{cmd_name}").command
        if not isinstance(command, click.Command):  # pragma: no cover  # each module has one
            raise TypeError(f"cscsim.{cmd_name}.command is no click command")
        return command


_HELP = """\
Rehearse the calibration procedures of the Rubin Auxiliary Telescope in simulated time.

Every component is a state machine, every condition is checked, and faults are yours to choose.

\b
  cscsim list procedures             what can be rehearsed
  cscsim rehearse weekly             rehearse the weekly calibrations
  cscsim rehearse weekly --fault ATDome.encoder_slip:slip=2.5deg
  cscsim campaign --procedure weekly which faults it notices, and which it lets pass
  cscsim worst weekly --fault ATDome.encoder_slip
  cscsim shrink weekly --scenario two_at_once
  cscsim replay run.jsonl            run a journal again, stop in it, branch from it
  cscsim debrief run.jsonl           what a run's journal tells; with a score if somebody was trained
  cscsim images run.jsonl            the images of a run; cscsim image draws one, cscsim ptc their curve
  cscsim raws guide raw              raw images for the guide to calibrations
  cscsim check weekly                what can be said of it before it runs
  cscsim explore ATDome --faults     every state that it can reach, and what never comes about
  cscsim show ATDome.encoder_slip    what that fault does and how it is cured
  cscsim console                     the observatory in a browser, for a trainee and an instructor
  cscsim serve                       run it as a service that anybody may command over MQTT
  cscsim send ATDome.moveAzimuth azimuth=3.0
  cscsim watch 'ATDome.*'            what its components tell
  cscsim asyncapi                    what may be said to it over MQTT, and what it says
"""


@click.group(name="cscsim", cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cscsim", message="cscsim %(version)s")
def main() -> None:
    """Let click choose the command; make what is written fit the terminal."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot write a degree sign shows a question mark instead of a traceback.
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(io.UnsupportedOperation):
                stream.reconfigure(errors="replace")
