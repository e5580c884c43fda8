"""PgBouncer in front of a Postgres."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest

from server.embedded import ports
from tests.support.polling import wait_until

_NOBODY: Final = 65_534
_CONFIGURATION: Final = """
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
"""


@contextmanager
def pooler(url: str, mode: str, size: int = 30) -> Iterator[str]:
    """Run PgBouncer with at most ``size`` server connections; yield its URL. Skips the test without the program."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    parts, port = urlsplit(url), ports.find_free()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        (folder / "users").write_text(f'"{parts.username}" "{unquote(parts.password or "")}"\n')
        configuration = folder / "ini"
        configuration.write_text(
            _CONFIGURATION.format(
                host=parts.hostname, server_port=parts.port, port=port, folder=folder, mode=mode, size=size
            )
        )
        # PgBouncer refuses to run as root
        is_root = os.geteuid() == 0
        if is_root:
            for path in (folder, *folder.iterdir()):
                os.chown(path, _NOBODY, _NOBODY)
        user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if is_root else {}
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen([program, configuration], stdout=log, stderr=log, **user) as process,  # type: ignore[call-overload]  # noqa: S603
        ):
            try:
                wait_until(lambda: ports.accepts_connections(port) or process.poll() is not None)
                assert process.poll() is None, (folder / "log").read_text()
                yield parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()
            finally:
                process.terminate()
                process.wait(30)
