"""Changes of a generation: the row first, then the event."""

from sqlalchemy import text

from resolvers.access.context import Context
from storage.redis.events import Event


async def change_generation(ctx: Context, job_id: str, sequence: int, *, ends: bool = False) -> None:
    """Change the row of a generation, then publish the event."""
    status = "cancelled" if ends else "running"
    statement = text("""
        UPDATE generations SET sequence = :sequence, status = :status,
            lease_expires_at = CASE WHEN :status = 'running' THEN now() + interval '1 hour' END,
            finished_at = CASE WHEN :status = 'cancelled' THEN now() END
        WHERE id = :id
    """)
    async with ctx.services.database.transaction() as session:
        await session.execute(statement, {"id": job_id, "sequence": sequence, "status": status})
    await publish_change(ctx, job_id, sequence, status)


async def publish_change(ctx: Context, job_id: str, sequence: int, status: str = "running") -> None:
    await ctx.services.feed.publish(Event(job_id, sequence, {"status": status, "progress": 1, "stage": "rendering"}))
