"""How long a second of music takes to make, engine by engine: by what was made of late, at the first attempt."""

from typing import Final

_RECENT: Final = 200
"""So many successes of an engine tell its pace: enough for percentiles, few enough to follow a change of machine."""


def speed_query(engines: str) -> str:
    """SQL for ``engine``, ``usual`` (median) and ``slow`` (nine of ten are faster) of the engines that SQL names."""
    return f"""
    SELECT engine, usual, slow
    FROM ({engines}) AS used CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio) AS usual,
            percentile_cont(0.9) WITHIN GROUP (ORDER BY ratio) AS slow
        FROM (
            SELECT extract(epoch FROM finished_at - started_at)::float8 / duration_seconds AS ratio
            FROM generations AS made
            WHERE made.engine = used.engine AND status = 'succeeded' AND attempts = 1
            ORDER BY finished_at DESC LIMIT {_RECENT}
        ) AS recent
    ) AS measured
    """  # noqa: S608  our own words
