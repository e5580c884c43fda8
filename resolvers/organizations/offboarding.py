"""Change and end memberships, disable users and erase their data, for the operator at the command line.

What ends, ends at once on all servers: requests read keys and roles from Postgres, which notifies the servers to check
their open connections.
"""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import Conflict, NotFound
from resolvers.organizations import outbox
from storage.postgres import notifications
from storage.postgres.database import Database
from storage.queries import archives, erasure, generations, members
from storage.queries.members import Member
from storage.tables import Membership, Organization, Role, User


async def list_users(database: Database, organization_id: str | None) -> Sequence[tuple[User, Membership | None]]:
    """List all users, or those of an organization, once for each of their organizations, oldest first."""
    async with database.transaction() as session:
        return await members.list_all(session, organization_id)


async def grant(database: Database, user_id: str, organization_id: str, role: Role) -> Member:
    """Make a user a member of an organization, or change its role. Raises NotFound, Conflict (user disabled)."""
    async with database.transaction() as session:
        user = await _lock_user(session, user_id)
        if await session.get(Organization, organization_id) is None:
            raise NotFound("Organization", organization_id=organization_id)
        return await set_role(session, user, organization_id, role)


async def revoke(database: Database, user_id: str, organization_id: str) -> Member:
    """End a membership. Raises NotFound."""
    async with database.transaction() as session:
        user = await _lock_user(session, user_id)
        return await end_membership(session, user, organization_id)


async def disable(database: Database, user_id: str) -> User:
    """Refuse all keys and tokens of a user. Raises NotFound."""
    async with database.transaction() as session:
        return await disable_user(session, await _lock_user(session, user_id))


async def enable(database: Database, user_id: str) -> User:
    """Accept tokens and new keys of a disabled user again; what was revoked stays revoked. Raises NotFound."""
    async with database.transaction() as session:
        user = await _lock_user(session, user_id)
        user.disabled_at = None
    return user


async def erase(database: Database, user_id: str) -> User:
    """Disable a user, end its memberships and erase its personal data. Raises NotFound."""
    async with database.transaction() as session:
        return await erase_user(session, await _lock_user(session, user_id))


async def set_role(session: AsyncSession, user: User, organization_id: str, role: Role) -> Member:
    """Set the role of a locked user, who becomes a member if it is none. Raises Conflict (user disabled)."""
    if user.disabled_at is not None:
        raise Conflict(f"User {user.id} is disabled")
    row = await session.get(Membership, (organization_id, user.id))
    if row is None:
        row = Membership(organization_id=organization_id, user_id=user.id)
        session.add(row)
    row.role, row.ended_at = role, None
    if role is Role.VIEWER:
        await _end_jobs(session, user.id, [organization_id])
    await _notify(session)
    return Member(user, row)


async def end_membership(session: AsyncSession, user: User, organization_id: str) -> Member:
    """End a membership of a locked user with its share links and unfinished jobs there. Raises NotFound.

    The keys of a user belong to all its organizations: they are revoked with the last membership, and give no access to
    this organization before.
    """
    row = await session.get(Membership, (organization_id, user.id))
    if row is None or row.ended_at is not None:
        raise NotFound("Member", user_id=user.id, organization_id=organization_id)
    now = clock.now()
    row.ended_at = now
    await session.flush()
    await members.revoke_share_links(session, user.id, [organization_id], now)
    await _end_jobs(session, user.id, [organization_id])
    if not await members.list_memberships(session, user.id):
        await members.revoke_keys(session, user.id, now)
    await _notify(session)
    return Member(user, row)


async def disable_user(session: AsyncSession, user: User) -> User:
    """Disable a locked user with its keys, share links and unfinished jobs."""
    now = clock.now()
    user.disabled_at = user.disabled_at or now
    await session.flush()
    organization_ids = await archives.list_organization_ids(session, user.id)
    await members.revoke_keys(session, user.id, now)
    await members.revoke_share_links(session, user.id, organization_ids, now)
    await _end_jobs(session, user.id, organization_ids)
    await _notify(session)
    return user


async def erase_user(session: AsyncSession, user: User) -> User:
    """Disable a locked user, end its memberships and erase its personal data."""
    await disable_user(session, user)
    for membership in await members.list_memberships(session, user.id):
        membership.ended_at = clock.now()
    await erasure.erase(session, user, clock.now())
    return user


async def _lock_user(session: AsyncSession, user_id: str) -> User:
    user = await members.lock_user(session, user_id)
    if user is None:
        raise NotFound(f"User {user_id}", user_id=user_id)
    return user


async def _end_jobs(session: AsyncSession, user_id: str, organization_ids: Collection[str]) -> None:
    """End focus sessions, cancel queued generations, and request it of running ones."""
    now = clock.now()
    await members.end_focus_sessions(session, user_id, organization_ids, now)
    for job_id in await members.list_unfinished_job_ids(session, user_id, organization_ids):
        cancelled = await generations.cancel_queued(session, job_id, now)
        await outbox.enqueue_event(session, cancelled)
        if cancelled is None:
            await generations.request_cancel(session, job_id, now)


async def _notify(session: AsyncSession) -> None:
    await session.flush()
    await notifications.notify(session, notifications.CREDENTIALS_CHANNEL)
