"""Verification: what a file is, for anybody."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from core.track_metadata import SourceType
from core.verification import Verdict
from resolvers.receipts import receipts
from resolvers.receipts.receipts import Verification as Facts
from schema.runtime.context import Info
from schema.types.licences import Licence
from storage import tables
from storage.queries.receipts import KnownFile
from storage.tables import FileRole

Sha256Argument = Annotated[str, strawberry.argument(description="SHA-256 of the file's bytes, 64 hex digits.")]
TrackIdArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The track that the file's own tags name (MUSIC_STUDIO_TRACK), if they name one."),
]


@strawberry.type(description="A track as anybody who holds a file of it may know it.")
class VerifiedTrack:
    """From a row of whoever made it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    engine: str = strawberry.field(description="Key of the engine that made it.")
    engine_version: str = strawberry.field(description="Version of that engine.")
    made_at: datetime = strawberry.field(description="When it was made.")
    is_available: bool = strawberry.field(description="Whether its maker still keeps it here.")
    digital_source_type: SourceType = strawberry.field(description="How it came to be.")
    licence: Licence = strawberry.field(description="What it may be used for, frozen when it was made.")

    @classmethod
    def from_row(cls, row: tables.Track) -> Self:
        """The row as a type."""
        return cls(
            id=strawberry.ID(row.id),
            engine=row.engine,
            engine_version=row.engine_version,
            made_at=row.created_at,
            is_available=row.deleted_at is None,
            digital_source_type=receipts.source_type(row),
            licence=Licence.from_track(row),
        )


@strawberry.type(description="What a file is to its track.")
class VerifiedFile:
    """From what is known of it."""

    role: FileRole = strawberry.field(description="Which kind of file.")
    name: str = strawberry.field(description="Tells stems and pictures apart; else empty.")
    media_type: str = strawberry.field(description="As audio/mpeg.")

    @classmethod
    def from_known_file(cls, known: KnownFile) -> Self:
        """What is known as a type."""
        return cls(role=known.role, name=known.name, media_type=known.media_type)


@strawberry.type(description="What a file is.")
class Verification:
    """From the facts."""

    verdict: Verdict = strawberry.field(description="Whether it is one of ours.")
    message: str = strawberry.field(description="The same for people.")
    sha256: str = strawberry.field(description="The hash that was asked about.")
    track: VerifiedTrack | None = strawberry.field(description="The track that it belongs to, or names.")
    file: VerifiedFile | None = strawberry.field(description="What it is to its track; null unless it matched.")

    @classmethod
    def from_verification(cls, facts: Facts) -> Self:
        """The facts as a type."""
        return cls(
            verdict=facts.verdict,
            message=facts.message,
            sha256=facts.sha256,
            track=VerifiedTrack.from_row(facts.track) if facts.track else None,
            file=VerifiedFile.from_known_file(facts.file) if facts.file else None,
        )


async def verify(info: Info, sha256: Sha256Argument, track_id: TrackIdArgument = None) -> Verification:
    """See receipts.verify."""
    fields = {"sha256": sha256, **({} if track_id is None else {"track_id": track_id})}
    return Verification.from_verification(await receipts.verify(info.context.ctx, fields))
