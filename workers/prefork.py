"""Child processes that are forked before their job arrives, and wait for it on a pipe."""

import json
import os
import select
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WaitingChild:
    """The parent's side of a child that has no job yet."""

    pid: int
    _pipe: int

    def send(self, message: Message) -> bool:
        """Send the only message. Return False if the child has ended."""
        try:
            os.write(self._pipe, json.dumps(message).encode())
        except BrokenPipeError:
            self._reap()
            return False
        finally:
            os.close(self._pipe)
        return True

    def kill(self) -> None:
        """End the child instead of sending a message."""
        os.close(self._pipe)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def fork(run: Callable[[int], None]) -> WaitingChild:
    """Fork a child that calls ``run`` with the reading end of its pipe, and exits if that returns."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            # otherwise the pipe would stay open after the parent's death
            os.close(writing)
            run(reading)
        finally:
            os._exit(1)
    os.close(reading)
    return WaitingChild(pid, writing)


def receive(pipe: int, prepare: Callable[[], None], after_seconds: float, interval_seconds: float) -> Message:
    """Wait in the child for the message; call ``prepare`` after a time and at intervals. Exit if the parent ends."""
    timeout = after_seconds
    while not select.select([pipe], [], [], timeout)[0]:
        prepare()
        timeout = interval_seconds
    content = os.read(pipe, select.PIPE_BUF)
    if not content:
        os._exit(0)
    message: Message = json.loads(content)
    return message
