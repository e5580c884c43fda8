"""Imported tracks are marked with their origin, and their licence is unclear unless a trusted receipt confirms it."""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from resolvers.signing import keyring, signatures
from server.embedded import ports
from storage.postgres.database import Database
from storage.tables import Generation, Track
from tests.support import archived_tracks
from tests.support.archived_tracks import FOLDER, MASTER, TRACK, in_json
from tests.support.factories import load_all
from tests.support.graphql.client import data
from tests.support.processes import empty_installation
from tests.support.processes.empty_installation import Installation
from tests.support.processes.servers import serving
from tests.support.users import Cast

SHOWN: Final = """
query($id: ID!, $org: ID!) {
  node(id: $id) { ... on Track {
    licence { class commercialUse } origin { issuer isVerified message } receipt importedReceipt playbackUrl
  } }
  organization(id: $org) { library { edges { node { track { id createdAt } } } } }
}
"""
VERIFY: Final = (
    "query($sha: String!) { verifyTrack(sha256: $sha) "
    "{ verdict message track { licence { class } origin { issuer isVerified } } } }"
)


@pytest.fixture
async def source(settings: Settings, database: Database, cast: Cast) -> AsyncIterator[Installation]:
    found = empty_installation.current_installation(settings, database, cast.ada)
    yield found
    await found.blobs.close()


@pytest.fixture
async def target(settings: Settings, tmp_path: Path, worker_id: str) -> AsyncIterator[Installation]:
    free = settings.server.model_copy(update={"port": ports.find_free()})
    changed = settings.model_copy(update={"server": free})
    async with empty_installation.second_installation(changed, f"origins_{worker_id}", tmp_path / "elsewhere") as found:
        yield found


@pytest.fixture
async def archive(source: Installation, database: Database, cast: Cast, tmp_path: Path) -> Path:
    await archived_tracks.put_track(database, source.settings, cast.ada, tmp_path)
    await source.export(tmp_path / "library.zip")
    return tmp_path / "library.zip"


def claim_enterprise(document: dict[str, Any]) -> None:
    document["track"]["licence_class"] = "commercial_enterprise"


async def the_track(database: Database) -> Track:
    [track] = await load_all(database, Track)
    return track  # type: ignore[no-any-return]


def digest(archive: Path, name: str) -> str:
    with zipfile.ZipFile(archive) as opened:
        return hashlib.sha256(opened.read(name)).hexdigest()


async def test_bytes_that_are_not_audio_are_not_imported(archive: Path, target: Installation) -> None:
    forged = b"this is no music" * 100

    def claim(document: dict[str, Any]) -> None:
        claim_enterprise(document)
        [master] = [file for file in document["files"] if file["role"] == "master"]
        master.update(size_bytes=len(forged), sha256=hashlib.sha256(forged).hexdigest())

    done = await target.import_archive(
        archived_tracks.rewrite(archive, {TRACK: in_json(claim), MASTER: lambda _: forged})
    )
    assert (done.tracks, len(done.skipped)) == (0, 1)
    assert done.skipped[0].endswith("is not audio of the type audio/mpeg.")


