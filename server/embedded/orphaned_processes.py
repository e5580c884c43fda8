"""Terminate services that outlived their supervisor, and remove stale pid files. Call with the folder's lock held."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

EXIT_SECONDS = 20.0
POLL_SECONDS = 0.01
PROC = Path("/proc")


def terminate(pid_file: Path, program: str, folder: Path, number: signal.Signals) -> None:
    """Signal the `program` that still runs in `folder`, then kill it. Removes a pid file whose pid was reused."""
    pid = _read(pid_file)
    if pid is None:
        return
    if pid in running_in(pid, program, folder):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    # children of a dead Postgres notice its exit and end within an instant
    if not _wait_exited(pid, program, folder):
        for remaining in running_in(pid, program, folder):
            with suppress(ProcessLookupError):
                os.kill(remaining, signal.SIGKILL)
        _wait_exited(pid, program, folder)
    if _exists(pid):
        # Postgres would take the process that now has the pid for a server on its folder
        pid_file.unlink(missing_ok=True)


def running_in(pid: int, program: str, folder: Path) -> list[int]:
    """Return the processes of `program` with working directory `folder`. Without /proc only `pid` can be checked."""
    if (PROC / "self" / "cwd").exists():
        entries = [entry for entry in PROC.iterdir() if entry.name.isdecimal()]
        return [int(entry.name) for entry in entries if _is_running_in(entry, program, folder)]
    return [pid] if _is_listed_by_ps(pid, program) else []


def _wait_exited(pid: int, program: str, folder: Path) -> bool:
    deadline = time.monotonic() + EXIT_SECONDS
    while running_in(pid, program, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _read(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdecimal() and int(first) > 1 else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_running_in(process: Path, program: str, folder: Path) -> bool:
    try:
        return (process / "exe").readlink().name.startswith(program) and (process / "cwd").samefile(folder)
    except OSError:
        return False


def _is_listed_by_ps(pid: int, program: str) -> bool:
    ps = shutil.which("ps", path=os.defpath)
    if ps is None:
        return False
    command = [ps, "-o", "comm=", "-p", str(pid)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  the system's ps
    return Path(result.stdout.strip()).name.startswith(program)
