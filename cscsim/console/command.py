"""`cscsim console`: rehearse in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from cscsim.console.plan import Plan

__all__ = ["command"]

_PORT = 8700
_FOLDER = Path(".cscsim/console")
_NEEDED = ("starlette", "uvicorn", "websockets")

_HELP = """\
Open a console in the browser: the observatory's script queue, its components, images and log, and a procedure to
follow, in simulated time. Another address is for an instructor, who lets things go wrong and sees the truth.

WHAT is an observatory (auxtel, if nothing is named) or a procedure.

\b
  cscsim console --training first_weekly
  cscsim console weekly --scenario encoder_slip --speed 60x
  cscsim console auxtel --no-browser --port 8701

`cscsim list training` names what can be learnt. Ctrl-C ends it, and says where the journal is.

Exit code: 0 ended, 1 the port is taken or something has failed, 2 bad input."""


@click.command(name="console", help=_HELP, short_help="rehearse in a browser, with an instructor if you like")
@click.argument("what", metavar="[OBSERVATORY|PROCEDURE]", required=False)
@click.option("--scenario", metavar="NAME|FILE", help="what goes wrong")
@click.option("--training", metavar="NAME|FILE", help="a training scenario: goals, hints and a score")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, metavar="N", help="0 for any")
@click.option("--host", default="127.0.0.1", show_default=True, help="where to listen; this machine only by default")
@click.option("--speed", default="1x", show_default=True, metavar="1x|60x|max", help="of the simulated time")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="of what is random")
@click.option("--no-browser", is_flag=True, help="print the addresses and open nothing")
@click.option("--journal", metavar="FILE", help="write what happens there; by default to a file in .cscsim/console")
@click.option("--images", metavar="FOLDER", help="write real images there, and run real pipelines on them")
def command(
    what: str | None,
    scenario: str | None,
    training: str | None,
    port: int,
    host: str,
    speed: str,
    seed: int,
    no_browser: bool,
    journal: str | None,
    images: str | None,
) -> None:
    """Read the arguments, and open the console."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Complaint(f"cscsim console needs {' and '.join(missing)}: pip install 'cscsim[console]'")
    from cscsim.console.plan import find_plan
    from cscsim.console.running import run_console
    from cscsim.rehearse import journal_file, read_speed

    pace = read_speed(speed)
    path = journal_file(journal)
    with _lent(find_plan(what, scenario=scenario, training=training, seed=seed), images) as plan:
        path = path or _own_journal(plan)
        run_console(plan, path, speed=pace, host=host, port=port, opens_browser=not no_browser)


@contextmanager
def _lent(plan: Plan, folder: str | None) -> Iterator[Plan]:
    """Give a plan in which images are real, if a folder is named."""
    if folder is None:
        yield plan
        return
    from dataclasses import replace

    from csc.ocps.image_folder import image_folder

    with ExitStack() as open_things:
        yield replace(plan, lent=open_things.enter_context(image_folder(Path(folder), 0.1)))


def _own_journal(plan: Plan) -> Path:
    """Return a file that is not there yet, named after what is run."""
    named = plan.training or plan.procedure
    name = (named.name if named is not None else plan.site.sheet.observatory).rpartition("/")[2]
    stem = name.removesuffix(".py") or "session"
    try:
        _FOLDER.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Complaint(f"cannot write the journal to {_FOLDER}: {error.strerror}; name a file by --journal") from error
    number = 1
    while (path := _FOLDER / f"{stem}-{number}.jsonl").exists() or any(_FOLDER.glob(f"{stem}-{number}-*.jsonl")):
        number += 1
    return path
