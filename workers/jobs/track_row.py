"""What a rendering becomes in the tables."""

from core import clock
from core.track_metadata import TrackMetadata, hash_prompt
from engines.port import SAMPLE_RATE, RenderResult
from engines.registry import EngineRegistry
from storage.tables import Generation, Track


def build_metadata(
    track_id: str, row: Generation, rendering: RenderResult, engines: EngineRegistry, creator: str
) -> TrackMetadata:
    """What the track's files say of themselves."""
    card, facts = engines.load(row.engine).info, rendering.facts
    return TrackMetadata(
        track_id=track_id,
        title=rendering.title,
        creator=creator,
        engine=card.name,
        engine_version=card.version,
        source_type=card.source_type,
        prompt_sha256=hash_prompt(row.prompt),
        licence_class=card.licence.licence_class,
        licence_version=card.licence.version,
        requires_attribution=card.licence.requires_attribution,
        made_at=clock.iso(clock.now()),
        tempo_bpm=facts.tempo_bpm,
        key=facts.key,
        style=facts.style,
        loudness_lufs=facts.loudness_lufs,
        true_peak_dbtp=facts.true_peak_dbtp,
    )


def build_track(row: Generation, rendering: RenderResult, engines: EngineRegistry, papers: TrackMetadata) -> Track:
    """The track with its licence as it is today, for good."""
    card = engines.load(row.engine).info
    facts = rendering.facts
    return Track(
        id=papers.track_id,
        organization_id=row.organization_id,
        user_id=row.user_id,
        generation_id=row.id,
        title=rendering.title,
        engine=card.key,
        engine_version=card.version,
        mode=row.mode,
        seed=row.seed,
        instrumental=not card.supports_vocals or row.instrumental,
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
        papers=papers.as_json(),
        licence_class=card.licence.licence_class,
        licence_version=card.licence.version,
        commercial_use=card.licence.commercial_use,
        requires_attribution=card.licence.requires_attribution,
    )
