"""The track of a remote engine, from the file of its peer: decoded, measured, encoded, and kept as it came."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.jobs import WorkerStage
from core.settings.remote_engines import RemoteEngineSettings
from core.track_metadata import TrackMetadata
from engines.port import (
    Comparison,
    Controls,
    EngineInfo,
    Facts,
    ProgressMonitor,
    RenderRequest,
    RenderResult,
    Report,
    Score,
    SpooledAudio,
)
from engines.remote import measurements
from engines.remote.measurements import Measurements
from engines.remote.port import RemoteResult
from storage.tables import FileRole, Generation, Track
from workers.files import decoding, track_files
from workers.files.track_files import File
from workers.jobs import rendering
from workers.progress import ProgressRange

_EXTRA_SECONDS: Final = 60.0
"""How much longer than the engine's maximum a file may be."""
_TOLERATED_SECONDS: Final = 1.0
"""A difference from the requested length that needs no note."""
_UNKNOWN_KEY: Final = "C major"
_UNKNOWN_TEMPO: Final = 112.0
"""What covers are drawn from if nothing is measured or claimed; it is no property of the track."""
_NO_PARTS: Final = "This engine delivers neither stems nor a score."
_MAX_TITLE: Final = 60
_MAX_REQUEST: Final = 8_000


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """The row of a track and its untagged files, the original last."""

    track: Track
    files: list[File]


async def build(
    row: Generation, request: RenderRequest, engine: EngineInfo, remote: RemoteResult, workspace: Path,
    monitor: ProgressMonitor,
) -> RemoteTrack:  # fmt: skip
    """Build the track from a peer's file. Raises UndecodableError, RenderCancelledError."""
    max_seconds = engine.max_duration_seconds + _EXTRA_SECONDS
    audio, suffix = await decoding.decode(remote.path, workspace / "decoded.f32", max_seconds)
    original = remote.path.rename(workspace / f"original{suffix}")
    expected = _number(remote.claims.get("tempo_bpm")) or request.controls.tempo_bpm

    def analyse_and_encode() -> tuple[Measurements, RenderResult, list[File]]:
        def heartbeat() -> None:
            monitor.report(WorkerStage.ENCODING, 0.0)

        measured = measurements.measure(audio, expected, heartbeat)
        result = _build_result(request, remote, audio, measured)
        return measured, result, track_files.encode(result, workspace, ProgressRange(monitor, 0.1, 1.0))

    measured, result, files = await asyncio.to_thread(analyse_and_encode)
    track = rendering.build_track(row, result, engine)
    # unlike those of the studio, these are measured
    track.tempo_bpm, track.key, track.metre = measured.tempo_bpm, measured.key, None
    track.style = None
    return RemoteTrack(track, [*files, File(FileRole.ORIGINAL, "", original)])


def add_provenance(
    metadata: TrackMetadata, remote: RemoteResult, payload: Mapping[str, object], settings: RemoteEngineSettings
) -> TrackMetadata:
    """Add what the peer reports of its model, the request as sent, and the terms that the licence relies on."""
    declared = settings.declaration
    return replace(
        metadata,
        model=remote.model,
        model_version=remote.version,
        adapters=remote.adapters,
        seed=remote.seed,
        request_sent=json.dumps(payload, ensure_ascii=False, sort_keys=True)[:_MAX_REQUEST],
        licence_terms=f"{declared.plan}, {declared.terms_url}, {declared.declared_on}" if declared else None,
    )


def _build_result(
    request: RenderRequest, remote: RemoteResult, audio: SpooledAudio, measured: Measurements
) -> RenderResult:
    claims, controls = remote.claims, request.controls
    claimed_key, claimed_tempo = _text(claims.get("key")), _number(claims.get("tempo_bpm"))
    facts = Facts(
        tempo_bpm=measured.tempo_bpm or claimed_tempo or _UNKNOWN_TEMPO,
        key=measured.key or claimed_key or _UNKNOWN_KEY,
        metre=_text(claims.get("metre")) or "4/4",
        loudness_lufs=measured.loudness_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        style="",
    )
    title = request.title or _title_from_prompt(request.prompt)
    report = _build_report(request, controls, remote, measured)
    return RenderResult(title, audio, {}, Score(b"", (), ()), facts, report=report)


def _build_report(request: RenderRequest, controls: Controls, remote: RemoteResult, measured: Measurements) -> Report:
    """Compare the request with what the peer claims and what was measured."""
    claims, seconds = remote.claims, measured.duration_seconds
    notes = [*remote.notes, _NO_PARTS]
    if abs(seconds - request.duration_seconds) > _TOLERATED_SECONDS:
        notes.append(f"The engine delivered {seconds:.1f} s instead of {request.duration_seconds:g} s.")
    return Report(
        Comparison(controls.tempo_bpm, _number(claims.get("tempo_bpm")), measured.tempo_bpm),
        Comparison(controls.key, _text(claims.get("key")), measured.key),
        Comparison(request.duration_seconds, seconds, seconds),
        Comparison(None, None, measured.loudness_lufs),
        Comparison(controls.metre, _text(claims.get("metre")), None),
        notes=tuple(notes),
    )


def _title_from_prompt(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= _MAX_TITLE else line[:_MAX_TITLE].rpartition(" ")[0] or line[:_MAX_TITLE]


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) and value > 0 else None


def _text(value: object) -> str | None:
    return value[:64] if isinstance(value, str) and value else None
