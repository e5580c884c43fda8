"""``python -m benchmarks.media listeners|ratios``: measure file downloads and share links.

``listeners`` prints the memory of the server during many concurrent downloads; ``ratios`` compares rates and CPU time
with a reference server. Both start their own Postgres, Valkey and ``studio serve``.
"""

import argparse
import asyncio
import hashlib
import tempfile
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlmodel import col

from benchmarks import server_process
from benchmarks.media import concurrent_downloads, overhead
from core.settings import ServerSettings, Settings
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from storage.tables import Track
from tests.support import users
from tests.support.audio import media_files
from tests.support.users import Person

_ANY = 1_000_000


def main() -> None:
    options = _options()
    if options.benchmark == "listeners":
        asyncio.run(concurrent_downloads.measure(options.readers, options.megabytes * concurrent_downloads.MEGABYTE))
    else:
        _measure_overhead(options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.media", description=__doc__)
    parser.add_argument("benchmark", choices=["listeners", "ratios"], help="What to measure.")
    parser.add_argument("--readers", type=int, default=1000, help="Concurrent downloads.")
    parser.add_argument("--megabytes", type=int, default=100, help="Size of the file.")
    parser.add_argument("--seconds", type=float, default=4, help="Duration of one round.")
    return parser.parse_args()


def _measure_overhead(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        source = Path(folder) / "source.mp3"
        source.write_bytes(hashlib.shake_256(b"a track").digest(1_500_000))
        server = ServerSettings(port=ports.find_free(), share_resolves_per_minute=_ANY)
        settings = Settings(
            data_dir=Path(folder), database_url=stack.database_url, redis_url=stack.redis_url, server=server
        )
        url, owner, track_id = asyncio.run(_store_track(settings, source))
        with (
            server_process.run_server(settings) as process,
            overhead.run_reference_server(stack, source) as (reference, address),
        ):
            asyncio.run(server_process.wait_until_ready(settings.public_url))
            token = _create_share_link(settings, owner, track_id)
            file, counted, shared = f"{address}/file", f"{address}/counted/{token}", f"{address}/shared/{token}"
            part = overhead.compare("64 kB of a file", (url, process), (file, reference), seconds, overhead.PART)
            whole = overhead.compare("a file of 1.5 MB", (url, process), (file, reference), seconds)
            share_url = f"{settings.public_url}/v1/music/shared/{token}"
            share = overhead.compare("a share link", (share_url, process), (counted, reference), seconds)
            unlimited = overhead.compare(
                "a share link, compared with one without rate limit", (share_url, process), (shared, reference), seconds
            )
    for line in overhead.format_table([part, whole, share, unlimited]):
        concurrent_downloads.print_line(line)


async def _store_track(settings: Settings, source: Path) -> tuple[str, Person, str]:
    """Store a track with a file; return the URL of the file, the owner and the track id."""
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    seeded = await users.create_cast(database)
    blob = await media_files.put_track_file(database, settings, seeded.ada, source)
    async with database.transaction() as session:
        track_id = await session.scalar(select(col(Track.id)))
    await database.close()
    return media_files.build_link(settings, seeded.ada, blob, seconds=3600), seeded.ada, str(track_id)


def _create_share_link(settings: Settings, owner: Person, track_id: str) -> str:
    """Share the track and return the token of the link."""
    path = f"/v1/music/{owner.organization_id}/tracks/{track_id}/share"
    response = httpx.post(f"{settings.public_url}{path}", headers=owner.headers)
    return str(response.raise_for_status().json()["token"])


if __name__ == "__main__":
    main()
