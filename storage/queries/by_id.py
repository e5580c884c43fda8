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
from storage.tables.columns import texts, within

_IDS: Final = texts("ids")
_SCOPE: Final = texts("organization_ids")

_ORGANIZATION: Final = records.Kind(Organization)
_GENERATION: Final = records.Kind(Generation)
_TRACK: Final = records.Kind(Track)
_FILE: Final = records.Kind(TrackFile)

_ORGANIZATIONS: Final = compiled.compiled(
    select(*_ORGANIZATION.columns)
    .where(within(col(Organization.id), _IDS))
    .order_by(col(Organization.created_at), col(Organization.id))
)
_GENERATIONS: Final = compiled.compiled(
    select(*_GENERATION.columns).where(
        within(col(Generation.id), _IDS), *generations.is_owned(compiled.text("user_id"), _SCOPE)
    )
)
_MADE: Final = compiled.compiled(select(*_TRACK.columns).where(within(col(Track.generation_id), _IDS)))
_READABLE: Final = compiled.compiled(
    select(*_TRACK.columns).where(within(col(Track.id), _IDS), tracks.is_readable(compiled.text("user_id"), _SCOPE))
)
_FILES: Final = compiled.compiled(
    select(*_FILE.columns)
    .where(within(col(TrackFile.track_id), _IDS))
    .order_by(col(TrackFile.track_id), col(TrackFile.role), col(TrackFile.name))
)


async def organizations(database: Database, organization_ids: Collection[str]) -> list[Organization]:
    """As people.organizations."""
    found = await _ORGANIZATIONS.rows(database, ids=list(organization_ids))
    return [_ORGANIZATION.row(tuple(row)) for row in found]


async def owned(
    database: Database, generation_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Generation]:
    """As generations.those."""
    scope = list(organization_ids)
    found = await _GENERATIONS.rows(database, ids=list(generation_ids), user_id=user_id, organization_ids=scope)
    return [_GENERATION.row(tuple(row)) for row in found]


async def of_generations(database: Database, generation_ids: Collection[str]) -> list[Track]:
    """What these jobs made, deleted tracks too."""
    return [_TRACK.row(tuple(row)) for row in await _MADE.rows(database, ids=list(generation_ids))]


async def readable(
    database: Database, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Track]:
    """As tracks.readable."""
    scope = list(organization_ids)
    found = await _READABLE.rows(database, ids=list(track_ids), user_id=user_id, organization_ids=scope)
    return [_TRACK.row(tuple(row)) for row in found]


async def files(database: Database, track_ids: Collection[str]) -> list[TrackFile]:
    """As tracks.files."""
    return [_FILE.row(tuple(row)) for row in await _FILES.rows(database, ids=list(track_ids))]
