"""Run JavaScript clients with Node; their packages are installed once and reused by later runs."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from benchmarks import node_packages
from core.settings import PROJECT

CLIENTS_DIR: Final = PROJECT / "tests" / "e2e" / "clients"


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
    try:
        programs = node_packages.find_node()
        with node_packages.installed(CLIENTS_DIR, "node-clients", "install", ["--no-package-lock"]) as folder:
            for source in [*CLIENTS_DIR.glob("*.mjs"), *CLIENTS_DIR.glob("*.graphql")]:
                shutil.copy(source, folder)
            shutil.copytree(CLIENTS_DIR / "relay", folder / "relay", dirs_exist_ok=True)
    except node_packages.NodeError as error:
        pytest.skip(str(error))
    return Clients(programs.node, folder)
