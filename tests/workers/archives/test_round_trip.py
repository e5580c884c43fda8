"""Export from one installation and import into an empty one: both interfaces return the same data."""

import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from core.jobs import Status
from core.settings import Settings, WorkerSettings
from engines.port import RenderRequest
from resolvers.access.validation import Unvalidated
from resolvers.focus import promotions
from resolvers.focus.commands import PromoteFocusSegment
from resolvers.generations import generations
from resolvers.generations.commands import CreateGenerationGraphQL
from resolvers.library import collections, libraries, tracks
from resolvers.library.commands import AddCollectionTrack, CreateCollection, TagTrack
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import archived_tracks, factories, owned_resources
from tests.support.graphql.client import data
from tests.support.jobs.focus_worker import FocusStudio, focus_studio
from tests.support.processes import empty_installation
from tests.support.processes.empty_installation import Installation
from tests.support.processes.servers import serving
from tests.support.users import Cast, Person

EVERYTHING: Final = """
query($org: ID!) { organization(id: $org) {
  generations(first: 10) { totalCount edges { node {
    id status progress engine mode prompt seed durationSeconds instrumental title styleTags costChf createdAt
    startedAt finishedAt errorMessage refusalReason seedTrack { id } track { ...whole }
    controls { tempoBpm key metre negativePrompt instruments { include exclude only } structure intensity density }
  } } }
  library(first: 5) { totalCount edges { node { id source tags isFavourite savedAt track { ...whole } } } }
  found: library(first: 50, query: "slow piano") { edges { node { track { id } } } }
  collections(first: 5) { edges { node {
    id name description createdAt updatedAt trackCount coverTrack { id } tracks(first: 50) { edges { node { id } } }
  } } }
  focusSessions(first: 2) { edges { node {
    id status endReason seed targetMinutes createdAt endedAt sequence
    segments(first: 5) { index track { ...whole } grid { tempoBpm bars overlapMs } }
  } } }
} }
fragment whole on Track {
  id title engine engineVersion mode instrumental measuredDurationSeconds tempoBpm key metre style loudnessLufs
  truePeakDbtp seed palette createdAt playbackUrl waveformUrl
  licence { class version commercialUse requiresAttribution }
  cover { svgUrl pngUrl } stems { name url } chords { startMs endMs symbol } sections { name } score { midiUrl }
  waveform(points: 20) lineage { seedTrack { id } derivedTracks(first: 5) { edges { node { id } } } }
}
"""

