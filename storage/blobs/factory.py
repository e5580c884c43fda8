"""Factory for the configured blob store."""

import importlib
from pathlib import Path

from core.settings import GCS_URL, Settings
from storage.blobs.local import LocalBlobs
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner


def create(settings: Settings, url_signer: UrlSigner) -> BlobStore:
    """Create the blob store of this installation. Raises ValueError for invalid settings."""
    return create_at(settings.storage or str(settings.storage_dir), settings, url_signer)


def create_at(location: str, settings: Settings, url_signer: UrlSigner) -> BlobStore:
    """Create the blob store at a folder or gs://bucket/prefix. Raises ValueError for invalid settings."""
    match = GCS_URL.fullmatch(location)
    if match is None:
        if "://" in location:
            raise ValueError(f"{location} is neither a folder nor gs://bucket/prefix")
        return LocalBlobs(Path(location).expanduser(), url_signer, settings.workers.min_free_bytes)
    # imported on demand, because Google's libraries take most of a second to load
    gcs = importlib.import_module("storage.blobs.gcs")
    options, emulator = settings.blobs, settings.storage_emulator_host
    is_served = options.links == "served"
    if emulator is not None and options.endpoint is None:
        options = options.model_copy(update={"endpoint": emulator})
        # an emulator has no credentials that could sign URLs
        is_served = is_served or options.key_file is None
    store: BlobStore = gcs.GcsBlobs(match[1], match[2] or "", options, url_signer if is_served else None)
    return store
