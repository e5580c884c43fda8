"""The blob store in a bucket: requests, credentials, failures."""

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
from core.network import tls
from core.settings import BlobSettings, Settings
from server.embedded import ports
from storage.blobs import content_disposition, factory
from storage.blobs.gcs import GcsBlobs
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from tests.support.polling import wait_until
from tests.support.storage.blob_files import read_all, write_file
from tests.support.storage.gcs_bucket import EMAIL, NAME, REFRESH_TOKEN, TOKEN, Bucket
from tests.support.storage.gcs_signatures import is_accepted


class RedirectAdapter(HTTPAdapter):
    """Send requests for Google to the bucket of the test."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: requests.PreparedRequest, *args: object, **options: object) -> requests.Response:
        request.url = re.sub(r"^https://[^/]+", self.address, str(request.url))
        return super().send(request, *args, **options)  # type: ignore[arg-type]


async def put(store: BlobStore, folder: Path, text: bytes = b"some music") -> str:
    return (await store.put(write_file(folder, text), ".mp3")).key


async def test_an_object_has_a_type_a_checksum_and_a_prefix(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    assert bucket.names() == [f"some/where/{key}"]
    facts = bucket.metadata(f"some/where/{key}")
    assert facts["contentType"] == "audio/mpeg"
    assert facts["cacheControl"] == "private, max-age=900, immutable"
    assert facts["crc32c"] == "oYoD4Q=="


async def test_a_large_file_is_uploaded_resumably_in_chunks(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path, b"x" * 20_000_000)
    upload = f"PUT /upload/storage/v1/b/{NAME}/o"
    assert bucket.requests.count(upload) == 3
    assert bucket.content(f"some/where/{key}") == b"x" * 20_000_000


async def test_a_new_file_takes_two_requests(bucket_store: BlobStore, bucket: Bucket, tmp_path: Path) -> None:
    await put(bucket_store, tmp_path)
    wait_until(lambda: not any("background" in thread.name for thread in threading.enumerate()))  # of Google's client
    assert [request.split()[0] for request in bucket.requests] == ["PATCH", "POST"]


async def test_an_existing_file_is_not_uploaded_again(bucket_store: BlobStore, bucket: Bucket, tmp_path: Path) -> None:
    key = await put(bucket_store, tmp_path)
    bucket.requests.clear()
    assert await put(bucket_store, tmp_path) == key
    assert [request.split()[0] for request in bucket.requests] == ["PATCH"]


async def test_a_concurrent_upload_of_the_same_file_counts_as_success(
    bucket_store: BlobStore, bucket_settings: Settings, bucket: Bucket, url_signer: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    name = f"some/where/{key}"
    text, facts = bucket.content(name), bucket.metadata(name)
    bucket.storage.delete_file(NAME, name)
    bucket.before_method["POST"] = lambda: bucket.storage.create_file(NAME, name, text, facts)
    assert await put(bucket_store, tmp_path) == key
    assert [request.split()[0] for request in bucket.requests[-3:]] == ["PATCH", "POST", "PATCH"]
    assert bucket.metadata(name)["generation"] == facts["generation"]


async def test_a_concurrent_put_prevents_a_deletion(bucket_store: BlobStore, bucket: Bucket, tmp_path: Path) -> None:
    key = await put(bucket_store, tmp_path)
    name = f"some/where/{key}"
    renewed = {**bucket.metadata(name), "metageneration": "7"}
    bucket.before_method["DELETE"] = lambda: bucket.storage.patch_object(NAME, name, renewed)
    assert not await bucket_store.delete(key, unless_put_since=clock.now() + timedelta(hours=1))
    assert await read_all(bucket_store, key) == b"some music"


async def test_walk_skips_other_objects_of_the_bucket(
    bucket_store: BlobStore, bucket_settings: Settings, bucket: Bucket, url_signer: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    other = factory.create(bucket_settings.model_copy(update={"storage": f"gs://{NAME}"}), url_signer)
    foreign = await put(other, tmp_path, b"another")
    notes = "some/where/sha256/notes.txt"
    bucket.storage.create_file(NAME, notes, b"x", {**bucket.metadata(f"some/where/{key}"), "name": notes})
    assert [blob.key async for blob in bucket_store.walk()] == [key]
    assert [blob.key async for blob in other.walk()] == [foreign]
    await other.close()


async def test_a_signed_url_leads_to_the_object(bucket_store: BlobStore, tmp_path: Path) -> None:
    key = await put(bucket_store, tmp_path)
    url = await bucket_store.url(key, "Night Desk.mp3", clock.now() + timedelta(minutes=1), "org_1")
    async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
        response = await client.get(url, headers={"Range": "bytes=5-"})
    assert (response.status_code, response.content) == (206, b"music")
    assert response.headers["content-disposition"] == content_disposition.header("Night Desk.mp3", is_attachment=False)


async def test_signed_urls_lead_to_this_server_if_so_configured(
    bucket_settings: Settings, url_signer: UrlSigner
) -> None:
    blobs = bucket_settings.blobs.model_copy(update={"links": "served"})
    store = factory.create(bucket_settings.model_copy(update={"blobs": blobs}), url_signer)
    url = await store.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(days=1), "org_1")
    assert url.startswith(f"https://music.example.org/media/sha256/ab/{'ab' * 32}.mp3?name=x.mp3&org=org_1&")
    await store.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_transient_failure_is_retried(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path, status: int
) -> None:
    key = await put(bucket_store, tmp_path)

    def recover() -> None:
        bucket.failing_with = None

    bucket.failing_with = status
    bucket.before_method["GET"] = lambda: bucket.before_method.update(GET=recover)
    bucket.requests.clear()
    assert (await bucket_store.stat(key)).size_bytes == 10
    assert len(bucket.requests) == 2


async def test_a_lasting_failure_is_unavailable(
    bucket_store: BlobStore, bucket_settings: Settings, bucket: Bucket, url_signer: UrlSigner, tmp_path: Path
) -> None:
    key = await put(bucket_store, tmp_path)
    impatient = bucket_settings.model_copy(
        update={"blobs": bucket_settings.blobs.model_copy(update={"timeout_seconds": 0.2})}
    )
    store = factory.create(impatient, url_signer)
    bucket.failing_with = 503
    with pytest.raises(Unavailable) as refusal:
        await store.stat(key)
    assert (refusal.value.technical, refusal.value.retry_after) == ("Blob store is not reachable", 5)
    await store.close()
    bucket.failing_with = None
    assert (await bucket_store.stat(key)).size_bytes == 10


async def test_every_operation_on_an_unreachable_bucket_is_unavailable(
    bucket_settings: Settings, url_signer: UrlSigner, tmp_path: Path
) -> None:
    blobs = BlobSettings(endpoint=f"http://127.0.0.1:{ports.find_free()}", timeout_seconds=0.1)
    store = factory.create(bucket_settings.model_copy(update={"blobs": blobs}), url_signer)
    key = f"sha256/ab/{'ab' * 32}.mp3"
    for operation in (
        store.put(write_file(tmp_path, b"x"), ".mp3"),
        store.stat(key),
        read_all(store, key),
        store.delete(key),
        store.delete(key, unless_put_since=clock.now()),
        store.check(),
        anext(aiter(store.walk())),
    ):
        with pytest.raises(Unavailable, match=r"^Blob store is not reachable$"):
            await operation
    await store.close()


@pytest.mark.parametrize("status", [401, 403])
async def test_the_error_for_refused_credentials_does_not_contain_them(
    bucket_store: BlobStore, bucket: Bucket, tmp_path: Path, status: int
) -> None:
    bucket.failing_with = status
    for operation in (bucket_store.check(), put(bucket_store, tmp_path)):
        with pytest.raises(Unavailable, match=r"^Blob store does not accept the credentials$"):
            await operation


async def test_a_missing_bucket_is_unavailable(
    bucket_settings: Settings, url_signer: UrlSigner, tmp_path: Path
) -> None:
    store = factory.create(bucket_settings.model_copy(update={"storage": "gs://missing-bucket"}), url_signer)
    with pytest.raises(Unavailable, match=r"^Blob store has no such bucket$"):
        await put(store, tmp_path)
    await store.close()


@pytest.mark.parametrize("text", [None, "", "{}", '{"type": "authorized_user"}'])
def test_the_error_for_an_invalid_key_file_contains_its_path(
    bucket_settings: Settings, url_signer: UrlSigner, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "key.json"
    if text is not None:
        path.write_text(text)
    settings = bucket_settings.model_copy(update={"blobs": BlobSettings(key_file=path)})
    reason = "No such file or directory" if text is None else "it is not the key file of a service account"
    with pytest.raises(ValueError, match=f"^MUSIC_STUDIO_BLOBS__KEY_FILE={path} cannot be used: {reason}$"):
        factory.create(settings, url_signer)


@pytest_asyncio.fixture
async def keyless_store(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GcsBlobs]:
    """A store with user credentials, which have no private key, so that IAM signs for an account."""
    credentials = {"type": "authorized_user", "client_id": "1", "client_secret": "2", "refresh_token": REFRESH_TOKEN}
    (tmp_path / "default.json").write_text(json.dumps(credentials))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "default.json"))
    session = requests.Session()
    session.mount("https://", RedirectAdapter(bucket.address))
    store = GcsBlobs(NAME, "", BlobSettings(signer=EMAIL), None, session)
    yield store
    await store.close()


async def test_iam_signs_without_a_private_key(keyless_store: GcsBlobs, bucket: Bucket) -> None:
    url = await keyless_store.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(minutes=1), "org_1")
    assert url.startswith(f"https://storage.googleapis.com/{NAME}/sha256/ab/{'ab' * 32}.mp3?")
    assert is_accepted(url, bucket.account.public_key)
    assert TOKEN not in url


async def test_the_error_for_an_unknown_account_names_the_setting(
    keyless_store: GcsBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyless_store._settings = BlobSettings()
    with pytest.raises(Unavailable, match="MUSIC_STUDIO_BLOBS__SIGNER"):
        await keyless_store.url(f"sha256/ab/{'ab' * 32}.mp3", "x.mp3", clock.now() + timedelta(minutes=1), "org_1")


async def test_missing_credentials_are_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    store = GcsBlobs(NAME, "", BlobSettings(), None)
    with pytest.raises(Unavailable, match=r"^Blob store does not accept the credentials$"):
        await store.check()
    await store.close()


def test_only_direct_downloads_have_an_origin(bucket_settings: Settings, url_signer: UrlSigner) -> None:
    origins = [
        factory.create(
            bucket_settings.model_copy(update={"blobs": bucket_settings.blobs.model_copy(update={"links": links})}),
            url_signer,
        ).download_origin
        for links in ("direct", "served")
    ]
    assert origins == [bucket_settings.blobs.endpoint, None]
