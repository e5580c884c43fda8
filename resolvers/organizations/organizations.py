"""The calling user, the organizations they belong to, and the storage that these use."""

from collections.abc import Collection, Sequence

from core.errors import Unauthenticated
from resolvers.access.context import Context
from storage.queries import by_id
from storage.tables import Organization, StorageUsage, User


async def get_viewer(ctx: Context) -> User:
    """Return the calling user."""
    async with ctx.services.database.transaction() as session:
        user = await session.get(User, ctx.caller.user_id)
    if user is None:
        raise Unauthenticated
    return user


async def list_own(ctx: Context) -> Sequence[Organization]:
    """Return the organizations of the caller, oldest first."""
    return await by_id.load_organizations(ctx.services.database, ctx.caller.roles.keys())


async def find_many(ctx: Context, organization_ids: Collection[str]) -> dict[str, Organization]:
    """Return those of the organizations that the caller belongs to, by id."""
    own_ids = [organization_id for organization_id in organization_ids if is_member(ctx, organization_id)]
    return {row.id: row for row in await by_id.load_organizations(ctx.services.database, own_ids)}


def is_member(ctx: Context, organization_id: str) -> bool:
    """Whether the caller belongs to the organization; needs no query."""
    return organization_id in ctx.caller.roles


async def get_storage_usage(ctx: Context, organization_id: str) -> StorageUsage:
    """Return the storage usage of all members together, which triggers keep up to date."""
    ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await session.get(StorageUsage, organization_id)
    return row or StorageUsage(organization_id=organization_id, size_bytes=0, file_count=0)
