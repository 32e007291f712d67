"""`cscsim password`: the line of a user for the file of those who may connect."""

from __future__ import annotations

import sys

import click

from cscsim.errors import Complaint

__all__ = ["command"]

_ROLES = ("observe", "operate", "inject", "stage")
_LONGEST = 1000  # characters: a file that was piped in by mistake is no password

_HELP = """\
Ask for the password of USER, and print the user's line for the file that --users of `cscsim serve` reads.

\b
  echo users: > users.yaml
  cscsim password ann --role operate >> users.yaml
  openssl rand -hex 12 | tee ann.password | cscsim password ann >> users.yaml

At a terminal it is asked for twice, and not shown; otherwise it is the first line of the standard input. Only its hash
is printed. mosquitto's file of passwords takes it, too: --mosquitto prints the line for that.

Exit code: 0 printed, 2 bad input."""


@click.command(name="password", help=_HELP, short_help="make a user's line for serve --users")
@click.argument("user")
@click.option("--role", type=click.Choice(_ROLES), default="observe", show_default=True, help="what the user may do")
@click.option("--mosquitto", "for_mosquitto", is_flag=True, help="print a line of mosquitto's password_file instead")
def command(user: str, role: str, *, for_mosquitto: bool) -> None:
    """Read the password, and print its hash."""
    from csc.bus.mqtt.roles import Role, check_user_name
    from csc.bus.mqtt.users import User, hashed, password_file, user_line
    from fsm import AuthorError

    try:
        check_user_name(user)
    except AuthorError as error:
        raise Complaint(f"cscsim: {error}") from error
    known = User(role=Role(role), password=hashed(_read(user)))
    click.echo(password_file({user: known}) if for_mosquitto else user_line(user, known), nl=False)


def _read(user: str) -> str:
    if sys.stdin.isatty():
        password: str = click.prompt(
            f"Password of {user}", hide_input=True, confirmation_prompt="The same again", err=True
        )
    else:
        password = sys.stdin.readline(_LONGEST + 2).rstrip("\r\n")
    if not password or len(password) > _LONGEST:
        raise Complaint(f"cscsim: the password has {len(password) or 'no'} characters; 1 to {_LONGEST} are expected")
    return password