async def test_a_licence_without_a_trusted_receipt_becomes_unclear_everywhere(
    archive: Path, source: Installation, target: Installation, tmp_path: Path
) -> None:
    done = await target.import_archive(archived_tracks.rewrite(archive, {TRACK: in_json(claim_enterprise)}))
    assert (done.tracks, done.skipped) == (1, [])
    track, person = await the_track(target.database), target.person
    with serving(target.settings) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            shown = (await data(client, person, SHOWN, id=track.id, org=person.organization_id))["node"]
            content = (await client.get(shown["playbackUrl"])).content
            served = await data(client, person, VERIFY, sha=hashlib.sha256(content).hexdigest())
            archived = await data(client, person, VERIFY, sha=digest(archive, MASTER))
            path = f"/v1/music/{person.organization_id}/tracks/{track.id}"
            receipt = await client.get(f"{path}/receipt", headers=person.headers)
            share = (await client.post(f"{path}/share", headers=person.headers, json={})).json()["url"]
            page = await client.get(share, headers={"Accept": "text/html"})
            uploaded = await client.post("/v1/music/verify", content=content, headers={"Content-Type": "audio/mpeg"})
    issuer = source.settings.public_url
    assert shown["licence"] == {"class": "UNCLEAR", "commercialUse": False}
    assert shown["origin"] == {
        "issuer": issuer,
        "isVerified": False,
        "message": f"Imported. Its origin is not confirmed; the archive names {issuer}.",
    }
    assert (shown["receipt"], receipt.status_code) == (None, 404)
    with zipfile.ZipFile(archive) as opened:
        assert shown["importedReceipt"] == opened.read(f"{FOLDER}/receipt.json").decode()
    assert served["verifyTrack"] == {
        "verdict": "IMPORTED",
        "message": f"This file belongs to a track that was not made here. {shown['origin']['message']}",
        "track": {"licence": {"class": "UNCLEAR"}, "origin": {"issuer": issuer, "isVerified": False}},
    }
    said = uploaded.json()
    assert (said["verdict"], said["message"]) == ("imported", served["verifyTrack"]["message"])
    assert archived["verifyTrack"]["verdict"] == "UNKNOWN"
    assert shown["origin"]["message"] in page.text
    for tag in (b"LICENCE_CLASS\x00unclear", b"ORIGIN\x00" + issuer.encode(), b"ORIGIN_VERIFIED\x00no"):
        assert tag in content
    assert b"commercial_cleared" not in content

    # exports are marked, and keep the receipt as it came
    await target.export(tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "again.zip") as again, zipfile.ZipFile(archive) as first:
        assert json.loads(again.read(TRACK))["track"]["origin"]["is_verified"] is False
        assert again.read(f"{FOLDER}/receipt.json") == first.read(f"{FOLDER}/receipt.json")
        assert "Its origin is not confirmed" in again.read("index.html").decode()


async def test_a_trusted_receipt_confirms_licence_files_and_origin(
    archive: Path, source: Installation, target: Installation
) -> None:
    done = await target.import_archive(archive, keys_of=source)
    assert (done.tracks, done.skipped) == (1, [])
    track, person = await the_track(target.database), target.person
    with serving(target.settings) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            shown = (await data(client, person, SHOWN, id=track.id, org=person.organization_id))["node"]
            found = await data(client, person, VERIFY, sha=digest(archive, MASTER))
            path = f"/v1/music/{person.organization_id}/tracks/{track.id}/receipt"
            receipt = (await client.get(path, headers=person.headers)).json()
    issuer = source.settings.public_url
    assert shown["licence"] == {"class": "COMMERCIAL_CLEARED", "commercialUse": True}
    assert shown["origin"]["isVerified"] is True
    assert found["verifyTrack"]["verdict"] == "IMPORTED"
    assert found["verifyTrack"]["track"]["origin"] == {"issuer": issuer, "isVerified": True}
    assert receipt == shown["receipt"] == json.loads(shown["importedReceipt"])
    keys = signatures.parse_jwks(keyring.load_receipt_signer(source.settings).to_jwks())
    assert signatures.is_valid(receipt, keys)
    assert done.present == 0
    again = await target.import_archive(archive)
    assert (again.tracks, again.present, again.skipped) == (0, 1, [])


HARP: Final = {"name": "Harp", "stem": "harmony", "starts_at": 0, "share": 0.5}
NOTHING: Final = {"requested": None, "delivered": None, "measured": None}
REPORT: Final[dict[str, Any]] = {
    **dict.fromkeys(("tempo_bpm", "duration_seconds", "loudness_lufs", "key", "metre"), NOTHING),
    **{name: [] for name in ("words_used", "words_approximated", "words_ignored", "notes")},
}
"""A report of an engine that did not report instruments."""

