"""A script `studio` for shell commands in documentation. Its commands are forked, which saves their imports."""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Final

from core.settings import PROJECT
from tests.support.processes import process_fork_server

_SCRIPT: Final = f"""#!{sys.executable} -I
import os, sys
from multiprocessing.connection import Client
if sys.argv[1:] == ["--version"]:
    os.execv(sys.executable, [sys.executable, "{PROJECT}/studio", "--version"])
with Client("@ADDRESS@") as connection:
    connection.send((sys.argv[1:], dict(os.environ), os.getcwd()))
    status, output, errors = connection.recv()
sys.stdout.write(output)
sys.stderr.write(errors)
sys.exit(status)
"""
_POLL_SECONDS: Final = 0.02
_STOP_SECONDS: Final = 60.0


@contextmanager
def installed_in(folder: Path) -> Iterator[None]:
    """Put the script in a folder. A command ends when its script is killed; at the end, wait for all of them."""
    commands: list[threading.Thread] = []
    with tempfile.TemporaryDirectory(prefix="studio-") as name, Listener(f"{name}/socket") as listener:
        script = folder / "studio"
        script.write_text(_SCRIPT.replace("@ADDRESS@", f"{name}/socket"))
        script.chmod(0o755)
        threading.Thread(target=_serve, args=(listener, commands), daemon=True).start()
        yield
        for command in commands:
            command.join(_STOP_SECONDS)


def _serve(listener: Listener, commands: list[threading.Thread]) -> None:
    lock = threading.Lock()
    with suppress(OSError):  # the listener is closed
        while True:
            command = threading.Thread(target=_run, args=(listener.accept(), lock), daemon=True)
            commands.append(command)
            command.start()


def _run(connection: Connection, lock: threading.Lock) -> None:
    with connection, tempfile.TemporaryDirectory() as name, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        words, environment, folder = connection.recv()
        output, errors = Path(name, "output"), Path(name, "errors")
        variables = {**environment, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"}
        with lock:
            child = process_fork_server.shared().fork(["in", folder, str(errors), *words], variables, output)
        try:
            while child.poll() is None:
                if connection.poll(_POLL_SECONDS):
                    raise EOFError
            connection.send((child.poll(), output.read_text(), errors.read_text()))
        finally:
            child.terminate()
            child.wait(_STOP_SECONDS)
