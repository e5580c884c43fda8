"""How the server hands files out and opens share links.

``python -m benchmarks.media listeners|ratios`` starts Postgres, Valkey and ``studio serve`` of its own, and prints what
it measured: how much memory many listeners need, or how near we are to the least that can be.
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
from tests.support import media_files, users
from tests.support.users import Person

_ANY = 1_000_000


def main() -> None:
    """Measure and tell."""
    options = _options()
    if options.what == "listeners":
        asyncio.run(concurrent_downloads.measure(options.readers, options.megabytes * concurrent_downloads.MEGABYTE))
    else:
        _ratios(options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.media", description=__doc__)
    parser.add_argument("what", choices=["listeners", "ratios"], help="What to measure.")
    parser.add_argument("--readers", type=int, default=1000, help="How many read at once.")
    parser.add_argument("--megabytes", type=int, default=100, help="Size of the file they read.")
    parser.add_argument("--seconds", type=float, default=4, help="How long a round is.")
    return parser.parse_args()


def _ratios(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        source = Path(folder) / "source.mp3"
        source.write_bytes(hashlib.shake_256(b"a track").digest(1_500_000))
        server = ServerSettings(port=ports.find_free(), share_resolves_per_minute=_ANY)
        settings = Settings(
            data_dir=Path(folder), database_url=stack.database_url, redis_url=stack.redis_url, server=server
        )
        link, owner, track_id = asyncio.run(_filed(settings, source))
        with (
            server_process.run_server(settings) as process,
            overhead.run_reference_server(stack, source) as (least, address),
        ):
            asyncio.run(server_process.wait_until_ready(settings.public_url))
            token = _shared(settings, owner, track_id)
            file, counted, shared = f"{address}/file", f"{address}/counted/{token}", f"{address}/shared/{token}"
            part = overhead.compare("64 kB of a file", (link, process), (file, least), seconds, overhead.PART)
            whole = overhead.compare("a file of 1.5 MB", (link, process), (file, least), seconds)
            opened = f"{settings.public_url}/v1/music/shared/{token}"
            share = overhead.compare("a share link", (opened, process), (counted, least), seconds)
            bare = overhead.compare(
                "a share link, beside one without a limit", (opened, process), (shared, least), seconds
            )
    for line in overhead.format_table([part, whole, share, bare]):
        concurrent_downloads.print_line(line)


async def _filed(settings: Settings, source: Path) -> tuple[str, Person, str]:
    """A link to a file, whose it is, and its track."""
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    cast = await users.create_cast(database)
    blob = await media_files.put_track_file(database, settings, cast.ada, source)
    async with database.transaction() as session:
        track_id = await session.scalar(select(col(Track.id)))
    await database.close()
    return media_files.build_link(settings, cast.ada, blob, seconds=3600), cast.ada, str(track_id)


def _shared(settings: Settings, owner: Person, track_id: str) -> str:
    """The token of a link to the track."""
    path = f"/v1/music/{owner.organization_id}/tracks/{track_id}/share"
    answer = httpx.post(f"{settings.public_url}{path}", headers=owner.headers)
    return str(answer.raise_for_status().json()["token"])


if __name__ == "__main__":
    main()
