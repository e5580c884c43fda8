"""Names of folders and files in an archive: derived from titles, and valid on every operating system."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from resolvers.library import track_urls
from storage.tables import FileRole, Track, TrackFile

_MAX_LENGTH: Final = 60


def folder(number: int, track: Track) -> str:
    """Return a numbered folder name, unique on case-insensitive file systems as well."""
    title = re.sub(r"[^\w \-]+", "", track.title or "").strip()[:_MAX_LENGTH].strip()
    return f"tracks/{number:05} {title or track.id}"


def files(folder_: str, track: Track, rows: Sequence[TrackFile]) -> list[str]:
    """Return a unique path for each file."""
    taken: set[str] = set()
    paths = []
    for row in rows:
        path = _path(folder_, track, row)
        if path.lower() in taken:
            parts = PurePosixPath(path)
            path = f"{parts.parent}/{parts.stem} - {row.role.value} {_plain(row.name)}{parts.suffix}"
        taken.add(path.lower())
        paths.append(path)
    return paths


def _path(folder_: str, track: Track, row: TrackFile) -> str:
    if row.role is FileRole.STREAM:
        return f"{folder_}/stream/{_plain(row.name)}.mp3"
    return f"{folder_}/{track_urls.file_name(track, row)}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w \-]+", "", text)[:_MAX_LENGTH]
