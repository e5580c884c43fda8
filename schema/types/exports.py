"""Exports: archives of everything a user has in an organization, or of selected tracks."""

from datetime import datetime

import strawberry

from core.exports import ExportStatus
from resolvers.library import exports
from resolvers.library.commands import MAX_SELECTED, CreateExport
from schema.limits.field_costs import ListSize, signed_url
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError
from schema.types.mutations import Input, mutation, to_command
from storage import tables


@row_backed(
    size_bytes=lambda export: None if export.row.size_bytes is None else float(export.row.size_bytes),
    missing_files="row.missing_count",
)
@strawberry.type(description="An archive of your tracks, scores, licences, collections and generations.")
class Export(RowBacked[tables.Export], Node):
    track_ids: list[strawberry.ID] | None = strawberry.field(
        directives=[ListSize(assumed_size=MAX_SELECTED)],
        description="The IDs of the selected tracks, or null for everything.",
    )
    status: ExportStatus = strawberry.field(description="The status.")
    progress: int = strawberry.field(description="The progress in percent, 0 to 100.")
    created_at: datetime = strawberry.field(description="The time when the export was requested.")
    finished_at: datetime | None = strawberry.field(description="The time when the export succeeded or failed.")
    expires_at: datetime | None = strawberry.field(description="When the archive expires; null until it is ready.")
    size_bytes: float | None = strawberry.field(description="The size of the archive in bytes, an integer.")
    track_count: int | None = strawberry.field(description="The number of tracks in the archive.")
    missing_files: int | None = strawberry.field(description="The number of missing files, which the index lists.")

    @strawberry.field(description="Whether the archive has expired.")
    def is_expired(self) -> bool:
        return exports.is_expired(self.row)

    @signed_url(description="A signed, short-lived URL of the ZIP archive, or null if not ready or expired.")
    async def url(self, info: Info) -> str | None:
        return await exports.sign_url(info.context.ctx, self.row)


@strawberry.input(description="The parameters of `createExport`.")
class CreateExportInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    track_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The IDs of tracks that you made, 1 to {MAX_SELECTED}, for an archive of these alone. "
        "Default: everything.",
    )


@strawberry.type(description="The export was requested.")
class CreateExportPayload:
    export: Export = strawberry.field(description="The new export, or the unfinished one.")


@strawberry.type
class ExportMutations:
    @mutation(
        "Request an archive of everything you have in an organization, or of selected tracks. While an export is "
        "unfinished, it is returned for an equal request, and another is a conflict. A new export of everything "
        "replaces earlier ones of everything, and one of a selection earlier selections.",
        ForbiddenError | ConflictError | InvalidInputError,
    )
    async def create_export(self, info: Info, input: Input[CreateExportInput]) -> CreateExportPayload:
        row = await exports.request(
            info.context.ctx, input.organization_id, to_command(CreateExport, input, "organization_id")
        )
        return CreateExportPayload(export=Export.from_row(row))