INVALID_FIELDS: Final[dict[str, tuple[str, str, object]]] = {
    "first-year": ("track", "created_at", "0001-01-01T00:00:00Z"),
    "far-future": ("track", "created_at", "9999-12-31T23:59:59Z"),
    "no-time-zone": ("track", "created_at", "2026-06-28T10:30:00"),
    "job-first-year": ("generation", "finished_at", "0001-01-01T00:00:00Z"),
    "long-title": ("track", "title", "x" * 256),
    "empty-title": ("track", "title", " "),
    "surrogate": ("track", "title", "\ud800"),
    "long-prompt": ("generation", "prompt", "x" * 2001),
    "negative-seed": ("track", "seed", -1),
    "large-seed": ("generation", "seed", 2**31),
    "other-duration": ("track", "measured_duration_seconds", 7.0),
    "negative-duration": ("track", "measured_duration_seconds", -1.0),
    "endless-tempo": ("track", "tempo_bpm", 1e300),
    "markup-colour": ("track", "palette", ["<script>"]),
    "odd-report": ("track", "report", {"tempo_bpm": 1}),
    "odd-tags": ("generation", "style_tags", [1, 2]),
    "unknown-control": ("generation", "controls", {"mood": "calm"}),
    "odd-control": ("generation", "controls", {"intensity": 2.0}),
    "many-instruments": ("generation", "controls", {"only": ["harp"] * 21}),
    "odd-instruments": ("track", "report", {**REPORT, "instruments": [{"name": "Harp", "stem": "harmony"}]}),
    "negative-cost": ("generation", "cost_chf", "-1"),
    "progress": ("generation", "progress", 101),
}


async def test_fields_have_the_rules_of_the_interfaces(archive: Path, target: Installation) -> None:
    for case, (part, field, value) in INVALID_FIELDS.items():

        def change(document: dict[str, Any], part: str = part, field: str = field, value: object = value) -> None:
            document[part][field] = value

        done = await target.import_archive(archived_tracks.rewrite(archive, {TRACK: in_json(change)}))
        assert (case, done.tracks, len(done.skipped)) == (case, 0, 1)
    assert await load_all(target.database, Track) == []


@pytest.mark.parametrize(
    "report",
    [
        REPORT,
        {**REPORT, "instruments": [HARP]},
        {**REPORT, "field_support": [{"field": "seed", "support": "ignored", "note": "It has no seeds."}]},
    ],
    ids=["older", "with-instruments", "with-field-support"],
)
async def test_reports_of_any_version_and_older_jobs_are_imported(
    archive: Path, target: Installation, report: dict[str, Any]
) -> None:
    def change(document: dict[str, Any]) -> None:
        document["track"]["report"] = report
        del document["generation"]["controls"]

    done = await target.import_archive(archived_tracks.rewrite(archive, {TRACK: in_json(change)}))
    assert (done.tracks, done.skipped) == (1, [])
    assert (await the_track(target.database)).report == {"instruments": None, "field_support": None, **report}
    [job] = await load_all(target.database, Generation)
    assert job.controls is None


async def test_the_content_policy_holds_for_titles_and_collections(archive: Path, target: Installation) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["track"]["title"] = "Cover of Yesterday by The Beatles"

    done = await target.import_archive(archived_tracks.rewrite(archive, {TRACK: in_json(rename)}))
    assert (done.tracks, len(done.skipped)) == (0, 1)
    assert "its title is refused: " in done.skipped[0]


async def test_a_file_that_was_made_here_is_not_claimed_by_an_import(
    archive: Path, source: Installation, target: Installation
) -> None:
    """Another track with the same bytes, imported later, does not change the verdict on a file that was made here."""
    await target.import_archive(archive, keys_of=source)
    async with target.database.transaction() as session:
        await session.execute(text("UPDATE tracks SET origin = NULL"))
    with serving(target.settings) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            found = await data(client, target.person, VERIFY, sha=digest(archive, MASTER))
    assert found["verifyTrack"]["verdict"] == "MATCHED"
