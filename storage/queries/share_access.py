"""Queries on share links and on who opened them."""

from collections import abc
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
    """A link that works, and what it leads to: a track with its master, a collection, or nothing any more."""

    link: ShareLink
    track: Track | None
    master: TrackFile | None
    collection: Collection | None


class OpenAttempt(NamedTuple):
    """Somebody opens what may be a link's token."""

    digest: bytes
    at: datetime
    client_ip: str


async def find_open_link(session: AsyncSession, digest: bytes, now: datetime) -> ShareLink | None:
    """The link with this token, unless it is revoked or over."""
    link: ShareLink | None = await session.scalar(_OPEN, {"digest": digest, "now": now})
    return link


async def open_link(database: Database, digest: bytes, now: datetime, client_ip: str) -> OpenedLink | None:
    """What this token opens, and the attempt written down, in one statement: anybody may ask, and often."""
    return await database.batcher(_open_links).load(OpenAttempt(digest, now, client_ip))


async def _open_links(database: Database, attempts: list[OpenAttempt]) -> list[OpenedLink | None]:
    return [None if row is None else _build_opened_link(row) for row in await _OPENED.fetch_each(database, attempts)]


def _build_opened_link(values: tuple[Any, ...]) -> OpenedLink:
    return OpenedLink(
        _LINK.build(values),
        _TRACK.build_or_none(values),
        _MASTER.build_or_none(values),
        _COLLECTION.build_or_none(values),
    )


# what anybody may see, and what a link to the file needs
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
_MOMENT: Final = DateTime(timezone=True)
_ATTEMPT: Final = compiled.input_rows(digest=LargeBinary(), at=_MOMENT, client_ip=Text())


def _is_open(digest: ColumnElement[bytes], now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a link has this token, and is neither revoked nor over."""
    return and_(
        col(ShareLink.token_digest) == digest,
        col(ShareLink.revoked_at).is_(None),
        or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > now),
    )


_OPEN: Final = select(ShareLink).where(
    _is_open(bindparam("digest", type_=LargeBinary), bindparam("now", type_=_MOMENT))
)


def _opening() -> Select[Any]:
    """Of many attempts what they opened, by their places; all are written down."""
    is_track = and_(col(Track.id) == col(ShareLink.track_id), col(Track.deleted_at).is_(None))
    is_master = and_(col(TrackFile.track_id) == col(Track.id), col(TrackFile.role) == FileRole.MASTER)
    is_collection = and_(col(Collection.id) == col(ShareLink.collection_id), col(Collection.deleted_at).is_(None))
    opened = (
        select(_ATTEMPT.c.place, *(column.label(f"value_{at}") for at, column in enumerate(_COLUMNS)))
        .select_from(_ATTEMPT)
        .join(ShareLink, _is_open(_ATTEMPT.c.digest, _ATTEMPT.c.at))
        .outerjoin(Track, is_track)
        .outerjoin(TrackFile, is_master)
        .outerjoin(Collection, is_collection)
        .cte("opened")
    )
    values = list(opened.c)
    link_id, track_id, collection_id = (values[kind.start] for kind in (_LINK, _TRACK, _COLLECTION))
    outcome = case(
        (link_id.is_(None), AccessOutcome.NOT_FOUND.value),
        (or_(track_id.is_not(None), collection_id.is_not(None)), AccessOutcome.RESOLVED.value),
        else_=AccessOutcome.UNAVAILABLE.value,
    )
    attempts = (
        select(_ATTEMPT.c.at, _ATTEMPT.c.client_ip, _ATTEMPT.c.digest, outcome, link_id)
        .select_from(_ATTEMPT)
        .outerjoin(opened, opened.c.place == _ATTEMPT.c.place)
        .order_by(_ATTEMPT.c.place)
    )
    names = ("resolved_at", "client_ip", "token_digest", "outcome", "share_link_id")
    return select(opened).add_cte(insert(ShareAccess).from_select(names, attempts).cte("noted"))


_OPENED: Final = compiled.compile_statement(_opening())


async def lock_owned(
    session: AsyncSession, share_id: str, user_id: str, organization_ids: abc.Collection[str]
) -> ShareLink | None:
    """The link if this user made it, locked."""
    statement = select(ShareLink).where(
        col(ShareLink.id) == share_id,
        col(ShareLink.user_id) == user_id,
        col(ShareLink.organization_id).in_(organization_ids),
    )
    return await session.scalar(statement.with_for_update())


def record_access(
    session: AsyncSession, now: datetime, client_ip: str, digest: bytes, outcome: AccessOutcome, link: ShareLink | None
) -> None:
    """Write down an attempt."""
    session.add(
        ShareAccess(
            resolved_at=now,
            client_ip=client_ip,
            token_digest=digest,
            outcome=outcome,
            share_link_id=link.id if link else None,
        )
    )
