"""The memory of an export does not grow with the size of the library."""

from pathlib import Path
from typing import Final

from benchmarks.archives import sparse_library
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.users import Cast

MEGABYTE: Final = 1_000_000


async def test_the_memory_of_an_export_is_independent_of_its_size(
    settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    chosen = settings.model_copy(update={"storage": str(tmp_path / "blobs")})
    await sparse_library.create_tracks(chosen, database, (cast.ada.user_id, cast.ada.organization_id), 4, 30 * MEGABYTE)
    archive = tmp_path / "library.zip"
    spent = sparse_library.run_command(chosen, "export", "--user", cast.ada.user_id, "-o", str(archive))
    assert 120 * MEGABYTE < archive.stat().st_size < 121 * MEGABYTE
    # the memory after start plus the library would exceed this limit
    assert spent.peak_bytes > 80 * MEGABYTE
    assert spent.peak_bytes < 200 * MEGABYTE
