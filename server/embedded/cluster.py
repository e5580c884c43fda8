"""The files of a Postgres cluster: whose version they are, and how they come to be, whole or not at all."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from server.embedded.binaries import PostgresPrograms
from server.embedded.errors import StartupError, disk_full_message, mentions_full_disk, translate_os_errors
from server.embedded.folder import DataFolder, write_private
from server.embedded.os_user import OsUser
from server.embedded.processes import Command

USER = "studio"
DATABASE = "studio"
PASSWORD_FILE = "postgres-password"  # noqa: S105 - the name of a file
INITDB_SECONDS = 300.0
BUILTIN_LOCALE_SINCE = 17
SCRAM_ITERATIONS_SINCE = 16
CWD = Path("/proc/self/cwd")


def path_for_cwd(folder: Path) -> str:
    """Name `folder` to a program that was started in it.

    The link in /proc also works below a folder the program's account may not enter, such as root's home.
    """
    return str(CWD) if CWD.exists() else str(folder)


def exists(data: Path) -> bool:
    """Whether the folder holds anything."""
    return data.exists() and any(data.iterdir())


def check_compatible(folder: DataFolder, major: int) -> None:
    """Refuse a cluster that Postgres `major` cannot run or that we cannot enter."""
    data = folder.postgres
    with translate_os_errors(folder.path):
        if not exists(data):
            return
        stamp = data / "PG_VERSION"
        version = stamp.read_text(encoding="utf-8").strip() if stamp.exists() else None
        has_secret = (folder.path / "secrets" / PASSWORD_FILE).exists()
    if version is None:
        raise StartupError(f"The folder {data} holds files but no Postgres cluster: move it away, then start again.")
    if version != str(major):
        raise StartupError(
            f"The data folder {folder.path} was made by Postgres {version} and this is Postgres {major}: "
            "start the Music Studio that made it, or choose another folder with --data-dir."
        )
    if not has_secret:
        raise StartupError(
            f"The password file {folder.path / 'secrets' / PASSWORD_FILE} is missing while its database is there: "
            "bring it back from a backup, or choose another folder with --data-dir."
        )


def initialize(folder: DataFolder, programs: PostgresPrograms, account: OsUser | None, *, durable: bool) -> None:
    """Make the cluster with the user and the database of the studio, unless it is there."""
    draft = folder.path / "postgres.new"
    with translate_os_errors(folder.path):
        shutil.rmtree(draft, ignore_errors=True)
        if exists(folder.postgres):
            return
        for path in (draft, draft / "data"):
            path.mkdir(mode=0o700)
        write_private(draft / "password", folder.ensure_secret(PASSWORD_FILE))
        if account:
            for path in (draft, draft / "data", draft / "password"):
                account.chown(path)
        _fill(folder, programs, account, durable=durable)
        (draft / "data").replace(folder.postgres)
        shutil.rmtree(draft)
        _sync(folder.path)


def _fill(folder: DataFolder, programs: PostgresPrograms, account: OsUser | None, *, durable: bool) -> None:
    data = folder.path / "postgres.new" / "data"
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    locale = builtin if programs.major >= BUILTIN_LOCALE_SINCE else ()
    sync = () if durable else ("--no-sync",)
    # our passwords hold 256 random bits: hashing them often would protect nothing more, and delays each connection
    once = ("--set=scram_iterations=1",) if programs.major >= SCRAM_ITERATIONS_SINCE else ()
    # initdb moves into its folder, so the password lies one up
    words = ("-D", path_for_cwd(data), "-U", USER, "--auth=scram-sha-256", "--pwfile=../password", "--encoding=UTF8")
    _run(folder, data, programs.initdb, (*words, "--locale=C", *locale, *once, *sync), account)
    single = ("--single", "-D", path_for_cwd(data), "-c", "exit_on_error=true", "postgres")
    _run(folder, data, programs.server, single, account, f"CREATE DATABASE {DATABASE};\n".encode())


def _run(
    folder: DataFolder, data: Path, program: Path, words: tuple[str, ...], account: OsUser | None, text: bytes = b""
) -> None:
    command = Command(program.name, program, words, data, folder.log_file("initdb"), account, ((signal.SIGTERM, 0.0),))
    run = subprocess.run(  # noqa: S603 - our own tether and a program we looked up
        command.argv(),
        cwd=data,
        env=command.environment(),
        input=text,
        capture_output=True,
        timeout=INITDB_SECONDS,
        start_new_session=True,
        check=False,
    )
    said = run.stdout + run.stderr
    write_private(command.log, said.decode("utf-8", "replace"))
    if run.returncode != 0:
        raise StartupError(_why(said.decode("utf-8", "replace"), program, command.log, folder.path))


def _why(said: str, program: Path, log: Path, folder: Path) -> str:
    if mentions_full_disk(said):
        return disk_full_message(folder)
    last = (said.strip().splitlines() or ["it said nothing"])[-1]
    return f"The database could not be made ({program.name}: {last.rstrip('.')}); the log is {log}."


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
