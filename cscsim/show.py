"""`cscsim show`: one component, fault, procedure, scenario, training or observatory, told to a person."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(name="show", short_help="tell what something is and does")
@click.argument("name")
@click.option("--observatory", metavar="NAME|FILE", help="where procedures act; by default where they are at home")
def command(name: str, observatory: str | None) -> None:
    """Show a component, COMPONENT.FAULT or MACHINE, procedure, BLOCK, scenario, training, observatory or parameters."""
    from cscsim.find import find
    from cscsim.locate import open_home
    from cscsim.pages import page_of
    from cscsim.style import console_for, write

    pages = [part for found in find(name, open_home(name, observatory)) for part in page_of(found)]
    write(console_for(), pages)
