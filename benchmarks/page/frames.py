"""Measure the frames of the page while a library of thousands of tracks scrolls.

The time between frames depends on the machine, and in a browser without a GPU on its other load. The CPU time of the
page's main thread is given beside it: a frame at 60 Hz has 16.7 ms.
"""

import statistics
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
from playwright.async_api import CDPSession

from benchmarks.page import pictures, studio
from benchmarks.page.studio import RunningStudio
from core.settings import Settings
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner

SPEEDS: Final = (10, 20, 40)
"""Pixels in a frame."""
_SECONDS: Final = 5
_COVERS: Final = 64
"""Different files; each track has a URL of its own, so that the browser reads a cover for each."""
_SHAPES: Final = 60
"""The usual number of shapes in a cover."""
_SCROLL: Final = """async ([pixels, seconds]) => {
  const times = [await new Promise(requestAnimationFrame)];
  while (times[times.length - 1] - times[0] < 1000 * seconds) {
    scrollBy(0, pixels);
    times.push(await new Promise(requestAnimationFrame));
  }
  return times.slice(1).map((time, place) => time - times[place]);
}"""
_COVER_ROWS: Final = """
INSERT INTO track_files (track_id, role, name, blob_key, media_type, size_bytes)
SELECT id, 'cover', 'svg', ($1::text[])[1 + abs(hashtext(id)) % cardinality($1::text[])], 'image/svg+xml', 1 FROM tracks
"""


async def measure(tracks: int) -> list[str]:
    """Return a table of the frames at different speeds, as Markdown."""
    async with studio.with_library(tracks) as (running, settings):
        await _add_covers(settings)
        return await _measure(running)


async def _add_covers(settings: Settings) -> None:
    blobs, keys = LocalBlobs(settings.storage_dir, UrlSigner(settings.public_url, b"")), list[str]()
    path = settings.data_dir / "cover.svg"
    for number in range(_COVERS):
        path.write_text("".join(_draw_cover(number)), encoding="utf-8")
        keys.append((await blobs.put(path, ".svg")).key)
    connection = await asyncpg.connect(str(settings.database_url))
    await connection.execute(_COVER_ROWS, keys)
    await connection.close()


def _draw_cover(number: int) -> Iterator[str]:
    """Yield the parts of a picture that takes a browser about as long as a cover."""
    yield '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024"><rect width="1024" height="1024"/>'
    for place in range(_SHAPES):
        x, y, hue = place * 16, (place * 211 + number * 37) % 1024, (number * 29 + place) % 360
        curve = f"M{x} 0C{x + 40} {y} {x - 40} {1024 - y} {x} 1024"
        yield f'<path d="{curve}" fill="none" stroke="hsl({hue} 60% 50%)" stroke-width="7"/>'
    yield "</svg>"


async def _measure(running: RunningStudio) -> list[str]:
    lines = [
        "| pixels in a frame | frames per second | slowest of 20 frames, ms | CPU of a frame, ms | rows |",
        "|--:" * 5 + "|",
    ]
    async with pictures.open_browser() as browser:
        context = await pictures.open_context(browser, running, pictures.LOOKS[0], is_signed_in=True)
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable")
        await page.goto(f"{running.url}/studio/library")
        await page.locator(".track-row").first.wait_for()
        for speed in SPEEDS:
            before = await _cpu_seconds(session)
            gaps: list[float] = await page.evaluate(_SCROLL, [speed, _SECONDS])
            cpu = 1_000 * (await _cpu_seconds(session) - before) / len(gaps)
            late = statistics.quantiles(gaps, n=20)[-1]
            rows = await page.locator(".virtual > li").count()
            lines.append(f"| {speed} | {1_000 * len(gaps) / sum(gaps):.1f} | {late:.1f} | {cpu:.1f} | {rows} |")
    return lines


async def _cpu_seconds(session: CDPSession) -> float:
    """Return the CPU time of the page's thread since it began."""
    metrics: list[dict[str, Any]] = (await session.send("Performance.getMetrics"))["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")
