"""Libraries of any size, created quickly: the files of the tracks are sparse."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psutil

from core import clock, ids
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.settings import PROJECT, Settings
from server import supervision
from storage.blobs import content_hash
from storage.postgres.database import Database
from storage.tables import FileRole, Generation, Track, TrackFile

_BLOCK = bytes(1 << 20)
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class CommandCost:
    """Duration, peak memory and output of a command."""

    seconds: float
    peak_bytes: int
    output: str


async def create_tracks(
    settings: Settings, database: Database, owner: tuple[str, str], tracks: int, file_bytes: int
) -> None:
    """Create tracks of ``owner`` (user and organization), each with one sparse file."""
    settings.storage_dir.mkdir(parents=True, exist_ok=True)
    for number in range(tracks):
        key = _create_file(settings.storage_dir, number, file_bytes)
        job, track = _create_rows(owner, number)
        file = TrackFile(
            track_id=track.id, role=FileRole.MASTER, blob_key=key, media_type="audio/flac", size_bytes=file_bytes
        )
        async with database.transaction() as session:
            for row in (job, track, file):
                session.add(row)
                await session.flush()


def run_command(settings: Settings, *arguments: str) -> CommandCost:
    """Run a command of ``studio``. Raises RuntimeError with its output if it fails."""
    environment = {
        **os.environ,
        **supervision.environment_variables(settings),
        "PYTHONPATH": str(PROJECT),
        "NO_COLOR": "1",
    }
    started_at, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as output:
        child = psutil.Popen(
            [sys.executable, "-m", "server.cli", *arguments], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        while child.poll() is None:
            peak = max(peak, _peak_bytes(child))
            time.sleep(_POLL_SECONDS)
        output.seek(0)
        text = output.read()
    if child.returncode:
        raise RuntimeError(text)
    return CommandCost(time.perf_counter() - started_at, peak, text)


def _peak_bytes(process: psutil.Popen) -> int:
    """Return the peak resident memory on Linux, and the current one elsewhere.

    ``ru_maxrss`` is not used, because it includes the memory of the parent at the fork.
    """
    with suppress(psutil.Error, OSError, StopIteration):
        if not sys.platform.startswith("linux"):
            return int(process.memory_info().rss)
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return 0


def _create_file(folder: Path, number: int, size: int) -> str:
    head = number.to_bytes(8, "big")
    digest = hashlib.sha256(head)
    rest = size - len(head)
    while rest:
        digest.update(_BLOCK[:rest])
        rest -= min(rest, len(_BLOCK))
    key = content_hash.key_of(digest.hexdigest(), ".flac")
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return key


def _create_rows(owner: tuple[str, str], number: int) -> tuple[Generation, Track]:
    user_id, organization_id = owner
    now = clock.now()
    job = Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=organization_id,
        user_id=user_id,
        status=Status.SUCCEEDED,
        progress=100,
        engine="studio",
        prompt="warm lofi beat",
        duration_seconds=60,
        seed=number,
        fingerprint="",
        cost_chf=Decimal(0),
        finished_at=now,
    )
    chords = [{"start_ms": 500 * number, "end_ms": 500 * number + 500, "symbol": "Am7"} for number in range(120)]
    track = Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=organization_id,
        user_id=user_id,
        generation_id=job.id,
        title=f"Night Desk {number}",
        engine="studio",
        engine_version="1.2",
        mode=Mode.CREATION,
        seed=number,
        instrumental=True,
        measured_duration_seconds=60.0,
        chords=chords,
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        commercial_use=True,
        requires_attribution=False,
    )
    return job, track
