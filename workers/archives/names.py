"""What folders and files in an archive are called: by their titles, and so that any system can unpack them."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from resolvers.library import track_urls
from storage.tables import FileRole, Track, TrackFile

_LONGEST: Final = 60


def folder(number: int, track: Track) -> str:
    """Numbered: no two are the same, whatever a system takes for the same."""
    title = re.sub(r"[^\w \-]+", "", track.title or "").strip()[:_LONGEST].strip()
    return f"tracks/{number:05} {title or track.id}"


def files(folder_: str, track: Track, rows: Sequence[TrackFile]) -> list[str]:
    """A path for each file."""
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
    return re.sub(r"[^\w \-]+", "", text)[:_LONGEST]
