"""What all files of deploy/ have in common: valid YAML, existing settings and commands, pinned images."""

import re
from pathlib import Path

import pytest

from core.settings import PROJECT, Settings
from server.cli import commands
from tests.support import deployment_files
from tests.support.deployment_files import DEPLOY, VARIABLE

IMAGE = re.compile(r"docker\.io/[\w./-]+:[\w.-]+(@sha256:[0-9a-f]{64})?")


@pytest.mark.parametrize("path", deployment_files.files(), ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    named = set(VARIABLE.findall(path.read_text(encoding="utf-8")))
    assert named - deployment_files.settings() == set()


@pytest.mark.parametrize("path", [path for path in deployment_files.files() if path.suffix == ".yaml"], ids=str)
def test_yaml_files_parse(path: Path) -> None:
    assert isinstance(deployment_files.load_yaml(path), dict)


@pytest.mark.parametrize("path", deployment_files.files(), ids=lambda path: path.name)
def test_images_of_others_are_pinned_by_digest(path: Path) -> None:
    found = list(IMAGE.finditer(path.read_text(encoding="utf-8")))
    assert [match[0] for match in found if match[1] is None] == []


def test_every_command_exists() -> None:
    compose = deployment_files.load_yaml(DEPLOY / "container" / "compose.yaml")["services"]
    names = [compose[service]["command"] for service in ("migrate", "server", "worker")]
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        names += [each["args"] for each in deployment_files.objects_with(deployment_files.load_yaml(path), "args")]
    for path in (DEPLOY / "systemd").glob("*.service"):
        names += [
            found.split()
            for found in re.findall(r"^ExecStart=/opt/music-studio/studio (.+)$", path.read_text(), re.MULTILINE)
        ]
    names.append(re.findall(r'^CMD \["(\w+)"\]$', (DEPLOY / "container" / "Containerfile").read_text(), re.MULTILINE))
    assert len(names) == 10
    assert {name for (name,) in names} == {"migrate", "serve", "worker"} <= commands.COMMANDS.keys()


def test_every_port_is_that_of_the_settings() -> None:
    port = Settings.model_fields["server"].default.port
    container = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^EXPOSE (\d+)$", container, re.MULTILINE) == [str(port)]
    server = deployment_files.load_yaml(DEPLOY / "container" / "compose.yaml")["services"]["server"]
    assert server["ports"] == [f"127.0.0.1:{port}:{port}"]
    deployment = deployment_files.load_yaml(DEPLOY / "kubernetes" / "server-deployment.yaml")
    assert [one["containerPort"] for one in deployment_files.objects_with(deployment, "containerPort")] == [port]
    for path in (DEPLOY / "proxies").rglob("*"):
        if path.is_file():
            assert set(re.findall(r"127\.0\.0\.1:(\d+)", path.read_text(encoding="utf-8"))) <= {str(port)}, path


def test_the_page_of_each_folder_exists() -> None:
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    folders = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert folders == {path.name for path in DEPLOY.iterdir() if path.is_dir()}
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (DEPLOY / target).exists(), target


def test_the_version_is_that_of_the_project() -> None:
    version = re.search(r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    for path in ("container/compose.yaml", "kubernetes/kustomization.yaml"):
        found = re.findall(r"music-studio:([\d.]+)|newTag: ([\d.]+)", (DEPLOY / path).read_text(encoding="utf-8"))
        assert {first or second for first, second in found} == {version[1]}, path
