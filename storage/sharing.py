"""Queries on share links and on who opened them."""

from collections import abc
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, LargeBinary, Select, Text, and_, bindparam, case, insert, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage import rows, statements
from storage.databases import Database
from storage.tables import Collection, FileRole, Outcome, ShareAccess, ShareLink, Track, TrackFile


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that works, and what it leads to: a track with its master, a collection, or nothing any more."""

    link: ShareLink
    track: Track | None
    master: TrackFile | None
    collection: Collection | None


async def open_link(session: AsyncSession, digest: bytes, now: datetime) -> ShareLink | None:
    """The link with this token, unless it is revoked or over."""
    link: ShareLink | None = await session.scalar(_OPEN, {"digest": digest, "now": now})
    return link


async def opened(database: Database, digest: bytes, now: datetime, client_ip: str) -> Opened | None:
    """What this token opens, and the attempt written down, in one statement: anybody may ask, and often."""
    found = await _OPENED.rows(database, digest=digest, now=now, client_ip=client_ip)
    if not found:
        return None
    values = tuple(found[0])
    return Opened(
        _LINK.row(values), _TRACK.row_or_none(values), _MASTER.row_or_none(values), _COLLECTION.row_or_none(values)
    )


# what anybody may see, and what a link to the file needs
_LINK: Final = rows.Kind(ShareLink, "id", "target_type", "visibility", "expires_at")
_TRACK: Final = rows.Kind(Track, *rows.light(Track), start=_LINK.end)
_MASTER: Final = rows.Kind(TrackFile, "role", "name", "blob_key", "media_type", start=_TRACK.end)
_COLLECTION: Final = rows.Kind(Collection, start=_MASTER.end)
_COLUMNS: Final = (*_LINK.columns, *_TRACK.columns, *_MASTER.columns, *_COLLECTION.columns)
_DIGEST: Final = bindparam("digest", type_=LargeBinary)
_NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_IS_OPEN: Final = (
    col(ShareLink.token_digest) == _DIGEST,
    col(ShareLink.revoked_at).is_(None),
    or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > _NOW),
)
_OPEN: Final = select(ShareLink).where(*_IS_OPEN)


def _opening() -> Select[Any]:
    is_track = and_(col(Track.id) == col(ShareLink.track_id), col(Track.deleted_at).is_(None))
    is_master = and_(col(TrackFile.track_id) == col(Track.id), col(TrackFile.role) == FileRole.MASTER)
    is_collection = and_(col(Collection.id) == col(ShareLink.collection_id), col(Collection.deleted_at).is_(None))
    opened = (
        select(*(column.label(f"value_{at}") for at, column in enumerate(_COLUMNS)))
        .select_from(ShareLink)
        .outerjoin(Track, is_track)
        .outerjoin(TrackFile, is_master)
        .outerjoin(Collection, is_collection)
        .where(*_IS_OPEN)
        .cte("opened")
    )
    values = list(opened.c)
    link_id, track_id, collection_id = (values[kind.start] for kind in (_LINK, _TRACK, _COLLECTION))
    outcome = case(
        (link_id.is_(None), Outcome.NOT_FOUND.value),
        (or_(track_id.is_not(None), collection_id.is_not(None)), Outcome.RESOLVED.value),
        else_=Outcome.UNAVAILABLE.value,
    )
    attempt = (
        select(_NOW, bindparam("client_ip", type_=Text), _DIGEST, outcome, link_id)
        .select_from(select(literal(1)).subquery("attempt"))
        .outerjoin(opened, true())
    )
    names = ("resolved_at", "client_ip", "token_digest", "outcome", "share_link_id")
    return select(opened).add_cte(insert(ShareAccess).from_select(names, attempt).cte("noted"))


_OPENED: Final = statements.compiled(_opening())


async def owned(
    session: AsyncSession, share_id: str, user_id: str, organization_ids: abc.Collection[str]
) -> ShareLink | None:
    """The link if this user made it, locked."""
    statement = select(ShareLink).where(
        col(ShareLink.id) == share_id,
        col(ShareLink.user_id) == user_id,
        col(ShareLink.organization_id).in_(organization_ids),
    )
    return await session.scalar(statement.with_for_update())


def audit(
    session: AsyncSession, now: datetime, client_ip: str, digest: bytes, outcome: Outcome, link: ShareLink | None
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
