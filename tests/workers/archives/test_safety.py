"""Hostile archives: invalid tracks are skipped completely, valid ones are imported."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Track
from tests.support import owned_resources, receipt_factories
from tests.support.factories import load_all
from tests.support.processes import empty_installation
from tests.support.processes.empty_installation import Installation
from tests.support.users import Cast
from workers.archives.records import ArchiveError

Change = Callable[[dict[str, Any]], None]
FOLDER = "tracks/00001 Night Desk"


@pytest.fixture
async def source(settings: Settings, database: Database, cast: Cast) -> AsyncIterator[Installation]:
    found = empty_installation.current_installation(settings, database, cast.ada)
    yield found
    await found.blobs.close()


@pytest.fixture
async def target(settings: Settings, tmp_path: Path, worker_id: str) -> AsyncIterator[Installation]:
    async with empty_installation.second_installation(settings, f"safety_{worker_id}", tmp_path / "elsewhere") as found:
        yield found


@pytest.fixture
async def archive(source: Installation, database: Database, cast: Cast, tmp_path: Path) -> Path:
    """An archive with two tracks."""
    for _ in range(2):
        await receipt_factories.put_track_with_files(database, source.settings, cast.ada, tmp_path)
    await source.export(tmp_path / "library.zip")
    return tmp_path / "library.zip"


def rewritten(archive: Path, name: str, change: Callable[[bytes], bytes], as_name: str | None = None) -> Path:
    """Return a copy of an archive with one entry changed or renamed."""
    target = archive.with_name("changed.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == name:
                new.writestr(as_name or name, change(content))
            else:
                new.writestr(entry.filename, content)
    return target


def in_json(change: Change) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        document = json.loads(content)
        change(document)
        return json.dumps(document).encode()

    return changed


def promise_more(document: dict[str, Any]) -> None:
    document["track"]["licence_class"] = "personal_only"


def climb(document: dict[str, Any]) -> None:
    document["files"][0]["path"] = "../../../../etc/passwd"


def point_at_root(document: dict[str, Any]) -> None:
    document["files"][0]["path"] = "/etc/passwd"


def grow(document: dict[str, Any]) -> None:
    document["files"][0]["size_bytes"] += 1


def be_html(document: dict[str, Any]) -> None:
    document["files"][0]["media_type"] = "text/html"


def be_another(document: dict[str, Any]) -> None:
    document["track"]["id"] = "mtrack_00000000000000000000dead"


def be_no_id(document: dict[str, Any]) -> None:
    document["generation"]["id"] = "../../x"


def say_more(document: dict[str, Any]) -> None:
    document["track"]["organization_id"] = "org_00000000000000000000dead"


def hide_nul(document: dict[str, Any]) -> None:
    document["track"]["title"] = "a\x00b"


def have_two_masters(document: dict[str, Any]) -> None:
    document["files"].append(document["files"][0])


def be_too_large_a_number(document: dict[str, Any]) -> None:
    document["track"]["seed"] = 2**63


def be_running(document: dict[str, Any]) -> None:
    document["generation"].update(status="running")


def break_chords(document: dict[str, Any]) -> None:
    document["track"]["chords"] = [{"symbol": "Am"}]


def take_a_session(document: dict[str, Any]) -> None:
    document["generation"].update(session_id="mfocus_00000000000000000000dead", segment_index=0, segment={})


INVALID_TRACKS: dict[str, tuple[Change, str]] = {
    "promises-more": (promise_more, "allows commercial use contrary to its licence class"),
    "climbs-out": (climb, "'../../../../etc/passwd' is missing"),
    "points-at-root": (point_at_root, "'/etc/passwd' is missing"),
    "another-size": (grow, "does not match its recorded hash and size"),
    "another-kind": (be_html, "the media type 'text/html' is not supported"),
    "another-track": (be_another, "its folder contains a different track"),
    "no-id": (be_no_id, "is not an id that begins with mgen_"),
    "foreign-owner": (say_more, "is not valid at organization_id"),
    "nul": (hide_nul, "contains a NUL character"),
    "two-masters": (have_two_masters, "it lists a file twice"),
    "large-number": (be_too_large_a_number, "it violates a constraint of the database"),
    "not-finished": (be_running, "its job has not succeeded"),
    "broken-chords": (break_chords, "is not valid at chords.0.start_ms"),
    "foreign-session": (take_a_session, "its focus session does not exist"),
}


async def test_an_invalid_track_is_skipped_and_others_are_imported(
    archive: Path, target: Installation, tmp_path: Path
) -> None:
    for case, (change, reason) in INVALID_TRACKS.items():
        invalid = rewritten(archive, f"{FOLDER}/track.json", in_json(change))
        done = await target.import_archive(invalid)
        assert (case, done.tracks + done.present, len(done.skipped)) == (case, 1, 1)
        assert reason in done.skipped[0], case
        assert len(await load_all(target.database, Track)) == 1
    expected = {"library.zip", "changed.zip", "source.mp3", "source.flac"}
    assert files_outside(tmp_path, target.settings.data_dir) == expected


def files_outside(folder: Path, without: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and without not in path.parents}


def corrupt(archive: Path, old: bytes, new: bytes) -> None:
    """Change bytes of an archive without updating its checksums."""
    content = archive.read_bytes()
    archive.write_bytes(content.replace(old, new, 1))


async def test_a_track_with_a_changed_or_corrupt_file_is_skipped(archive: Path, target: Installation) -> None:
    damaged = rewritten(archive, f"{FOLDER}/Night Desk.mp3", lambda content: content[:-1] + b"x")
    done = await target.import_archive(damaged)
    assert (done.tracks, len(done.skipped)) == (1, 1)
    assert done.skipped[0].endswith(f"{FOLDER}/Night Desk.mp3 does not match its recorded hash and size.")
    corrupt(archive, b"drums" * 300, b"dremi" + b"drums" * 299)
    done = await target.import_archive(archive)
    assert (done.present, len(done.skipped)) == (1, 1)
    assert "is corrupt" in done.skipped[0]


async def test_decompression_bombs_are_rejected(archive: Path, target: Installation) -> None:
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    bomb = archive.with_name("bomb.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in names:
            content = old.read(name)
            if name == f"{FOLDER}/track.json":
                document = json.loads(content)
                # more than the limit for the whole archive
                for number, file in enumerate(document["files"]):
                    file.update(size_bytes=2**31 - 1 - number)
                content = json.dumps(document).encode()
            new.writestr(name, content)
    done = await target.import_archive(bomb)
    assert (done.tracks, len(done.skipped)) == (1, 1)
    assert "unpacks to more than its size allows" in done.skipped[0]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06" + bytes(18), b"no archive", None], ids=["empty", "zip", "text", "x"]
)
async def test_an_invalid_archive_is_rejected(target: Installation, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.zip"
    if content is None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.json", '{"format": "music-studio/archive", "version": 2}')
        content = buffer.getvalue()
    path.write_bytes(content)
    before = await owned_resources.digest_tables(target.database)
    with pytest.raises(ArchiveError):
        await target.import_archive(path)
    assert await owned_resources.digest_tables(target.database) == before


async def test_licences_must_match_receipts_if_keys_are_given(
    archive: Path, source: Installation, target: Installation
) -> None:
    def improve(document: dict[str, Any]) -> None:
        document["track"]["licence_class"] = "commercial_enterprise"

    better = rewritten(archive, f"{FOLDER}/track.json", in_json(improve))
    done = await target.import_archive(better, keys_of=source)
    assert (done.tracks, len(done.skipped)) == (1, 1)
    assert done.skipped[0].endswith("its receipt states something different.")
    done = await target.import_archive(archive, keys_of=target)
    assert done.skipped[0].endswith("its receipt was not signed with any of the given keys.")
    done = await target.import_archive(archive, keys_of=source)
    assert (done.tracks, done.present, done.skipped) == (1, 1, [])


async def test_an_id_conflict_is_reported_and_changes_nothing(
    archive: Path, source: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    before = await owned_resources.digest_tables(database)
    # the same installation and user: digest_tables is present
    done = await source.import_archive(archive)
    assert (done.tracks, done.present, done.skipped) == (0, 2, [])
    # another user of the same installation
    other = empty_installation.current_installation(source.settings, database, cast.cid)
    done = await other.import_archive(archive)
    assert done.tracks == 0
    assert {sentence.partition("was skipped: ")[2] for sentence in done.skipped} == {
        "its id belongs to a track of another user."
    }

    def another(document: dict[str, Any]) -> None:
        document["track"]["engine_version"] = "9"

    done = await source.import_archive(rewritten(archive, f"{FOLDER}/track.json", in_json(another)))
    assert (done.present, len(done.skipped)) == (1, 1)
    assert done.skipped[0].endswith("its id belongs to a different track.")
    assert await owned_resources.digest_tables(database) == before
