"""``studio export`` and ``studio import``."""

import stat
import zipfile
from pathlib import Path

import pytest

from core.settings import Settings
from storage.postgres.database import Database
from tests.support import archived_tracks, factories
from tests.support.processes import empty_installation
from tests.support.processes.cli import run_cli
from tests.support.users import Cast


@pytest.fixture
async def track_id(database: Database, settings: Settings, cast: Cast, tmp_path: Path) -> str:
    return await archived_tracks.put_track(database, settings, cast.ada, tmp_path)


async def test_a_library_is_exported_and_imported_elsewhere(
    settings: Settings, database: Database, cast: Cast, track_id: str, tmp_path: Path, worker_id: str
) -> None:
    path = tmp_path / "library.zip"
    status, said = run_cli(settings, "--user", cast.ada.user_id, "-o", str(path), command="export")
    assert status == 0, said
    assert f"1 tracks and 0 other jobs in {path}" in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert track_id.encode() in archive.read("index.json")
    status, said = run_cli(settings, "--user", cast.ada.user_id, "-o", str(path), command="export")
    assert (status, said) == (1, f"studio: {path} exists: choose another name, or add --force.\n")
    keys = tmp_path / "keys.json"
    keys.write_text(run_cli(settings, "keys", command="receipts")[1])
    async with empty_installation.second_installation(
        settings, f"commands_{worker_id}", tmp_path / "elsewhere"
    ) as there:
        whose = ("--user", there.person.user_id, "--organization", there.person.organization_id)
        status, said = run_cli(there.settings, str(path), *whose, "--keys", str(keys), command="import")
        assert (status, said) == (
            0,
            "1 tracks, 0 other jobs, 0 focus sessions and 0 collections were imported; 0 objects existed already.\n",
        )
        status, said = run_cli(there.settings, str(path), *whose, command="import")
        assert (status, said.splitlines()) == (
            0,
            [
                "Receipts were not verified, so that licences of new tracks are unclear: use --keys to keep them.",
                "0 tracks, 0 other jobs, 0 focus sessions and 0 collections were imported; 1 objects existed already.",
            ],
        )
        unknown_user = ("--user", "user_000000000000", "--organization", there.person.organization_id)
        status, said = run_cli(there.settings, str(path), *unknown_user, command="import")
        assert (status, said) == (3, "studio: User user_000000000000 not found.\n")
        status, said = run_cli(there.settings, str(keys), *whose, command="import")
        assert (status, said) == (1, f"studio: {keys}: is not a valid ZIP file.\n")


async def test_missing_files_and_conflicts_are_reported(
    settings: Settings, database: Database, cast: Cast, track_id: str, tmp_path: Path
) -> None:
    await factories.put_track(database, cast.ada)
    path = tmp_path / "library.zip"
    status, said = run_cli(settings, "--user", cast.ada.user_id, "-o", str(path), command="export")
    assert status == 1
    assert said.endswith("studio: 1 files are missing; the rest is in the archive.\n")
    assert path.exists()
    whose = ("--user", cast.bea.user_id, "--organization", cast.bea.organization_id)
    status, said = run_cli(settings, str(path), *whose, command="import")
    assert status == 1
    assert f"The track {track_id} (Night Desk) was skipped: its id belongs to a track of another user." in said
    assert said.endswith("studio: 2 objects were skipped; the rest was imported.\n")
    foreign = ("--user", cast.bea.user_id, "--organization", cast.cid.organization_id)
    status, said = run_cli(settings, str(path), *foreign, command="import")
    assert (status, said) == (
        1,
        f"studio: organization: {cast.bea.user_id} is not a member of {cast.cid.organization_id}.\n",
    )
    status, said = run_cli(settings, "--user", "user_000000000000", "-o", str(tmp_path / "x.zip"), command="export")
    assert (status, said) == (3, "studio: User user_000000000000 not found.\n")
    assert archives(tmp_path) == ["library.zip"]


def archives(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.zip*"))
