"""Members of an organization, and their share links; for the organization's admins."""

from collections.abc import Collection, Sequence
from typing import Annotated, Final, NoReturn

from pydantic.dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import Conflict, Forbidden, NotFound
from resolvers.access import accounts, browser_sessions, own_rows, validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.organizations import offboarding
from storage.queries import archives, members, share_links
from storage.queries.members import Member
from storage.queries.pagination import Position
from storage.queries.share_links import Filter
from storage.tables import Membership, Role, ShareLink, User

_FORBIDDEN: Final = "Only an admin of the organization may see or change its members"


list_page = own_rows.for_admin(members.page, _FORBIDDEN)
"""Return an organization's members, newest first. Raises Forbidden."""

count = own_rows.for_admin(members.count, _FORBIDDEN)
"""Return how many members ``list_page`` has in all. Raises Forbidden."""


async def list_share_links(
    ctx: Context, organization_id: str, filters: Filter, *, limit: int, after: Position | None = None
) -> Sequence[ShareLink]:
    """Return the share links of all members, newest first. Raises Forbidden."""
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        conditions = share_links.conditions(filters, clock.now())
        return await share_links.page_of_organization(session, organization_id, *conditions, limit=limit, after=after)


async def count_share_links(ctx: Context, organization_id: str, filters: Filter) -> int:
    """Return how many links ``list_share_links`` has in all. Raises Forbidden."""
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        return await share_links.count_of_organization(
            session, organization_id, *share_links.conditions(filters, clock.now())
        )


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateMember:
    """A new user of an organization."""

    name: Annotated[str, validation.Text(1, 255)]
    role: Role


async def create(ctx: Context, organization_id: str, request: Unvalidated[CreateMember]) -> tuple[Member, str]:
    """Create a user as a member; return a code with which it signs in once within seven days.

    Raises Forbidden, InvalidInput.
    """
    ctx.require_admin(organization_id, _FORBIDDEN)
    command = request.validate()
    async with ctx.services.database.transaction() as session:
        member = await accounts.insert_user(session, command.name, organization_id, command.role)
        return member, browser_sessions.add_invitation(session, member.user.id)


async def grant(ctx: Context, organization_id: str, user_id: str, role: Role) -> Member:
    """Set the role of a member, or of a former one, who becomes a member again.

    Raises Forbidden, NotFound, Conflict (user disabled, last admin).
    """
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        user = await _lock_user(session, user_id, [organization_id])
        if role is not Role.ADMIN:
            await _require_other_admin(session, organization_id, user_id)
        return await offboarding.set_role(session, user, organization_id, role)


async def revoke(ctx: Context, organization_id: str, user_id: str) -> Member:
    """End a membership. Raises Forbidden, NotFound, Conflict (last admin)."""
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        user = await _lock_user(session, user_id, [organization_id])
        await _require_other_admin(session, organization_id, user_id)
        return await offboarding.end_membership(session, user, organization_id)


async def disable(ctx: Context, user_id: str) -> User:
    """Disable a user whose organizations the caller administers. Raises NotFound, Forbidden, Conflict (last admin)."""
    async with ctx.services.database.transaction() as session:
        return await offboarding.disable_user(session, await _lock_administered(ctx, session, user_id))


async def erase(ctx: Context, user_id: str) -> User:
    """Erase a user whose organizations the caller administers. Raises NotFound, Forbidden, Conflict (last admin)."""
    async with ctx.services.database.transaction() as session:
        return await offboarding.erase_user(session, await _lock_administered(ctx, session, user_id))


async def _lock_administered(ctx: Context, session: AsyncSession, user_id: str) -> User:
    user = await _lock_user(session, user_id, ctx.administered)
    organization_ids = await archives.list_organization_ids(session, user_id)
    if not set(organization_ids) <= set(ctx.administered):
        raise Forbidden("The user has data in organizations that the caller does not administer")
    for organization_id in sorted(organization_ids):
        await _require_other_admin(session, organization_id, user_id)
    return user


async def _lock_user(session: AsyncSession, user_id: str, organization_ids: Collection[str]) -> User:
    # not checked as a generated id: users of earlier versions are named by the subject of their tokens
    if not user_id.isprintable():
        _raise_not_found(user_id)
    return await members.lock_user(session, user_id, organization_ids) or _raise_not_found(user_id)


async def _require_other_admin(session: AsyncSession, organization_id: str, user_id: str) -> None:
    """Refuse to take the role of the last admin. Raises Conflict."""
    row = await session.get(Membership, (organization_id, user_id))
    is_admin = row is not None and row.ended_at is None and row.role is Role.ADMIN
    if is_admin and not await members.has_other_admin(session, organization_id, user_id):
        raise Conflict(f"{user_id} is the only admin of {organization_id}; make another member admin first")


def _raise_not_found(user_id: str) -> NoReturn:
    raise NotFound("Member", user_id=user_id)
