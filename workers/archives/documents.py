"""The documents in an archive, their names and their limits."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StrictInt, model_validator

from resolvers.access.validation import Text
from storage.blobs import content_hash
from storage.tables import FileRole
from workers.archives.field_rules import MAX_EVENTS, Line, Moment, Sha256, StrictRecord, Tags

FORMAT: Final = "music-studio/archive"
VERSION: Final = 1

INDEX: Final = "index.json"
PAGE: Final = "index.html"
HISTORY: Final = "history.jsonl"
TRACK: Final = "track.json"
RECEIPT: Final = "receipt.json"
REFERENCE_AUDIOS: Final = "reference-audios"
"""The folder of uploads."""

MAX_INDEX_BYTES: Final = 64 << 20
MAX_DOCUMENT_BYTES: Final = 8 << 20
MAX_HISTORY_BYTES: Final = 256 << 20
MAX_FILE_BYTES: Final = 2**31 - 1
"""The largest size that the table can store."""

_MAX_TRACKS: Final = 200_000
_MAX_FILES: Final = 2_000

SUFFIXES: Final[Mapping[str, str]] = {media_type: suffix for suffix, media_type in content_hash.MEDIA_TYPES.items()}
"""File suffixes by media type."""

_MEDIA_TYPES: Final[Mapping[FileRole, Mapping[str, str]]] = {
    FileRole.MASTER: {"audio/mpeg": ""},
    FileRole.LOSSLESS: {"audio/flac": ""},
    FileRole.ORIGINAL: dict.fromkeys(("audio/mpeg", "audio/flac", "audio/wav", "audio/ogg"), ""),
    FileRole.STEM: {"audio/flac": "[a-z][a-z0-9 _-]{0,63}"},
    FileRole.SCORE: {"audio/midi": "", "application/vnd.recordare.musicxml": "musicxml"},
    FileRole.WAVEFORM: {"application/json": ""},
    FileRole.COVER: {"image/svg+xml": "svg", "image/png": "png"},
    FileRole.STREAM: {"audio/mpeg": "[0-9]{3,6}"},
}
"""The media types of each role, with the pattern of the name. Converted files are not part of an archive."""


class FileRecord(StrictRecord):
    """A file of a track. ``path`` is None if it was missing when the archive was written."""

    role: FileRole
    name: Annotated[str, Field(max_length=255)]
    media_type: Annotated[str, Field(max_length=255)]
    size_bytes: Annotated[StrictInt, Field(gt=0, le=MAX_FILE_BYTES)]
    frames: Annotated[StrictInt, Field(gt=0, le=MAX_EVENTS)] | None
    sha256: Sha256
    path: Annotated[str, Field(max_length=1024)] | None

    @model_validator(mode="after")
    def _check_role(self) -> Self:
        if self.media_type not in SUFFIXES:
            raise ValueError(f"the media type {self.media_type!r} is not supported")
        pattern = _MEDIA_TYPES.get(self.role, {}).get(self.media_type)
        if pattern is None or not re.fullmatch(pattern, self.name):
            raise ValueError(f"no {self.role.value} is named {self.name[:80]!r} and has the type {self.media_type}")
        if (self.role is FileRole.STREAM) != (self.frames is not None):
            raise ValueError("only the chunks of a stream have a number of frames")
        return self


class TrackDocument(StrictRecord):
    """The content of ``track.json``."""

    track: dict[str, Any]
    generation: dict[str, Any]
    library: dict[str, Any] | None
    files: Annotated[list[FileRecord], Field(max_length=_MAX_FILES)]


class IndexedTrack(StrictRecord):
    """A track in ``index.json``."""

    id: Line
    title: Line | None
    folder: Annotated[str, Field(max_length=512)]
    missing: list[str]


class Member(StrictRecord):
    """A member of a collection; members are in their order."""

    track_id: Line
    added_at: Moment


class CollectionDocument(StrictRecord):
    collection: dict[str, Any]
    tracks: list[Member]


class SharedTrack(StrictRecord):
    """A track of another user in the library: only its id is in the archive."""

    track_id: Line
    saved_at: Moment
    tags: Tags
    is_favourite: bool


class Index(StrictRecord):
    """The content of ``index.json``."""

    format: Literal["music-studio/archive"]
    version: Literal[1]
    made_at: Moment
    issuer: Annotated[str, Text(0, 1024)]
    user: str
    organizations: list[str]
    tracks: Annotated[list[IndexedTrack], Field(max_length=_MAX_TRACKS)]
    collections: list[CollectionDocument]
    focus_sessions: list[dict[str, Any]]
    shared_with_you: list[SharedTrack]
    jobs: int
