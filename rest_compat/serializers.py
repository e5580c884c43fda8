"""Rows as the documented objects, field by field."""

from collections.abc import Mapping
from typing import Final

from core import clock
from resolvers.focus.snapshots import ReadySegment, Snapshot
from resolvers.generations.engines import Offer
from resolvers.library.downloads import Download
from resolvers.organizations.spending import Usage
from resolvers.receipts import receipts
from resolvers.receipts.receipts import Verification
from resolvers.sharing.sharing import NewLink, Shared
from storage.tables import Collection, CollectionTrack, Generation, LibraryEntry, Track

Object = Mapping[str, object]


def engine(offer: Offer) -> Object:
    """An engine of list-engines."""
    card = offer.info
    return {
        "engine_key": card.key,
        "name": card.name,
        "description": card.description,
        "is_default": offer.is_default,
        "max_duration_seconds": card.max_duration_seconds,
        "supports_vocals": card.supports_vocals,
        "supports_lyrics": card.supports_lyrics,
        "supports_stems": card.supports_stems,
        "supports_focus": card.supports_focus,
        "supported_languages": list(card.supported_languages),
        "cost_chf_per_minute": float(offer.cost_chf_per_minute),
        "licence_class": card.licence.licence_class.value,
        "licence_version": card.licence.version,
        "commercial_use": card.licence.commercial_use,
        "requires_attribution": card.licence.requires_attribution,
    }


def generation(row: Generation, track: Track | None, playback_url: str | None) -> Object:
    """The job object. ``track`` and ``playback_url`` are shown for a succeeded job only."""
    return {
        "id": row.id,
        "status": row.status.value,
        "progress": row.progress,
        "engine": row.engine,
        "mode": row.mode.value,
        "created_at": clock.iso(row.created_at),
        "result_track_id": track.id if track else None,
        "error_message": row.error_message,
        "refusal_reason": row.refusal_reason,
        "playback_url": playback_url,
        "track": track_summary(track, playback_url) if track and playback_url else None,
    }


def track_summary(track: Track, playback_url: str | None) -> Object:
    """A track inside a job."""
    return {
        "id": track.id,
        "title": track.title,
        "engine": track.engine,
        "mode": track.mode.value,
        "instrumental": track.instrumental,
        "measured_duration_seconds": track.measured_duration_seconds,
        "mime_type": "audio/mpeg",
        "licence_class": track.licence_class.value,
        "playback_url": playback_url,
    }


def track(row: Track, playback_url: str | None, stem_urls: Mapping[str, str] | None) -> Object:
    """The track object."""
    return {
        "id": row.id,
        "title": row.title,
        "engine": row.engine,
        "mode": row.mode.value,
        "measured_duration_seconds": row.measured_duration_seconds,
        "instrumental": row.instrumental,
        "licence_class": row.licence_class.value,
        "created_at": clock.iso(row.created_at),
        "playback_url": playback_url,
        "stem_urls": stem_urls or None,
        "commercial_use": row.commercial_use,
        "requires_attribution": row.requires_attribution,
    }


TRACK: Final = (
    "id",
    "title",
    "engine",
    "mode",
    "measured_duration_seconds",
    "instrumental",
    "licence_class",
    "created_at",
    "playback_url",
    "stem_urls",
    "commercial_use",
    "requires_attribution",
)
"""The fields of the track object, in order; for lists, whose items Postgres writes and which mint no URLs."""


def page(name: str, items: str, limit: int, offset: int) -> str:
    """A list whose items are written already."""
    return f'{{"{name}":[{items}],"limit":{limit},"offset":{offset}}}'


def saved(entry: LibraryEntry) -> Object:
    """The answer of save-track."""
    return {
        "id": entry.id,
        "track_id": entry.track_id,
        "source": entry.source.value,
        "created_at": clock.iso(entry.created_at),
        "saved": True,
    }


def saved_share(entry: LibraryEntry) -> Object:
    """The answer of save-shared-track."""
    return {
        "id": entry.id,
        "track_id": entry.track_id,
        "source": entry.source.value,
        "share_link_id": entry.share_link_id,
        "created_at": clock.iso(entry.created_at),
    }


def done(what: str, detail: str) -> Object:
    """An acknowledgement."""
    return {"success": True, "id": what, "detail": detail}


def collection(row: Collection, track_count: int | None) -> Object:
    """The collection object; lists do not count."""
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "cover_track_id": row.cover_track_id,
        "cover_image_url": row.cover_image_url,
        "track_count": track_count,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
    }


