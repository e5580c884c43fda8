"""Clock skew between processes: leases and scheduling depend on the clock of Postgres only."""

import pytest
from sqlalchemy import text

from core.jobs import TERMINAL
from tests.support.processes.installation import LONG_LEASE_SECONDS, Site
from tests.support.users import Cast

REMAINING_LEASE = "SELECT extract(epoch FROM lease_expires_at - now()) FROM generations WHERE id = :id"


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_clock_skew_of_ten_minutes_neither_steals_nor_blocks_a_job(
    site: Site, cast: Cast, minutes: int
) -> None:
    site.use_long_leases()
    site.server("clock-skew", str(-minutes))
    site.worker("clock-skew", str(minutes))
    job_id = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(job_id)
    async with site.database.transaction() as session:
        remaining = await session.scalar(text(REMAINING_LEASE), {"id": job_id})
    assert remaining is not None
    assert 0 < remaining <= LONG_LEASE_SECONDS
    # neither the second worker, nor its recovery loop, nor the server's finds a job to take
    site.worker()
    site.release()
    row = await site.wait_status(job_id, *TERMINAL)
    assert row.attempts == 1, site.read_logs()
    await site.assert_settled()
