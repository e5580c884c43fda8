"""The embedded Valkey server."""

import logging
import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, os_user, ports
from server.embedded.daemons import Daemon
from server.embedded.errors import translate_os_errors
from server.embedded.folder import DataFolder

log = logging.getLogger(__name__)

PASSWORD_FILE = "valkey-password"  # noqa: S105  the name of a file
DATABASES = 256  # the studio uses one; each process of the test suite uses its own


class Valkey(Daemon):
    """Valkey with an append-only file, or without persistence if not `durable`."""

    name = "Valkey"
    pid_file = "valkey.pid"
    stop_signals = ((signal.SIGTERM, 20.0),)
    transient_errors = ("Address already in use",)

    @property
    def url(self) -> str:
        return url(self.folder, self.port)

    def prepare(self) -> Path:
        user = os_user.for_new_folders(self.folder.path)
        with translate_os_errors(self.folder.path):
            if not self.path.exists():
                self.path.mkdir(mode=0o700)
                if user:
                    user.chown(self.path)
        return binaries.find_valkey(user)

    def arguments(self) -> tuple[str, ...]:
        return ("-",)

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
        if "Bad file format" not in output:
            return super().is_transient(output)
        # Valkey holds only notifications and events; Postgres is the source of truth
        with translate_os_errors(self.folder.path):
            damaged = self.path / f"damaged-{time.time_ns()}"
            (self.path / "appendonlydir").replace(damaged)
        log.warning("Valkey's append-only file is damaged; renamed to %s, starting empty", damaged)
        return True

    def stdin(self) -> bytes:
        """Return the settings. The process list does not contain the password, as it would if it were an argument."""
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.folder.ensure_secret(PASSWORD_FILE)}",
            f"pidfile {self.pid_file}",
            'save ""',
            f"databases {DATABASES}",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
        ]
        return "".join(f"{line}\n" for line in lines).encode()


def url(folder: DataFolder, port: int) -> str:
    return f"redis://:{quote(folder.ensure_secret(PASSWORD_FILE), safe='')}@{ports.LOOPBACK}:{port}/0"
