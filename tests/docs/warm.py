"""Commands that need not be loaded each time: a process has them loaded, and is copied for each call.

What a shell finds as `butler`, `pipetask` and `cscsim` are then small scripts that hand over arguments, folder,
environment and open files, and end with the exit code that they are told. The commands themselves are the real ones.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["warm_commands"]

_LOADED = (
    *("pipelines.tasks.loaded", "cscsim.raws", "cscsim.raws_writing", "csc.latiss.detector.rendering", "rich.progress"),
    *(f"pipelines.middleware.{name}" for name in ("commands", "curated", "exposures", "ingest", "repository")),
    *(f"pipelines.middleware.{name}" for name in ("verification", "visits")),
    *(f"lsst.daf.butler.formatters.{name}" for name in ("json", "logs", "packages", "yaml")),
    *("lsst.pipe.base.formatters.pexConfig", "lsst.pipe.base.quantum_provenance_graph"),
)
"""What the commands would load when they run."""
COMMANDS = ("butler", "pipetask", "cscsim")
_SHIM = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as door:
    door.connect({address!r})
    call = json.dumps([{name!r}, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(door, [len(call).to_bytes(8, "big")], [0, 1, 2])
    door.sendall(call)
    code = door.recv(1)
sys.exit(code[0] if code else 120)
"""


@contextmanager
def warm_commands(folder: Path) -> Iterator[Path]:
    """Yield a folder with the commands, for the front of a shell's PATH; they work as long as the context lasts."""
    address = str(folder / "door")
    for name in COMMANDS:
        shim = folder / name
        shim.write_text(_SHIM.format(python=sys.executable, address=address, name=name), encoding="utf-8")
        shim.chmod(0o755)
    server = subprocess.Popen([sys.executable, "-m", __name__, address], stdout=subprocess.PIPE)
    try:
        if server.stdout is None or not server.stdout.readline():
            raise RuntimeError("the process that has the commands loaded has not begun")
        yield folder
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _load() -> dict[str, Callable[..., Any]]:
    import click
    from lsst.ctrl.mpexec.cli.pipetask import cli as pipetask
    from lsst.daf.butler.cli.butler import cli as butler

    from cscsim.command_line import main

    for module in _LOADED:
        import_module(module)
    for group in (butler, pipetask):
        group.list_commands(click.Context(group))
    _open_a_repository()
    _remember_packages()
    return {"butler": butler, "pipetask": pipetask, "cscsim": main}


def _open_a_repository() -> None:
    """Load what is loaded when a repository is made and opened."""
    from lsst.daf.butler import Butler

    with TemporaryDirectory() as folder:
        Butler.makeRepo(folder)
        with Butler.from_config(folder):
            pass


def _remember_packages() -> None:
    """Look through the installed packages once: every run of a pipeline notes down their versions."""
    from lsst.utils import packages

    packages.packages_distributions = cache(packages.packages_distributions)
    packages.packages_distributions()


def serve(address: str) -> None:
    """Answer calls, each in a copy of this process, until the end."""
    commands = _load()
    gc.freeze()  # what is loaded is shared with the copies as long as nobody counts it
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            call, _ = door.accept()
            if os.fork() == 0:
                _answer(call, commands)
                os._exit(0)
            call.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _answer(call: socket.socket, commands: dict[str, Callable[..., Any]]) -> None:
    head, files, _, _ = socket.recv_fds(call, 8, 3)
    size = int.from_bytes(head, "big")
    text = b""
    while len(text) < size:
        text += call.recv(size - len(text))
    name, arguments, folder, environment = json.loads(text)
    worker = os.fork()
    if worker == 0:
        os._exit(_run(commands[name], name, arguments, folder, environment, files))
    code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    with suppress(OSError):  # whoever called is gone
        call.sendall(bytes([code if 0 <= code < 256 else 128]))


def _run(
    command: Callable[..., Any],
    name: str,
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    files: list[int],
) -> int:
    for place, file in enumerate(files):
        os.dup2(file, place)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [name, *arguments]
    try:
        command(arguments, prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
