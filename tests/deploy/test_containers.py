"""The container image and the Compose project. Images cannot be built here: the files are linted and checked."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import PROJECT
from server.embedded import ports
from tests.support import deployment_files, programs
from tests.support.deployment_files import DEPLOY

CONTAINERFILE = DEPLOY / "container" / "Containerfile"
COMPOSE = DEPLOY / "container" / "compose.yaml"


def services() -> dict[str, Any]:
    found: dict[str, Any] = deployment_files.load_yaml(COMPOSE)["services"]
    return found


def copied() -> list[tuple[list[str], str]]:
    """Return the sources and the target of each COPY from the project's folder."""
    lines = re.findall(r"^COPY (?!--)(.+)$", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(line.split()[:-1], line.split()[-1]) for line in lines]


def test_hadolint_accepts_the_containerfile() -> None:
    done = programs.run_wheel(programs.HADOLINT, [CONTAINERFILE])
    assert (done.returncode, done.stdout) == (0, "")


def test_compose_accepts_the_project(tmp_path: Path) -> None:
    lines = (DEPLOY / "container" / "example.env").read_text(encoding="utf-8").splitlines()
    (tmp_path / ".env").write_text("\n".join(f"{line}secret" if line.endswith("=") else line for line in lines))
    arguments: list[str | Path] = ["-f", COMPOSE, "--env-file", tmp_path / ".env", "config", "--quiet"]
    done = programs.run_wheel(programs.COMPOSE, arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_sets_every_variable_that_compose_needs() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8")))
    example = (DEPLOY / "container" / "example.env").read_text(encoding="utf-8")
    assert needed == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


@pytest.mark.parametrize("name", services())
def test_every_service_is_confined(name: str) -> None:
    service = services()[name]
    assert not service["user"].startswith("0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert name == "migrate" or "healthcheck" in service


def test_the_build_context_contains_what_is_copied_and_nothing_else() -> None:
    ignored = (DEPLOY / "container" / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = [line[1:] for line in ignored if line.startswith("!")]
    assert admitted == [source for sources, _ in copied() for source in sources]
    assert all((PROJECT / source).exists() for source in admitted)


def test_every_room_is_copied_with_the_page_and_the_client() -> None:
    """Keep what the image needs complete; building it takes minutes and a base image."""
    folders = {source for sources, _ in copied() for source in sources if (PROJECT / source).is_dir()}
    rooms = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert folders == {*rooms, "web", "clients/python/music_studio_client"}
    assert all(target in {"./", sources[0]} for sources, target in copied())


@pytest.mark.parametrize("source", ["compose", "kubernetes"])
def test_the_check_of_a_worker_fails_for_one_that_is_not_registered(source: str) -> None:
    if source == "compose":
        check = services()["worker"]["healthcheck"]["test"][-1]
    else:
        deployment = deployment_files.load_yaml(DEPLOY / "kubernetes" / "worker-deployment.yaml")
        check = next(deployment_files.objects_with(deployment, "exec"))["exec"]["command"][-1]
    environment = {**os.environ, "REDIS_URL": f"redis://127.0.0.1:{ports.find_free()}/0"}
    done = subprocess.run(  # noqa: S603  a command of our own file
        [sys.executable, "-c", check], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
