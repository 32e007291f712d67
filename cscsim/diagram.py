"""`cscsim diagram`: the machines of a component as a diagram, drawn from its data sheet."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(name="diagram", short_help="draw the machines of a component")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["mermaid"]), default="mermaid", show_default=True)
@click.option("--machine", metavar="MACHINE", help="only one of its machines; `summary` is its summary state")
def command(name: str, form: str, machine: str | None) -> None:
    """Print a diagram of component NAME; COMPONENT.MACHINE is short for --machine."""
    from csc import load_catalogue
    from csc.diagrams import mermaid_component, mermaid_component_machine
    from fsm import AuthorError, nearest

    component, _, short = name.partition(".")
    plan = load_catalogue().find(component.partition(":")[0])
    machine = machine or short or None
    if machine is None:
        click.echo(mermaid_component(plan))
        return
    machines = [*(["summary"] if plan.is_csc else []), *plan.machines]
    if machine not in machines:
        raise AuthorError(f"{plan.component} has no machine {machine}", suggestion=nearest(machine, machines))
    click.echo(mermaid_component_machine(plan, machine))
