"""Our own server and worker processes as children: with the settings of this installation, restarted when they die."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.settings import PROJECT, Settings
from server.embedded.errors import CannotStart
from server.embedded.processes import Command, Ended, Process

_READY_SECONDS: Final = 60
_STOPS: Final = ((signal.SIGTERM, 15.0), (signal.SIGINT, 3.0))


@dataclass(frozen=True, slots=True)
class StudioCommand(Command):
    """A command of our own command line; unlike a service it hears of the caller's settings."""

    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The caller's variables and ours."""
        return {**os.environ, **self.variables}


def command(name: str, arguments: tuple[str, ...], log: Path, settings: Settings) -> StudioCommand:
    """``python -m server.cli`` with these arguments."""
    return StudioCommand(
        name=name,
        program=Path(sys.executable),
        arguments=("-m", "server.cli", *arguments),
        folder=Path.cwd(),
        log=log,
        account=None,
        stops=_STOPS,
        variables={**variables(settings), "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
    )


def variables(settings: Settings) -> dict[str, str]:
    """The settings as the environment variables that give them again."""
    found: dict[str, str] = {}
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        if isinstance(value, dict):
            for inner, content in value.items():
                found[f"MUSIC_STUDIO_{name}__{inner}".upper()] = _text(content)
        else:
            found[f"MUSIC_STUDIO_{name}".upper()] = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


class WorkerPool:
    """Workers that are replaced when they die; one that does not even begin is not."""

    def __init__(
        self,
        make: Callable[[int], StudioCommand],
        count: int,
        is_ready: Callable[[int], bool],
        tell: Callable[[str], None],
        give_up: Callable[[str], None],
    ) -> None:
        self._make = make
        self._is_ready = is_ready
        self._tell = tell
        self._give_up = give_up
        self._count = count
        self._members: dict[int, Process] = {}
        self._is_stopping = False

    def launch(self) -> None:
        """Start all of them."""
        for number in range(1, self._count + 1):
            self._launch(number)

    def wait_ready(self) -> None:
        """Until all of them wait for jobs. Raises CannotStart."""
        for member in self._members.values():
            self._wait(member)

    def stop(self) -> None:
        """End all of them: told at once, waited for in turn."""
        self._is_stopping = True
        members = list(self._members.values())
        for member in members:
            if member.pid is not None:
                _nudge(member.pid)
        for member in members:
            member.stop()

    def _launch(self, number: int) -> Process:
        member = Process(self._make(number), lambda sentence: self._replace(number, sentence))
        self._members[number] = member
        member.launch()
        return member

    def _wait(self, member: Process) -> None:
        try:
            member.wait_ready(lambda: member.pid is not None and self._is_ready(member.pid), _READY_SECONDS)
        except Ended:
            raise CannotStart(f"{member.command.name} did not start; its log is {member.command.log}.") from None

    def _replace(self, number: int, sentence: str) -> None:
        if self._is_stopping:
            return
        self._tell(f"{sentence} It is started again.")
        try:
            self._wait(self._launch(number))
        except CannotStart as error:
            self._give_up(str(error))


def _nudge(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
