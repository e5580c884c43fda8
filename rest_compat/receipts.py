"""Operations on receipts and for the verification of files, with their response models."""

import hashlib
from typing import Annotated, Final, Literal, NotRequired, cast

from starlette.requests import Request
from typing_extensions import TypedDict

from core.rights import RightsBasis
from core.track_metadata import SourceType
from core.track_tags import TrackTagScanner
from core.verification import Verdict
from engines.source_port import SourceTask
from resolvers.access.context import Context
from resolvers.receipts import receipts
from resolvers.receipts.receipts import Verification as VerificationView
from resolvers.receipts.receipts import VerifyTrack
from rest_compat import fields, requests
from rest_compat.fields import Text, doc, from_row
from rest_compat.operations import Body, Operation, Tag
from storage.tables import Track

TAG: Final = Tag(
    "Receipts",
    "A receipt is a signed statement about a track. Verify a file to check whether it was created by this server. The "
    "public keys are at `/.well-known/music-studio-keys.json`.",
)

EXAMPLE_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXAMPLE_KEY_ID: Final = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
_EXAMPLE_SIGNATURE: Final = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

_CreatedAt = Annotated[fields.Timestamp, doc("Time at which the track was created.")]
_SourceTypeUri = Annotated[
    str, doc("IPTC digital source type of the track.", json_schema_extra={"enum": [term.uri for term in SourceType]})
]
_Sha256 = Annotated[Text, doc("SHA-256 of the file.", EXAMPLE_SHA256, pattern="^[0-9a-f]{64}$")]


@fields.rules(fields.COMMERCIAL_USE_RULE)
class VerifiedLicence(fields.Licence):
    """The licence of a track, as it was when the track was created."""


class VerifiedFile(TypedDict):
    """The role of a file in its track."""

    role: Annotated[Text, doc("Role of the file, such as `master`, `stem`, `score`, `waveform` or `cover`.", "master")]
    name: Annotated[str, doc("Name of the stem or image, otherwise empty.", "")]
    media_type: Annotated[Text, doc("Media type of the file.", "audio/mpeg")]


class ReceiptFile(VerifiedFile):
    """A file of a track."""

    size_bytes: Annotated[int, doc("Size in bytes.", 1441792, ge=1)]
    sha256: _Sha256


class ReceiptSignature(TypedDict):
    """An Ed25519 signature of the receipt in RFC 8785 form, without `value`."""

    algorithm: Annotated[Literal["Ed25519"], doc("Signature algorithm.")]
    key_id: Annotated[Text, doc("Thumbprint (RFC 7638) of the public key.", _EXAMPLE_KEY_ID)]
    value: Annotated[Text, doc("The signature, in base64url.", _EXAMPLE_SIGNATURE)]


class ReceiptSource(TypedDict):
    """The audio that a track was made from: a file that was uploaded with a declaration of rights, or a track."""

    task: Annotated[SourceTask, doc("What was made of it.")]
    sha256: _Sha256
    track_id: Annotated[fields.TrackId | None, doc("The track, or null for an upload.")]
    basis: Annotated[RightsBasis | None, doc("Why the user may use the upload, as declared; null for a track.")]
    declared_at: Annotated[Text | None, doc("Time of the declaration, ISO 8601 in UTC.", "2026-11-30T10:00:00Z")]


class Receipt(TypedDict):
    """A signed statement about a track."""

    kind: Annotated[str, doc("Type of the document.", json_schema_extra={"const": receipts.KIND})]
    version: Annotated[int, doc("Version of the format.", json_schema_extra={"const": receipts.VERSION})]
    issuer: Annotated[
        fields.Url,
        doc(
            "URL of the server that signed the receipt, with its keys at `/.well-known/music-studio-keys.json`.",
            "https://music.example.org",
        ),
    ]
    organization: Annotated[Text, doc("Name of the organization that created the track.", "My Studio")]
    track_id: fields.TrackId
    engine: fields.EngineKey
    engine_version: fields.EngineVersion
    seed: Annotated[int, doc("Seed of the render.", 42)]
    made_at: _CreatedAt
    licence: Annotated[VerifiedLicence, doc("Licence of the track.")]
    digital_source_type: _SourceTypeUri
    source: NotRequired[
        Annotated[
            ReceiptSource | None,
            doc("The audio that the track was made from, if any. Receipts of earlier versions do not have this field."),
        ]
    ]
    files: Annotated[list[ReceiptFile], doc("The files of the track at the time of the receipt.")]
    signature: Annotated[ReceiptSignature, doc("Signature of all other fields.")]


