"""Queries on share links: filters and statistics, opening by token, and the audit log of attempts to open."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import DateTime, LargeBinary, Text
from sqlmodel import col

from core.sharing import Target
from storage.postgres import compiled
from storage.postgres.database import Database
from storage.queries import pagination
from storage.queries.pagination import Position
from storage.tables import (
    AccessOutcome,
    Collection,
    CollectionTrack,
    FileRole,
    ShareAccess,
    ShareLink,
    Track,
    TrackFile,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a list of links; None means any value."""

    is_active: bool | None = None
    target_type: Target | None = None
    target_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenStats:
    """Number and time of the successful accesses to a link."""

    count: int = 0
    last_at: datetime | None = None


def conditions(filters: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter."""
    conditions: list[ColumnElement[bool]] = []
    if filters.is_active is not None:
        is_active = _is_active(now)
        conditions.append(is_active if filters.is_active else ~is_active)
    if filters.target_type is not None:
        conditions.append(col(ShareLink.target_type) == filters.target_type)
    if filters.target_id is not None:
        conditions.append(
            or_(col(ShareLink.track_id) == filters.target_id, col(ShareLink.collection_id) == filters.target_id)
        )
    return conditions


async def page_of_organization(
    session: AsyncSession,
    organization_id: str,
    *conditions: ColumnElement[bool],
    limit: int,
    after: Position | None,
) -> Sequence[ShareLink]:
    """List a page of the links of all members of an organization, newest first."""
    statement = select(ShareLink).where(col(ShareLink.organization_id) == organization_id, *conditions)
    return (await session.scalars(pagination.newest_first(statement, ShareLink, after).limit(limit))).all()


async def count_of_organization(session: AsyncSession, organization_id: str, *conditions: ColumnElement[bool]) -> int:
    is_listed = col(ShareLink.organization_id) == organization_id
    return await session.scalar(select(func.count()).where(is_listed, *conditions)) or 0


async def lock_revocable(
    session: AsyncSession, share_id: str, user_id: str, organization_ids: Many[str], administered: Many[str]
) -> ShareLink | None:
    """Lock a link in these organizations that the user owns, or any link in those that the user administers."""
    is_revocable = or_(col(ShareLink.user_id) == user_id, col(ShareLink.organization_id).in_(administered))
    is_found = col(ShareLink.organization_id).in_(organization_ids) & is_revocable
    return await session.scalar(select(ShareLink).where(col(ShareLink.id) == share_id, is_found).with_for_update())


async def load_open_stats(session: AsyncSession, share_ids: Many[str]) -> dict[str, OpenStats]:
    """Load the statistics of those links that have been opened successfully."""
    statement = (
        select(col(ShareAccess.share_link_id), func.count(), func.max(col(ShareAccess.resolved_at)))
        .where(col(ShareAccess.share_link_id).in_(share_ids), col(ShareAccess.outcome) == AccessOutcome.RESOLVED)
        .group_by(col(ShareAccess.share_link_id))
    )
    return {str(row[0]): OpenStats(row[1], row[2]) for row in (await session.execute(statement)).all()}


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A valid link and its target: a track with its master file, a collection, or nothing if that was deleted."""

    link: ShareLink
    track: Track | None
    master: TrackFile | None
    collection: Collection | None


class OpenAttempt(NamedTuple):
    """An attempt to open a link, with the SHA-256 of the token."""

    digest: bytes
    at: datetime
    client_ip: str


# the columns that a visitor sees, and those that a signed URL of the file needs
_LINK: Final = compiled.RowType(ShareLink, "id", "target_type", "visibility", "expires_at", start=1)
_TRACK: Final = compiled.RowType(
    Track,
    *("id", "organization_id", "title", "engine", "mode", "instrumental", "measured_duration_seconds"),
    *("licence_class", "licence_version", "commercial_use", "requires_attribution", "deleted_at", "origin", "palette"),
    start=_LINK.end,
)
_MASTER: Final = compiled.RowType(TrackFile, "role", "name", "blob_key", "media_type", start=_TRACK.end)
_COLLECTION: Final = compiled.RowType(Collection, "id", "name", "description", start=_MASTER.end)
_COLUMNS: Final = (*_LINK.columns, *_TRACK.columns, *_MASTER.columns, *_COLLECTION.columns)
_TIMESTAMP: Final = DateTime(timezone=True)
_ATTEMPT: Final = compiled.input_rows(digest=LargeBinary(), at=_TIMESTAMP, client_ip=Text())


def _is_active(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Match links that are neither revoked nor expired."""
    expires_at = col(ShareLink.expires_at)
    return and_(col(ShareLink.revoked_at).is_(None), or_(expires_at.is_(None), expires_at > now))


def _open_statement() -> Select[Any]:
    """Return a statement that opens the links of many attempts and records every attempt."""
    is_track = and_(col(Track.id) == col(ShareLink.track_id), col(Track.deleted_at).is_(None))
    is_master = and_(col(TrackFile.track_id) == col(Track.id), col(TrackFile.role) == FileRole.MASTER)
    is_collection = and_(col(Collection.id) == col(ShareLink.collection_id), col(Collection.deleted_at).is_(None))
    opened = (
        select(_ATTEMPT.c.ordinality, *(column.label(f"value_{at}") for at, column in enumerate(_COLUMNS)))
        .select_from(_ATTEMPT)
        .join(ShareLink, and_(col(ShareLink.token_digest) == _ATTEMPT.c.digest, _is_active(_ATTEMPT.c.at)))
        .outerjoin(Track, is_track)
        .outerjoin(TrackFile, is_master)
        .outerjoin(Collection, is_collection)
        .cte("opened")
    )
    values = list(opened.c)
    link_id, track_id, collection_id = (values[row_type.start] for row_type in (_LINK, _TRACK, _COLLECTION))
    outcome = case(
        (link_id.is_(None), AccessOutcome.NOT_FOUND.value),
        (or_(track_id.is_not(None), collection_id.is_not(None)), AccessOutcome.RESOLVED.value),
        else_=AccessOutcome.UNAVAILABLE.value,
    )
    attempts = (
        select(_ATTEMPT.c.at, _ATTEMPT.c.client_ip, _ATTEMPT.c.digest, outcome, link_id)
        .select_from(_ATTEMPT)
        .outerjoin(opened, opened.c.ordinality == _ATTEMPT.c.ordinality)
        .order_by(_ATTEMPT.c.ordinality)
    )
    names = ("resolved_at", "client_ip", "token_digest", "outcome", "share_link_id")
    return select(opened).add_cte(insert(ShareAccess).from_select(names, attempts).cte("recorded"))


_OPEN_AND_RECORD: Final = compiled.compile_statement(_open_statement())

_OPEN: Final = select(ShareLink).where(
    col(ShareLink.token_digest) == bindparam("digest", type_=LargeBinary),
    _is_active(bindparam("now", type_=_TIMESTAMP)),
)


async def open_link(database: Database, digest: bytes, now: datetime, client_ip: str) -> OpenedLink | None:
    """Open the link with this token and record the attempt, in one statement, because anyone may call this often."""
    return await database.batcher(_open_links).load(OpenAttempt(digest, now, client_ip))


async def _open_links(database: Database, attempts: list[OpenAttempt]) -> list[OpenedLink | None]:
    return await _OPEN_AND_RECORD.fetch_each(database, attempts, _build_opened_link)


def _build_opened_link(values: tuple[Any, ...]) -> OpenedLink:
    return OpenedLink(
        _LINK.build(values),
        _TRACK.build_or_none(values),
        _MASTER.build_or_none(values),
        _COLLECTION.build_or_none(values),
    )


_IS_DOWNLOADABLE: Final = """
SELECT FROM share_links l
JOIN track_files f ON f.blob_key = $1
JOIN tracks t ON t.id = f.track_id AND t.deleted_at IS NULL
WHERE l.id = $2 AND l.revoked_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > now()) AND (
    l.track_id = t.id OR EXISTS (
        SELECT FROM collections c JOIN collection_tracks m ON m.collection_id = c.id
        WHERE c.id = l.collection_id AND c.deleted_at IS NULL AND m.track_id = t.id
    )
)
LIMIT 1
"""


async def is_downloadable(database: Database, blob_key: str, share_id: str) -> bool:
    """Return whether a link works and shares a track with this file, in one statement: each download runs it."""
    return bool(await database.fetch(_IS_DOWNLOADABLE, [blob_key, share_id]))


async def find_open_link(session: AsyncSession, digest: bytes, now: datetime) -> ShareLink | None:
    """Find the link with this token, unless it is revoked or expired."""
    link: ShareLink | None = await session.scalar(_OPEN, {"digest": digest, "now": now})
    return link


async def has_track(session: AsyncSession, link: ShareLink, track_id: str) -> bool:
    """Return whether a link shares this track, as its only one or in its collection."""
    if link.collection_id is None:
        return link.track_id == track_id
    statement = (
        select(col(CollectionTrack.track_id))
        .join(Collection, col(Collection.id) == col(CollectionTrack.collection_id))
        .where(
            col(Collection.id) == link.collection_id,
            col(Collection.deleted_at).is_(None),
            col(CollectionTrack.track_id) == track_id,
        )
    )
    return await session.scalar(statement) is not None


async def find_file(
    session: AsyncSession, digest: bytes, now: datetime, role: FileRole, name: str, track_id: str | None
) -> tuple[Track, TrackFile, str] | None:
    """Find a file of a track that an open link shares: of this track, else of the first one; and the id of the link."""
    statement = (
        select(Track, TrackFile, col(ShareLink.id))
        .select_from(ShareLink)
        .outerjoin(
            Collection, and_(col(Collection.id) == col(ShareLink.collection_id), col(Collection.deleted_at).is_(None))
        )
        .outerjoin(CollectionTrack, col(CollectionTrack.collection_id) == col(Collection.id))
        .join(Track, col(Track.id) == func.coalesce(col(ShareLink.track_id), col(CollectionTrack.track_id)))
        .join(TrackFile, col(TrackFile.track_id) == col(Track.id))
        .where(
            col(ShareLink.token_digest) == digest,
            _is_active(now),
            col(Track.deleted_at).is_(None),
            col(TrackFile.role) == role,
            col(TrackFile.name) == name,
        )
        .order_by(col(CollectionTrack.position))
        .limit(1)
    )
    if track_id is not None:
        statement = statement.where(col(Track.id) == track_id)
    row = (await session.execute(statement)).first()
    return None if row is None else (row[0], row[1], row[2])
