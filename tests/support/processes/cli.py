"""Run the command line with given settings."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from core.settings import PROJECT, Settings
from tests.support.processes import process_fork_server


def run_cli(chosen: Settings, *arguments: str, command: str = "storage") -> tuple[int, str]:
    """Run a command; return its exit status and output."""
    return run_forked([command, *arguments], process_fork_server.environment(chosen))


def run_forked(words: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command with these environment variables; return its exit status and output."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        variables = {**environment, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"}
        status = process_fork_server.shared().fork(words, variables, output).wait(120)
        return status, output.read_text(encoding="utf-8")
