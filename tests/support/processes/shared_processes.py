"""Share servers and workers between modules: of one installation at a time, because idle ones use CPU time."""

from contextlib import AbstractContextManager, ExitStack
from typing import Any, Final

import pytest

INSTALLATIONS: Final = ("quiet", "live", "unserved", "paced")
"""Each has a database, a Valkey database, a folder and a port in every process of a test run."""

_MARKS: Final = {"worker": "live", "paced_worker": "paced", "no_server": "unserved"}
"""Installations of modules by the fixture that they are marked with."""

_STOPPED: Final = ""


class SharedProcesses:
    """Running servers and workers of one installation."""

    def __init__(self) -> None:
        self._installation = _STOPPED
        self._stack = ExitStack()
        self._started: dict[str, Any] = {}

    def switch(self, installation: str) -> None:
        """Stop the processes unless they are those of this installation; an empty name stops all."""
        if installation != self._installation:
            self.close()
            self._installation = installation

    def start(self, name: str, process: AbstractContextManager[Any]) -> Any:  # noqa: ANN401  what the process yields
        """Return what a process of this name yields; enter ``process`` if there is none."""
        if name not in self._started:
            self._started[name] = self._stack.enter_context(process)
        return self._started[name]

    def close(self) -> None:
        self._started.clear()
        self._stack.close()


def installation_of(node: pytest.Item | pytest.Module) -> str:
    """Return the installation that the marks of a module name, "quiet" without any."""
    marked = {fixture for mark in node.iter_markers("usefixtures") for fixture in mark.args}
    return next((name for fixture, name in _MARKS.items() if fixture in marked), "quiet")


def needs(item: pytest.Item) -> str:
    """Return the installation whose server or worker a test uses, or an empty text."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return installation_of(item) if fixtures & {"server_url", "worker", "paced_worker"} else _STOPPED
