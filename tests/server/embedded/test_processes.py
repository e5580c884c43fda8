import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.embedded import orphaned_processes, processes
from server.embedded.errors import StartupError
from server.embedded.processes import Command, Process, ProcessExitedError
from tests.support import embedded_stack

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


def child(folder: Path, code: str, text: bytes = b"") -> Command:
    stops = ((signal.SIGTERM, 0.1),)
    return Command("Child", Path(sys.executable), ("-c", code), folder, folder / "child.log", None, stops, text)


def test_a_child_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    process = Process(child(tmp_path, STUBBORN), pytest.fail)
    process.launch()
    process.wait_ready(lambda: "ready" in process.read_log(), embedded_stack.DEADLINE_SECONDS)
    process.stop()
    assert process.pid
    assert not orphaned_processes._exists(process.pid)


def test_a_child_that_is_never_ready_is_ended_and_named(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "import signal; signal.pause()"), pytest.fail)
    process.launch()
    with pytest.raises(StartupError) as refusal:
        process.wait_ready(lambda: False, 0)
    assert str(refusal.value) == f"Child was not ready after 0 seconds; its log is {tmp_path}/child.log."
    assert process.pid
    assert not orphaned_processes._exists(process.pid)


def test_a_child_that_ends_before_it_is_ready_tells_its_last_words_of_this_run(tmp_path: Path) -> None:
    (tmp_path / "child.log").write_text("words of an earlier run\n")
    process = Process(child(tmp_path, "print('no')"), pytest.fail)
    process.launch()
    with pytest.raises(ProcessExitedError, match=r"^no\n$"):
        process.wait_ready(lambda: False, embedded_stack.DEADLINE_SECONDS)


def test_a_child_hears_its_standard_input_and_none_of_our_variables(tmp_path: Path) -> None:
    process = Process(child(tmp_path, "import os; print(input(), sorted(os.environ))", b"hello\n"), pytest.fail)
    process.launch()
    with pytest.raises(ProcessExitedError) as ended:
        process.wait_ready(lambda: False, embedded_stack.DEADLINE_SECONDS)
    assert str(ended.value) == "hello ['LC_ALL', 'PATH', 'TZ']\n"


def test_a_child_stands_in_a_session_of_its_own(tmp_path: Path) -> None:
    process = Process(child(tmp_path, STUBBORN), pytest.fail)
    process.launch()
    assert process.pid
    assert os.getsid(process.pid) == process.pid
    process.stop()


def test_the_end_of_a_child_is_said_in_words() -> None:
    assert processes.describe_exit(3) == "ended by itself with status 3"
    assert processes.describe_exit(-9) == "was ended by signal SIGKILL"


def test_a_pid_file_whose_number_is_somebody_elses_is_forgotten(tmp_path: Path) -> None:
    stale = tmp_path / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n/somewhere\n")
    orphaned_processes.terminate(stale, "postgres", tmp_path, signal.SIGINT)
    assert not stale.exists()


def test_a_pid_file_of_a_dead_server_is_left_to_the_server(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = tmp_path / "postmaster.pid"
    stale.write_text(f"{gone.pid}\n")
    orphaned_processes.terminate(stale, "postgres", tmp_path, signal.SIGINT)
    assert stale.exists()


@pytest.mark.parametrize("text", ["", "not a number", "-1", "1"])
def test_a_pid_file_without_a_process_is_not_believed(tmp_path: Path, text: str) -> None:
    odd = tmp_path / "valkey.pid"
    odd.write_text(text)
    orphaned_processes.terminate(odd, "valkey", tmp_path, signal.SIGTERM)
    orphaned_processes.terminate(tmp_path / "absent.pid", "valkey", tmp_path, signal.SIGTERM)
    assert odd.read_text() == text