def member(row: CollectionTrack) -> Object:
    """A place in a collection."""
    return {"track_id": row.track_id, "position": row.position, "added_at": clock.iso(row.added_at)}


def new_link(link: NewLink) -> Object:
    """A share link, the one time that its token is shown."""
    row = link.row
    return {
        "id": row.id,
        "token": link.token,
        "url": link.url,
        "target_type": row.target_type.value,
        "visibility": row.visibility.value,
        "expires_at": clock.iso(row.expires_at) if row.expires_at else None,
        "created_at": clock.iso(row.created_at),
    }


def shared(view: Shared, urls: Mapping[str, str]) -> Object:
    """What a share link leads to; everything null when its content is gone."""
    link = view.link
    is_list = view.collection is not None
    return {
        "kind": link.target_type.value,
        "available": view.is_available,
        "message": view.message,
        "share": {
            "target_type": link.target_type.value,
            "visibility": link.visibility.value,
            "expires_at": clock.iso(link.expires_at) if link.expires_at else None,
        },
        "track": _shared_track(view.track, urls) if view.track else None,
        "collection": _shared_collection(view.collection) if view.collection else None,
        "tracks": [_shared_track(row, urls) for row in view.tracks] if is_list else None,
    }


def _shared_track(row: Track, urls: Mapping[str, str]) -> Object:
    return {
        "id": row.id,
        "title": row.title,
        "engine": row.engine,
        "mode": row.mode.value,
        "measured_duration_seconds": row.measured_duration_seconds,
        "instrumental": row.instrumental,
        "playback_url": urls.get(row.id),
        "licence": _licence(row),
    }


def _licence(row: Track) -> Object:
    return {
        "licence_class": row.licence_class.value,
        "licence_version": row.licence_version,
        "commercial_use": row.commercial_use,
        "requires_attribution": row.requires_attribution,
    }


def verification(view: Verification) -> Object:
    """What a file is, and nothing private of its track."""
    file = view.file
    return {
        "verdict": view.verdict.value,
        "message": view.message,
        "sha256": view.sha256,
        "track": _verified_track(view.track) if view.track else None,
        "file": {"role": file.role.value, "name": file.name, "media_type": file.media_type} if file else None,
    }


def _verified_track(row: Track) -> Object:
    return {
        "id": row.id,
        "engine": row.engine,
        "engine_version": row.engine_version,
        "made_at": clock.iso(row.created_at),
        "available": row.deleted_at is None,
        "digital_source_type": receipts.source_type(row).uri,
        "licence": _licence(row),
    }


def _shared_collection(row: Collection) -> Object:
    return {"id": row.id, "name": row.name, "description": row.description}


def usage(view: Usage) -> Object:
    """A window of get-usage."""
    return {
        "window": view.window.value,
        "window_start": clock.iso(view.starts_at),
        "cost_chf": float(view.cost_chf),
        "limit_chf": None if view.limit_chf is None else float(view.limit_chf),
        "by_engine": [
            {"engine": spent.engine, "track_count": spent.track_count, "cost_chf": float(spent.cost_chf)}
            for spent in view.by_engine
        ],
    }


def focus_session(view: Snapshot, urls: Mapping[str, str]) -> Object:
    """The session object; ``urls`` by track."""
    row, next_ready_at = view.row, view.next_ready_at
    return {
        "session_id": row.id,
        "status": row.status.value,
        "goal": row.goal.value,
        "engine": row.engine,
        "target_minutes": row.target_minutes,
        "total_segments": view.total_segments,
        "ready_count": len(view.ready),
        "segments": [_segment(segment, urls.get(segment.track.id)) for segment in view.ready],
        "more_pending": view.has_pending_segments,
        "next_ready_at": clock.iso(next_ready_at) if next_ready_at else None,
    }


def _segment(segment: ReadySegment, playback_url: str | None) -> Object:
    grid = segment.plan.grid
    return {
        "segment_index": segment.plan.index,
        "playback_url": playback_url,
        "measured_duration_seconds": segment.track.measured_duration_seconds,
        "target_lufs": grid.target_lufs,
        "fade_in_ms": grid.fade_in_ms,
        "fade_out_ms": grid.fade_out_ms,
    }


def download(found: Download, url: str | None) -> Object:
    """The answer of download-track."""
    return {
        "format": found.format.value,
        "part": found.part or None,
        "url": url,
        "mime_type": found.media_type,
        "file_name": found.file_name,
        "size_bytes": found.file.size_bytes if found.file else None,
        "is_ready": found.file is not None,
    }
