"""Exports: all that is yours in an organization, as one archive."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from core.exports import ExportStatus
from resolvers.library import exports
from schema.relay import connections
from schema.relay.connections import Connection
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.types.errors import ConflictError, ForbiddenError, UnavailableError
from storage import tables


@strawberry.type(description="An archive of your tracks, scores, licences, collections and generations.")
class Export(Node):
    """From a row of the caller's."""

    status: ExportStatus = strawberry.field(description="Where it stands.")
    progress: int = strawberry.field(description="0 to 100; 100 when it can be fetched.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it was there, or given up.")
    expires_at: datetime | None = strawberry.field(description="Until when it can be fetched; null until it is made.")
    size_bytes: float | None = strawberry.field(description="Its size in bytes: a whole number.")
    track_count: int | None = strawberry.field(description="How many tracks are in it.")
    missing_files: int | None = strawberry.field(description="How many files the store had lost; its index names them.")
    row: strawberry.Private[tables.Export]

    @strawberry.field(description="Whether it can be fetched no more.")
    def is_expired(self) -> bool:
        """See exports.is_expired."""
        return exports.is_expired(self.row)

    @strawberry.field(description="Signed, short-lived link to the ZIP; null until it is made and when it has expired.")
    async def url(self, info: Info) -> str | None:
        """See exports.url."""
        return await exports.url(info.context.ctx, self.row)

    @classmethod
    def from_row(cls, row: tables.Export) -> Self:
        """The row as a type."""
        return cls(
            id=strawberry.ID(row.id),
            status=row.status,
            progress=row.progress,
            created_at=row.created_at,
            finished_at=row.finished_at,
            expires_at=row.expires_at,
            size_bytes=None if row.size_bytes is None else float(row.size_bytes),
            track_count=row.track_count,
            missing_files=row.missing_count,
            row=row,
        )


@strawberry.input(description="What to export.")
class CreateExportInput:
    """Decoded into the arguments of exports.create."""

    organization_id: strawberry.ID = strawberry.field(description="What is yours in this organization.")


@strawberry.type(description="The archive is being made.")
class CreateExportPayload:
    """Success of createExport."""

    export: Export = strawberry.field(description="The new export, or the one in the making.")


CreateExportResult = Annotated[
    CreateExportPayload | ForbiddenError | ConflictError | UnavailableError,
    strawberry.union("CreateExportResult", description="What createExport answers."),
]


@strawberry.type
class ExportMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(
        description="Have an archive made of all that is yours in an organization; one at a time. While one is made, "
        "it is answered again. A new one takes the place of those before."
    )
    async def create_export(
        self,
        info: Info,
        input: Annotated[CreateExportInput, strawberry.argument(description="What to export.")],  # noqa: A002
    ) -> CreateExportResult:
        """See exports.create."""
        return CreateExportPayload(
            export=Export.from_row(await exports.create(info.context.ctx, input.organization_id))
        )


async def connection(info: Info, organization_id: str, *, first: int, after: str | None) -> Connection[Export]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    rows = await exports.page(ctx, organization_id, limit=limit + 1, after=connections.decode_position(after))

    def edge(row: tables.Export) -> tuple[connections.Position, Export]:
        return (row.created_at, row.id), Export.from_row(row)

    return connections.from_rows(rows, limit, after, edge, lambda: exports.count(ctx, organization_id))