CONTROLS: Final[dict[str, Any]] = {
    "tempo_bpm": 90.0,
    "key": "F#m",
    "metre": "6/8",
    "negative_prompt": "drums",
    "instruments": {"include": ["flute"], "exclude": ["bass", "choir"], "only": ["harp"]},
    "structure": ["intro", "verse"],
    "intensity": 0.0,
    "density": 1.0,
}


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings for a server with a queue without workers, and leases long enough for slow machines."""
    workers, server = WorkerSettings(lease_seconds=300), settings.server.model_copy(update={"port": ports.find_free()})
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers, "server": server})


@pytest.fixture
async def source(isolated_settings: Settings, database: Database, cast: Cast) -> AsyncIterator[Installation]:
    found = empty_installation.current_installation(isolated_settings, database, cast.ada)
    yield found
    await found.blobs.close()


@pytest.fixture
async def target(isolated_settings: Settings, tmp_path: Path, worker_id: str) -> AsyncIterator[Installation]:
    async with empty_installation.second_installation(
        isolated_settings, f"import_{worker_id}", tmp_path / "second_installation"
    ) as found:
        yield found


async def fill(settings: Settings, database: Database, cast: Cast) -> None:
    """Create at least one object of each type."""

    def break_down(request: RenderRequest) -> None:
        if request.prompt == "broken":
            raise ValueError("an engine that breaks")

    async with focus_studio(settings, cast, break_down) as here:
        first = await make(here, prompt="slow piano", title="Night: Desk / <b>", style_tags=["calm"])
        second = await make(here, prompt="continued", seed_track_id=first, **CONTROLS)
        await make(here, prompt="broken")
        third = await make(here, prompt="forgotten")
        ctx = here.ctx
        await tracks.save(ctx, first)
        await libraries.set_tags(ctx, first, Unvalidated(TagTrack, {"tags": ["evening", "piano"]}))
        await libraries.set_favourite(ctx, first, is_favourite=True)
        await tracks.save(ctx, second)
        fields = {"name": "Evening", "description": "Late.", "cover_track_id": second}
        made = await collections.create(ctx, here.organization_id, Unvalidated(CreateCollection, fields))
        for track_id in (second, third, first):
            await collections.add_track(ctx, made.id, Unvalidated(AddCollectionTrack, {"track_id": track_id}))
        await tracks.delete(ctx, third)
        session_id = await here.start(target_minutes=6, seed=7)
        await here.run_until_idle(database)
        await promotions.promote(ctx, session_id, "1", Unvalidated(PromoteFocusSegment, {"title": "Saved"}))


async def make(here: FocusStudio, **fields: Any) -> str:  # noqa: ANN401  fields of a command
    """Create and render a generation. Return the id of its track, or of the job if there is none."""
    request = Unvalidated(CreateGenerationGraphQL, {"engine": "studio", "duration_seconds": 2, **fields})
    row, _ = await generations.create(here.ctx, here.organization_id, request)
    await here.run_until_idle(here.services.database)
    found = await tracks.find_by_generations(here.ctx, [row.id])
    return found[row.id].id if found else row.id


def without_urls(value: Any) -> Any:  # noqa: ANN401  JSON
    """Return a response with the keys and names of files instead of signed URLs."""
    if isinstance(value, str):
        return re.sub(r"^https?://\S+?/media/([^?]+)\?name=([^&]+)\S*$", r"\1 \2", value)
    if isinstance(value, dict):
        return {name: without_urls(inner) for name, inner in value.items()}
    return [without_urls(inner) for inner in value] if isinstance(value, list) else value


async def read_all(url: str, person: Person) -> dict[str, Any]:
    """Read everything of a user over GraphQL and REST."""
    base = f"/v1/music/{person.organization_id}"
    async with httpx.AsyncClient(base_url=url, timeout=100) as client:
        results: dict[str, Any] = {"graphql": await data(client, person, EVERYTHING, org=person.organization_id)}
        answers: dict[str, Any] = {}
        for path in ("/tracks", "/generations", "/collections"):
            answers[path] = (await client.get(base + path, headers=person.headers)).json()
        items = [*answers["/tracks"]["items"], *answers["/generations"]["jobs"], *answers["/collections"]["items"]]
        kinds = {"mtrack": "/tracks", "mgen": "/generations", "mcoll": "/collections"}
        for item in items:
            path = f"{kinds[item['id'].partition('_')[0]]}/{item['id']}"
            answers[path] = (await client.get(base + path, headers=person.headers)).json()
        for item in answers["/collections"]["items"]:
            path = f"/collections/{item['id']}/tracks"
            answers[path] = (await client.get(base + path, headers=person.headers)).json()
    plainly: dict[str, Any] = without_urls({**results, "rest": answers})
    return plainly


async def test_imported_data_reads_the_same_and_a_second_import_changes_nothing(
    source: Installation, target: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    await fill(source.settings, database, cast)
    with serving(source.settings) as url:
        before = await read_all(url, source.person)
    written = await source.export(tmp_path / "library.zip")
    assert (written.missing, written.track_count) == ([], 5)

    done = await target.import_archive(tmp_path / "library.zip", keys_of=source)
    assert done.skipped == []
    assert (done.tracks, done.jobs, done.sessions, done.collections, done.present) == (5, 2, 1, 1, 0)
    with serving(target.settings) as url:
        after = await read_all(url, target.person)
    # the id of a deleted track is not in an archive
    [forgotten] = jobs_of_deleted(before)
    answers = before["rest"]
    for job in (*answers["/generations"]["jobs"], answers[f"/generations/{forgotten}"]):
        if job["id"] == forgotten:
            assert job.pop("result_track_id").startswith("mtrack_")
            job["result_track_id"] = None
    assert after == before
    [tempo] = {
        edge["node"]["controls"]["tempoBpm"]
        for edge in after["graphql"]["organization"]["generations"]["edges"]
        if edge["node"]["prompt"] == "continued"
    }
    assert tempo == 90.0

    rows_before = await owned_resources.digest_tables(target.database)
    again = await target.import_archive(tmp_path / "library.zip")
    assert (again.tracks, again.jobs, again.sessions, again.collections, again.skipped) == (0, 0, 0, 0, [])
    assert again.present == 5 + 2 + 1 + 1
    assert await owned_resources.digest_tables(target.database) == rows_before


def jobs_of_deleted(results: dict[str, Any]) -> set[str]:
    edges = results["graphql"]["organization"]["generations"]["edges"]
    return {edge["node"]["id"] for edge in edges if edge["node"]["prompt"] == "forgotten"}


async def test_imported_costs_do_not_count_as_usage(
    source: Installation, target: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    await archived_tracks.put_track(database, source.settings, cast.ada, tmp_path, cost_chf="0.4")
    await source.export(tmp_path / "library.zip")
    await target.import_archive(tmp_path / "library.zip")
    usage = (
        "query($org: ID!) { organization(id: $org) { usage { costChf } generations { edges { node { costChf } } } } }"
    )
    results = []
    for installation in (source, target):
        with serving(installation.settings) as url:
            async with httpx.AsyncClient(base_url=url, timeout=100) as client:
                found = await data(client, installation.person, usage, org=installation.person.organization_id)
        spent = {float(window["costChf"]) for window in found["organization"]["usage"]}
        results.append((spent, float(found["organization"]["generations"]["edges"][0]["node"]["costChf"])))
    assert results == [({0.4}, 0.4), ({0.0}, 0.4)]


async def drop_files(database: Database) -> None:
    """Remove the file rows of tracks that have no blobs."""
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM track_files"))


async def test_only_objects_of_the_user_are_exported(
    source: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    mine = await factories.put_track(database, cast.ada)
    theirs = [await factories.put_track(database, person) for person in (cast.bea, cast.cid)]
    failed = await factories.put_generation(database, cast.bea, Status.FAILED)
    waiting = await factories.put_generation(database, cast.ada, Status.QUEUED)
    await drop_files(database)
    await source.export(tmp_path / "library.zip")
    with zipfile.ZipFile(tmp_path / "library.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert mine in content
    for foreign in (*theirs, failed, waiting, cast.bea.user_id, cast.cid.organization_id):
        assert foreign not in content


async def test_an_archive_has_an_html_index(
    source: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    async with focus_studio(source.settings, cast) as here:
        track_id = await make(here, prompt="slow piano", title="Night: Desk / <b>")
    written = await source.export(tmp_path / "library.zip")
    with zipfile.ZipFile(tmp_path / "library.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        index = json.loads(archive.read("index.json"))
        page = archive.read("index.html").decode()
        receipt = json.loads(archive.read("tracks/00001 Quick/receipt.json"))
        sounds = [entry for entry in archive.infolist() if entry.filename.endswith((".mp3", ".mid", ".png"))]
        assert {entry.compress_type for entry in sounds} == {zipfile.ZIP_STORED}
    assert written.track_count == 1
    assert (index["format"], index["version"], index["tracks"][0]["id"]) == ("music-studio/archive", 1, track_id)
    for name in ("Quick.mp3", "Quick.mid", "Quick - cover.svg", "Quick - cover.png", "Quick - waveform.json"):
        assert f"tracks/00001 Quick/{name}" in names
        assert f'href="tracks/00001%20Quick/{name.replace(" ", "%20")}"' in page
    assert receipt["track_id"] == track_id
    assert all(re.fullmatch(r"[\w \-./]+", name) and ".." not in name and len(name) < 200 for name in names)


async def test_a_lost_file_is_reported_and_its_track_is_skipped(
    source: Installation, target: Installation, database: Database, cast: Cast, tmp_path: Path
) -> None:
    await factories.put_track(database, cast.ada)
    written = await source.export(tmp_path / "library.zip")
    assert written.missing == ["tracks/00001 Night Desk/Night Desk.mp3"]
    done = await target.import_archive(tmp_path / "library.zip")
    assert done.tracks == 0
    assert [sentence.partition(" was skipped: ")[2] for sentence in done.skipped] == [
        "its master  was missing when the archive was written."
    ]
