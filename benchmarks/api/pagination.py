"""What depth costs: a page behind a cursor, as the product reads it, and a page behind an OFFSET."""

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
TIMES: Final = 30


@dataclass(frozen=True, slots=True)
class PageTimes:
    """Milliseconds of a page so many rows behind the first, of the best and the median try."""

    offset: int
    keyset_ms: tuple[float, float]
    offset_ms: tuple[float, float]


async def measure(database_url: str, world: Dataset, times: int = TIMES) -> list[PageTimes]:
    """At the beginning, and as deep as the first person's library goes: half of all rows, less a page."""
    database = Database(database_url)
    owner = world.users[0]
    depths = sorted({0, (world.rows // 2 - PAGE) // 10, world.rows // 2 - PAGE})

    async def page(offset: int, after: SavedTrack | None = None) -> Sequence[SavedTrack]:
        place = None if after is None else (after.key, after.entry.id)
        async with database.transaction() as session:
            return await libraries.page(
                session, owner.organization_id, owner.user_id, Filter(), limit=PAGE, offset=offset, after=place
            )

    found = []
    for depth in depths:
        before = (await page(depth - 1))[0] if depth else None
        if [row.key for row in await page(0, before)] != [row.key for row in await page(depth)]:
            raise ValueError(f"the pages at {depth} differ")
        by_key = await _spent(lambda before=before: page(0, before), times)  # type: ignore[misc]
        by_offset = await _spent(lambda depth=depth: page(depth), times)  # type: ignore[misc]
        found.append(PageTimes(depth, by_key, by_offset))
    await database.close()
    return found


async def _spent(ask: Callable[[], Awaitable[Sequence[SavedTrack]]], times: int) -> tuple[float, float]:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        spent.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0)
    return min(spent), statistics.median(spent)


def format_table(depths: Sequence[PageTimes]) -> Iterator[str]:
    """As a table."""
    yield ""
    yield "| page of 50 behind | by cursor: best, median | to depth 0 | by OFFSET: best, median | to depth 0 |"
    yield "|---:|---:|---:|---:|---:|"
    first = depths[0]
    for at in depths:
        cells = (
            f"{at.offset}",
            "{:.1f}, {:.1f} ms".format(*at.keyset_ms),
            f"{at.keyset_ms[0] / first.keyset_ms[0]:.1f}",
            "{:.1f}, {:.1f} ms".format(*at.offset_ms),
            f"{at.offset_ms[0] / first.offset_ms[0]:.1f}",
        )
        yield f"| {' | '.join(cells)} |"
