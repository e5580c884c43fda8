"""Insert and load rows: generations in any state, tracks, collections."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from core import clock, ids, jobs
from core.jobs import Mode, Status
from core.licence import LicenceClass
from storage.postgres.database import Database
from storage.queries import tracks
from storage.tables import CollectionTrack, FileRole, Generation, Track, TrackFile
from tests.support.users import Person

ONE_HOUR: Final = timedelta(hours=1)


def generation_body(**changes: object) -> dict[str, object]:
    """Return a valid body of create-generation with changes."""
    return {"engine": "studio", "prompt": "warm lofi beat", "duration_seconds": 2, **changes}


async def count_generations(database: Database) -> int:
    """Return the number of generations."""
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Generation)) or 0


async def load_all(database: Database, table: type[SQLModel]) -> Sequence[Any]:
    """Return all rows of a table."""
    async with database.transaction() as session:
        return (await session.scalars(select(table))).all()


async def load_collection_order(database: Database, collection_id: str) -> list[tuple[int, str]]:
    """Return the positions and track ids of a collection by position."""
    statement = (
        select(col(CollectionTrack.position), col(CollectionTrack.track_id))
        .where(col(CollectionTrack.collection_id) == collection_id)
        .order_by(col(CollectionTrack.position))
    )
    async with database.transaction() as session:
        return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def put_track(
    database: Database, person: Person, *, stems: Sequence[str] = (), cost_chf: str = "0", **changes: object
) -> str:
    """Insert a track of a succeeded generation and return its id. ``changes`` are fields of the track."""
    created_at = changes.get("created_at", clock.now())
    assert isinstance(created_at, datetime)
    job = _generation(person, Status.SUCCEEDED, created_at)
    job.cost_chf = Decimal(cost_chf)
    track = Track(**{**_track(job).model_dump(), **changes})
    job.engine, job.mode = track.engine, track.mode
    async with database.transaction() as session:
        session.add(job)
        await session.flush()
        session.add(track)
        await session.flush()
        await tracks.add_files(session, [_file(track.id), *(_file(track.id, stem) for stem in stems)])
    return track.id


async def put_generation(database: Database, person: Person, status: Status, *, age: timedelta = -ONE_HOUR) -> str:
    """Insert a generation, and its track if it succeeded; return the id of the generation.

    No worker takes a queued one, because its ``retry_at`` is in an hour.
    """
    row = _generation(person, status, clock.now() - age)
    async with database.transaction() as session:
        session.add(row)
        await session.flush()
        if status is Status.SUCCEEDED:
            track = _track(row)
            session.add(track)
            await session.flush()
            session.add(_file(track.id))
    return row.id


def _generation(person: Person, status: Status, created_at: datetime) -> Generation:
    now = clock.now()
    is_over, is_running = jobs.is_terminal(status), status is Status.RUNNING
    return Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=person.organization_id,
        user_id=person.user_id,
        status=status,
        progress={Status.SUCCEEDED: 100, Status.RUNNING: 40}.get(status, 0),
        engine="studio",
        prompt="warm lofi beat",
        duration_seconds=2,
        seed=1,
        fingerprint="",
        cost_chf=Decimal(0),
        lease_expires_at=now + ONE_HOUR if is_running else None,
        retry_at=now + ONE_HOUR if status is Status.QUEUED else None,
        error_message="The engine broke." if status is Status.FAILED else None,
        refusal_reason="Name no living artist." if status is Status.REFUSED else None,
        created_at=created_at,
        finished_at=now if is_over else None,
    )


def _file(track_id: str, stem: str = "") -> TrackFile:
    """Build a file row whose blob does not exist, which is enough for signed URLs.

    The content is that of no other file: files with equal content are counted at each insertion of another one.
    """
    digest = hashlib.sha256(f"{track_id} {stem}".encode()).hexdigest()
    suffix, media_type = (".flac", "audio/flac") if stem else (".mp3", "audio/mpeg")
    return TrackFile(
        track_id=track_id,
        role=FileRole.STEM if stem else FileRole.MASTER,
        name=stem,
        blob_key=f"sha256/{digest[:2]}/{digest}{suffix}",
        media_type=media_type,
        size_bytes=1,
    )


def _track(row: Generation) -> Track:
    return Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=row.organization_id,
        user_id=row.user_id,
        generation_id=row.id,
        title="Night Desk",
        engine=row.engine,
        engine_version="1.0",
        mode=Mode.CREATION,
        seed=row.seed,
        instrumental=True,
        measured_duration_seconds=2.0,
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        commercial_use=True,
        requires_attribution=False,
        created_at=row.created_at,
    )
