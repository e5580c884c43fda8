"""The two benchmark documents, executed with the product's types on rows in memory, so that only execution counts."""

from datetime import datetime
from decimal import Decimal
from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from core import clock, ids
from core.jobs import Mode, Status
from core.licence import LicenceClass
from schema.execution import CompiledSchema, ExecutionPolicy
from schema.relay import connections, cursors
from schema.relay.connections import Connection, Edge
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry
from schema.types.tracks import Track
from storage import tables
from storage.tables import LibrarySource

PAGE: Final = 50
JOB_DOCUMENT: Final = """
query Job {
  generation { id status progress engine mode createdAt }
  track { id title engine mode instrumental measuredDurationSeconds }
}
"""
LIBRARY_DOCUMENT: Final = """
query Library { library {
  edges { cursor node { track {
    id title engine mode measuredDurationSeconds instrumental tempoBpm key createdAt
  } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }
"""


@strawberry.type
class Query:
    """The root type, with the rows that the product's resolvers would read."""

    job: strawberry.Private[tables.Generation]
    rows: strawberry.Private[list[tuple[tables.LibraryEntry, tables.Track]]]

    @strawberry.field
    async def generation(self) -> Generation | None:
        """Resolve the field like Organization.generation."""
        return Generation.from_row(self.job)

    @strawberry.field
    async def track(self) -> Track | None:
        """Resolve the field like Generation.track."""
        return Track.from_row(self.rows[0][1])

    @strawberry.field
    async def library(self) -> Connection[LibraryEntry]:
        """Resolve the field like Organization.library."""
        edges = [
            Edge(
                cursor=cursors.encode_position((entry.created_at, entry.id)), node=LibraryEntry.from_rows(entry, track)
            )
            for entry, track in self.rows[:PAGE]
        ]
        return connections.from_edges(edges, self._count, after=None, has_next_page=len(self.rows) > PAGE)

    async def _count(self) -> int:
        return len(self.rows)


def root_value() -> Query:
    """Return a job, and one track more than fits on a page."""
    return Query(job=_job(), rows=[_row(number) for number in range(PAGE + 1)])


def build_schema(*, is_compiled: bool) -> CompiledSchema:
    """Return a schema with the product's types under this root."""
    date_time = strawberry.scalar(name="DateTime", serialize=clock.iso, parse_value=datetime.fromisoformat)
    policy = ExecutionPolicy(
        allows=lambda *_: True, new_context=lambda context: context, format_error=lambda error: error
    )
    return CompiledSchema(
        query=Query,
        policy=policy if is_compiled else None,
        config=StrawberryConfig(scalar_map={datetime: date_time}),
    )


def _job() -> tables.Generation:
    return tables.Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id="org_1",
        user_id="user_1",
        status=Status.SUCCEEDED,
        progress=100,
        engine="studio",
        prompt="warm lofi beat",
        duration_seconds=60,
        seed=1,
        fingerprint="",
        cost_chf=Decimal("0.2"),
        created_at=clock.now(),
    )


def _row(number: int) -> tuple[tables.LibraryEntry, tables.Track]:
    track = tables.Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id="org_1",
        user_id="user_1",
        generation_id="mgen_1",
        title=f"Night Desk {number}",
        engine="studio",
        engine_version="1.0",
        mode=Mode.CREATION,
        seed=number,
        instrumental=True,
        measured_duration_seconds=60.5,
        tempo_bpm=82.0,
        key="A minor",
        licence_class=LicenceClass.COMMERCIAL_CLEARED,
        licence_version="2026-11",
        commercial_use=True,
        requires_attribution=False,
        created_at=clock.now(),
    )
    entry = tables.LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id="org_1",
        user_id="user_1",
        track_id=track.id,
        source=LibrarySource.OWN,
        created_at=clock.now(),
    )
    return entry, track
