"""`cscsim show`: one component, fault, procedure, scenario, observatory or parameter set, told to a person."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(name="show", short_help="tell what something is and does")
@click.argument("name")
@click.option("--observatory", default="auxtel", show_default=True, metavar="NAME|FILE", help="where procedures act")
def command(name: str, observatory: str) -> None:
    """Show a component, COMPONENT.FAULT, COMPONENT.MACHINE, procedure, BLOCK, scenario, observatory or parameters."""
    from cscsim.find import find
    from cscsim.locate import open_site
    from cscsim.pages import page_of
    from cscsim.style import console_for, write

    site = open_site(observatory)
    write(console_for(), page_of(find(name, site)))
