"""Processes that are forked from one that has loaded their modules."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import forking_program, process_fork_server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forked")


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    """What a program printed: the fork server must be created in a process with a single thread."""
    environment, output = {**os.environ, forking_program.FOLDER: str(folder)}, folder / "output"
    child = process_fork_server.shared().fork(["module", forking_program.__name__], environment, output)
    assert child.wait() == 0, output.read_text()
    printed: dict[str, Any] = json.loads(output.read_text().splitlines()[-1])
    return printed


def test_the_exit_status_and_the_signal_of_a_process_are_known(results: dict[str, Any]) -> None:
    assert results["exit"] == 3
    assert results["running"] is None
    assert results["signalled"] == -signal.SIGUSR1


@pytest.mark.parametrize("name", ["exit", "signalled", "abandoned"])
def test_a_process_has_its_own_environment_session_and_log_and_no_input(
    results: dict[str, Any],
    folder: Path,
    name: str,
) -> None:
    has_loaded_modules = is_session_leader = True
    assert json.loads((folder / name).read_text()) == [name, ["NAME"], has_loaded_modules, is_session_leader, ""]


def test_processes_end_with_their_fork_server(results: dict[str, Any]) -> None:
    assert results["name"] == "studio fork"
    assert results["abandoned"] == -signal.SIGTERM
    assert results["is_gone"] is True


def test_nothing_is_forked_after_the_end_of_the_fork_server(results: dict[str, Any]) -> None:
    assert results["late"] == "the process that forks it has exited"
