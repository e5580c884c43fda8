"""Advance focus sessions whose client polls rarely, such as one that plays minutes of music between requests."""

from core import clock
from resolvers.access.context import Services
from resolvers.focus import scheduling
from resolvers.focus import sessions as use_cases
from storage.queries import focus
from workers import periodic


async def sweep(services: Services) -> int:
    """Advance all sessions that are due and return how many changed. Raises Unavailable."""
    now = clock.now()
    async with services.database.transaction() as session:
        rows = await focus.list_unscheduled(session, now - scheduling.idle_timeout(services.settings))
        ready_counts = await focus.count_ready_segments(session, [row.id for row in rows])
    due = [row.id for row in rows if scheduling.is_due(services.settings, row, ready_counts[row.id], now)]
    return sum([await _advance(services, session_id) for session_id in due])


async def _advance(services: Services, session_id: str) -> bool:
    """Advance a session unless another process holds its lock."""
    async with services.database.transaction() as session:
        row = await focus.lock(session, session_id, wait=False)
        if row is None:
            return False
        previous_sequence = row.sequence
        job = await scheduling.advance(session, services, row, clock.now())
    await use_cases.publish_changes(services, row, previous_sequence, job)
    return job is not None or row.sequence > previous_sequence


async def run_forever(services: Services, interval_seconds: float) -> None:
    await periodic.run_forever("focus sessions", lambda: sweep(services), interval_seconds)
