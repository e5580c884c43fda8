"""An emulator of Google Cloud Storage, named by the variable that Google's clients use."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from gcp_storage_emulator.server import create_server

from core import clock
from core.settings import Settings
from server import bootstrap
from server.embedded import ports
from storage.blobs import factory


@pytest.fixture
def emulator() -> Iterator[str]:
    port = ports.find_free()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="music-files")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop()


@pytest.mark.parametrize("scheme", ["", "http://"])
async def test_storage_emulator_host_is_used(
    emulator: str, scheme: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"{scheme}{emulator}")
    found = Settings(data_dir=tmp_path, storage="gs://music-files/studio", signing_keys=("s" * 32,))
    assert found.storage_emulator_host == f"http://{emulator}"
    blobs = factory.create(found, bootstrap.build_url_signer(found))
    (tmp_path / "a.mp3").write_bytes(b"some music")
    await blobs.check()
    blob = await blobs.put(tmp_path / "a.mp3", ".mp3")
    assert b"".join([block async for block in blobs.read(blob.key)]) == b"some music"
    # an emulator cannot sign: this server serves the file
    url = await blobs.url(blob.key, "a.mp3", clock.now() + timedelta(minutes=1), "org_0")
    assert url.startswith(f"{found.public_url}/media/")
    await blobs.close()


def test_an_invalid_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "not a host")
    with pytest.raises(ValueError, match="STORAGE_EMULATOR_HOST"):
        Settings()
