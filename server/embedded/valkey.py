"""The embedded Valkey server."""

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

PASSWORD_FILE = "valkey-password"  # noqa: S105  the name of a file
PID_FILE = "valkey.pid"
DATABASES = 256  # the studio uses one; each process of the test suite uses its own
STOP_SIGNALS = ((signal.SIGTERM, 20.0),)


class Valkey(Daemon):
    """Valkey with an append-only file, or without persistence if not `durable`."""

    name = "Valkey"
    transient_errors = ("Address already in use",)

    @property
    def url(self) -> str:
        return url(self.folder, self.port)

    def prepare(self) -> Path:
        user = os_user.for_new_folders(self.folder.path)
        with translate_os_errors(self.folder.path):
            if not self.folder.valkey.exists():
                self.folder.valkey.mkdir(mode=0o700)
                if user:
                    user.chown(self.folder.valkey)
        return binaries.find_valkey(user)

    def command(self, program: Path) -> Command:
        folder = self.folder.valkey
        with translate_os_errors(self.folder.path):
            orphaned_processes.terminate(folder / PID_FILE, program.name, folder, signal.SIGTERM)
        return Command(
            name=self.name,
            program=program,
            arguments=("-",),
            cwd=folder,
            log=self.folder.log_file("valkey"),
            user=os_user.owner(folder),
            stop_signals=STOP_SIGNALS,
            # settings are passed on standard input, so that the process list does not show the password
            stdin=self._settings().encode(),
        )

    def is_ready(self) -> bool:
        request = f"AUTH {self.folder.ensure_secret(PASSWORD_FILE)}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), ports.PROBE_SECONDS) as connection:
                connection.sendall(request)
                with connection.makefile("rb") as replies:
                    return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def is_transient(self, output: str) -> bool:
        """Also return True after a damaged append-only file, which is renamed first."""
        if "Bad file format" in output:
            self._rename_damaged_file()
            return True
        return super().is_transient(output)

    def _rename_damaged_file(self) -> None:
        # Valkey holds only notifications and events; Postgres is the source of truth
        with translate_os_errors(self.folder.path):
            damaged = self.folder.valkey / f"damaged-{time.time_ns()}"
            (self.folder.valkey / "appendonlydir").replace(damaged)
        log.warning("Valkey's append-only file is damaged; renamed to %s, starting empty", damaged)

    def _settings(self) -> str:
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
    return f"redis://:{quote(folder.ensure_secret(PASSWORD_FILE), safe='')}@{ports.LOOPBACK}:{port}/0"
