"""A program that forks processes from a fork server and prints what happens to them, as JSON."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Final

import psutil

from server.fork_server import ForkedProcess, ForkRequest, ForkServer
from tests.support.polling import DEADLINE_SECONDS, wait_until

FOLDER: Final = "FORKING_PROGRAM_FOLDER"
"""The environment variable with the folder of the logs."""

_loaded: Final = list[int]()


def _load() -> None:
    _loaded.append(os.getpid())


def _run(argument: str) -> None:
    facts = (argument, sorted(os.environ), _loaded == [os.getppid()], os.getsid(0) == os.getpid(), sys.stdin.read())
    print(json.dumps(facts), flush=True)  # noqa: T201  the output of a program
    if argument == "exit":
        sys.exit(3)
    signal.pause()


def main() -> None:
    """Fork processes that exit, are signalled, and outlive their fork server; print the results."""
    with ForkServer(_load, _run) as server:
        print(json.dumps(_fork_and_signal(server, Path(os.environ[FOLDER]))))  # noqa: T201  the output of a program


def _fork_and_signal(server: ForkServer, folder: Path) -> dict[str, object]:
    def fork(argument: str) -> ForkedProcess:
        log = folder / argument
        log.touch()
        return server.fork(ForkRequest(argument, {"NAME": argument}, log))

    exited, signalled, abandoned = fork("exit"), fork("signalled"), fork("abandoned")
    wait_until(lambda: all((folder / name).read_text() for name in ("signalled", "abandoned")))
    running = signalled.returncode
    signalled.send_signal(signal.SIGUSR1)
    results: dict[str, object] = {"exit": exited.wait(), "running": running, "signalled": signalled.wait()}
    orphan = psutil.Process(abandoned.pid)
    parent = orphan.parent()
    assert parent is not None
    results["name"] = parent.name()
    parent.kill()
    results["abandoned"] = abandoned.wait()
    results["is_gone"] = psutil.wait_procs([orphan], DEADLINE_SECONDS)[1] == []
    try:
        fork("late")
    except OSError as error:
        results["late"] = str(error)
    return results


if __name__ == "__main__":
    main()
