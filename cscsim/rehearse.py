"""`cscsim rehearse`: a procedure against the simulated observatory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import NOT_PASSED, Complaint

if TYPE_CHECKING:
    from cscsim.locate import Site
    from procedures import Rehearsal

__all__ = ["command", "journal_file", "read_fault", "read_speed"]

_HELP = """\
Rehearse PROCEDURE in simulated time and report on it.

PROCEDURE is a rehearsal or a script by name, or a YAML file; `cscsim list procedures` names them.

A fault is COMPONENT.FAULT[:parameter=value,...][@WHEN]. WHEN is a time (20min), a condition
("ATWhiteLight.lamp is ON"), or the nth of something ("command ATCamera.takeImages #3"); without it the fault is there
from the start. It may end ("... for 5 min", "... until ATDome is ENABLED") or only happen at times ("... with
probability 0.3"). Any component may fall silent, be slow or restart, have its sensors lie and its messages lost;
`cscsim list disturbances` names what may befall any of them.

\b
  cscsim rehearse weekly --speed 60x
  cscsim rehearse weekly --yes --scenario encoder_slip
  cscsim rehearse weekly --fault ATDome.encoder_slip:slip=2.5deg@30min
  cscsim rehearse weekly --fault "ATDome.silence@30min for 5 min"
  cscsim rehearse latiss_combined_calibrations --images calibrations --scale 0.1 \
      --set generate_calibrations=true

The simulated time stands still while you answer a human check.

Exit code: 0 passed, 1 failed or aborted, 2 bad input."""


@click.command(name="rehearse", help=_HELP, short_help="rehearse a procedure")
@click.argument("procedure")
@click.option("--observatory", metavar="NAME|FILE", help="where it takes place; by default where it is at home")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--scenario", metavar="NAME|FILE", help="what is different from a plain day")
@click.option("--fault", "faults", multiple=True, metavar="FAULT[@WHEN]", help="a fault, and when; may be repeated")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="of everything random"
)
@click.option("--speed", default="max", show_default=True, metavar="max|60x|real", help="of the simulated time")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="a value of its configuration")
@click.option("--journal", metavar="FILE", help="write what happens to a file, as it happens")
@click.option("--images", metavar="FOLDER", help="write real images there, and run real pipelines on them")
@click.option(
    "--scale",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=1.0,
    metavar="S",
    help="of these images; 1 is full",
)
@click.option("--broker", metavar="mqtt://HOST|embedded", help="say everything over a broker; the same comes of it")
@click.option("--yes", is_flag=True, help="answer every human check with yes")
@click.option("--json", "as_json", is_flag=True, help="print the report as one JSON object")
def command(
    procedure: str,
    observatory: str | None,
    parameters: str | None,
    scenario: str | None,
    faults: tuple[str, ...],
    seed: int,
    speed: str,
    settings: tuple[str, ...],
    journal: str | None,
    images: str | None,
    scale: float,
    broker: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Read the arguments, rehearse, report."""
    from cscsim.locate import open_home
    from cscsim.preflight import check_calls
    from cscsim.settings import read_settings
    from cscsim.sources import sources_of
    from procedures import Rehearsal

    pace = read_speed(speed)
    site = open_home(procedure, observatory, parameters)
    plan = site.procedure(procedure)
    check_calls(plan, site)
    rehearsal = Rehearsal(
        procedure=plan,
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        seed=seed,
        config=read_settings(plan, settings),
        scenario=site.scenario(scenario) if scenario is not None else None,
        faults=tuple(read_fault(text, site) for text in faults),
        speed=pace,
        journal=journal_file(journal),
        files=sources_of(procedure=procedure, observatory=observatory, parameter_set=parameters, scenario=scenario),
    )
    with _image_folder(images, scale) as lent, _over(broker, rehearsal) as rehearsal:
        _carry_out(replace(rehearsal, lent=lent), yes=yes, as_json=as_json)


@contextmanager
def _image_folder(name: str | None, scale: float) -> Iterator[Mapping[str, Any]]:
    """Give what an observatory lends to its components so that images are real; nothing if no folder is named."""
    if name is None:
        if scale != 1.0:
            raise Complaint("--scale is of images that --images FOLDER writes; name a folder")
        yield {}
        return
    from csc.ocps.image_folder import image_folder

    with image_folder(Path(name), scale) as lent:
        yield lent


@contextmanager
def _over(broker: str | None, rehearsal: Rehearsal) -> Iterator[Rehearsal]:
    """Give a rehearsal in which everything goes over a broker, if one is named."""
    if broker is None:
        yield rehearsal
        return
    from cscsim.broker import EMBEDDED, embedded_broker, join_broker, read_address

    with embedded_broker() if broker == EMBEDDED else nullcontext(read_address(broker)) as address:
        yield replace(rehearsal, make_bus=join_broker(address, rehearsal.observatory))


def _carry_out(rehearsal: Rehearsal, *, yes: bool, as_json: bool) -> None:
    from cscsim.questions import asker_for
    from cscsim.style import console_for, is_live, write
    from procedures import rehearse

    console = console_for()
    if as_json:
        asker = asker_for(rehearsal, console_for(stderr=True), yes=yes)
        report = rehearse(rehearsal, asker=asker)
        _print_json(report.as_json())
    else:
        from cscsim.chronicle import Chronicle
        from cscsim.display import Display
        from cscsim.summary import summary

        chronicle = Chronicle()
        if is_live(console):
            display = Display(console, chronicle, _foreseen(rehearsal))
            asker = asker_for(rehearsal, console, yes=yes, making_room=display.making_room)
            try:
                report = rehearse(rehearsal, asker=asker, spectator=display)
            finally:
                display.end()
        else:
            asker = asker_for(rehearsal, console_for(stderr=True), yes=yes)
            report = rehearse(rehearsal, asker=asker, spectator=chronicle)
        write(console, summary(rehearsal, report, chronicle))
    if not report.passed:
        raise SystemExit(NOT_PASSED)


def _foreseen(rehearsal: Rehearsal) -> float:
    """Return how long a rehearsal will take [simulated s]; 0 if it is over sooner than that can be found out.

    A rehearsal that is watched at leisure is run through once before, at full speed: the same things happen.
    """
    from csc import MemoryBus
    from fsm import MAX, CscsimError
    from procedures import rehearse

    if rehearsal.speed == MAX:
        return 0.0
    try:
        beforehand = replace(rehearsal, speed=MAX, journal=None, lent={}, make_bus=MemoryBus)
        return rehearse(beforehand).simulated_seconds
    except CscsimError:
        return 0.0  # the rehearsal itself will say why


def _print_json(report: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps(report, option=orjson.OPT_SERIALIZE_NUMPY))


# ------------------------------------------------------------------- arguments


def read_speed(text: str) -> float:
    """Read how fast simulated time goes [simulated s per s].

    Raises
    ------
    Complaint
        If it is neither a factor nor one of the words.
    """
    from fsm import MAX

    if text == "max":
        return MAX
    if text == "real":
        return 1.0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < MAX:
        raise Complaint(f"--speed {text}: must be max, real or a factor such as 60x")
    return speed


def read_fault(text: str, site: Site) -> Any:
    """Read a fault as it is typed.

    Raises
    ------
    Complaint
        If it is not written like one, or a name in it is wrong.
    """
    from fsm import AuthorError
    from procedures import parse_injection

    if "." not in text.partition("@")[0]:
        raise Complaint(f"--fault {text}: is written COMPONENT.FAULT[:parameter=value,...][@WHEN]")
    try:
        return parse_injection(text, site.truth)
    except AuthorError as error:
        raise Complaint(f"--fault {text}: {str(error).removeprefix(f'--fault {text}: ')}") from error


def journal_file(name: str | None) -> Path | None:
    """Return the file to write a journal to; none if there is no name.

    Raises
    ------
    Complaint
        If it cannot be written.
    """
    if name is None:
        return None
    path = Path(name)
    try:
        path.open("ab").close()
    except OSError as error:
        raise Complaint(f"--journal {name}: cannot be written: {error.strerror}") from error
    return path
