"""The systemd units: accepted by systemd, and hardened."""

import re
import shutil
from pathlib import Path

import pytest

from core.settings import PROJECT
from tests.support import programs
from tests.support.deployment_files import DEPLOY

SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
MAX_EXPOSURE = 1.5
"""Of 10, by systemd-analyze; a service without any hardening has 9.6."""


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Return a folder with the units, which run the script of this project, and an instance of the worker."""
    for path in (DEPLOY / "systemd").glob("*.*"):
        text = path.read_text(encoding="utf-8").replace("/opt/music-studio/studio", str(PROJECT / "studio"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    shutil.copy(tmp_path / "music-studio-worker@.service", tmp_path / "music-studio-worker@1.service")
    return tmp_path


def test_systemd_accepts_the_units(units: Path) -> None:
    names = ["music-studio.target", "music-studio-server.service", "music-studio-migrate.service"]
    paths = [units / name for name in [*names, "music-studio-worker@1.service"]]
    done = programs.run_installed("systemd-analyze", ["verify", "--man=no", *paths])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["server", "migrate", "worker@1"])
def test_a_service_is_little_exposed(units: Path, name: str) -> None:
    path = units / f"music-studio-{name}.service"
    done = programs.run_installed("systemd-analyze", ["security", "--offline=true", "--no-pager", path])
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze cannot assess a file: {done.stderr.strip()}")
    assert float(found[1]) <= MAX_EXPOSURE


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_the_hardening_is_the_same_in_every_service(path: Path) -> None:
    def hardening(service: Path) -> list[str]:
        lines = service.read_text(encoding="utf-8").partition("StateDirectory=")[2].partition("[Install]")[0]
        # rendering may set the affinity of its threads
        return [line.replace(" @resources", "") for line in lines.split("\n") if line]

    assert hardening(path) == hardening(SERVICES[0])
