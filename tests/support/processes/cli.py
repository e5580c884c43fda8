"""Run the command line with given settings."""

import os
import subprocess
import sys

from core.settings import PROJECT, Settings
from server import supervision


def run_cli(chosen: Settings, *arguments: str, command: str = "storage") -> tuple[int, str]:
    """Run a command; return its exit status and output."""
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
