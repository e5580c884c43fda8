"""Tracks with a stored master, and signed URLs of it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from core import clock
from core.settings import Settings
from server import bootstrap
from storage.blobs import factory
from storage.blobs.port import Blob
from storage.postgres.database import Database
from storage.tables import TrackFile
from tests.support import factories
from tests.support.users import Person


async def put_track_file(
    database: Database, settings: Settings, person: Person, source: Path, suffix: str = ".mp3"
) -> Blob:
    """Insert a track with this file as its master in the blob store of the settings."""
    store = factory.create(settings, bootstrap.build_url_signer(settings))
    blob = await store.put(source, suffix)
    await store.close()
    track_id = await factories.put_track(database, person)
    async with database.transaction() as session:
        statement = update(TrackFile).where(col(TrackFile.track_id) == track_id)
        await session.execute(statement.values(blob_key=blob.key, size_bytes=max(blob.size_bytes, 1)))
    return blob


def build_link(
    settings: Settings,
    person: Person,
    blob: Blob,
    name: str = "Night Desk.mp3",
    seconds: int = 60,
    *,
    is_attachment: bool = False,
) -> str:
    """Return a signed URL of a blob as resolvers build it."""
    links, expires_at = bootstrap.build_url_signer(settings), clock.now() + timedelta(seconds=seconds)
    return links.url(blob.key, name, expires_at, person.organization_id, is_attachment=is_attachment)
