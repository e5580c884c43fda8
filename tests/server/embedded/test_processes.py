import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.embedded import processes
from server.embedded.errors import KilledDuringStartError, StartupError
from server.embedded.processes import Command, Process, ProcessExitedError
from tests.support.processes import embedded_stack

IGNORES_SIGTERM = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
)


def child(folder: Path, code: str, stdin: bytes = b"") -> Command:
    stop_signals = ((signal.SIGTERM, 0.1),)
    return Command("Child", Path(sys.executable), ("-c", code), folder, folder / "child.log", None, stop_signals, stdin)


def test_a_child_that_ignores_its_stop_signals_is_killed(tmp_path: Path) -> None:
    process = Process(child(tmp_path, IGNORES_SIGTERM), pytest.fail)
    process.launch()
    process.wait_ready(lambda: "ready" in process.read_log(), embedded_stack.DEADLINE_SECONDS)
    process.stop()
    assert process.pid
    assert not processes._exists(process.pid)


def test_a_child_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "import signal; signal.pause()"), pytest.fail)
    process.launch()
    with pytest.raises(StartupError) as error:
        process.wait_ready(lambda: False, 0)
    assert str(error.value) == f"Child was not ready after 0 seconds; its log is {tmp_path}/child.log."
    assert process.pid
    assert not processes._exists(process.pid)


def test_the_error_of_a_child_that_exits_contains_the_output_of_this_run(tmp_path: Path) -> None:
    (tmp_path / "child.log").write_text("output of an earlier run\n")
    process = Process(child(tmp_path, "print('no')"), pytest.fail)
    process.launch()
    with pytest.raises(ProcessExitedError, match=r"^no\n$"):
        process.wait_ready(lambda: False, embedded_stack.DEADLINE_SECONDS)


def test_a_child_that_is_killed_before_it_is_ready_is_not_reported_as_an_exit(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "import signal; signal.pause()"), pytest.fail)
    process.launch()
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(KilledDuringStartError) as error:
        process.wait_ready(lambda: False, embedded_stack.DEADLINE_SECONDS)
    assert str(error.value) == f"Child was killed by signal SIGKILL; its log is {tmp_path}/child.log."


def test_a_child_that_exits_when_it_becomes_ready_is_not_ready(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "print('bye')"), pytest.fail)
    process.launch()
    with pytest.raises(ProcessExitedError, match=r"^bye\n$"):
        process.wait_ready(lambda: process._has_exited.wait(embedded_stack.DEADLINE_SECONDS), 1)


def test_a_child_gets_its_standard_input_and_a_minimal_environment(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "import os; print(input(), sorted(os.environ))", b"hello\n"), pytest.fail)
    process.launch()
    with pytest.raises(ProcessExitedError) as error:
        process.wait_ready(lambda: False, embedded_stack.DEADLINE_SECONDS)
    assert str(error.value) == "hello ['LC_ALL', 'PATH', 'TZ']\n"


def test_a_child_has_its_own_session(tmp_path: Path) -> None:
    process = Process(child(tmp_path, IGNORES_SIGTERM), pytest.fail)
    process.launch()
    assert process.pid
    assert os.getsid(process.pid) == process.pid
    process.stop()


def test_the_exit_of_a_child_is_described() -> None:
    assert processes.describe_exit(3) == "exited with status 3"
    assert processes.describe_exit(-9) == "was killed by signal SIGKILL"


def test_a_pid_file_whose_pid_was_reused_is_removed(tmp_path: Path) -> None:
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/somewhere\n")
    processes.terminate_orphan(pid_file, "postgres", tmp_path, signal.SIGINT)
    assert not pid_file.exists()


def test_a_pid_file_of_a_dead_server_is_not_removed(tmp_path: Path) -> None:
    exited = subprocess.Popen([sys.executable, "-c", ""])
    exited.wait()
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{exited.pid}\n")
    processes.terminate_orphan(pid_file, "postgres", tmp_path, signal.SIGINT)
    assert pid_file.exists()


@pytest.mark.parametrize("text", ["", "not a number", "-1", "1"])
def test_an_invalid_pid_file_is_ignored(tmp_path: Path, text: str) -> None:
    pid_file = tmp_path / "valkey.pid"
    pid_file.write_text(text)
    processes.terminate_orphan(pid_file, "valkey", tmp_path, signal.SIGTERM)
    processes.terminate_orphan(tmp_path / "absent.pid", "valkey", tmp_path, signal.SIGTERM)
    assert pid_file.read_text() == text
