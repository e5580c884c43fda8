"""Run JavaScript clients with Node; their packages are installed once and reused by later runs."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from core.settings import PROJECT

CLIENTS_DIR: Final = PROJECT / "tests" / "e2e" / "clients"
MIN_NODE_VERSION: Final = 20
_OFFLINE: Final = re.compile(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network|ERR_SOCKET|ERR_PROXY")


@dataclass(frozen=True, slots=True)
class Clients:
    """A folder with the scripts and the packages that they import."""

    node: str
    folder: Path

    def run(self, script: str, *arguments: str, **environment: str) -> str:
        """Run a script and return its output. Raises AssertionError with its stderr."""
        done = subprocess.run(  # noqa: S603  our own scripts
            [self.node, script, *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def install() -> Clients:
    """Install the clients; skip the test without Node or without access to the npm registry."""
    node, npm = _find_node_and_npm()
    wanted = (CLIENTS_DIR / "package.json").read_bytes()
    folder = Path(sys.prefix) / "node-clients" / hashlib.sha256(wanted).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with _exclusive_lock(folder):
        for source in [*CLIENTS_DIR.glob("*.mjs"), *CLIENTS_DIR.glob("*.graphql"), CLIENTS_DIR / "package.json"]:
            shutil.copy(source, folder)
        shutil.copytree(CLIENTS_DIR / "relay", folder / "relay", dirs_exist_ok=True)
        if not (folder / "complete").exists():
            _install_packages(npm, folder)
            (folder / "complete").touch()
    return Clients(node, folder)


def _find_node_and_npm() -> tuple[str, str]:
    """Find node and npm, first in the Python environment, then on PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        pytest.skip("Node and npm are not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    if int(version.removeprefix("v").partition(".")[0]) < MIN_NODE_VERSION:
        pytest.skip(f"Node {version.strip()} is too old: {MIN_NODE_VERSION} or newer is required")
    return node, npm


def _install_packages(npm: str, folder: Path) -> None:
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    options += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    done = subprocess.run(  # noqa: S603  our own list of packages
        [npm, "install", *options], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode and _OFFLINE.search(done.stderr):
        pytest.skip("npm cannot reach its registry")
    assert done.returncode == 0, done.stderr


@contextmanager
def _exclusive_lock(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare the folder."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
