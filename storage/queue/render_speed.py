"""Render speed of each engine, in seconds per second of audio, from recent first attempts."""

from typing import Final

_RECENT: Final = 200
"""Number of recent jobs: enough for percentiles, few enough to follow a change of the hardware."""


def speed_query(engines: str) -> str:
    """Return SQL that selects ``engine``, ``median`` and ``p90`` for the engines that the given SQL selects."""
    return f"""
    SELECT engine, median, p90
    FROM ({engines}) AS used CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio) AS median,
            percentile_cont(0.9) WITHIN GROUP (ORDER BY ratio) AS p90
        FROM (
            SELECT extract(epoch FROM finished_at - started_at)::float8 / duration_seconds AS ratio
            FROM generations AS ended
            WHERE ended.engine = used.engine AND status = 'succeeded' AND attempts = 1
            ORDER BY finished_at DESC LIMIT {_RECENT}
        ) AS recent
    ) AS measured
    """  # noqa: S608  no user input
