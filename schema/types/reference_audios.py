"""Reference audio: uploads that tracks are made from, with declarations of rights."""

from datetime import datetime

import strawberry

from core.licence import LicenceClass
from core.rights import RightsBasis
from resolvers.library import reference_audios
from resolvers.library.reference_audios import CreateReferenceAudio
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from storage import tables


@row_backed(
    declared_at="row.created_at",
    size_bytes=lambda upload: None if upload.row.size_bytes is None else float(upload.row.size_bytes),
)
@strawberry.type(description="A file that you uploaded to make tracks from it, with your declaration of rights.")
class ReferenceAudio(RowBacked[tables.ReferenceAudio], Node):
    name: str = strawberry.field(description="The name of the recording.")
    basis: RightsBasis = strawberry.field(description="Why you may use it.")
    statement: str | None = strawberry.field(description="The details of the declaration, or null.")
    licence_class: LicenceClass = strawberry.field(
        description="What the declaration permits for tracks that are made from it. They are no freer."
    )
    attribution: str | None = strawberry.field(description="The text by which uses credit the source, or null.")
    declared_at: datetime = strawberry.field(description="The time of the declaration.")
    sha256: str | None = strawberry.field(description="The SHA-256 of the uploaded file, or null before the upload.")
    size_bytes: float | None = strawberry.field(description="The size of the uploaded file in bytes, an integer.")
    duration_seconds: float | None = strawberry.field(description="The length, or null before the upload.")
    uploaded_at: datetime | None = strawberry.field(description="The time of the upload, or null before it.")

    @strawberry.field(description="The time after which it is deleted.")
    def expires_at(self, info: Info) -> datetime:
        return reference_audios.expires_at(info.context.ctx.services.settings, self.row)

    @strawberry.field(
        description="Where to PUT the file, with the same credentials: MP3, FLAC, WAV or Ogg, as `audio/*` or "
        "`application/octet-stream`. Null after the upload."
    )
    def upload_url(self, info: Info) -> str | None:
        if self.row.uploaded_at is not None:
            return None
        return info.context.ctx.link(reference_audios.upload_path(self.row))


@strawberry.input(description="The parameters of `createReferenceAudio`: a declaration of rights.")
class CreateReferenceAudioInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    basis: RightsBasis = strawberry.field(description="Why you may use the recording.")
    name: str = strawberry.field(description="The name of the recording, 1 to 255 characters.")
    statement: str | None = strawberry.field(
        default=None,
        description="Details, up to 1000 characters. Required for `LICENSED`: which licence, and who granted it.",
    )
    licence_class: LicenceClass | None = strawberry.field(
        default=None,
        description="For `LICENSED`: what the licence permits for tracks that are made from it. Default: `UNCLEAR`.",
    )
    attribution: str | None = strawberry.field(
        default=None, description="The text by which uses credit the source, if they must, up to 500 characters."
    )


@strawberry.type(description="The declaration was recorded.")
class CreateReferenceAudioPayload:
    reference_audio: ReferenceAudio = strawberry.field(description="The declaration, whose file you upload next.")


@strawberry.input(description="The parameters of `deleteReferenceAudio`.")
class DeleteReferenceAudioInput:
    id: strawberry.ID = strawberry.field(description="The ID of the upload.")


@strawberry.type(description="The upload was deleted.")
class DeleteReferenceAudioPayload:
    deleted_id: strawberry.ID = strawberry.field(description="The ID of the deleted upload.")


@strawberry.type
class ReferenceAudioMutations:
    @mutation(
        "Declare your rights to a recording before you upload it. The file then goes to `ReferenceAudio.uploadUrl`.",
        InvalidInputError | ConflictError,
    )
    async def create_reference_audio(
        self, info: Info, input: Input[CreateReferenceAudioInput]
    ) -> CreateReferenceAudioPayload:
        command = to_command(CreateReferenceAudio, input, "organization_id")
        row = await reference_audios.create(info.context.ctx, input.organization_id, command)
        return CreateReferenceAudioPayload(reference_audio=ReferenceAudio.from_row(row))

    @mutation(
        "Delete an upload. Tracks that were made from it remain, and generations that still need it fail.",
        NotFoundError,
    )
    async def delete_reference_audio(
        self, info: Info, input: Input[DeleteReferenceAudioInput]
    ) -> DeleteReferenceAudioPayload:
        row = await reference_audios.delete(info.context.ctx, input.id)
        return DeleteReferenceAudioPayload(deleted_id=strawberry.ID(row.id))
