"""A bucket in particular: what goes over the line, who we are, and what happens when it is away."""

import json
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import requests
from requests.adapters import HTTPAdapter

from core import clock
from core.errors import Unavailable
from core.settings import BlobSettings, Settings
from server.embedded import ports
from storage.blobs import content_disposition, factory
from storage.blobs.gcs import GcsBlobs
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from tests.support.blob_files import read_all, write_file
from tests.support.gcs_bucket import EMAIL, NAME, REFRESH_TOKEN, TOKEN, Bucket
from tests.support.gcs_signatures import is_accepted
from tests.support.polling import until


class Rerouted(HTTPAdapter):
    """Requests to Google go to the bucket of the test."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: requests.PreparedRequest, *args: object, **options: object) -> requests.Response:
        request.url = re.sub(r"^https://[^/]+", self.address, str(request.url))
        return super().send(request, *args, **options)  # type: ignore[arg-type]


async def put(store: BlobStore, folder: Path, text: bytes = b"some music") -> str:
    return (await store.put(write_file(folder, text), ".mp3")).key


async def test_an_object_has_its_type_and_its_checksum_and_its_place(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    assert bucket.names() == [f"some/where/{key}"]
    facts = bucket.facts(f"some/where/{key}")
    assert facts["contentType"] == "audio/mpeg"
    assert facts["cacheControl"] == "private, max-age=900, immutable"
    assert facts["crc32c"] == "oYoD4Q=="


async def test_a_large_file_goes_up_in_pieces_that_may_be_taken_up_again(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path, b"x" * 20_000_000)
    upload = f"PUT /upload/storage/v1/b/{NAME}/o"
    assert bucket.asked.count(upload) == 3
    assert bucket.content(f"some/where/{key}") == b"x" * 20_000_000


async def test_a_new_file_takes_two_requests_and_nothing_is_asked_beside_them(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    await put(bucket_store, tmp_path)
    until(lambda: not any("background" in thread.name for thread in threading.enumerate()))  # Google's client has some
    assert [words.split()[0] for words in bucket.asked] == ["PATCH", "POST"]


async def test_a_file_that_is_there_is_not_sent_again(bucket_store: BlobStore, bucket: Bucket, tmp_path: Path) -> None:
    key = await put(bucket_store, tmp_path)
    bucket.asked.clear()
    assert await put(bucket_store, tmp_path) == key
    assert [words.split()[0] for words in bucket.asked] == ["PATCH"]


async def test_somebody_elses_upload_of_the_same_file_is_success(
    bucket_store: BlobStore, in_bucket: Settings, bucket: Bucket, links: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    name = f"some/where/{key}"
    text, facts = bucket.content(name), bucket.facts(name)
    bucket.storage.delete_file(NAME, name)
    bucket.meanwhile["POST"] = lambda: bucket.storage.create_file(NAME, name, text, facts)
    assert await put(bucket_store, tmp_path) == key
    assert [words.split()[0] for words in bucket.asked[-3:]] == ["PATCH", "POST", "PATCH"]
    assert bucket.facts(name)["generation"] == facts["generation"]


async def test_a_put_in_the_middle_of_a_deletion_is_seen(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    name = f"some/where/{key}"
    renewed = {**bucket.facts(name), "metageneration": "7"}
    bucket.meanwhile["DELETE"] = lambda: bucket.storage.patch_object(NAME, name, renewed)
    assert not await bucket_store.delete(key, unless_put_since=clock.now() + timedelta(hours=1))
    assert await read_all(bucket_store, key) == b"some music"


async def test_what_else_is_in_the_bucket_is_not_walked_past(
    bucket_store: BlobStore, in_bucket: Settings, bucket: Bucket, links: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    other = factory.create(in_bucket.model_copy(update={"storage": f"gs://{NAME}"}), links)
    foreign = await put(other, tmp_path, b"another")
    notes = "some/where/sha256/notes.txt"
    bucket.storage.create_file(NAME, notes, b"x", {**bucket.facts(f"some/where/{key}"), "name": notes})
    assert [blob.key async for blob in bucket_store.walk()] == [key]
    assert [blob.key async for blob in other.walk()] == [foreign]
    await other.close()


async def test_a_link_leads_straight_to_the_file(bucket_store: BlobStore, tmp_path: Path) -> None:
    key = await put(bucket_store, tmp_path)
    url = await bucket_store.url(key, "Night Desk.mp3", clock.now() + timedelta(minutes=1), "org_1")
    async with httpx.AsyncClient() as client:
        answer = await client.get(url, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.content) == (206, b"music")
    assert answer.headers["content-disposition"] == content_disposition.header("Night Desk.mp3", is_attachment=False)


async def test_links_of_an_installation_that_serves_them_are_its_own(in_bucket: Settings, links: UrlSigner) -> None:
    blobs = in_bucket.blobs.model_copy(update={"links": "served"})
    store = factory.create(in_bucket.model_copy(update={"blobs": blobs}), links)
    url = await store.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(days=1), "org_1")
    assert url.startswith(f"https://music.example.org/media/sha256/ab/{'ab' * 32}.mp3?name=x.mp3&org=org_1&")
    await store.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_bucket_that_is_away_for_a_moment_is_asked_again(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path, status: int
) -> None:
    key = await put(bucket_store, tmp_path)

    def heal() -> None:
        bucket.failing_with = None

    bucket.failing_with = status
    bucket.meanwhile["GET"] = lambda: bucket.meanwhile.update(GET=heal)
    bucket.asked.clear()
    assert (await bucket_store.stat(key)).size_bytes == 10
    assert len(bucket.asked) == 2


async def test_a_bucket_that_stays_away_is_unavailable(
    bucket_store: BlobStore, in_bucket: Settings, bucket: Bucket, links: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    hasty = in_bucket.model_copy(update={"blobs": in_bucket.blobs.model_copy(update={"timeout_seconds": 0.2})})
    store = factory.create(hasty, links)
    bucket.failing_with = 503
    with pytest.raises(Unavailable) as refusal:
        await store.stat(key)
    assert (refusal.value.technical, refusal.value.retry_after) == ("Blob store is not reachable", 5)
    await store.close()
    bucket.failing_with = None
    assert (await bucket_store.stat(key)).size_bytes == 10


async def test_everything_that_can_be_asked_of_a_bucket_that_is_away_is_unavailable(
    in_bucket: Settings, links: UrlSigner, tmp_path: Path
) -> None:
    blobs = BlobSettings(endpoint=f"http://127.0.0.1:{ports.find_free()}", timeout_seconds=0.1)
    store = factory.create(in_bucket.model_copy(update={"blobs": blobs}), links)
    key = f"sha256/ab/{'ab' * 32}.mp3"
    for asked in (
        store.put(write_file(tmp_path, b"x"), ".mp3"),
        store.stat(key),
        read_all(store, key),
        store.delete(key),
        store.delete(key, unless_put_since=clock.now()),
        store.check(),
        anext(aiter(store.walk())),
    ):
        with pytest.raises(Unavailable, match=r"^Blob store is not reachable$"):
            await asked
    await store.close()


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_told_without_their_names(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path, status: int
) -> None:
    bucket.failing_with = status
    for asked in (bucket_store.check(), put(bucket_store, tmp_path)):
        with pytest.raises(Unavailable, match=r"^Blob store does not accept the credentials$"):
            await asked


async def test_a_bucket_that_does_not_exist_is_told(in_bucket: Settings, links: UrlSigner, tmp_path: Path) -> None:
    store = factory.create(in_bucket.model_copy(update={"storage": "gs://nobodys-files"}), links)
    with pytest.raises(Unavailable, match=r"^Blob store has no such bucket$"):
        await put(store, tmp_path)
    await store.close()


@pytest.mark.parametrize("text", [None, "", "{}", '{"type": "authorized_user"}'])
def test_a_key_file_that_is_none_is_named(
    in_bucket: Settings, links: UrlSigner, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "key.json"
    if text is not None:
        path.write_text(text)
    chosen = in_bucket.model_copy(update={"blobs": BlobSettings(key_file=path)})
    reason = "No such file or directory" if text is None else "it is not the key file of a service account"
    with pytest.raises(ValueError, match=f"^MUSIC_STUDIO_BLOBS__KEY_FILE={path} cannot be used: {reason}$"):
        factory.create(chosen, links)


@pytest_asyncio.fixture
async def keyless(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GcsBlobs]:
    """A store on a machine that is logged in, but has no private key; IAM signs in an account's name."""
    log_in = {"type": "authorized_user", "client_id": "1", "client_secret": "2", "refresh_token": REFRESH_TOKEN}
    (tmp_path / "default.json").write_text(json.dumps(log_in))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "default.json"))
    session = requests.Session()
    session.mount("https://", Rerouted(bucket.address))
    store = GcsBlobs(NAME, "", BlobSettings(signer=EMAIL), None, session)
    yield store
    await store.close()


async def test_iam_signs_where_no_private_key_is(keyless: GcsBlobs, bucket: Bucket) -> None:
    url = await keyless.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(minutes=1), "org_1")
    assert url.startswith(f"https://storage.googleapis.com/{NAME}/sha256/ab/{'ab' * 32}.mp3?")
    assert is_accepted(url, bucket.account.public_key)
    assert TOKEN not in url


async def test_without_an_account_to_sign_for_the_setting_is_named(
    keyless: GcsBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyless._settings = BlobSettings()
    with pytest.raises(Unavailable, match="MUSIC_STUDIO_BLOBS__SIGNER"):
        await keyless.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(minutes=1), "org_1")


async def test_a_machine_that_knows_no_credentials_says_so(links: UrlSigner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    store = GcsBlobs(NAME, "", BlobSettings(), None)
    with pytest.raises(Unavailable, match=r"^Blob store does not accept the credentials$"):
        await store.check()
    await store.close()
