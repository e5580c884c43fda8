"""Libraries of any size, created quickly: the files of the tracks are sparse."""

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import soundfile

from core import clock, ids
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.settings import PROJECT, Settings
from engines.port import SAMPLE_RATE
from server import supervision
from storage.blobs import content_hash
from storage.postgres.database import Database
from storage.tables import FileRole, Generation, Track, TrackFile
from workers.file_tags import id3

_TAG_BYTES = 10 + 10 + 8
"""The headers of a tag and of a frame, and the content of the frame."""

_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class CommandCost:
    """Duration, peak memory and output of a command."""

    seconds: float
    peak_bytes: int
    output: str


async def create_tracks(
    settings: Settings, database: Database, owner: tuple[str, str], tracks: int, file_bytes: int, seconds: int = 2
) -> None:
    """Create tracks of ``owner`` (user and organization), each with one sparse file of ``seconds`` of audio."""
    settings.storage_dir.mkdir(parents=True, exist_ok=True)
    for number in range(tracks):
        key = _create_file(settings.storage_dir, number, file_bytes, seconds)
        job, track = _create_rows(owner, number, seconds)
        file = TrackFile(
            track_id=track.id, role=FileRole.MASTER, blob_key=key, media_type="audio/mpeg", size_bytes=file_bytes
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


def _create_file(folder: Path, number: int, size: int, seconds: int) -> str:
    """Create an MP3 whose tag has the rest of the size, in zeros that need no space on disk."""
    audio = _audio(seconds)
    tag = id3.encode_tag(id3.encode_frame("PRIV", number.to_bytes(8)) + bytes(size - _TAG_BYTES - len(audio)))
    key = content_hash.key_of(hashlib.sha256(tag + audio).hexdigest(), ".mp3")
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(tag[:_TAG_BYTES])
        file.seek(len(tag))
        file.write(audio)
    return key


@cache
def _audio(seconds: int) -> bytes:
    """Return an MP3 without a tag."""
    samples = np.random.default_rng(0).normal(0, 0.05, (seconds * SAMPLE_RATE, 2))
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="MP3", subtype="MPEG_LAYER_III")
    return file.getvalue()


def _create_rows(owner: tuple[str, str], number: int, seconds: int) -> tuple[Generation, Track]:
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
        measured_duration_seconds=float(seconds),
        chords=chords,
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        commercial_use=True,
        requires_attribution=False,
    )
    return job, track
