"""The Kubernetes manifests: valid by the schemas of Kubernetes, confined, with probes, resources and secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import deployment_files, programs
from tests.support.deployment_files import DEPLOY

FOLDER = DEPLOY / "kubernetes"
MANIFESTS = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
WORKLOADS = ("migrate-job.yaml", "server-deployment.yaml", "worker-deployment.yaml")


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = deployment_files.load_yaml(FOLDER / name)["spec"]["template"]["spec"]
    return spec


def test_the_manifests_are_valid() -> None:
    done = programs.run_wheel(programs.KUBERNETES_VALIDATE, ["--strict", "--quiet", *MANIFESTS])
    assert (done.returncode, done.stdout) == (0, "")


def test_kustomize_builds_every_manifest_but_the_example_secret() -> None:
    done = programs.run_wheel(programs.KUBECTL, ["kustomize", FOLDER])
    assert (done.returncode, done.stderr) == (0, "")
    built = list(yaml.safe_load_all(done.stdout))
    assert len(built) == len(MANIFESTS) - 1
    assert "Secret" not in {each["kind"] for each in built}
    images = {each["image"] for each in deployment_files.objects_with(built, "image")}
    assert images == {"registry.example.org/music-studio:0.2.0"}
    assert {each["metadata"].get("namespace", "music-studio") for each in built} == {"music-studio"}


def test_kustomization_lists_every_manifest_but_the_example_secret() -> None:
    listed = deployment_files.load_yaml(FOLDER / "kustomization.yaml")["resources"]
    assert sorted(listed) == [path.name for path in MANIFESTS if path.name != "secret.example.yaml"]


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_pod_is_confined_and_has_resources(name: str) -> None:
    spec = pod(name)
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert container["envFrom"] == [{"configMapRef": {"name": "music-studio"}}, {"secretRef": {"name": "music-studio"}}]


def test_the_probes_are_routes_of_the_server() -> None:
    (server,), (worker,) = pod("server-deployment.yaml")["containers"], pod("worker-deployment.yaml")["containers"]
    probes = {name: server[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert "livenessProbe" not in worker


def test_secrets_are_in_the_secret_only() -> None:
    secret = deployment_files.load_yaml(FOLDER / "secret.example.yaml")["stringData"]
    settings = deployment_files.load_yaml(FOLDER / "config-map.yaml")["data"]
    assert not [name for name in settings if re.search(r"KEY|SECRET|TOKEN|DATABASE_URL|REDIS_URL", name)]
    assert {"DATABASE_URL", "REDIS_URL", "MUSIC_STUDIO_SIGNING_KEYS", "MUSIC_STUDIO_RECEIPTS__KEY"} <= secret.keys()


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_one_document(path: Path) -> None:
    assert len(list(yaml.safe_load_all(path.read_text(encoding="utf-8")))) == 1
