"""Strawberry with its defaults, and SQLModel.

``python -m benchmarks.reference_servers.strawberry_sqlmodel PORT``
"""

import base64
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import strawberry
import uvicorn
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from core import api_keys, clock
from storage import tables
from storage.tables import ApiKey, LibraryEntry, Membership

engine: Final = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"), pool_size=32
)

Info = strawberry.Info[dict[str, Any], None]


@strawberry.type
class Track:
    id: strawberry.ID
    title: str | None
    engine: str
    mode: str
    instrumental: bool
    measured_duration_seconds: float | None
    tempo_bpm: float | None
    key: str | None
    created_at: datetime

    @classmethod
    def from_row(cls, row: tables.Track) -> "Track":
        return cls(
            id=strawberry.ID(row.id),
            title=row.title,
            engine=row.engine,
            mode=row.mode.value.upper(),
            instrumental=row.instrumental,
            measured_duration_seconds=row.measured_duration_seconds,
            tempo_bpm=row.tempo_bpm,
            key=row.key,
            created_at=row.created_at,
        )


@strawberry.type
class Generation:
    id: strawberry.ID
    status: str
    progress: int
    engine: str
    mode: str
    created_at: datetime

    @strawberry.field
    async def track(self) -> Track | None:
        async with AsyncSession(engine) as session:
            statement = select(tables.Track).where(tables.Track.generation_id == str(self.id))
            row = (await session.exec(statement)).first()
        return Track.from_row(row) if row else None


@strawberry.type
class LibraryEntryNode:
    id: strawberry.ID
    track: Track


@strawberry.type
class Edge:
    cursor: str
    node: LibraryEntryNode


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Library:
    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class Organization:
    id: strawberry.ID
    user_id: strawberry.Private[str]

    @strawberry.field
    async def generation(self, id: strawberry.ID) -> Generation | None:  # noqa: A002  the name of the argument in the schema
        """Serve workload A."""
        async with AsyncSession(engine) as session:
            row = await session.get(tables.Generation, str(id))
        if row is None or row.user_id != self.user_id or row.organization_id != self.id:
            return None
        return Generation(
            id=strawberry.ID(row.id),
            status=row.status.value.upper(),
            progress=row.progress,
            engine=row.engine,
            mode=row.mode.value.upper(),
            created_at=row.created_at,
        )

    @strawberry.field
    async def library(self, first: int) -> Library:
        """Serve workload B."""
        statement = (
            select(LibraryEntry, tables.Track)
            .join(tables.Track, col(LibraryEntry.track_id) == tables.Track.id)
            .where(LibraryEntry.user_id == self.user_id, LibraryEntry.organization_id == str(self.id))
            .order_by(col(LibraryEntry.created_at).desc(), col(LibraryEntry.id).desc())
            .limit(first + 1)
        )
        async with AsyncSession(engine) as session:
            return _page((await session.exec(statement)).all(), first)


@strawberry.type
class Query:
    @strawberry.field
    async def organization(self, info: Info, id: strawberry.ID) -> Organization | None:  # noqa: A002  the name of the argument in the schema
        """Authenticate the caller as a member of the organization."""
        key = info.context["request"].headers["x-api-key"]
        async with AsyncSession(engine) as session:
            row = (await session.exec(select(ApiKey).where(ApiKey.digest == api_keys.digest(key)))).first()
            if row is None or row.revoked_at or (row.expires_at and row.expires_at <= clock.now()):
                raise PermissionError("Missing or invalid API key")
            member = await session.get(Membership, (str(id), row.user_id))
        return Organization(id=id, user_id=row.user_id) if member else None


def _page(rows: Sequence[tuple[LibraryEntry, tables.Track]], first: int) -> Library:
    edges = [
        Edge(cursor=_cursor(entry), node=LibraryEntryNode(id=strawberry.ID(entry.id), track=Track.from_row(track)))
        for entry, track in rows[:first]
    ]
    cursors = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    info = PageInfo(
        has_next_page=len(rows) > first, has_previous_page=False, start_cursor=cursors[0], end_cursor=cursors[1]
    )
    return Library(edges=edges, page_info=info)


def _cursor(entry: LibraryEntry) -> str:
    return base64.urlsafe_b64encode(f"{entry.created_at.isoformat()} {entry.id}".encode()).decode()


if __name__ == "__main__":
    endpoint = GraphQL[dict[str, Any], None](strawberry.Schema(Query))
    app = Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
