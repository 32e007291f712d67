"""`cscsim send`: one command to a component of an observatory that runs elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cscsim.broker import broker_option, observatory_option
from cscsim.errors import NOT_PASSED, Complaint

if TYPE_CHECKING:
    from csc import Ack
    from csc.client import Client

__all__ = ["command"]

_HELP = """\
Send a command to a component, and tell how it ended.

A value may have a unit; without one it is in the field's own, which `cscsim show` tells.

\b
  cscsim send ATDome.start
  cscsim send ATDome.moveAzimuth azimuth=3deg
  cscsim send OCPS:1.execute pipeline=cpBias.yaml --timeout 20

Exit code: 0 done, 1 refused, failed or not answered, 2 bad input."""


@click.command(name="send", help=_HELP, short_help="send a command to a served component")
@click.argument("target", metavar="COMPONENT.COMMAND")
@click.argument("fields", metavar="[FIELD=VALUE]...", nargs=-1)
@broker_option
@observatory_option
@click.option(
    "--timeout",
    type=click.FloatRange(0.0, min_open=True),
    metavar="S",
    help="longest wait, in simulated seconds; by default SAL's 3600",
)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    target: str, fields: tuple[str, ...], broker: str, observatory: str, timeout: float | None, as_json: bool
) -> None:
    """Read the arguments, send, report."""
    from csc import AckError
    from csc.client import Client, read_typed
    from csc.remote import DEFAULT_TIMEOUT
    from cscsim.broker import read_address
    from cscsim.locate import open_site
    from fsm import AuthorError

    address = read_address(broker)
    site = open_site(observatory)
    who, name = _target(target)
    client = Client(address, site.sheet)
    try:
        who, plan = client.find_command(who, name)
        values = read_typed(plan, fields)
    except AuthorError as error:
        raise Complaint(f"cscsim: {error}") from error
    try:
        ack = asyncio.run(_send(client, who, name, values, timeout or DEFAULT_TIMEOUT, shows_progress=not as_json))
    except AckError as error:
        ack = error.ack
    _tell(f"{who}.{name}", ack, as_json=as_json)
    if ack.code.is_failure or not ack.code.is_final:
        raise SystemExit(NOT_PASSED)


def _target(text: str) -> tuple[str, str]:
    who, dot, name = text.rpartition(".")
    if not dot or not who or not name:
        raise Complaint(f"cscsim: {text}: is written COMPONENT.COMMAND, such as ATDome.moveAzimuth")
    return who, name


async def _send(
    client: Client, who: str, name: str, values: Mapping[str, Any], timeout: float, *, shows_progress: bool
) -> Ack:
    from fsm import OperatorError

    def tell(ack: Ack) -> None:
        more = f", at most {ack.timeout:g} s more" if ack.timeout else ""
        click.echo(f"{who}.{name}: {ack.code.name}{more}{f': {ack.result}' if ack.result else ''}")

    async with client as obs:
        component = obs[who]
        if not component.alive:
            raise OperatorError(f"{who} is not there; `cscsim watch {who}.summaryState` tells what it said last")
        send = getattr(component, name)
        done: Ack = await send(data=values, timeout=timeout, on_progress=tell if shows_progress else None)
        return done


def _tell(command: str, ack: Ack, *, as_json: bool) -> None:
    if as_json:
        import orjson

        told = {"command": command, "ack": int(ack.code), "name": ack.code.name, "error": ack.error}
        click.echo(orjson.dumps(told | {"result": ack.result}))
        return
    number = f" (error {ack.error})" if ack.error not in (0, 1) else ""
    click.echo(f"{command}: {ack.code.name}{number} {ack.result.removeprefix('Failed: ')}")
