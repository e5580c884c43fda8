"""What pages and nodes look up by ids, in one statement each, without a session and without an ORM.

Which rows are whose is said where it is said for everybody else: these statements are made of the same conditions.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from storage.postgres import compiled, records
from storage.postgres.database import Database
from storage.queries import generations, tracks
from storage.tables import Generation, Organization, Track, TrackFile
from storage.tables.columns import is_any_of, text_array

_IDS: Final = text_array("ids")
_SCOPE: Final = text_array("organization_ids")

_ORGANIZATION: Final = records.RowType(Organization)
_GENERATION: Final = records.RowType(Generation)
_TRACK: Final = records.RowType(Track)
_FILE: Final = records.RowType(TrackFile)

_ORGANIZATIONS: Final = compiled.compile_statement(
    select(*_ORGANIZATION.columns)
    .where(is_any_of(col(Organization.id), _IDS))
    .order_by(col(Organization.created_at), col(Organization.id))
)
_GENERATIONS: Final = compiled.compile_statement(
    select(*_GENERATION.columns).where(
        is_any_of(col(Generation.id), _IDS), *generations.is_owned(compiled.text_parameter("user_id"), _SCOPE)
    )
)
_MADE: Final = compiled.compile_statement(select(*_TRACK.columns).where(is_any_of(col(Track.generation_id), _IDS)))
_READABLE: Final = compiled.compile_statement(
    select(*_TRACK.columns).where(
        is_any_of(col(Track.id), _IDS), tracks.is_readable(compiled.text_parameter("user_id"), _SCOPE)
    )
)
_FILES: Final = compiled.compile_statement(
    select(*_FILE.columns)
    .where(is_any_of(col(TrackFile.track_id), _IDS))
    .order_by(col(TrackFile.track_id), col(TrackFile.role), col(TrackFile.name))
)


async def organizations(database: Database, organization_ids: Collection[str]) -> list[Organization]:
    """As people.organizations."""
    found = await _ORGANIZATIONS.fetch(database, ids=list(organization_ids))
    return [_ORGANIZATION.build(tuple(row)) for row in found]


async def owned(
    database: Database, generation_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Generation]:
    """As generations.those."""
    scope = list(organization_ids)
    found = await _GENERATIONS.fetch(database, ids=list(generation_ids), user_id=user_id, organization_ids=scope)
    return [_GENERATION.build(tuple(row)) for row in found]


async def of_generations(database: Database, generation_ids: Collection[str]) -> list[Track]:
    """What these jobs made, deleted tracks too."""
    return [_TRACK.build(tuple(row)) for row in await _MADE.fetch(database, ids=list(generation_ids))]


async def readable(
    database: Database, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Track]:
    """As tracks.readable."""
    scope = list(organization_ids)
    found = await _READABLE.fetch(database, ids=list(track_ids), user_id=user_id, organization_ids=scope)
    return [_TRACK.build(tuple(row)) for row in found]


async def files(database: Database, track_ids: Collection[str]) -> list[TrackFile]:
    """As tracks.files."""
    return [_FILE.build(tuple(row)) for row in await _FILES.fetch(database, ids=list(track_ids))]
