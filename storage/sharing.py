"""Queries on share links and on who opened them."""

from collections import abc
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, insert, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

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
    return await session.scalar(_open(digest, now))


async def opened(session: AsyncSession, digest: bytes, now: datetime, client_ip: str) -> Opened | None:
    """What this token opens, and the attempt written down, in one statement: anybody may ask, and often."""
    link = aliased(ShareLink, _open(digest, now).cte("link"))
    track, collection = aliased(Track), aliased(Collection)
    is_track = and_(col(track.id) == col(link.track_id), col(track.deleted_at).is_(None))
    is_collection = and_(col(collection.id) == col(link.collection_id), col(collection.deleted_at).is_(None))
    is_master = and_(col(TrackFile.track_id) == col(track.id), col(TrackFile.role) == FileRole.MASTER)
    attempt = (
        select(literal(now), literal(client_ip), literal(digest), _outcome(link, track, collection), col(link.id))
        .select_from(select(literal(1)).subquery("attempt"))
        .outerjoin(link, true())
        .outerjoin(track, is_track)
        .outerjoin(collection, is_collection)
    )
    names = ("resolved_at", "client_ip", "token_digest", "outcome", "share_link_id")
    found = (
        select(link, track, TrackFile, collection)
        .select_from(link)
        .outerjoin(track, is_track)
        .outerjoin(TrackFile, is_master)
        .outerjoin(collection, is_collection)
        .add_cte(insert(ShareAccess).from_select(names, attempt).cte("noted"))
    )
    row = (await session.execute(found)).first()
    return Opened(*row) if row else None


def _outcome(link: type[ShareLink], track: type[Track], collection: type[Collection]) -> ColumnElement[str]:
    is_there = or_(col(track.id).is_not(None), col(collection.id).is_not(None))
    return case(
        (col(link.id).is_(None), Outcome.NOT_FOUND.value),
        (is_there, Outcome.RESOLVED.value),
        else_=Outcome.UNAVAILABLE.value,
    )


def _open(digest: bytes, now: datetime) -> Select[ShareLink]:
    return select(ShareLink).where(
        col(ShareLink.token_digest) == digest,
        col(ShareLink.revoked_at).is_(None),
        or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > now),
    )


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
