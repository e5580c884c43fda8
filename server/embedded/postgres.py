"""The embedded Postgres server: create a cluster (initdb) or check that an existing one is compatible, and run it."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from server.embedded import binaries, os_user, ports
from server.embedded.binaries import PostgresPrograms
from server.embedded.daemons import Daemon
from server.embedded.errors import StartupError, disk_full_message, last_line, mentions_full_disk, translate_os_errors
from server.embedded.folder import DataFolder, write_private
from server.embedded.os_user import OsUser
from server.embedded.processes import Command

USER = "studio"
DATABASE = "studio"
PASSWORD_FILE = "postgres-password"  # noqa: S105  the name of a file
INITDB_SECONDS = 300.0
BUILTIN_LOCALE_SINCE = 17
SCRAM_ITERATIONS_SINCE = 16
CWD_LINK = Path("/proc/self/cwd")
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
        self._check_compatible(programs.major)
        self._initialize(programs, user)
        return programs.server

    def arguments(self) -> tuple[str, ...]:
        settings = (f"port={self.port}", *SETTINGS, *(() if self.durable else NON_DURABLE_SETTINGS))
        return ("-D", _path_for_cwd(self.path), *(word for setting in settings for word in ("-c", setting)))

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

    def _check_compatible(self, major: int) -> None:
        """Raise StartupError for a cluster of another major version of Postgres or without its password file."""
        folder, data = self.folder, self.path
        with translate_os_errors(folder.path):
            if not _exists(data):
                return
            version_file = data / "PG_VERSION"
            version = version_file.read_text(encoding="utf-8").strip() if version_file.exists() else None
            has_password = (folder.path / "secrets" / PASSWORD_FILE).exists()
        if version is None:
            raise StartupError(
                f"The folder {data} contains files but no Postgres cluster: move it away, then start again."
            )
        if version != str(major):
            raise StartupError(
                f"The data folder {folder.path} was created by Postgres {version} and this is Postgres {major}: "
                "start the Music Studio that created it, or choose another folder with --data-dir."
            )
        if not has_password:
            raise StartupError(
                f"The password file {folder.path / 'secrets' / PASSWORD_FILE} of the existing database is missing: "
                "restore it from a backup, or choose another folder with --data-dir."
            )

    def _initialize(self, programs: PostgresPrograms, user: OsUser | None) -> None:
        """Create the cluster with its user and its database atomically, unless it exists."""
        folder, draft = self.folder, self.folder.path / "postgres.new"
        with translate_os_errors(folder.path):
            shutil.rmtree(draft, ignore_errors=True)
            if _exists(self.path):
                return
            for path in (draft, draft / "data"):
                path.mkdir(mode=0o700)
            write_private(draft / "password", folder.ensure_secret(PASSWORD_FILE))
            if user:
                for path in (draft, draft / "data", draft / "password"):
                    user.chown(path)
            self._run_initdb(draft / "data", programs, user)
            (draft / "data").replace(self.path)
            shutil.rmtree(draft)
            descriptor = os.open(folder.path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    def _run_initdb(self, data: Path, programs: PostgresPrograms, user: OsUser | None) -> None:
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        locale = builtin if programs.major >= BUILTIN_LOCALE_SINCE else ()
        sync = () if self.durable else ("--no-sync",)
        # the password has 256 random bits: more iterations would add no security, and delay each connection
        iterations = ("--set=scram_iterations=1",) if programs.major >= SCRAM_ITERATIONS_SINCE else ()
        # initdb changes into the data folder, so the password file is one level up
        options = ("--auth=scram-sha-256", "--pwfile=../password", "--encoding=UTF8", "--locale=C")
        arguments = ("-D", _path_for_cwd(data), "-U", USER, *options, *locale, *iterations, *sync)
        self._run_program(data, programs.initdb, arguments, user)
        single = ("--single", "-D", _path_for_cwd(data), "-c", "exit_on_error=true", "postgres")
        self._run_program(data, programs.server, single, user, f"CREATE DATABASE {DATABASE};\n".encode())

    def _run_program(
        self, cwd: Path, program: Path, arguments: tuple[str, ...], user: OsUser | None, stdin: bytes = b""
    ) -> None:
        command = Command(
            program.name, program, arguments, cwd, self.folder.log_file("initdb"), user, ((signal.SIGTERM, 0.0),)
        )
        result = subprocess.run(  # noqa: S603  programs of this package
            command.argv(),
            cwd=cwd,
            env=command.environment,
            input=stdin,
            capture_output=True,
            timeout=INITDB_SECONDS,
            start_new_session=True,
            check=False,
        )
        output = (result.stdout + result.stderr).decode("utf-8", "replace")
        write_private(command.log, output)
        if result.returncode == 0:
            return
        if mentions_full_disk(output):
            raise StartupError(disk_full_message(self.folder.path))
        reason = last_line(output).rstrip(".")
        raise StartupError(f"The database could not be created ({program.name}: {reason}); the log is {command.log}.")


def url(folder: DataFolder, port: int) -> str:
    password = quote(folder.ensure_secret(PASSWORD_FILE), safe="")
    return f"postgresql://{USER}:{password}@{ports.LOOPBACK}:{port}/{DATABASE}"


def _path_for_cwd(folder: Path) -> str:
    """Return a path of `folder` for a program that is started in it.

    The link in /proc also works below a folder that the program's user cannot enter, such as root's home.
    """
    return str(CWD_LINK) if CWD_LINK.exists() else str(folder)


def _exists(data: Path) -> bool:
    return data.exists() and any(data.iterdir())
