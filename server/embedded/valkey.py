"""The Valkey server on its room in the data folder."""

import logging
import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, orphans, os_user, ports
from server.embedded.daemons import Daemon
from server.embedded.errors import in_words
from server.embedded.folder import Folder
from server.embedded.processes import Command

log = logging.getLogger(__name__)

SECRET = "valkey-password"  # noqa: S105 - the name of a file
PID_FILE = "valkey.pid"
DATABASES = 256  # the studio uses one; its tests give each of their processes its own
STOPS = ((signal.SIGTERM, 20.0),)


class Valkey(Daemon):
    """Real Valkey with an append-only file; nothing is kept when not `durable`."""

    name = "Valkey"
    passing_troubles = ("Address already in use",)

    @property
    def url(self) -> str:
        """Where clients connect: redis://:password@host:port/0."""
        return url(self.folder, self.port)

    def prepare(self) -> Path:
        """Make the room and find the program."""
        room = self.folder.valkey
        account = os_user.choose(self.folder.path)
        with in_words(self.folder.path):
            if not room.exists():
                room.mkdir(mode=0o700)
                if account:
                    account.give(room)
        return binaries.valkey(account)

    def command(self, program: Path) -> Command:
        """Give the command for one run."""
        room = self.folder.valkey
        with in_words(self.folder.path):
            orphans.clear(room / PID_FILE, program.name, room, signal.SIGTERM)
        return Command(
            name=self.name,
            program=program,
            arguments=("-",),
            folder=room,
            log=self.folder.log("valkey"),
            account=os_user.owner(room),
            stops=STOPS,
            standard_input=self._settings().encode(),
        )

    def is_ready(self) -> bool:
        """Whether it answers to our password."""
        question = f"AUTH {self.folder.secret(SECRET)}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), ports.PROBE_SECONDS) as link:
                link.sendall(question)
                with link.makefile("rb") as answers:
                    return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def is_passing(self, said: str) -> bool:
        """Whether another try may succeed: also after a damaged file, which we put aside."""
        if "Bad file format" in said:
            self._put_aside()
            return True
        return super().is_passing(said)

    def _put_aside(self) -> None:
        # it holds wake-ups and news; the truth is in Postgres
        with in_words(self.folder.path):
            damaged = self.folder.valkey / f"damaged-{time.time_ns()}"
            (self.folder.valkey / "appendonlydir").replace(damaged)
        log.warning("Valkey's file was damaged; it is put aside as %s, and Valkey starts empty.", damaged)

    def _settings(self) -> str:
        """Give the settings, which go in by standard input so that no list of processes shows the password."""
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.folder.secret(SECRET)}",
            f"pidfile {PID_FILE}",
            'save ""',
            f"databases {DATABASES}",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
        ]
        return "".join(f"{line}\n" for line in lines)


def url(folder: Folder, port: int) -> str:
    """Give the address of the folder's Valkey on `port`."""
    return f"redis://:{quote(folder.secret(SECRET), safe='')}@{ports.LOOPBACK}:{port}/0"
