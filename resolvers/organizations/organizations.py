"""The caller and the organizations it belongs to."""

from collections.abc import Collection, Sequence

from core.errors import Unauthenticated
from resolvers.access.context import Context
from storage.queries import by_id
from storage.tables import Organization, User


async def viewer(ctx: Context) -> User:
    """The calling user. Raises Unauthenticated."""
    async with ctx.services.database.transaction() as session:
        user = await session.get(User, ctx.caller.user_id)
    if user is None:
        raise Unauthenticated
    return user


async def mine(ctx: Context) -> Sequence[Organization]:
    """The organizations of the caller, oldest first. Raises Unauthenticated."""
    return await by_id.load_organizations(ctx.services.database, ctx.caller.roles.keys())


async def those(ctx: Context, organization_ids: Collection[str]) -> dict[str, Organization]:
    """Those of the organizations that the caller belongs to, by id. Raises Unauthenticated."""
    named = [organization_id for organization_id in organization_ids if is_mine(ctx, organization_id)]
    return {row.id: row for row in await by_id.load_organizations(ctx.services.database, named)}


def is_mine(ctx: Context, organization_id: str) -> bool:
    """Whether the caller belongs to an organization of this id; who it is tells that, too. Raises Unauthenticated."""
    return organization_id in ctx.caller.roles
