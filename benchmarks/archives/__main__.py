"""``python -m benchmarks.archives``: exports and imports a large library with our own commands; prints a table.

Needs two and a bit times the library's size on the disk of ``--folder``.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.filesize import decimal

from benchmarks.archives import sparse_library
from core.settings import Settings
from resolvers.access import accounts
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from storage.tables import Role


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archives")
    parser.add_argument("--tracks", type=int, default=2500)
    parser.add_argument("--file-bytes", type=int, default=4_000_000)
    parser.add_argument("--folder", type=Path, default=None, help="where there is room")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, temporary_stack() as stack:
        for line in _run(Path(folder), (stack.database_url, stack.redis_url), given.tracks, given.file_bytes):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def _run(folder: Path, addresses: tuple[str, str], tracks: int, file_bytes: int) -> list[str]:
    settings = Settings(data_dir=folder / "here", database_url=addresses[0], redis_url=addresses[1])
    whose = asyncio.run(_prepare(settings, tracks, file_bytes))
    archive = folder / "library.zip"
    out = sparse_library.run_command(settings, "export", "--user", whose[0], "-o", str(archive))
    size = archive.stat().st_size
    asyncio.run(_forget(settings))
    there = settings.model_copy(update={"data_dir": folder / "there"})
    back = sparse_library.run_command(there, "import", str(archive), "--user", whose[0], "--organization", whose[1])
    again = sparse_library.run_command(there, "import", str(archive), "--user", whose[0], "--organization", whose[1])
    rows = (("export", out), ("import", back), ("import again", again))
    return [
        f"{tracks} tracks, archive of {decimal(size)}",
        "| command | seconds | peak memory of the process |",
        "|---|---|---|",
        *(f"| {name} | {spent.seconds:.0f} | {decimal(spent.peak_bytes)} |" for name, spent in rows),
    ]


async def _prepare(settings: Settings, tracks: int, file_bytes: int) -> tuple[str, str]:
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    organization = await accounts.create_organization(database, "Large")
    user = await accounts.create_user(database, "Ada", organization.id, Role.ADMIN)
    await sparse_library.create_tracks(settings, database, (user.id, organization.id), tracks, file_bytes)
    await database.close()
    return user.id, organization.id


async def _forget(settings: Settings) -> None:
    """As if the database were that of another installation: the rows go, the people stay."""
    database = Database(str(settings.database_url), pooled=False)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("TRUNCATE generations, tracks CASCADE")
    await database.close()


if __name__ == "__main__":
    main()
