"""The wheel, installed in an environment of its own, with the packages of this one instead of downloaded ones."""

import os
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Final

import httpx
import pytest

from core.network import tls
from core.settings import PROJECT
from core.version import VERSION
from server.embedded import ports
from tests.support.polling import wait_until

ROOMS: Final = ("core", "engines", "resolvers", "rest_compat", "schema", "server", "storage", "workers", "web")
UV: Final = Path(sys.executable).with_name("uv")


def run(*words: str | Path, cwd: Path, **environment: str) -> str:
    variables = {"PATH": os.environ["PATH"], "HOME": str(cwd), "NO_COLOR": "1", **environment}
    return subprocess.run(words, cwd=cwd, env=variables, capture_output=True, text=True, check=True).stdout  # noqa: S603


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel by the pinned build backend of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", folder, PROJECT, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def command(wheel: Path) -> Path:
    """Install the wheel and return its command."""
    venv = wheel.parent / "venv"
    run(UV, "venv", "--no-project", "--python", sys.executable, venv, cwd=wheel.parent)
    run(UV, "pip", "install", "--no-deps", "--python", venv, wheel, cwd=wheel.parent)
    (site_packages,) = venv.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return venv / "bin" / "music-studio"


def test_the_wheel_contains_all_files_of_the_rooms(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    client = PROJECT / "clients" / "python"
    folders = [(PROJECT, PROJECT / room) for room in ROOMS] + [(client, client / "music_studio_client")]
    files = {
        path.relative_to(root).as_posix()
        for root, folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == files


def test_the_installed_command_makes_a_track(command: Path, tmp_path: Path) -> None:
    # nothing is imported from the working directory
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    assert run(command, "--version", cwd=tmp_path) == f"Music Studio {VERSION}\n"
    port, output = ports.find_free(), tmp_path / "output"
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_COLOR": "1"}
    words = [str(command), "up", "--port", str(port), "--workers", "1"]
    with output.open("w") as log:
        up = subprocess.Popen(words, cwd=tmp_path, env=variables, stdout=log, stderr=log)  # noqa: S603
    try:
        wait_until(lambda: "Ctrl-C stops everything." in output.read_text() or up.poll() is not None)
        assert up.poll() is None, output.read_text()
        assert (tmp_path / ".local" / "share" / "music-studio" / "var" / "postgres").is_dir()
        assert 'Or: music-studio generate "' in output.read_text()
        page = httpx.get(f"http://127.0.0.1:{port}/studio", timeout=100, verify=tls.default_context())
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        run(command, "generate", "calm piano", "--duration", "1", "-o", "track.mp3", cwd=tmp_path)
        assert (tmp_path / "track.mp3").stat().st_size > 10_000
    finally:
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
