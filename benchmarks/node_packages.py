"""Install npm packages for development, once for each list of packages, in the Python environment."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIN_NODE_VERSION: Final = 20
_OFFLINE: Final = re.compile(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network|ERR_SOCKET|ERR_PROXY")
_TIMEOUT_SECONDS: Final = 600
_OPTIONS: Final = (
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)


class NodeError(Exception):
    """Node or npm is missing, or npm cannot reach its registry. The message is a sentence for the developer."""


@dataclass(frozen=True, slots=True)
class Node:
    """The programs of Node."""

    node: str
    npm: str

    def find_executable(self) -> str:
        """Return the path of Node itself: ``node`` of the wheel is a script that starts it as a child."""
        command = [self.node, "-p", "process.execPath"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def find_node() -> Node:
    """Find node and npm, first in the Python environment, then on PATH. Raises NodeError."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        raise NodeError("Node and npm are not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    if int(version.removeprefix("v").partition(".")[0]) < MIN_NODE_VERSION:
        raise NodeError(f"Node {version.strip()} is too old: {MIN_NODE_VERSION} or newer is required")
    return Node(node, npm)


@contextmanager
def installed(source: Path, name: str, command: str, options: Sequence[str] = ()) -> Iterator[Path]:
    """Yield a folder with the packages of ``source`` (a folder with a package.json), locked for other processes.

    ``command`` is npm's: "ci" installs what the lock file lists, "install" needs none. Raises NodeError if npm cannot
    reach its registry, and RuntimeError with npm's output if it fails otherwise.
    """
    lists = [
        path for path in (source / "package.json", source / "package-lock.json", source / ".npmrc") if path.exists()
    ]
    digest = hashlib.sha256(
        b"\0".join([*(path.read_bytes() for path in lists), *(option.encode() for option in options)])
    )
    folder = Path(sys.prefix) / name / digest.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for path in lists:
                shutil.copy(path, folder)
            _install(find_node(), folder, [command, *options, *_OPTIONS])
            (folder / "complete").touch()
        yield folder


def _install(programs: Node, folder: Path, arguments: Sequence[str]) -> None:
    done = subprocess.run(  # noqa: S603  our own list of packages
        [programs.npm, *arguments], cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
    )
    if done.returncode and _OFFLINE.search(done.stderr):
        raise NodeError("npm cannot reach its registry")
    if done.returncode:
        raise RuntimeError(done.stderr)
