"""The embedded Postgres server."""

import re
import signal
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, cluster, os_user, ports
from server.embedded.daemons import Daemon
from server.embedded.folder import DataFolder

SETTINGS = (f"listen_addresses={ports.LOOPBACK}", "unix_socket_directories=", "max_connections=200", "log_timezone=UTC")
NON_DURABLE_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres(Daemon):
    """Postgres with one user and one database, which the first start creates."""

    name = "Postgres"
    pid_file = "postmaster.pid"
    # SIGINT shuts down without waiting for clients to disconnect; after SIGQUIT the next start replays the WAL
    stop_signals = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
    transient_errors = ("could not bind", "is still in use")

    @property
    def url(self) -> str:
        return url(self.folder, self.port)

    def prepare(self) -> Path:
        user = os_user.for_new_folders(self.folder.path)
        programs = binaries.find_postgres(user)
        cluster.check_compatible(self.folder, self.path, programs.major)
        cluster.initialize(self.folder, self.path, programs, user, durable=self.durable)
        return programs.server

    def arguments(self) -> tuple[str, ...]:
        settings = (f"port={self.port}", *SETTINGS, *(() if self.durable else NON_DURABLE_SETTINGS))
        return ("-D", cluster.path_for_cwd(self.path), *(word for setting in settings for word in ("-c", setting)))

    def is_ready(self) -> bool:
        """Return whether the state in the pid file is `ready`, as pg_ctl does, and the port accepts connections."""
        try:
            # pid, folder, time, port, socket, address, memory, state
            lines = (self.path / self.pid_file).read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(self.pid) and "ready" in "".join(lines[7:]) and ports.accepts_connections(self.port)

    def failure_reason(self, output: str) -> str:
        """Return the last FATAL or PANIC message, else all lines that are not at level LOG."""
        fatal = re.findall(r"(?:FATAL|PANIC):\s+(.+)", output)
        other = " ".join(line.strip() for line in output.splitlines() if " LOG: " not in line)
        return fatal[-1] if fatal else other or super().failure_reason(output)


def url(folder: DataFolder, port: int) -> str:
    password = quote(folder.ensure_secret(cluster.PASSWORD_FILE), safe="")
    return f"postgresql://{cluster.USER}:{password}@{ports.LOOPBACK}:{port}/{cluster.DATABASE}"
