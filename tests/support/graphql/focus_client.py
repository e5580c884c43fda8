"""A GraphQL client of focus sessions, and the effects of a worker on them."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import httpx
from sqlalchemy import select
from sqlmodel import col

from core import clock, ids
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.focus import scheduling
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.queries import focus as sessions
from storage.queries import tracks
from storage.redis.events import EventLog
from storage.tables import FileRole, Generation, Track, TrackFile
from tests.support.graphql.client import data
from tests.support.users import Person
from workers.jobs import leases

Json = dict[str, Any]

START: Final = """
mutation Start($input: StartFocusSessionInput!) {
  startFocusSession(input: $input) {
    __typename
    ... on StartFocusSessionPayload { isReplay session { ...session } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
    ... on SpendCapError { window }
  }
}
"""
SESSION: Final = """
fragment session on FocusSession {
  id status endReason isIdle isStalled gapSeconds problem sequence engine seed prefetch targetMinutes totalSegments
  readyCount morePending
  nextReadyAt playheadSeconds streamUrl createdAt firstReadyAt endedAt
  controls { goal intensity divergence prompt }
  segments {
    index beginsAtSeconds isLast measuredDurationSeconds engineVersion seed playbackUrl
    controls { goal intensity divergence prompt }
    grid {
      tempoBpm metre bars firstDownbeatMs key durationSeconds overlapMs fadeInMs fadeOutMs targetLufs
    }
    track { id title mode }
  }
}
"""
GET: Final = "query Get($id: ID!) { node(id: $id) { ...session } }" + SESSION
END: Final = """
mutation End($id: ID!) {
  endFocusSession(input: { id: $id }) {
    __typename
    ... on EndFocusSessionPayload { session { ...session } }
    ... on Error { code }
  }
}
"""
STEER: Final = """
mutation Steer($input: SteerFocusSessionInput!) {
  steerFocusSession(input: $input) {
    __typename
    ... on SteerFocusSessionPayload { fromSegmentIndex inSeconds session { ...session } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
PROMOTE: Final = """
mutation Promote($input: PromoteFocusSegmentInput!) {
  promoteFocusSegment(input: $input) {
    __typename
    ... on PromoteFocusSegmentPayload { entry { id source track { id title mode } } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""


async def start(client: httpx.AsyncClient, person: Person, **fields: object) -> Json:
    """Return the payload of startFocusSession."""
    command = {"organizationId": person.organization_id, "goal": "FOCUS", "targetMinutes": 10, **fields}
    answer: Json = (await data(client, person, START + SESSION, input=command))["startFocusSession"]
    return answer


async def start_focus_session(client: httpx.AsyncClient, person: Person, **fields: object) -> Json:
    """Start a session and return it."""
    answer = await start(client, person, **fields)
    assert answer["__typename"] == "StartFocusSessionPayload", answer
    session: Json = answer["session"]
    return session


async def find_session(client: httpx.AsyncClient, person: Person, session_id: str) -> Json | None:
    """Return the session as its owner sees it; the request counts as listening."""
    node: Json | None = (await data(client, person, GET, id=session_id))["node"]
    return node


async def load_session(client: httpx.AsyncClient, person: Person, session_id: str) -> Json:
    """As ``get``, of a session that is there."""
    session = await find_session(client, person, session_id)
    assert session is not None
    return session


async def end_session(client: httpx.AsyncClient, person: Person, session_id: str) -> Json:
    """Return the payload of endFocusSession."""
    answer: Json = (await data(client, person, END + SESSION, id=session_id))["endFocusSession"]
    return answer


async def steer(client: httpx.AsyncClient, person: Person, session_id: str, **changes: object) -> Json:
    """Return the payload of steerFocusSession."""
    command = {"sessionId": session_id, **changes}
    answer: Json = (await data(client, person, STEER + SESSION, input=command))["steerFocusSession"]
    return answer


async def promote(client: httpx.AsyncClient, person: Person, session_id: str, index: int, **more: object) -> Json:
    """Return the payload of promoteFocusSegment."""
    command = {"sessionId": session_id, "segmentIndex": index, **more}
    answer: Json = (await data(client, person, PROMOTE, input=command))["promoteFocusSegment"]
    return answer


@dataclass(frozen=True, slots=True)
class PlanningServices:
    """The services that planning requires."""

    settings: Settings
    engines: EngineRegistry = field(default_factory=EngineRegistry)


async def finish_segments(database: Database, settings: Settings, session_id: str, count: int = 1) -> None:
    """Complete the next segments of a session as a worker does, without rendering."""
    events = EventLog(str(settings.redis_url))
    for _ in range(count):
        async with database.transaction() as session:
            held = await sessions.lock(session, session_id)
            assert held is not None
            [job] = await sessions.list_segments_in_progress(session, [session_id])
            _succeed(job)
            await session.flush()
            await tracks.add(session, *await _build_track(job, settings))
            await leases.advance_session(session, PlanningServices(settings), held, job)
        await events.publish(scheduling.session_event(held))
    await events.close()


async def fail_segment(database: Database, settings: Settings, session_id: str) -> None:
    """Fail the next segment of a session as a worker does."""
    async with database.transaction() as session:
        held = await sessions.lock(session, session_id)
        assert held is not None
        [job] = await sessions.list_segments_in_progress(session, [session_id])
        job.status, job.finished_at, job.error_message = Status.FAILED, clock.now(), "It broke."
        await session.flush()
        await leases.advance_session(session, PlanningServices(settings), held, job)


async def age_session(database: Database, session_id: str, seconds: float) -> None:
    """Move the times of the listener into the past."""
    async with database.transaction() as session:
        row = await sessions.lock(session, session_id)
        assert row is not None
        row.last_listened_at -= timedelta(seconds=seconds)
        if row.first_ready_at is not None:
            row.first_ready_at -= timedelta(seconds=seconds)


async def list_generations(database: Database, session_id: str) -> list[Generation]:
    """Return the generations of a session, oldest first."""
    statement = select(Generation).where(col(Generation.session_id) == session_id).order_by(col(Generation.created_at))
    async with database.transaction() as session:
        return list((await session.scalars(statement)).all())


def _succeed(job: Generation) -> None:
    now = clock.now()
    job.status, job.progress, job.attempts, job.fence = Status.SUCCEEDED, 100, 1, 1
    job.started_at, job.finished_at = now - timedelta(seconds=job.duration_seconds / 10), now


async def _build_track(job: Generation, settings: Settings) -> tuple[Track, list[TrackFile]]:
    track = Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=job.organization_id,
        user_id=job.user_id,
        generation_id=job.id,
        title=f"Segment {job.segment_index}",
        engine=job.engine,
        engine_version="1.0",
        mode=Mode.FOCUS,
        seed=job.seed,
        instrumental=True,
        measured_duration_seconds=scheduling.segment_from_row(job).grid.duration_seconds,
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        commercial_use=True,
        requires_attribution=False,
    )
    with NamedTemporaryFile(suffix=".mp3") as file:
        file.write(f"segment {job.segment_index}".encode())
        file.flush()
        blob = await LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"")).put(Path(file.name), ".mp3")
    files = [
        TrackFile(
            track_id=track.id,
            role=role,
            blob_key=blob.key,
            media_type="audio/mpeg",
            size_bytes=blob.size_bytes,
            name=name,
            frames=frames,
        )
        for role, name, frames in (
            (FileRole.MASTER, "", None),
            (FileRole.STREAM, "000", 574),
            (FileRole.STREAM, "001", 2),
        )
    ]
    return track, files
