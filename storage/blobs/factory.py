"""From a setting to a store: the one place that knows which back-ends there are."""

import importlib
from pathlib import Path

from core.settings import GCS_URL, Settings
from storage.blobs.local import LocalBlobs
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner


def create(settings: Settings, links: UrlSigner) -> BlobStore:
    """The store of this installation. Raises ValueError for settings that cannot work."""
    return create_at(settings.storage or str(settings.storage_dir), settings, links)


def create_at(place: str, settings: Settings, links: UrlSigner) -> BlobStore:
    """The store at a folder or gs://bucket/prefix. Raises ValueError for settings that cannot work."""
    found = GCS_URL.fullmatch(place)
    if found is None:
        if "://" in place:
            raise ValueError(f"{place} is neither a folder nor gs://bucket/prefix")
        return LocalBlobs(Path(place).expanduser(), links)
    # Google's libraries take most of a second to load: only who keeps files there waits for them
    gcs = importlib.import_module("storage.blobs.gcs")
    is_served = settings.blobs.links == "served"
    store: BlobStore = gcs.GcsBlobs(found[1], found[2] or "", settings.blobs, links if is_served else None)
    return store
