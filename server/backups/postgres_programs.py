"""Run pg_dump and pg_restore. They end with this process, and no command line contains a password."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.network import database_url
from server.backups.manifest import BackupError
from server.embedded import binaries, child_launcher
from server.embedded.errors import last_line

_LOCK_WAIT: Final = "60s"


async def dump(url: str, server_major: int, schema: str, snapshot_id: str, target: Path) -> None:
    """Write the tables of a schema, as a snapshot shows them, in pg_dump's custom format. Raises BackupError."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_id}", f'--schema="{schema}"']
    options += [f"--lock-wait-timeout={_LOCK_WAIT}", f"--file={target}"]
    await _run("pg_dump", server_major, options, url)


async def restore(url: str, server_major: int, schema: str, source: Path) -> None:
    """Create the tables of a dump in one transaction. Raises BackupError."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}"]
    await _run("pg_restore", server_major, [*options, str(source)], url)


async def _run(name: str, server_major: int, options: Sequence[str], url: str) -> None:
    """Run a program on the first host of the URL on which it succeeds."""
    program = binaries.find_postgres_client(name, server_major)
    parsed, output = database_url.parse(url), ""
    for host in parsed.hosts:
        address, variables = without_password(host)
        if parsed.uses_system_certificates:
            variables["PGSSLROOTCERT"] = "system"
        # in a thread that waits for the end: the kernel reports the death of the starting thread to the child
        status, output = await asyncio.to_thread(
            _execute, program, ["--no-password", f"--dbname={address}", *options], variables
        )
        if status == 0:
            return
    raise BackupError(f"{name} failed: {last_line(output).rstrip('.')}.")


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL for libpq without its password, and the environment variable with the password."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    user, colon, password = userinfo.partition(":")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([pair for pair in pairs if pair[0] != "password"], quote_via=quote)
    in_query = dict(pairs).get("password")
    variables = {"PGPASSWORD": in_query or unquote(password)} if colon or in_query else {}
    return f"postgresql://{user}{at}{host}{parts.path}{'?' if query else ''}{query}", variables


def _execute(program: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> tuple[int, str]:
    launcher = [sys.executable, "-ISs", str(child_launcher.__file__)]
    result = subprocess.run(  # noqa: S603  a program of Postgres
        [*launcher, str(os.getpid()), str(int(signal.SIGKILL)), "-1", "-1", str(program), *arguments],
        env={**os.environ, **variables, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return result.returncode, result.stdout.decode("utf-8", "replace")
