"""What an organization's files take. The count is kept by the database as files come and go: nothing is summed here."""

from resolvers.access.context import Context
from storage.tables import StorageUsage


async def of(ctx: Context, organization_id: str) -> StorageUsage:
    """Of all its members together. Raises NotAMember."""
    ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await session.get(StorageUsage, organization_id)
    return row or StorageUsage(organization_id=organization_id, size_bytes=0, file_count=0)
