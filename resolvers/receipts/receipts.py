"""Receipts: signed statements about a track and its files. Verify whether a file belongs to a track of this server."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from pydantic import StringConstraints
from pydantic.dataclasses import dataclass as pydantic_dataclass
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import NotFound, RateLimited
from core.track_metadata import SourceType, TrackOrigin
from core.verification import Verdict
from engines.registry import INSTALLED_ENGINES
from resolvers.access import own_rows, validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import tracks
from storage.blobs import content_hash
from storage.queries import accounts, receipts
from storage.queries import tracks as track_rows
from storage.queries.receipts import KnownFile
from storage.tables import Track, TrackFile

KIND: Final = "music-studio/receipt"
VERSION: Final = 1

Receipt = Mapping[str, Any]

_MESSAGES: Final[Mapping[Verdict, str]] = {
    Verdict.MATCHED: "This file was made here, and nobody has changed a byte of it.",
    Verdict.IMPORTED: "This file belongs to a track that was not made here.",
    Verdict.ALTERED: "This file names a track that was made here, but its content is not that of any file made here. "
    "The details describe the track, not this file.",
    Verdict.UNKNOWN: "Nothing is known here about this file.",
}
_ALTERED_IMPORT: Final = (
    "This file names a track that was imported here, but its content is not that of any file of the track. The details "
    "describe the track, not this file."
)


@pydantic_dataclass(frozen=True, slots=True, config=validation.CONFIG)
class VerifyTrack:
    """The SHA-256 of a file in hexadecimal, and the track that the file's tags name, if any."""

    sha256: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-fA-F]{64}$")]
    """SHA-256 of the file."""
    track_id: Annotated[str, validation.Text(1, 255)] | None = None
    """Track id in the tag `MUSIC_STUDIO_TRACK` of the file, if it has one."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on a file, and the track that the file belongs to or that its tags name.

    ``file`` is the known file with the same content.
    """

    verdict: Verdict
    sha256: str
    track: Track | None = None
    file: KnownFile | None = None

    @property
    def message(self) -> str:
        """The verdict in sentences for people."""
        origin = origin_of(self.track) if self.track else None
        if origin is None:
            return _MESSAGES[self.verdict]
        if self.verdict is Verdict.ALTERED:
            return _ALTERED_IMPORT
        return f"{_MESSAGES[self.verdict]} {origin.message}"


async def get(ctx: Context, track_id: str, organization_id: str | None = None) -> Receipt:
    """Return the receipt of a track that the caller may read. Raises NotFound, also if the track has none."""
    track = await tracks.get(ctx, track_id, organization_id)
    receipt = (await load_receipts(ctx, [track])).get(track.id)
    if receipt is None:
        raise NotFound("Receipt of the imported track", track_id=track_id)
    return receipt


async def load_receipts(ctx: Context, rows: Collection[Track]) -> dict[str, Receipt]:
    """Return the receipts of tracks that the caller may read, by track id.

    This installation signs those of its own tracks only. An imported track has the receipt of its issuer, or none if
    that is not verified.
    """
    signer, issuer = ctx.services.receipt_signer, ctx.services.settings.public_url
    verified = [row for row in rows if (origin := origin_of(row)) and origin.is_verified]
    async with ctx.services.database.transaction() as session:
        statements = await load_statements(session, [row for row in rows if row.origin is None], issuer)
        imported = await receipts.load_imported(session, [row.id for row in verified])
    signed = {track_id: signer.sign(statement) for track_id, statement in statements.items()}
    return signed | {track_id: orjson.loads(content) for track_id, content in imported.items()}


load_imported = own_rows.unchecked(receipts.load_imported)
"""Return the receipts of imported tracks as they came, by track id. The caller must be allowed to read the tracks."""


def origin_of(track: Track) -> TrackOrigin | None:
    """Return the origin of an imported track, and None for a track that was made here."""
    return TrackOrigin.from_json(track.origin)


async def load_statements(session: AsyncSession, rows: Collection[Track], issuer: str) -> dict[str, Receipt]:
    """Return the unsigned receipt of each track, by track id."""
    files: dict[str, list[TrackFile]] = {row.id: [] for row in rows}
    for file in await track_rows.list_files(session, list(files)):
        files[file.track_id].append(file)
    organizations = await accounts.list_organizations(session, {row.organization_id for row in rows})
    names = {organization.id: organization.name for organization in organizations}
    return {row.id: build_statement(row, files[row.id], names[row.organization_id], issuer) for row in rows}


def build_statement(track: Track, files: Sequence[TrackFile], organization: str, issuer: str) -> Receipt:
    """Build the unsigned receipt of a track with its present files. Only the list of files changes over time."""
    return {
        "kind": KIND,
        "version": VERSION,
        "issuer": issuer,
        "organization": organization,
        "track_id": track.id,
        "engine": track.engine,
        "engine_version": track.engine_version,
        "seed": track.seed,
        "made_at": clock.iso(track.created_at),
        "licence": {
            "licence_class": track.licence_class.value,
            "licence_version": track.licence_version,
            "commercial_use": track.commercial_use,
            "requires_attribution": track.requires_attribution,
        },
        "digital_source_type": source_type(track).uri,
        "source": _source(track),
        "files": [
            {
                "role": file.role.value,
                "name": file.name,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "sha256": content_hash.digest(file.blob_key),
            }
            for file in files
        ],
    }


def _source(track: Track) -> dict[str, Any] | None:
    """Return the audio that a track was made from, without the id of an upload, which only its owner knows."""
    source = (track.papers or {}).get("source")
    return {name: value for name, value in source.items() if name != "reference_audio_id"} if source else None


def source_type(track: Track) -> SourceType:
    """Return the IPTC digital source type: of the track's metadata, else of its engine.

    For an engine that is not installed, assume the type with more obligations.
    """
    if track.papers is not None:
        return SourceType(track.papers["source_type"])
    entry = INSTALLED_ENGINES.get(track.engine)
    return entry.info.source_type if entry else SourceType.TRAINED_ALGORITHMIC_MEDIA


async def verify(ctx: Context, request: Unvalidated[VerifyTrack]) -> Verification:
    """Verify a file by its hash, for anyone. Raises InvalidInput, RateLimited, Unavailable."""
    await take_verification(ctx)
    command = request.validate()
    return await verify_hash(ctx, command.sha256.lower(), command.track_id)


async def take_verification(ctx: Context) -> None:
    """Count a verification against the limit of the client's address. Raises RateLimited, Unavailable."""
    per_minute = ctx.services.settings.receipts.verifications_per_minute
    limit = await ctx.services.limiter.take(f"verify:{ctx.client_ip}", per_minute, per_minute)
    if limit.wait_seconds:
        raise RateLimited(limit.wait_seconds)


async def verify_hash(ctx: Context, sha256: str, named_track_id: str | None) -> Verification:
    """Verify a file by its SHA-256 in lower-case hexadecimal and the track id in its tags, without a rate limit."""
    async with ctx.services.database.transaction() as session:
        known = await receipts.find_file(session, sha256, named_track_id)
        if known is not None:
            verdict = Verdict.IMPORTED if known.track.origin else Verdict.MATCHED
            return Verification(verdict, sha256, known.track, known)
        is_id = named_track_id is not None and ids.is_a(ids.Kind.TRACK, named_track_id)
        track = await session.get(Track, named_track_id) if is_id else None
    return Verification(Verdict.ALTERED if track else Verdict.UNKNOWN, sha256, track)
