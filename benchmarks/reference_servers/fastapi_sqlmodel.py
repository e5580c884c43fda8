"""FastAPI and SQLModel, as in project templates.

``python -m benchmarks.reference_servers.fastapi_sqlmodel PORT``
"""

import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import api_keys, clock
from core.jobs import Mode, Status
from storage.tables import ApiKey, Generation, LibraryEntry, Membership, Track

engine: Final = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"), pool_size=32
)
app: Final = FastAPI()


class JobTrack(SQLModel):
    id: str
    title: str | None
    engine: str
    mode: Mode
    instrumental: bool
    measured_duration_seconds: float | None


class JobPublic(SQLModel):
    id: str
    status: Status
    progress: int
    engine: str
    mode: Mode
    created_at: datetime
    track: JobTrack | None


class TrackPublic(JobTrack):
    tempo_bpm: float | None
    key: str | None
    created_at: datetime


class TracksPublic(SQLModel):
    items: list[TrackPublic]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def get_user_id(session: Session, organization_id: str, x_api_key: Annotated[str, Header()]) -> str:
    """Authenticate the caller as a member of the organization."""
    key = (await session.exec(select(ApiKey).where(ApiKey.digest == api_keys.digest(x_api_key)))).first()
    if key is None or key.revoked_at or (key.expires_at and key.expires_at <= clock.now()):
        raise HTTPException(401)
    if await session.get(Membership, (organization_id, key.user_id)) is None:
        raise HTTPException(403)
    return key.user_id


UserId = Annotated[str, Depends(get_user_id)]


@app.get("/v1/music/{organization_id}/generations/{job_id}", response_model=JobPublic)
async def read_job(session: Session, user_id: UserId, organization_id: str, job_id: str) -> object:
    """Serve workload A."""
    statement = (
        select(Generation, Track)
        .join(Track, col(Track.generation_id) == Generation.id, isouter=True)
        .where(Generation.id == job_id, Generation.user_id == user_id, Generation.organization_id == organization_id)
    )
    row = (await session.exec(statement)).first()
    if row is None:
        raise HTTPException(404)
    return JobPublic.model_validate(row[0], update={"track": row[1]}, from_attributes=True)


@app.get("/v1/music/{organization_id}/tracks", response_model=TracksPublic)
async def read_tracks(session: Session, user_id: UserId, organization_id: str, limit: int = 50) -> object:
    """Serve workload B."""
    statement = (
        select(Track)
        .join(LibraryEntry, col(LibraryEntry.track_id) == Track.id)
        .where(LibraryEntry.user_id == user_id, LibraryEntry.organization_id == organization_id)
        .order_by(col(LibraryEntry.created_at).desc(), col(LibraryEntry.id).desc())
        .limit(limit)
    )
    return {"items": (await session.exec(statement)).all()}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
