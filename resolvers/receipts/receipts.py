"""Receipts: what an installation says of a track over its signature, and whether a file is one of its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import RateLimited
from core.track_metadata import SourceType
from core.verification import Verdict
from engines.registry import INSTALLED_ENGINES
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library import tracks
from resolvers.receipts.commands import VerifyTrack
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
    Verdict.ALTERED: "This file names a track that was made here, but its bytes are none of ours: what is told is "
    "true of the track, not of this file.",
    Verdict.UNKNOWN: "Nothing is known here about this file.",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file is. ``track`` is the one that it belongs to or names, ``file`` what it is to it."""

    verdict: Verdict
    sha256: str
    track: Track | None = None
    file: KnownFile | None = None

    @property
    def message(self) -> str:
        """The verdict for people."""
        return _MESSAGES[self.verdict]


async def get(ctx: Context, track_id: str, organization_id: str | None = None) -> Receipt:
    """The receipt of a track that the caller may read. Raises Unauthenticated, NotAMember, NotFound."""
    track = await tracks.get(ctx, track_id, organization_id)
    return (await of(ctx, [track]))[track.id]


async def of(ctx: Context, rows: Collection[Track]) -> dict[str, Receipt]:
    """The receipts of tracks that were found readable before, by track."""
    signer, issuer = ctx.services.receipts, ctx.services.settings.public_url
    async with ctx.services.database.transaction() as session:
        stated = await statements(session, rows, issuer)
    return {track_id: signer.signed(statement) for track_id, statement in stated.items()}


async def statements(session: AsyncSession, rows: Collection[Track], issuer: str) -> dict[str, Receipt]:
    """What receipts say, before they are signed, by track."""
    files: dict[str, list[TrackFile]] = {row.id: [] for row in rows}
    for file in await track_rows.list_files(session, list(files)):
        files[file.track_id].append(file)
    organizations = await accounts.list_organizations(session, {row.organization_id for row in rows})
    owners = {organization.id: organization for organization in organizations}
    return {row.id: statement(row, files[row.id], owners[row.organization_id].name, issuer) for row in rows}


def statement(track: Track, files: Sequence[TrackFile], organization: str, issuer: str) -> Receipt:
    """What is true of a track for good, and of the files that it has by now."""
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


def source_type(track: Track) -> SourceType:
    """How it came to be: as its papers say, or its engine; of an engine that nobody knows, the more careful word."""
    if track.papers is not None:
        return SourceType(track.papers["source_type"])
    entry = INSTALLED_ENGINES.get(track.engine)
    return entry.info.source_type if entry else SourceType.TRAINED_ALGORITHMIC_MEDIA


async def verify(ctx: Context, fields: Mapping[str, object]) -> Verification:
    """What a file is that somebody has hashed, for anybody. Raises InvalidInput, RateLimited, Unavailable."""
    await admit(ctx)
    command = validation.read(VerifyTrack, fields)
    return await compare(ctx, command.sha256.lower(), command.track_id)


async def admit(ctx: Context) -> None:
    """Let an address ask once more; before its file is read. Raises RateLimited, Unavailable."""
    per_minute = ctx.services.settings.receipts.verifications_per_minute
    taken = await ctx.services.limiter.take(f"verify:{ctx.client_ip}", per_minute, per_minute)
    if taken.wait_seconds:
        raise RateLimited(taken.wait_seconds)


async def compare(ctx: Context, sha256: str, named: str | None) -> Verification:
    """What a file with this hash is, whose tags name this track, if any."""
    async with ctx.services.database.transaction() as session:
        found = await receipts.find_file(session, sha256, named)
        if found is not None:
            return Verification(Verdict.MATCHED, sha256, found.track, found)
        is_id = named is not None and ids.is_a(ids.Kind.TRACK, named)
        track = await session.get(Track, named) if is_id else None
    return Verification(Verdict.ALTERED if track else Verdict.UNKNOWN, sha256, track)
