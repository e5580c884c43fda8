"""Build the track row and the file metadata of a render."""

from core import clock, ids
from core.track_metadata import TrackMetadata, hash_prompt
from engines.port import SAMPLE_RATE, EngineInfo, RenderResult
from storage.tables import Generation, Track


def build_track(row: Generation, rendering: RenderResult, engine: EngineInfo) -> Track:
    """Build the track. It keeps the engine's present licence, also if the engine's licence changes later."""
    facts = rendering.facts
    return Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=row.organization_id,
        user_id=row.user_id,
        generation_id=row.id,
        title=rendering.title,
        engine=engine.key,
        engine_version=engine.version,
        mode=row.mode,
        seed=row.seed,
        instrumental=not engine.supports_vocals or row.instrumental,
        measured_duration_seconds=round(rendering.master.frames / SAMPLE_RATE, 3),
        tempo_bpm=facts.tempo_bpm,
        key=facts.key,
        metre=facts.metre,
        style=facts.style,
        loudness_lufs=facts.loudness_lufs,
        true_peak_dbtp=facts.true_peak_dbtp,
        chords=[{"start_ms": c.start_ms, "end_ms": c.end_ms, "symbol": c.symbol} for c in rendering.score.chords],
        sections=[{"start_ms": s.start_ms, "end_ms": s.end_ms, "name": s.name} for s in rendering.score.sections],
        report=rendering.report.as_json() if rendering.report else {},
        palette=list(rendering.palette),
        continuation=dict(rendering.continuation.data) if rendering.continuation else None,
        licence_class=engine.licence.licence_class,
        licence_version=engine.licence.version,
        commercial_use=engine.licence.commercial_use,
        requires_attribution=engine.licence.requires_attribution,
    )


def build_metadata(track: Track, prompt: str, engine: EngineInfo, creator: str) -> TrackMetadata:
    """Build the metadata that is embedded in the track's files. ``creator`` is the organization's name."""
    return TrackMetadata(
        track_id=track.id,
        title=track.title,
        creator=creator,
        engine=engine.name,
        engine_version=track.engine_version,
        source_type=engine.source_type,
        prompt_sha256=hash_prompt(prompt),
        licence_class=track.licence_class,
        licence_version=track.licence_version,
        requires_attribution=track.requires_attribution,
        made_at=clock.iso(track.created_at),
        tempo_bpm=track.tempo_bpm,
        key=track.key,
        style=track.style,
        loudness_lufs=track.loudness_lufs,
        true_peak_dbtp=track.true_peak_dbtp,
    )
