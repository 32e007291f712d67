"""`cscsim serve`: an observatory that anybody may command over MQTT."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.ending import Ending
from cscsim.errors import Complaint

if TYPE_CHECKING:
    from csc import ObservatorySheet
    from csc.bus.mqtt import Address
    from cscsim.locate import Site

__all__ = ["command"]

_PORT = 1883

_HELP = """\
Serve OBSERVATORY, a name or a file, over MQTT: its components run, and anybody may command them.

A broker comes along, for this machine only; --broker joins another one.

\b
  cscsim serve
  cscsim serve auxtel --speed 60x --state ATCS=ENABLED --state LATISS=ENABLED
  cscsim serve auxtel --broker mqtt://127.0.0.1 --allow-faults

Scripts of the queue run, too; their human checks are answered with yes. Ctrl-C ends it.

Exit code: 0 ended, 1 the broker cannot be reached, has such an observatory already, was lost or away, 2 bad input."""


@click.command(name="serve", help=_HELP, short_help="serve an observatory over MQTT")
@click.argument("observatory", metavar="[OBSERVATORY]", default="auxtel")
@click.option("--speed", default="1x", show_default=True, metavar="1x|60x|max", help="of the simulated time")
@click.option("--broker", metavar="mqtt://HOST", help="join this one instead of starting one")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help=f"of the broker that comes along; {_PORT}, 0 for any"
)
@click.option("--users", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="who may connect to it")
@click.option("--state", "states", multiple=True, metavar="NAME=STATE", help="in which one a component or group begins")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="of what is random")
@click.option("--allow-faults", is_flag=True, help="let others inject faults")
@click.option("--journal", metavar="FILE", help="write what happens to a file, as it happens")
def command(
    observatory: str,
    speed: str,
    broker: str | None,
    port: int | None,
    users: Path | None,
    states: tuple[str, ...],
    parameters: str | None,
    seed: int,
    allow_faults: bool,
    journal: str | None,
) -> None:
    """Read the arguments, and serve."""
    from cscsim.rehearse import journal_file, read_speed

    pace = read_speed(speed)
    if broker is not None and (port is not None or users is not None):
        raise Complaint(
            f"--{'port' if port is not None else 'users'} is of the broker that comes along; --broker is not"
        )
    ending = Ending()
    with _broker(broker, _PORT if port is None else port, users, ending) as address:
        from cscsim.locate import open_site
        from cscsim.served_lines import ServedLines
        from cscsim.serving import Service, serve
        from cscsim.style import console_for

        site = open_site(observatory, parameters)
        service = Service(
            site=site,
            sheet=_placed(site, states),
            address=address,
            speed=pace,
            seed=seed,
            allows_faults=allow_faults,
            journal=journal_file(journal),
        )
        serve(service, ServedLines(console_for(), service), ending)


@contextmanager
def _broker(broker: str | None, port: int, users: Path | None, ending: Ending) -> Iterator[Address]:
    from cscsim.broker import embedded_broker, read_address

    if broker is not None:
        yield read_address(broker)
        return
    with embedded_broker(port, users, ending.lose_broker) as address:
        yield address


def _placed(site: Site, states: tuple[str, ...]) -> ObservatorySheet:
    """Return the observatory with components in the states that were given."""
    from types import SimpleNamespace

    from procedures.placement import misplaced, placement_of

    given = {}
    for text in states:
        name, equals, state = text.partition("=")
        if not equals:
            raise Complaint(f"--state {text}: is written NAME=STATE, such as ATDome=ENABLED")
        given[name] = state
    placing = SimpleNamespace(states=given, machines={}, parameters={})
    wrong = [
        f"--state {'='.join((str(keys[1]), given[str(keys[1])]))}: {error}"
        for keys, error in misplaced(placing, site.vocabulary)
    ]
    if wrong:
        raise Complaint("\n".join(wrong))
    return placement_of(placing, site.vocabulary).on(site.sheet)
