"""The caller and the organizations it belongs to."""

from collections.abc import Sequence

from core.errors import Unauthenticated
from resolvers.context import Context
from storage import lookups
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
    return await lookups.organizations(ctx.services.database, ctx.caller.roles.keys())


async def find(ctx: Context, organization_id: str) -> Organization | None:
    """The organization if the caller belongs to it. Raises Unauthenticated."""
    if organization_id not in ctx.caller.roles:
        return None
    return next(iter(await lookups.organizations(ctx.services.database, [organization_id])), None)
