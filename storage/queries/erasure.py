"""Erase the personal data of a user. Rows that accounting needs stay: costs, times and ids of generations."""

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.queries import collections
from storage.tables import (
    ApiKey,
    Collection,
    CollectionTrack,
    Export,
    FocusSession,
    Generation,
    LibraryEntry,
    ReferenceAudio,
    RemoteJob,
    Track,
    User,
    WebhookDelivery,
)

_ERASED: Final = "Deleted user"
_OF_UPLOADS: Final = ("statement", "attribution", "blob_key", "sha256", "size_bytes", "duration_seconds", "uploaded_at")
_NO_UPLOAD: Final = {"name": "", **dict.fromkeys(_OF_UPLOADS)}
_NO_CALLBACK: Final = {"callback_url": None, "callback_secret": None}


def erased_subject(issuer: str, subject: str) -> str:
    """Return what replaces the subject of an erased user: its tokens still lead to the disabled user."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode())
    return f"erased:{digest.hexdigest()}"


async def erase(session: AsyncSession, user: User, now: datetime) -> None:
    """Delete a user's tracks, library, collections, uploads and exports, and blank names, prompts, lyrics and titles.

    The user must be disabled. Files of deleted tracks are removed later, as are those that nothing refers to.
    """
    user.name = _ERASED
    if user.issuer is not None and user.subject is not None and not user.subject.startswith("erased:"):
        user.subject = erased_subject(user.issuer, user.subject)
    await _delete_tracks(session, user.id, now)
    # also those of jobs that this transaction cancelled
    await session.flush()
    own_generations = select(col(Generation.id)).where(col(Generation.user_id) == user.id)
    await session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.generation_id).in_(own_generations)))
    # jobs at peers are cancelled later, by their ids
    await session.execute(update(RemoteJob).where(col(RemoteJob.generation_id).in_(own_generations)).values(payload={}))
    await session.execute(delete(LibraryEntry).where(col(LibraryEntry.user_id) == user.id))
    owned_collections = select(col(Collection.id)).where(col(Collection.user_id) == user.id)
    await session.execute(delete(CollectionTrack).where(col(CollectionTrack.collection_id).in_(owned_collections)))
    for table, values in (
        (Collection, {"name": _ERASED, "description": None, "deleted_at": func.coalesce(Collection.deleted_at, now)}),
        (ApiKey, {"name": _ERASED}),
        (Generation, {"prompt": "", "lyrics": None, "title": None, "style_tags": [], "controls": None, **_NO_CALLBACK}),
        (Generation, {"source": None, "reference_audio_id": None}),
        (ReferenceAudio, {**_NO_UPLOAD, "deleted_at": func.coalesce(ReferenceAudio.deleted_at, now)}),
    ):
        await session.execute(update(table).where(col(table.user_id) == user.id).values(**values))
    segments = (col(Generation.user_id) == user.id) & col(Generation.segment).is_not(None)
    await session.execute(update(Generation).where(segments).values(segment={}))
    prompted = (col(FocusSession.user_id) == user.id) & col(FocusSession.prompt).is_not(None)
    await session.execute(update(FocusSession).where(prompted).values(prompt=""))
    archived = (col(Export.user_id) == user.id) & col(Export.blob_key).is_not(None)
    await session.execute(update(Export).where(archived).values(blob_key=None, expires_at=now))


async def _delete_tracks(session: AsyncSession, user_id: str, now: datetime) -> None:
    """Mark all tracks of a user as deleted, and remove them from all collections and libraries.

    The tracks are marked first, which waits for those who save one meanwhile: they lock the track.
    """
    owned = select(col(Track.id)).where(col(Track.user_id) == user_id)
    await session.execute(owned.order_by(col(Track.id)).with_for_update())
    values: dict[str, Any] = {"title": None, "report": {}, "papers": None, "continuation": None}
    marked = update(Track).where(col(Track.user_id) == user_id)
    await session.execute(marked.values(**values, deleted_at=func.coalesce(Track.deleted_at, now)))
    members = select(col(CollectionTrack.track_id)).where(col(CollectionTrack.track_id).in_(owned)).distinct()
    for track_id in (await session.scalars(members.order_by(col(CollectionTrack.track_id)))).all():
        for collection_id in await collections.lock_containing(session, track_id):
            await collections.remove(session, collection_id, track_id)
    await session.execute(delete(LibraryEntry).where(col(LibraryEntry.track_id).in_(owned)))
