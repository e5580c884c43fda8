"""Tracks with stored files, for receipts."""

from collections.abc import Mapping
from pathlib import Path

from core.settings import Settings
from server import bootstrap
from storage.blobs import factory
from storage.postgres.database import Database
from storage.tables import FileRole, TrackFile
from tests.support import factories
from tests.support.users import Person

SUFFIXES: Mapping[FileRole, tuple[str, str]] = {
    FileRole.MASTER: (".mp3", "audio/mpeg"),
    FileRole.STEM: (".flac", "audio/flac"),
    FileRole.SCORE: (".mid", "audio/midi"),
    FileRole.STREAM: (".mp3", "audio/mpeg"),
    FileRole.COVER: (".svg", "image/svg+xml"),
}


def build_content(track_id: str, what: str) -> bytes:
    """Return unique bytes that contain the track id as an ID3 tag does."""
    return b"ID3\x04TXXX\x03MUSIC_STUDIO_TRACK\x00" + track_id.encode() + b"\x00" + what.encode() * 300


async def put_track_with_files(
    database: Database,
    settings: Settings,
    person: Person,
    folder: Path,
    files: Mapping[tuple[FileRole, str], bytes] | None = None,
    **changes: object,
) -> str:
    """Insert a track with a master and a stem, or with these files, and return its id."""
    track_id = await factories.put_track(database, person, **changes)  # type: ignore[arg-type]
    named = files or {
        (FileRole.MASTER, ""): build_content(track_id, "master"),
        (FileRole.STEM, "drums"): build_content(track_id, "drums"),
    }
    async with database.transaction() as session:
        await session.delete(await session.get_one(TrackFile, (track_id, FileRole.MASTER, "")))
    await add_files(database, settings, folder, track_id, named)
    return track_id


async def add_files(
    database: Database,
    settings: Settings,
    folder: Path,
    track_id: str,
    named: Mapping[tuple[FileRole, str], bytes],
) -> None:
    """Store files and add them to a track."""
    store = factory.create(settings, bootstrap.build_url_signer(settings))
    async with database.transaction() as session:
        for (role, name), written in named.items():
            suffix, media_type = (".png", "image/png") if name == "png" else SUFFIXES[role]
            source = folder / f"source{suffix}"
            source.write_bytes(written)
            blob = await store.put(source, suffix)
            session.add(
                TrackFile(
                    track_id=track_id,
                    role=role,
                    name=name,
                    blob_key=blob.key,
                    media_type=media_type,
                    size_bytes=blob.size_bytes,
                    frames=8 if role is FileRole.STREAM else None,
                )
            )
    await store.close()
