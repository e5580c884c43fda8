"""The Valkey server on its room in the data folder."""

import logging
import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, orphaned_processes, os_user, ports
from server.embedded.daemons import Daemon
from server.embedded.errors import translate_os_errors
from server.embedded.folder import DataFolder
from server.embedded.processes import Command

log = logging.getLogger(__name__)

PASSWORD_FILE = "valkey-password"  # noqa: S105 - the name of a file
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
        account = os_user.for_new_folders(self.folder.path)
        with translate_os_errors(self.folder.path):
            if not room.exists():
                room.mkdir(mode=0o700)
                if account:
                    account.chown(room)
        return binaries.find_valkey(account)

    def command(self, program: Path) -> Command:
        """Give the command for one run."""
        room = self.folder.valkey
        with translate_os_errors(self.folder.path):
            orphaned_processes.terminate(room / PID_FILE, program.name, room, signal.SIGTERM)
        return Command(
            name=self.name,
            program=program,
            arguments=("-",),
            cwd=room,
            log=self.folder.log_file("valkey"),
            user=os_user.owner(room),
            stop_signals=STOPS,
            stdin=self._settings().encode(),
        )

    def is_ready(self) -> bool:
        """Whether it answers to our password."""
        question = f"AUTH {self.folder.ensure_secret(PASSWORD_FILE)}\r\nPING\r\n".encode()
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
        return super().is_transient(said)

    def _put_aside(self) -> None:
        # it holds wake-ups and news; the truth is in Postgres
        with translate_os_errors(self.folder.path):
            damaged = self.folder.valkey / f"damaged-{time.time_ns()}"
            (self.folder.valkey / "appendonlydir").replace(damaged)
        log.warning("Valkey's file was damaged; it is put aside as %s, and Valkey starts empty.", damaged)

    def _settings(self) -> str:
        """Give the settings, which go in by standard input so that no list of processes shows the password."""
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.folder.ensure_secret(PASSWORD_FILE)}",
            f"pidfile {PID_FILE}",
            'save ""',
            f"databases {DATABASES}",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
        ]
        return "".join(f"{line}\n" for line in lines)


def url(folder: DataFolder, port: int) -> str:
    """Give the address of the folder's Valkey on `port`."""
    return f"redis://:{quote(folder.ensure_secret(PASSWORD_FILE), safe='')}@{ports.LOOPBACK}:{port}/0"
