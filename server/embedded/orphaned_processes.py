"""Servers that outlived their supervisor, and pid files that outlived their server. Call with the lock held."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

PATIENCE_SECONDS = 20.0
PULSE_SECONDS = 0.01
PROC = Path("/proc")


def terminate(pid_file: Path, program: str, folder: Path, number: signal.Signals) -> None:
    """End the `program` that still works on `folder`, and forget a pid file whose number is somebody else's by now."""
    pid = _read(pid_file)
    if pid is None:
        return
    if pid in running_in(pid, program, folder):
        _send(pid, number)
    # children of a dead Postgres see its end by themselves, in an instant
    if not _are_gone(pid, program, folder):
        for left in running_in(pid, program, folder):
            _send(left, signal.SIGKILL)
        _are_gone(pid, program, folder)
    if _exists(pid):
        # Postgres would take whoever has the number now for a server on its folder
        pid_file.unlink(missing_ok=True)


def _are_gone(pid: int, program: str, folder: Path) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while running_in(pid, program, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(PULSE_SECONDS)
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
        return True
    return True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def running_in(pid: int, program: str, folder: Path) -> list[int]:
    """Give the processes of `program` that stand in `folder`; without a /proc only `pid` can be looked at."""
    if (PROC / "self" / "cwd").exists():
        return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal() and _is(entry, program, folder)]
    return [pid] if _is_listed(pid, program) else []


def _is(process: Path, program: str, folder: Path) -> bool:
    try:
        return (process / "exe").readlink().name.startswith(program) and (process / "cwd").samefile(folder)
    except OSError:
        return False


def _is_listed(pid: int, program: str) -> bool:
    ps = shutil.which("ps", path=os.defpath)
    if ps is None:
        return False
    words = [ps, "-o", "comm=", "-p", str(pid)]
    run = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - the system's own ps
    return Path(run.stdout.strip()).name.startswith(program)
