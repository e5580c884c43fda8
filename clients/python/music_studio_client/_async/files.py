"""Download files from signed URLs, and upload files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from music_studio_client._async.concurrency import closing
from music_studio_client.errors import ConnectionFailedError, NotFoundError, from_rest

_UPLOAD_SECONDS: Final = 300.0
"""Longest pause while a file is sent and decoded."""


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


async def upload(http: httpx.AsyncClient, url: str, source: Path, headers: Mapping[str, str]) -> None:
    """Send a file to a URL of the server. Raises the error that the server answers."""
    content = source.read_bytes()  # noqa: ASYNC240  a local file
    try:
        response = await http.put(
            url,
            content=content,
            headers={**headers, "Content-Type": "application/octet-stream"},
            timeout=_UPLOAD_SECONDS,
        )
    except httpx.HTTPError as error:
        raise ConnectionFailedError(f"The upload of {source.name} was interrupted: {error}.") from error
    if response.is_error:
        raise from_rest(response.content, response.status_code)
