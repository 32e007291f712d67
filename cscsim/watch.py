"""`cscsim watch`: what the components of an observatory tell, as it comes."""

from __future__ import annotations

import contextlib

import click

from cscsim.broker import broker_option, observatory_option

__all__ = ["command"]

_HELP = """\
Print events as they come; those that are known already come first.

PATTERN is COMPONENT.TOPIC, each with * for anything; a component alone means all of its events.

\b
  cscsim watch 'ATWhiteLight.*'
  cscsim watch '*.summaryState' ATDome --acks
  cscsim watch ATDome.position --every 10

Of each message the fields are printed that have changed. Telemetry is printed if it is named, or with --telemetry.
Ctrl-C ends it.

Exit code: 0 ended, 1 the broker cannot be reached, 2 bad input."""


@click.command(name="watch", help=_HELP, short_help="print what served components tell")
@click.argument("patterns", metavar="PATTERN...", nargs=-1, required=True)
@broker_option
@observatory_option
@click.option("--telemetry", is_flag=True, help="telemetry, too, of what the patterns name")
@click.option(
    "--every",
    type=click.FloatRange(0.0, min_open=True),
    metavar="S",
    help="time between samples of telemetry, in simulated seconds",
)
@click.option("--acks", is_flag=True, help="commands, too, and their acknowledgements")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object a line")
@click.option(
    "--for", "lasting", type=click.FloatRange(0.0, min_open=True), metavar="S", help="end after so many seconds"
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="end after so many messages")
def command(
    patterns: tuple[str, ...],
    broker: str,
    observatory: str,
    telemetry: bool,
    every: float | None,
    acks: bool,
    as_json: bool,
    lasting: float | None,
    count: int | None,
) -> None:
    """Read the arguments, and watch."""
    from cscsim.broker import read_address
    from cscsim.locate import open_site
    from cscsim.style import console_for
    from cscsim.watched import choose
    from cscsim.watched_lines import WatchedLines
    from cscsim.watching import watch

    address = read_address(broker)
    site = open_site(observatory)
    chosen = choose(patterns, site.vocabulary.blueprints, telemetry=telemetry, every=every, acks=acks)
    lines = WatchedLines(console_for(), chosen, as_json=as_json)
    with contextlib.suppress(KeyboardInterrupt):
        watch(address, site.sheet.observatory, chosen, lines.see, lasting=lasting, count=count)
