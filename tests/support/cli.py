"""Run the command line with given settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT, Settings
from server import supervision
from server.embedded import ports
from tests.support import gcs_bucket
from tests.support.gcs_bucket import Bucket


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


@pytest.fixture
def chosen(settings: Settings, bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings with a folder of its own, and a way to the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    changes = {"key_file": key_file, "endpoint": bucket.address, "timeout_seconds": 60}
    blobs = settings.blobs.model_copy(update=changes)
    server = settings.server.model_copy(update={"port": ports.find_free()})
    return settings.model_copy(update={"storage": str(tmp_path / "blobs"), "blobs": blobs, "server": server})


def run_cli(chosen: Settings, *arguments: str, command: str = "storage") -> tuple[int, str]:
    """Exit status and everything that a command said, on lines of any length."""
    environment = {
        **os.environ,
        **supervision.environment_variables(chosen),
        "PYTHONPATH": str(PROJECT),
        "NO_COLOR": "1",
    }
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "server.cli", command, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout
