"""Storage usage of organizations, which database triggers keep up to date as files are added and removed."""

from resolvers.access.context import Context
from storage.tables import StorageUsage


async def get(ctx: Context, organization_id: str) -> StorageUsage:
    """Return the usage of all members together."""
    ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await session.get(StorageUsage, organization_id)
    return row or StorageUsage(organization_id=organization_id, size_bytes=0, file_count=0)
