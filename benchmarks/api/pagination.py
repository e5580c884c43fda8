"""Cost of a page by its depth: keyset pagination, as in the product, and OFFSET."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.api.dataset import Dataset
from storage.postgres.database import Database
from storage.queries import libraries
from storage.queries.libraries import Filter, SavedTrack

PAGE: Final = 50
REPETITIONS: Final = 30


@dataclass(frozen=True, slots=True)
class PageTimes:
    """Best and median time of a page after ``offset`` rows."""

    offset: int
    keyset_ms: tuple[float, float]
    offset_ms: tuple[float, float]


async def measure(database_url: str, data: Dataset, repetitions: int = REPETITIONS) -> list[PageTimes]:
    """Measure the first page and the deepest page of the largest library, which has half of all rows."""
    database = Database(database_url)
    owner = data.users[0]
    offsets = sorted({0, (data.rows // 2 - PAGE) // 10, data.rows // 2 - PAGE})

    async def page(offset: int, after: SavedTrack | None = None) -> Sequence[SavedTrack]:
        position = None if after is None else (after.key, after.entry.id)
        async with database.transaction() as session:
            return await libraries.page(
                session, owner.organization_id, owner.user_id, Filter(), limit=PAGE, offset=offset, after=position
            )

    times = []
    for offset in offsets:
        previous = (await page(offset - 1))[0] if offset else None
        if [row.key for row in await page(0, previous)] != [row.key for row in await page(offset)]:
            raise ValueError(f"the pages after {offset} rows differ between keyset and OFFSET")
        by_keyset = await _time(lambda previous=previous: page(0, previous), repetitions)  # type: ignore[misc]
        by_offset = await _time(lambda offset=offset: page(offset), repetitions)  # type: ignore[misc]
        times.append(PageTimes(offset, by_keyset, by_offset))
    await database.close()
    return times


async def _time(query: Callable[[], Awaitable[Sequence[SavedTrack]]], repetitions: int) -> tuple[float, float]:
    milliseconds = []
    for _ in range(repetitions):
        started_at = time.perf_counter()
        await query()
        milliseconds.append(1000 * (time.perf_counter() - started_at))
        await asyncio.sleep(0)
    return min(milliseconds), statistics.median(milliseconds)


def format_table(times: Sequence[PageTimes]) -> Iterator[str]:
    yield ""
    yield "| page of 50 after | keyset: best, median | relative to 0 | OFFSET: best, median | relative to 0 |"
    yield "|---:|---:|---:|---:|---:|"
    first = times[0]
    for row in times:
        cells = (
            f"{row.offset}",
            "{:.1f}, {:.1f} ms".format(*row.keyset_ms),
            f"{row.keyset_ms[0] / first.keyset_ms[0]:.1f}",
            "{:.1f}, {:.1f} ms".format(*row.offset_ms),
            f"{row.offset_ms[0] / first.offset_ms[0]:.1f}",
        )
        yield f"| {' | '.join(cells)} |"
