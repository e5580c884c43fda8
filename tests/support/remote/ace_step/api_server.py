"""The genuine API server of ACE-Step in a process of its own.

Its wheel requires torch, which tests cannot install; they install it and what the API needs without dependencies.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from core.network import tls
from core.settings import PROJECT
from tests.support.polling import wait_until

MODEL: Final = "acestep-v15-turbo"
VERSION: Final = "20260212"
_REQUIREMENTS: Final = (f"ace-step15-fork=={VERSION}", "diskcache==5.6.3", "loguru==0.7.3")
_LANGUAGE_MODEL: Final = "acestep-5Hz-lm-0.6B"


def install(folder: Path) -> None:
    """Install the package of ACE-Step into a folder. Skip the test if the package index cannot be reached."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    done = subprocess.run([*command, *_REQUIREMENTS], capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  uv
    if done.returncode != 0:
        pytest.skip(f"uv cannot install {_REQUIREMENTS[0]}: {done.stderr.strip().splitlines()[-1:]}")


class ApiServer:
    """A server with a folder of its own; its queue lives in its process, and its results in the folder."""

    def __init__(self, packages: Path, root: Path, **variables: str) -> None:
        self.root = root
        for package in packages.iterdir():
            (root / package.name).symlink_to(package)
        # the server downloads models that are missing
        for name in (MODEL, "vae", _LANGUAGE_MODEL):
            (root / "checkpoints" / name).mkdir(parents=True)
            (root / "checkpoints" / name / "weights").touch()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._variables = {
            "ACESTEP_CONFIG_PATH": MODEL,
            "ACESTEP_INIT_LLM": "true",
            "ACESTEP_LM_MODEL_PATH": _LANGUAGE_MODEL,
            "MAX_CUDA_VRAM": "24",
            "PYTHONPATH": str(PROJECT),
            **variables,
        }
        self._log = root / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.support.remote.ace_step.server_process", str(self.root)]
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(  # noqa: S603  this Python
                [*command, str(self._port)], env={**os.environ, **self._variables}, stdout=log, stderr=log
            )
        wait_until(lambda: self._is_ready() or process.poll() is not None)
        assert process.poll() is None, self._log.read_text()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def calls(self) -> list[dict[str, Any]]:
        """What the model was given, in order."""
        path = self.root / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let renders wait at their start."""
        hold = self.root / "hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", verify=tls.default_context()).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running(packages: Path, root: Path, **variables: str) -> Iterator[ApiServer]:
    """Run a server; ``variables`` are added to its environment."""
    server = ApiServer(packages, root, **variables)
    try:
        server.start()
        yield server
    finally:
        server.kill()
