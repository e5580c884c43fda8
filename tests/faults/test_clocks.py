"""Processes whose clocks are wrong: leases and turns go by Postgres' clock alone."""

from pathlib import Path

import pytest
from sqlalchemy import text

from core.jobs import TERMINAL
from tests.faults.sites import LONG_SECONDS, Site
from tests.people import Cast

ELSEWHEN = str(Path(__file__).with_name("elsewhen.py"))
LEASE_SECONDS = 30
"""Longer than any starvation on a busy machine, much shorter than the clocks are apart."""

LEFT = "SELECT extract(epoch FROM lease_expires_at - now()) FROM generations WHERE id = :id"


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_clocks_ten_minutes_apart_neither_steal_a_job_nor_keep_one(site: Site, cast: Cast, minutes: int) -> None:
    workers = site.settings.workers.model_copy(update={"lease_seconds": LEASE_SECONDS})
    site.settings = site.settings.model_copy(update={"workers": workers})
    site.server(ELSEWHEN, str(-minutes))
    site.worker(ELSEWHEN, str(minutes))
    job_id = await site.submit(cast.ada, seconds=LONG_SECONDS)
    await site.rendering(job_id)
    async with site.database.transaction() as session:
        left = await session.scalar(text(LEFT), {"id": job_id})
    assert left is not None
    assert 0 < left <= LEASE_SECONDS
    # a worker, a recovery beside it and the server's: none of them finds anything to take
    site.worker()
    row = await site.status(job_id, *TERMINAL)
    assert row.attempts == 1, site.said()
    await site.settle()
