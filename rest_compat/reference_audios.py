"""Operations on reference audio, with their response models."""

from typing import Annotated, Final

from starlette.requests import Request
from typing_extensions import TypedDict

from core.ids import Kind
from core.licence import LicenceClass
from core.rights import RightsBasis
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import reference_audios
from resolvers.library.reference_audios import CreateReferenceAudio
from rest_compat import fields
from rest_compat.fields import Text, doc, example_id, from_row
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.requests import ReferenceAudiosQuery
from storage.tables import ReferenceAudio as Row

TAG: Final = Tag(
    "Reference audio",
    "Reference audio is a recording that tracks are made from. Declare your rights to it first, then upload the file. "
    "It is deleted after a while; the tracks remain, with a licence that is no freer than the declaration.",
)

_ID: Final = example_id(Kind.REFERENCE_AUDIO)

ReferenceAudioId = Annotated[
    str, doc("ID of the reference audio.", _ID, pattern=f"^{Kind.REFERENCE_AUDIO.value}_[0-9a-f]{{12,64}}$")
]


class ReferenceAudio(TypedDict):
    """A declaration of rights and the file that was uploaded under it."""

    id: ReferenceAudioId
    name: Annotated[Text, doc("Name of the recording.", "Demo in the kitchen")]
    basis: Annotated[RightsBasis, doc("Why you may use the recording.", RightsBasis.OWN_WORK)]
    statement: Annotated[Text | None, doc("Details of the declaration, or null.", None)]
    licence_class: Annotated[LicenceClass, doc("What the declaration permits for tracks that are made from it.")]
    attribution: Annotated[Text | None, doc("Text by which uses credit the source, or null.", None)]
    declared_at: Annotated[fields.Timestamp, doc("Time of the declaration.")]
    expires_at: Annotated[fields.Timestamp, doc("Time after which it is deleted.")]
    uploaded_at: Annotated[fields.Timestamp | None, doc("Time of the upload, or null before it.")]
    sha256: Annotated[Text | None, doc("SHA-256 of the uploaded file, or null before the upload.")]
    size_bytes: Annotated[int | None, doc("Size of the uploaded file, or null before the upload.", 1441792)]
    duration_seconds: Annotated[float | None, doc("Length, or null before the upload.", 61.5)]
    upload_url: Annotated[fields.Url | None, doc("Where to send the file by `PUT`; null after the upload.")]


class ReferenceAudios(TypedDict):
    """A page of reference audio, newest first."""

    items: Annotated[list[ReferenceAudio], doc("The reference audio of the page.")]
    limit: fields.Limit
    offset: fields.Offset


class DeletedReferenceAudio(fields.Confirmation):
    """The confirmation of a deletion."""

    id: ReferenceAudioId
    detail: Annotated[str, doc("The result, for display.", "Reference audio deleted.")]


def _present(ctx: Context, row: Row) -> ReferenceAudio:
    return from_row(
        ReferenceAudio,
        row,
        declared_at=row.created_at,
        expires_at=reference_audios.expires_at(ctx.services.settings, row),
        upload_url=None if row.uploaded_at else ctx.link(reference_audios.upload_path(row)),
    )


@Operation(
    "create-reference-audio",
    "POST reference-audios",
    "Mutation.createReferenceAudio",
    [Result(ReferenceAudio, 201, "The declaration, whose file you upload next.")],
    body=Body(CreateReferenceAudio, "The declaration of rights.", {"name": "Demo in the kitchen", "basis": "own_work"}),
    errors={"CONFLICT": "You keep as many uploads as are allowed."},
    is_extension=True,
)
async def create(ctx: Context, organization_id: str, command: Unvalidated[CreateReferenceAudio]) -> ReferenceAudio:
    """Declare rights to a recording.

    States why you may use the recording that you are about to upload. The declaration is recorded with your user and
    the time, and tracks that are made from the recording name it.
    """
    return _present(ctx, await reference_audios.create(ctx, organization_id, command))


@Operation(
    "upload-reference-audio",
    "PUT reference-audios/{reference_audio_id}/file",
    "ReferenceAudio.uploadUrl",
    body=Body(None, "The file: MP3, FLAC, WAV or Ogg.", {}, media_types=["audio/*", "application/octet-stream"]),
    errors={
        "CONFLICT": "The declaration has another file.",
        "PAYLOAD_TOO_LARGE": "The file exceeds the maximum size of reference audio.",
        "VALIDATION_ERROR": "The file is not audio of an accepted format and length.",
    },
    is_extension=True,
)
async def upload(ctx: Context, organization_id: str, reference_audio_id: str, request: Request) -> ReferenceAudio:
    """Upload the file of a declaration.

    The file is decoded in a process of its own and stored without its metadata; its bytes decide on its format, not the
    media type. The same file again has no effect.
    """
    return _present(ctx, await reference_audios.upload(ctx, organization_id, reference_audio_id, request.stream()))


@Operation("list-reference-audios", "GET reference-audios", "Organization.referenceAudios", is_extension=True)
async def list_(ctx: Context, organization_id: str, query: ReferenceAudiosQuery) -> ReferenceAudios:
    """List reference audio.

    Returns your own, newest first.
    """
    rows = await reference_audios.list_page(ctx, organization_id, limit=query.limit, offset=query.offset)
    return {"items": [_present(ctx, row) for row in rows], "limit": query.limit, "offset": query.offset}


@Operation("get-reference-audio", "GET reference-audios/{reference_audio_id}", "Query.node", is_extension=True)
async def get(ctx: Context, organization_id: str, reference_audio_id: str) -> ReferenceAudio:
    """Retrieve reference audio.

    Returns the declaration, and what is known about the file.
    """
    return _present(ctx, await reference_audios.get(ctx, reference_audio_id, organization_id))


@Operation(
    "delete-reference-audio",
    "DELETE reference-audios/{reference_audio_id}",
    "Mutation.deleteReferenceAudio",
    is_extension=True,
)
async def delete(ctx: Context, organization_id: str, reference_audio_id: str) -> DeletedReferenceAudio:
    """Delete reference audio.

    Tracks that were made from it remain. Jobs that still need the file fail and cost nothing.
    """
    row = await reference_audios.delete(ctx, reference_audio_id, organization_id)
    return {"success": True, "id": row.id, "detail": "Reference audio deleted."}
