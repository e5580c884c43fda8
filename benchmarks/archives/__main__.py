"""``python -m benchmarks.archives``: export and import a large library with the command line; print a table.

Requires slightly more than twice the size of the library on the disk of ``--folder``.
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archives")
    parser.add_argument("--tracks", type=int, default=2500)
    parser.add_argument("--file-bytes", type=int, default=4_000_000)
    parser.add_argument("--audio-seconds", type=int, default=2, help="length of each track, which an import decodes")
    parser.add_argument("--folder", type=Path, default=None, help="folder on a disk with enough space")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, temporary_stack() as stack:
        for line in _run(Path(folder), (stack.database_url, stack.redis_url), options):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def _run(folder: Path, urls: tuple[str, str], options: argparse.Namespace) -> list[str]:
    settings = Settings(data_dir=folder / "source", database_url=urls[0], redis_url=urls[1])
    user_id, organization_id = asyncio.run(_prepare(settings, options))
    archive = folder / "library.zip"
    exported = sparse_library.run_command(settings, "export", "--user", user_id, "-o", str(archive))
    size = archive.stat().st_size
    asyncio.run(_delete_tracks(settings))
    target = settings.model_copy(update={"data_dir": folder / "target"})
    imported = sparse_library.run_command(
        target, "import", str(archive), "--user", user_id, "--organization", organization_id
    )
    repeated = sparse_library.run_command(
        target, "import", str(archive), "--user", user_id, "--organization", organization_id
    )
    rows = (("export", exported), ("import", imported), ("import again", repeated))
    return [
        f"{options.tracks} tracks of {options.audio_seconds} s, archive of {decimal(size)}",
        "| command | seconds | peak memory of the process |",
        "|---|---|---|",
        *(f"| {name} | {cost.seconds:.0f} | {decimal(cost.peak_bytes)} |" for name, cost in rows),
    ]


async def _prepare(settings: Settings, options: argparse.Namespace) -> tuple[str, str]:
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    organization = await accounts.create_organization(database, "Large")
    user = await accounts.create_user(database, "Ada", organization.id, Role.ADMIN)
    owner = (user.id, organization.id)
    await sparse_library.create_tracks(
        settings, database, owner, options.tracks, options.file_bytes, options.audio_seconds
    )
    await database.close()
    return user.id, organization.id


async def _delete_tracks(settings: Settings) -> None:
    """Delete all tracks and keep the users, as in the database of another installation."""
    database = Database(str(settings.database_url), pooled=False)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("TRUNCATE generations, tracks CASCADE")
    await database.close()


if __name__ == "__main__":
    main()
