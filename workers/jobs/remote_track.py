"""The track of a remote engine, from the file of its peer: decoded, measured, encoded, and kept as it came."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.jobs import WorkerStage
from core.settings.remote_engines import RemoteEngineSettings
from core.track_metadata import TrackMetadata
from engines.focus_port import Segment
from engines.port import (
    Audio,
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
from engines.remote import decoding, measurements
from engines.remote.focus import fitting
from engines.remote.measurements import Measurements
from engines.remote.port import RemoteResult
from storage.tables import FileRole, Generation, Track
from workers.files import hls_chunks, track_files
from workers.files.hls_chunks import PreviousSegment
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
class SegmentPlace:
    """The plan of a segment of a focus session, and the segment that it is joined to; None for the first."""

    segment: Segment
    previous: PreviousSegment | None


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """The row of a track and its untagged files, the original last. ``segment`` is the final one of a focus session."""

    track: Track
    files: list[File]
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class _Music:
    """The part of a peer's file that becomes the track, and its measurements. ``notes`` are for the user."""

    audio: Audio
    measured: Measurements
    notes: tuple[str, ...]
    segment: Segment | None = None


async def build(
    row: Generation, request: RenderRequest, engine: EngineInfo, remote: RemoteResult, workspace: Path,
    monitor: ProgressMonitor, place: SegmentPlace | None = None,
) -> RemoteTrack:  # fmt: skip
    """Build the track from a peer's file. Raises UndecodableError, UnfitError, RenderCancelledError."""
    max_seconds = engine.max_duration_seconds + _EXTRA_SECONDS
    audio, suffix = await decoding.decode(remote.path, workspace / "decoded.f32", max_seconds)
    original = remote.path.rename(workspace / f"original{suffix}")
    expected = _number(remote.claims.get("tempo_bpm")) or request.controls.tempo_bpm

    def heartbeat() -> None:
        monitor.report(WorkerStage.ENCODING, 0.0)

    def analyse_and_encode() -> tuple[_Music, RenderResult, list[File]]:
        music = _fit(audio, place, heartbeat) if place else _measure(audio, request, expected, heartbeat)
        result = _build_result(request, remote, music)
        progress, previous = ProgressRange(monitor, 0.1, 1.0), place.previous if place else None
        files = track_files.encode(result, workspace, progress, hls_chunks.lead_samples(previous))
        if music.segment is not None:
            files += hls_chunks.write_chunks(music.audio, files[0].path, music.segment, previous, progress)
        return music, result, files

    music, result, files = await asyncio.to_thread(analyse_and_encode)
    track = rendering.build_track(row, result, engine)
    # unlike those of the studio, these are measured
    track.tempo_bpm, track.key, track.metre = music.measured.tempo_bpm, music.measured.key, None
    track.style = None
    return RemoteTrack(track, [*files, File(FileRole.ORIGINAL, "", original)], music.segment)


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


def _fit(audio: SpooledAudio, place: SegmentPlace, heartbeat: Callable[[], None]) -> _Music:
    fitted = fitting.fit(audio, place.segment, heartbeat)
    return _Music(fitted.audio, fitted.measured, fitted.notes, fitted.segment)


def _measure(
    audio: SpooledAudio, request: RenderRequest, expected_bpm: float | None, heartbeat: Callable[[], None]
) -> _Music:
    measured = measurements.measure(audio, expected_bpm, heartbeat)
    if abs(measured.duration_seconds - request.duration_seconds) <= _TOLERATED_SECONDS:
        return _Music(audio, measured, ())
    delivered, requested = measured.duration_seconds, request.duration_seconds
    return _Music(audio, measured, (f"The engine delivered {delivered:.1f} s instead of {requested:g} s.",))


def _build_result(request: RenderRequest, remote: RemoteResult, music: _Music) -> RenderResult:
    claims, controls, measured = remote.claims, request.controls, music.measured
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
    report = _build_report(request, controls, remote, music)
    return RenderResult(title, music.audio, {}, Score(b"", (), ()), facts, report=report)


def _build_report(request: RenderRequest, controls: Controls, remote: RemoteResult, music: _Music) -> Report:
    """Compare the request with what the peer claims and what was measured."""
    claims, measured = remote.claims, music.measured
    seconds = measured.duration_seconds
    return Report(
        Comparison(controls.tempo_bpm, _number(claims.get("tempo_bpm")), measured.tempo_bpm),
        Comparison(controls.key, _text(claims.get("key")), measured.key),
        Comparison(request.duration_seconds, seconds, seconds),
        Comparison(None, None, measured.loudness_lufs),
        Comparison(controls.metre, _text(claims.get("metre")), None),
        notes=(*remote.notes, _NO_PARTS, *music.notes),
    )


def _title_from_prompt(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= _MAX_TITLE else line[:_MAX_TITLE].rpartition(" ")[0] or line[:_MAX_TITLE]


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) and value > 0 else None


def _text(value: object) -> str | None:
    return value[:64] if isinstance(value, str) and value else None
