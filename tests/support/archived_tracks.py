"""Tracks with files of real audio, as imports require, and changed archives."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from core.licence import LicenceClass
from core.settings import Settings
from core.track_metadata import SourceType, TrackMetadata
from engines.port import SAMPLE_RATE
from storage.postgres.database import Database
from storage.tables import FileRole, TrackFile
from tests.support import factories, receipt_factories
from tests.support.users import Person
from workers import file_tags

Change = Callable[[dict[str, Any]], None]

FOLDER: Final = "tracks/00001 Night Desk"
TRACK: Final = f"{FOLDER}/track.json"
MASTER: Final = f"{FOLDER}/Night Desk.mp3"


async def put_track(database: Database, settings: Settings, person: Person, folder: Path, **changes: object) -> str:
    """Insert a track of two seconds with a tagged MP3 and a stem, and return its id."""
    track_id = await factories.put_track(database, person, **changes)  # type: ignore[arg-type]
    async with database.transaction() as session:
        await session.delete(await session.get_one(TrackFile, (track_id, FileRole.MASTER, "")))
    rng = np.random.default_rng(int(track_id[-8:], 16))
    samples = rng.normal(0, 0.05, (2 * SAMPLE_RATE, 2)).astype(np.float32)
    contents = {}
    for role, name, suffix in ((FileRole.MASTER, "", ".mp3"), (FileRole.STEM, "drums", ".flac")):
        path = folder / f"source{suffix}"
        soundfile.write(path, samples, SAMPLE_RATE)
        file_tags.write(path, _metadata(track_id))
        contents[role, name] = path.read_bytes()
    await receipt_factories.add_files(database, settings, folder, track_id, contents)
    return track_id


def _metadata(track_id: str) -> TrackMetadata:
    return TrackMetadata(
        track_id=track_id,
        title="Night Desk",
        creator="Studio",
        engine="studio",
        engine_version="1.0",
        source_type=SourceType.ALGORITHMIC_MEDIA,
        prompt_sha256="0" * 64,
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        requires_attribution=False,
        made_at="2026-06-28T10:30:00Z",
    )


def rewrite(archive: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> Path:
    """Return a copy of an archive with some entries changed."""
    target = archive.with_name("changed.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            change = changes.get(entry.filename)
            new.writestr(entry.filename, change(content) if change else content)
    return target


def in_json(change: Change) -> Callable[[bytes], bytes]:
    """Return a change of the parsed document."""

    def changed(content: bytes) -> bytes:
        document = json.loads(content)
        change(document)
        return json.dumps(document).encode()

    return changed
