"""The Postgres server on the cluster in the data folder."""

import re
import signal
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, cluster, orphaned_processes, os_user, ports
from server.embedded.daemons import Daemon
from server.embedded.errors import translate_os_errors
from server.embedded.folder import DataFolder
from server.embedded.processes import Command

# SIGINT ends cleanly without waiting for clients to leave; SIGQUIT leaves the write-ahead log to be replayed
STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
ALWAYS = (f"listen_addresses={ports.LOOPBACK}", "unix_socket_directories=", "max_connections=200", "log_timezone=UTC")
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres(Daemon):
    """Real Postgres with one user and one database, made at the first start."""

    name = "Postgres"
    passing_troubles = ("could not bind", "is still in use")

    @property
    def url(self) -> str:
        """Where clients connect: postgresql://user:password@host:port/database."""
        return url(self.folder, self.port)

    def prepare(self) -> Path:
        """Make the cluster if there is none; refuse one we cannot run."""
        account = os_user.for_new_folders(self.folder.path)
        programs = binaries.find_postgres(account)
        cluster.check_compatible(self.folder, programs.major)
        cluster.initialize(self.folder, programs, account, durable=self.durable)
        return programs.server

    def command(self, program: Path) -> Command:
        """Give the command for one run."""
        data = self.folder.postgres
        with translate_os_errors(self.folder.path):
            orphaned_processes.terminate(data / "postmaster.pid", program.name, data, signal.SIGINT)
        settings = (f"port={self.port}", *ALWAYS, *(() if self.durable else UNSAFE))
        return Command(
            name=self.name,
            program=program,
            arguments=("-D", cluster.path_for_cwd(data), *(word for setting in settings for word in ("-c", setting))),
            cwd=data,
            log=self.folder.log_file("postgres"),
            # it insists on owning its folder, which an ordinary user may have made before root came
            user=os_user.owner(data),
            stop_signals=STOPS,
        )

    def is_ready(self) -> bool:
        """Whether it says so in its pid file, as pg_ctl asks, and takes connections."""
        try:
            # pid, folder, time, port, socket, address, memory, state
            lines = (self.folder.postgres / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(self.pid) and "ready" in "".join(lines[7:]) and ports.accepts_connections(self.port)

    def reason(self, said: str) -> str:
        """Pick the last fatal line, or all that is not a mere log line."""
        fatal = re.findall(r"(?:FATAL|PANIC):\s+(.+)", said)
        plain = " ".join(line.strip() for line in said.splitlines() if " LOG: " not in line)
        return fatal[-1] if fatal else plain or super().failure_reason(said)


def url(folder: DataFolder, port: int) -> str:
    """Give the address of the folder's database on `port`."""
    password = quote(folder.ensure_secret(cluster.PASSWORD_FILE), safe="")
    return f"postgresql://{cluster.USER}:{password}@{ports.LOOPBACK}:{port}/{cluster.DATABASE}"
