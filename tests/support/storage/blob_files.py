"""Write files for blob stores and read blobs whole."""

from pathlib import Path

from storage.blobs.port import BlobStore


def write_file(folder: Path, content: bytes, name: str = "source") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


async def read_all(store: BlobStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([block async for block in store.read(key, start, end)])
