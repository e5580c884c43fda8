"""The two blob stores, created from settings."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa

from core.settings import BlobSettings, Settings
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from tests.support.storage import gcs_bucket
from tests.support.storage.gcs_bucket import NAME, Bucket


@pytest.fixture
def url_signer() -> UrlSigner:
    return UrlSigner("https://music.example.org", b"a signing key of tests")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as bucket:
        yield bucket


@pytest.fixture
def public_key(bucket: Bucket) -> rsa.RSAPublicKey:
    return bucket.account.public_key


@pytest.fixture
def bucket_settings(bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings of an installation with its files in the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    blobs = BlobSettings(key_file=key_file, endpoint=bucket.address, threads=4, timeout_seconds=60)
    return Settings(storage=f"gs://{NAME}/some/where", blobs=blobs)


@pytest_asyncio.fixture
async def bucket_store(bucket_settings: Settings, url_signer: UrlSigner) -> AsyncIterator[BlobStore]:
    store = factory.create(bucket_settings, url_signer)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def folder_store(tmp_path: Path, url_signer: UrlSigner) -> AsyncIterator[BlobStore]:
    store = factory.create(Settings(storage=str(tmp_path / "blobs")), url_signer)
    yield store
    await store.close()


@pytest.fixture(params=["folder_store", "bucket_store"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    """Each blob store in turn."""
    blob_store: BlobStore = request.getfixturevalue(request.param)
    return blob_store
