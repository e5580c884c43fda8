"""The two back-ends, each as an installation would make it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa

from core.settings import BlobSettings, Settings
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from tests.support import gcs_bucket
from tests.support.gcs_bucket import NAME, Bucket


@pytest.fixture
def links() -> UrlSigner:
    return UrlSigner("https://music.example.org", b"a signing key of tests")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


@pytest.fixture
def public_key(bucket: Bucket) -> rsa.RSAPublicKey:
    return bucket.account.public_key


@pytest.fixture
def in_bucket(bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings of an installation whose files are in the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    blobs = BlobSettings(key_file=key_file, endpoint=bucket.address, threads=4, timeout_seconds=60)
    return Settings(storage=f"gs://{NAME}/some/where", blobs=blobs)


@pytest_asyncio.fixture
async def bucket_store(in_bucket: Settings, links: UrlSigner) -> AsyncIterator[BlobStore]:
    store = factory.create(in_bucket, links)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def folder_store(tmp_path: Path, links: UrlSigner) -> AsyncIterator[BlobStore]:
    store = factory.create(Settings(storage=str(tmp_path / "blobs")), links)
    yield store
    await store.close()


@pytest.fixture(params=["folder_store", "bucket_store"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    """Each back-end in turn."""
    found: BlobStore = request.getfixturevalue(request.param)
    return found
