"""Processes whose clocks are wrong: leases and turns go by Postgres' clock alone."""

import pytest
from sqlalchemy import text

from core.jobs import TERMINAL
from tests.support.installation import LONG_LEASE_SECONDS, Site
from tests.support.users import Cast

LEFT = "SELECT extract(epoch FROM lease_expires_at - now()) FROM generations WHERE id = :id"


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_clocks_ten_minutes_apart_neither_steal_a_job_nor_keep_one(site: Site, cast: Cast, minutes: int) -> None:
    site.use_long_leases()
    site.server("elsewhen", str(-minutes))
    site.worker("elsewhen", str(minutes))
    job_id = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(job_id)
    async with site.database.transaction() as session:
        left = await session.scalar(text(LEFT), {"id": job_id})
    assert left is not None
    assert 0 < left <= LONG_LEASE_SECONDS
    # a worker, a recovery beside it and the server's: none of them finds anything to take
    site.worker()
    site.release()
    row = await site.wait_status(job_id, *TERMINAL)
    assert row.attempts == 1, site.read_logs()
    await site.assert_settled()
