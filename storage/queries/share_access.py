"""Queries that open share links by their tokens, and the audit log of these attempts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, DateTime, LargeBinary, Select, Text, and_, bindparam, case, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.postgres import compiled, records
from storage.postgres.database import Database
from storage.tables import AccessOutcome, Collection, FileRole, ShareAccess, ShareLink, Track, TrackFile


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
_LINK: Final = records.RowType(ShareLink, "id", "target_type", "visibility", "expires_at", start=1)
_TRACK: Final = records.RowType(
    Track,
    *("id", "organization_id", "title", "engine", "mode", "instrumental", "measured_duration_seconds"),
    *("licence_class", "licence_version", "commercial_use", "requires_attribution", "deleted_at"),
    start=_LINK.end,
)
_MASTER: Final = records.RowType(TrackFile, "role", "name", "blob_key", "media_type", start=_TRACK.end)
_COLLECTION: Final = records.RowType(Collection, "id", "name", "description", start=_MASTER.end)
_COLUMNS: Final = (*_LINK.columns, *_TRACK.columns, *_MASTER.columns, *_COLLECTION.columns)
_TIMESTAMP: Final = DateTime(timezone=True)
_ATTEMPT: Final = compiled.input_rows(digest=LargeBinary(), at=_TIMESTAMP, client_ip=Text())


def _is_open(digest: ColumnElement[bytes], now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Match the link with this token, unless it is revoked or expired."""
    return and_(
        col(ShareLink.token_digest) == digest,
        col(ShareLink.revoked_at).is_(None),
        or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > now),
    )


def _open_statement() -> Select[Any]:
    """Return a statement that opens the links of many attempts and records every attempt."""
    is_track = and_(col(Track.id) == col(ShareLink.track_id), col(Track.deleted_at).is_(None))
    is_master = and_(col(TrackFile.track_id) == col(Track.id), col(TrackFile.role) == FileRole.MASTER)
    is_collection = and_(col(Collection.id) == col(ShareLink.collection_id), col(Collection.deleted_at).is_(None))
    opened = (
        select(_ATTEMPT.c.ordinality, *(column.label(f"value_{at}") for at, column in enumerate(_COLUMNS)))
        .select_from(_ATTEMPT)
        .join(ShareLink, _is_open(_ATTEMPT.c.digest, _ATTEMPT.c.at))
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
    _is_open(bindparam("digest", type_=LargeBinary), bindparam("now", type_=_TIMESTAMP))
)


async def open_link(database: Database, digest: bytes, now: datetime, client_ip: str) -> OpenedLink | None:
    """Open the link with this token and record the attempt, in one statement, because anyone may call this often."""
    return await database.batcher(_open_links).load(OpenAttempt(digest, now, client_ip))


async def _open_links(database: Database, attempts: list[OpenAttempt]) -> list[OpenedLink | None]:
    rows = await _OPEN_AND_RECORD.fetch_each(database, attempts)
    return [None if row is None else _build_opened_link(row) for row in rows]


def _build_opened_link(values: tuple[Any, ...]) -> OpenedLink:
    return OpenedLink(
        _LINK.build(values),
        _TRACK.build_or_none(values),
        _MASTER.build_or_none(values),
        _COLLECTION.build_or_none(values),
    )


async def find_open_link(session: AsyncSession, digest: bytes, now: datetime) -> ShareLink | None:
    """Find the link with this token, unless it is revoked or expired."""
    link: ShareLink | None = await session.scalar(_OPEN, {"digest": digest, "now": now})
    return link


def record_access(
    session: AsyncSession, now: datetime, client_ip: str, digest: bytes, outcome: AccessOutcome, link: ShareLink | None
) -> None:
    session.add(
        ShareAccess(
            resolved_at=now,
            client_ip=client_ip,
            token_digest=digest,
            outcome=outcome,
            share_link_id=link.id if link else None,
        )
    )
