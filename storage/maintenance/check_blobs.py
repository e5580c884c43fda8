"""Check that a blob store works, with a temporary file that is removed afterwards."""

import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from core import clock
from core.errors import Unavailable
from storage.blobs.port import Blob, BlobNotFound, BlobStore

Download = Callable[[str], Awaitable[bytes]]
"""Downloads the content of a URL. Raises Unavailable."""

_PROBE_BYTES: Final = 4096
_URL_LIFETIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CheckStep:
    """A step of the check and the error that it raised, if any."""

    name: str
    error: Unavailable | None = None


class _Probe:
    """The temporary file and its operations."""

    def __init__(self, store: BlobStore, download: Download) -> None:
        self.store = store
        self.download = download
        self.content = secrets.token_bytes(_PROBE_BYTES)
        self.blob: Blob | None = None

    async def write(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "probe"
            path.write_bytes(self.content)
            self.blob = await self.store.put(path, ".probe")

    async def read(self) -> None:
        self._compare(b"".join([block async for block in self.store.read(self._key)]))

    async def sign(self) -> None:
        url = await self.store.url(self._key, "probe", clock.now() + _URL_LIFETIME, "org_none")
        self._compare(await self.download(url))

    async def list(self) -> None:
        await anext(aiter(self.store.walk()), None)

    async def remove(self) -> None:
        await self.store.delete(self._key)

    @property
    def _key(self) -> str:
        assert self.blob is not None  # noqa: S101  written first
        return self.blob.key

    def _compare(self, content: bytes) -> None:
        if content != self.content:
            raise Unavailable("The content that was read differs from what was written")


async def check_store(store: BlobStore, download: Download) -> AsyncIterator[CheckStep]:
    """Run the steps in order, and skip those that depend on a failed one."""
    probe = _Probe(store, download)
    credentials = await _run("credentials", store.check)
    yield credentials
    if credentials.error is not None:
        return
    yield await _run("write", probe.write)
    yield await _run("list", probe.list)
    if probe.blob is None:
        return
    try:
        yield await _run("read", probe.read)
        yield await _run("sign", probe.sign)
        yield await _run("remove", probe.remove)
    finally:
        with suppress(Unavailable):
            await probe.remove()


async def _run(name: str, work: Callable[[], Awaitable[object]]) -> CheckStep:
    try:
        await work()
    except Unavailable as error:
        return CheckStep(name, error)
    except BlobNotFound:
        return CheckStep(name, Unavailable("The written file was not found"))
    return CheckStep(name)
