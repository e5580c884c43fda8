"""Download files from signed URLs."""

from pathlib import Path

import httpx

from music_studio_client._async.concurrency import closing
from music_studio_client.errors import ConnectionFailedError, NotFoundError


async def download(http: httpx.AsyncClient, url: str, target: Path) -> Path:
    """Write the file at a URL to a path. A file that exists is replaced when the download is complete."""
    draft = target.with_name(f".{target.name}.part")
    try:
        async with http.stream("GET", url) as response:
            if response.status_code >= httpx.codes.BAD_REQUEST:
                raise NotFoundError(f"{target.name} cannot be read ({response.status_code}).", "RESOURCE_NOT_FOUND")
            with draft.open("wb") as file:
                async with closing(response.aiter_bytes()) as blocks:
                    async for block in blocks:
                        file.write(block)
        return draft.replace(target)
    except httpx.HTTPError as error:
        raise ConnectionFailedError(f"The download of {target.name} was interrupted: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
