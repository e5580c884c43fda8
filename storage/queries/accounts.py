"""Queries on organizations, users, memberships and API keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ARRAY, DateTime, LargeBinary, any_, bindparam, literal_column, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import ids
from storage.postgres import compiled, notifications
from storage.postgres.database import Database
from storage.queries.erasure import erased_subject
from storage.queries.pagination import oldest_first
from storage.tables import ApiKey, CredentialKind, Membership, Organization, Role, User
from storage.tables.columns import text_array


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """An API key and the memberships of its user."""

    key: ApiKey
    memberships: list[Membership]


_KEY: Final = compiled.RowType(
    ApiKey, "id", "user_id", "digest", "kind", "scopes", "last_used_at", "expires_at", "revoked_at"
)
_MEMBERSHIP: Final = compiled.RowType(Membership, "organization_id", "role", start=_KEY.end)

# the offset keeps the planner from a scan of all memberships
_HELD: Final = (
    select(*_MEMBERSHIP.columns, col(Membership.created_at))
    .where(
        col(Membership.user_id) == col(ApiKey.user_id),
        col(Membership.ended_at).is_(None),
        or_(
            col(Membership.is_claimed).is_(False),
            col(ApiKey.claimed_organizations).op("?")(col(Membership.organization_id)),
        ),
    )
    .correlate(ApiKey)
    .offset(literal_column("0"))
    .lateral("held")
)

_KEY_HOLDERS: Final = compiled.compile_statement(
    select(*_KEY.columns, _HELD.c.organization_id, _HELD.c.role)
    .select_from(ApiKey)
    .outerjoin(_HELD, true())
    .where(col(ApiKey.digest) == any_(bindparam("digests", type_=ARRAY(LargeBinary))))
    .order_by(_HELD.c.created_at, _HELD.c.organization_id),
    has_generic_plan=True,
)


async def load_key_holders(database: Database, digests: list[bytes]) -> list[KeyHolder | None]:
    """Load the keys with these SHA-256 digests, and the memberships of their users, in one round trip."""
    holders: dict[bytes, KeyHolder] = {}
    for row in await _KEY_HOLDERS.fetch(database, digests=digests):
        key, membership = _KEY.build(row), _MEMBERSHIP.build_or_none(row)
        holder = holders.setdefault(key.digest, KeyHolder(key, []))
        if membership is not None:
            holder.memberships.append(membership)
    return [holders.get(digest) for digest in digests]


_TOUCH_KEYS: Final = compiled.compile_statement(
    update(ApiKey)
    .where(
        col(ApiKey.id) == any_(text_array("ids")),
        or_(
            col(ApiKey.last_used_at).is_(None),
            col(ApiKey.last_used_at) < bindparam("before", type_=DateTime(timezone=True)),
        ),
    )
    .values(last_used_at=bindparam("now", type_=DateTime(timezone=True)))
)


async def touch_keys(database: Database, key_ids: Collection[str], now: datetime, interval: timedelta) -> None:
    """Set ``last_used_at`` of those keys for which it is older than the interval."""
    # sorted, so that two servers do not deadlock
    await _TOUCH_KEYS.fetch(database, ids=sorted(set(key_ids)), now=now, before=now - interval)


async def list_keys(session: AsyncSession, user_id: str | None = None) -> Sequence[ApiKey]:
    """List all API keys, or those of a user, oldest first."""
    is_listed = [col(ApiKey.kind) == CredentialKind.KEY]
    if user_id is not None:
        is_listed.append(col(ApiKey.user_id) == user_id)
    return (await session.scalars(oldest_first(select(ApiKey).where(*is_listed), ApiKey))).all()


async def find_first_admin(session: AsyncSession) -> str | None:
    """Return the id of the user who has been admin of an organization for longest."""
    statement = (
        select(col(Membership.user_id))
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.role) == Role.ADMIN, col(Membership.ended_at).is_(None), col(User.disabled_at).is_(None))
        .order_by(col(Membership.created_at), col(Membership.user_id))
    )
    return await session.scalar(statement.limit(1))


async def redeem_sign_in_code(session: AsyncSession, digest: bytes, now: datetime) -> ApiKey | None:
    """Revoke a valid sign-in code and return it. Of concurrent calls only one succeeds."""
    is_valid = (
        col(ApiKey.digest) == digest,
        col(ApiKey.kind) == CredentialKind.SIGN_IN_CODE,
        col(ApiKey.revoked_at).is_(None),
        col(ApiKey.expires_at) > now,
    )
    return await session.scalar(update(ApiKey).where(*is_valid).values(revoked_at=now).returning(ApiKey))


async def find_key(
    session: AsyncSession, digest: bytes, kind: CredentialKind, now: datetime, *, lock: bool = False
) -> ApiKey | None:
    """Return a valid credential of a kind; a lock prevents its revocation until the end of the transaction."""
    is_valid = (
        col(ApiKey.digest) == digest,
        col(ApiKey.kind) == kind,
        col(ApiKey.revoked_at).is_(None),
        or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now),
    )
    statement = select(ApiKey).where(*is_valid)
    return await session.scalar(statement.with_for_update(read=True) if lock else statement)


async def revoke_key(session: AsyncSession, key_id: str, now: datetime) -> ApiKey | None:
    """Revoke a key with the browser sessions that it started, and notify all servers.

    A revoked key keeps its time; return None for a missing key.
    """
    key = await session.get(ApiKey, key_id, with_for_update=True)
    if key is not None and key.revoked_at is None:
        key.revoked_at = now
        await session.flush()
        is_started = (col(ApiKey.started_by_key_id) == key_id) & col(ApiKey.revoked_at).is_(None)
        await session.execute(update(ApiKey).where(is_started).values(revoked_at=now))
        await notifications.notify(session, notifications.CREDENTIALS_CHANNEL)
    return key


async def ensure_token_user(session: AsyncSession, issuer: str, subject: str, name: str) -> User:
    """Return the user that an issuer identifies by a subject; insert the user if there is none.

    A user that an earlier version stored under the subject alone keeps that id. Users of this installation have
    generated ids, which no token can claim.
    """
    subjects = (subject, erased_subject(issuer, subject))
    is_identified = select(User).where(col(User.issuer) == issuer, col(User.subject).in_(subjects))
    # an erased user comes first
    user = await session.scalar(is_identified.order_by(col(User.disabled_at)).limit(1))
    if user is None and not ids.is_a(ids.Kind.USER, subject):
        is_earlier = (col(User.id) == subject, col(User.issuer).is_(None))
        claimed = update(User).where(*is_earlier).values(issuer=issuer, subject=subject)
        user = await session.scalar(claimed.returning(User))
    if user is None:
        row = insert(User).values(id=ids.new(ids.Kind.USER), name=name, issuer=issuer, subject=subject)
        await session.execute(row.on_conflict_do_nothing())
        # inserted now or by a concurrent request
        user = (await session.scalars(is_identified)).one()
    return user


async def load_token_roles(session: AsyncSession, user_id: str, claimed: Collection[str]) -> dict[str, Role]:
    """Return the roles of a user whose token claims these organizations, and store memberships that are new.

    A claim gives the role of the stored membership, by default that of a member, unless the membership has ended.
    Memberships that an operator granted are valid without a claim.
    """
    stored = {row.organization_id: row for row in await session.scalars(select(Membership).filter_by(user_id=user_id))}
    roles = {
        row.organization_id: row.role
        for row in stored.values()
        if row.ended_at is None and (not row.is_claimed or row.organization_id in claimed)
    }
    unknown = [organization_id for organization_id in claimed if organization_id not in stored]
    for organization in await list_organizations(session, unknown) if unknown else ():
        values = {"organization_id": organization.id, "user_id": user_id, "role": Role.MEMBER, "is_claimed": True}
        await session.execute(insert(Membership).values(values).on_conflict_do_nothing())
        roles[organization.id] = Role.MEMBER
    return roles


async def list_organizations(
    session: AsyncSession, organization_ids: Collection[str] | None = None
) -> Sequence[Organization]:
    """List all organizations, or those with these ids, oldest first."""
    is_listed = () if organization_ids is None else (col(Organization.id).in_(organization_ids),)
    return (await session.scalars(oldest_first(select(Organization).where(*is_listed), Organization))).all()


async def list_organization_ids(session: AsyncSession, user_id: str) -> Sequence[str]:
    """List the ids of the organizations of a user, oldest membership first, without those that only tokens claim."""
    statement = select(col(Membership.organization_id)).where(
        col(Membership.user_id) == user_id, col(Membership.ended_at).is_(None), col(Membership.is_claimed).is_(False)
    )
    return (await session.scalars(statement.order_by(col(Membership.created_at)))).all()


async def has_organizations(session: AsyncSession) -> bool:
    """Return whether this installation has been set up."""
    return await session.scalar(select(col(Organization.id)).limit(1)) is not None


async def list_users(session: AsyncSession, limit: int) -> Sequence[User]:
    """List the oldest users."""
    return (await session.scalars(oldest_first(select(User), User).limit(limit))).all()
