"""What a wrong file or argument looks like on a terminal: one message on standard error, exit code 2, no traceback.

Decides which errors are somebody's to mend and how they are written. A mistake of ours is none of these: it keeps
its traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

__all__ = ["BAD_INPUT", "NOT_PASSED", "Breakdown", "CommandGroup", "Complaint", "explained"]

BAD_INPUT = 2
"""Exit code: a file or an argument is wrong, and nothing was begun."""
NOT_PASSED = 1
"""Exit code: what was begun has failed or was aborted."""


class Complaint(click.ClickException):
    """A message for whoever typed the command.

    Parameters
    ----------
    message
        One line, or one for each mistake of a file.
    """

    exit_code = BAD_INPUT

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to standard error; control characters in it are made visible."""
        text = "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in self.message)
        click.echo(text, file=file or sys.stderr)


class CommandGroup(click.Group):
    """A group of commands that explains errors, and knows the command nearest to a misspelt one."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with explained():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed.

        Raises
        ------
        Complaint
            If there is none; names the nearest.
        """
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            import difflib

            commands = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], commands, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(commands)}"
            raise Complaint(f"cscsim: there is no command {args[0]}; {hint}")
        return super().resolve_command(ctx, args)


class Breakdown(Complaint):
    """A message about what was begun and could not go on."""

    exit_code = NOT_PASSED


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors that somebody else must mend into complaints."""
    try:
        yield
    except Exception as error:
        complaint = _complaint_of(error)
        if complaint is None:
            raise
        raise complaint from error


def _complaint_of(error: Exception) -> Complaint | None:
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "cscsim"
        return Complaint(f"{path}: {error.format_message()} See {path} --help")
    if "fsm.errors" not in sys.modules:
        return None
    from fsm.errors import AuthorError, CscsimError

    if isinstance(error, AuthorError):
        return Complaint(str(error) if _has_place(error) else f"cscsim: {error}")
    if isinstance(error, CscsimError):
        return Breakdown(f"cscsim: {error}")
    return None


def _has_place(error: Any) -> bool:
    return error.file is not None or any(_has_place(inner) for inner in getattr(error, "errors", ()))