class VerifiedTrack(TypedDict):
    """A track as shown to the holder of one of its files."""

    id: fields.TrackId
    engine: fields.EngineKey
    engine_version: fields.EngineVersion
    made_at: _CreatedAt
    available: Annotated[bool, doc("Whether the track still exists on this server.", True)]
    digital_source_type: _SourceTypeUri
    licence: Annotated[VerifiedLicence, doc("Licence of the track. Remains valid when the track is deleted.")]


class Verification(TypedDict):
    """The result of verifying a file."""

    verdict: Annotated[
        Verdict,
        doc(
            "`matched`: the file is identical to a file that this server made. `imported`: it is identical to a file "
            "of a track that was imported, so that another server made it. `altered`: its tags name a track of this "
            "server, but its bytes differ. `unknown`: none of these is the case."
        ),
    ]
    message: Annotated[
        Text,
        doc(
            "The verdict, with the origin of an imported track, for display.",
            "This file was made here, and nobody has changed a byte of it.",
        ),
    ]
    sha256: _Sha256
    track: Annotated[VerifiedTrack | None, doc("The track of the file, or the one that its tags name.")]
    file: Annotated[VerifiedFile | None, doc("Role of a `matched` or `imported` file in its track, otherwise null.")]


def verification(view: VerificationView) -> Verification:
    file = from_row(VerifiedFile, view.file) if view.file else None
    return from_row(Verification, view, track=_verified_track(view.track) if view.track else None, file=file)


def _verified_track(row: Track) -> VerifiedTrack:
    return from_row(
        VerifiedTrack,
        row,
        made_at=row.created_at,
        available=row.deleted_at is None,
        digital_source_type=receipts.source_type(row).uri,
        licence=from_row(VerifiedLicence, row),
    )


_FILE_TYPES: Final = ("audio/", "image/", "application/octet-stream", "application/zip")


@Operation("get-receipt", "GET tracks/{track_id}/receipt", "Track.receipt", is_extension=True)
async def get(ctx: Context, organization_id: str, track_id: str) -> Receipt:
    """Retrieve the receipt of a track.

    The receipt contains the licence and the origin of the track and the hashes of its files, so that anyone can check
    the files offline. Files that are created later appear in later receipts. The receipt of an imported track is the
    one of its issuer; there is none if it could not be verified.
    """
    return cast("Receipt", await receipts.get(ctx, track_id, organization_id))


@Operation(
    "verify",
    "POST /verify",
    "Query.verifyTrack",
    body=Body(
        VerifyTrack,
        "The hash of the file, or the file as `audio/*`, `image/*`, `application/zip` or `application/octet-stream`.",
        {"sha256": EXAMPLE_SHA256},
        media_types=["audio/*", "application/octet-stream"],
    ),
    errors={
        "PAYLOAD_TOO_LARGE": "The file exceeds the maximum size for verification.",
        "RATE_LIMIT_EXCEEDED": "Too many requests from your address. Wait for `Retry-After` seconds.",
    },
    is_public=True,
    is_extension=True,
)
async def verify(ctx: Context, request: Request) -> Verification:
    """Verify a file.

    Checks whether a file was created or imported by this server and is unchanged, and returns the licence of its track.
    Send the hash as JSON, or the file itself, which is hashed but not stored. The response contains neither the creator
    of the track nor the prompt. Deleted tracks are recognized.
    """
    if request.headers.get("content-type", "").lower().startswith(_FILE_TYPES):
        return verification(await _verify_upload(ctx, request))
    return verification(await receipts.verify(ctx, await requests.body(request, VerifyTrack)))


async def _verify_upload(ctx: Context, request: Request) -> receipts.Verification:
    await receipts.take_verification(ctx)
    digest, scanner = hashlib.sha256(), TrackTagScanner()
    async for block in request.stream():
        digest.update(block)
        scanner.feed(block)
    return await receipts.verify_hash(ctx, digest.hexdigest(), scanner.track_id())
