"""Results of the tools: fields as JSON values, links to files, and audio."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from mcp_types import AudioContent, ContentBlock, ResourceLink
from music_studio_client import AsyncMusicStudio, ConnectionFailedError, NotFoundError
from music_studio_client.models import (
    Download,
    Engine,
    FocusSession,
    Generation,
    LibraryEntry,
    Licence,
    Track,
    TrackSummary,
)
from pydantic import BaseModel

from server.mcp.arguments import Audio

MAX_CONTENT_BYTES: Final = 4 * 1024 * 1024
"""Largest file that is returned as content: an MP3 of almost three minutes. Base64 makes it a third longer."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of a tool: fields as JSON, and further content."""

    fields: Mapping[str, object]
    content: Sequence[ContentBlock] = ()


class ToolRefusedError(Exception):
    """The tool does not do what was requested. The message is a sentence for an agent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def plain(model: BaseModel | None) -> dict[str, Any] | None:
    """Return a model as JSON values, without those that are null."""
    return model.model_dump(mode="json", exclude_none=True, exclude={"typename__"}) if model else None


def engine(found: Engine) -> dict[str, object]:
    """Return an engine with its licence, and its capabilities by the name of the field."""
    fields = found.model_dump(mode="json", exclude={"licence", "digital_source_type", "capabilities"})
    return {**fields, "licence": licence(found.licence), "capabilities": _capabilities(found)}


def _capabilities(found: Engine) -> dict[str, object]:
    """Return what an engine does with each field of a request, by the name of the field."""
    return {
        each.field.value.lower(): {
            "support": each.support.value.lower(),
            **({"range": each.range_.model_dump(exclude_none=True)} if each.range_ else {}),
            **({"values": each.values} if each.values else {}),
            **({"note": each.note} if each.note else {}),
        }
        for each in found.capabilities
    }


def licence(found: Licence) -> dict[str, object]:
    return found.model_dump(mode="json")


def generation(found: Generation) -> dict[str, object]:
    """Return a generation without its track and without fields that are null."""
    fields = found.model_dump(mode="json", exclude_none=True, exclude={"id", "status", "sequence", "mode", "track"})
    return {"generation_id": found.id, "status": found.status.value.lower(), **fields}


def track(found: TrackSummary) -> dict[str, object]:
    """Return the main properties of a track, its licence and a signed URL of its audio."""
    fields = found.model_dump(mode="json", exclude_none=True, include=_TRACK_FIELDS)
    return {"track_id": found.id, **fields, "audio_url": found.playback_url, "licence": licence(found.licence)}


_TRACK_FIELDS: Final = {
    *("title", "engine", "instrumental", "measured_duration_seconds", "tempo_bpm", "key", "metre", "style", "seed"),
    *("created_at",),
}


def track_details(found: Track) -> dict[str, object]:
    """Return a track with the report on its prompt, and the files that exist or can be made."""
    report = found.report and found.report.model_dump(mode="json", exclude={"instruments"})
    instruments = [use.name for use in found.report.instruments or ()] if found.report else []
    formats = sorted({each.format.value.lower() for each in found.downloads or ()})
    return {**track(found), "report": report, "instruments": instruments, "formats": formats}


def entry(found: LibraryEntry) -> dict[str, object]:
    """Return a library entry with the fields of its track."""
    fields = {"tags": found.tags, "is_favourite": found.is_favourite, "saved_at": found.saved_at.isoformat()}
    return {**(track(found.track) if found.track else {}), **fields}


def session(found: FocusSession) -> dict[str, object]:
    """Return a focus session without its segments and without fields that are null."""
    fields = found.model_dump(mode="json", exclude_none=True, exclude={"id", "status", "segments"})
    return {"session_id": found.id, "status": found.status.value.lower(), **fields}


async def file_content(
    studio: AsyncMusicStudio, download: Download, audio: Audio
) -> tuple[list[ContentBlock], str | None]:
    """Return a link to a file, or its audio, and a note if the audio is too large or no audio."""
    if audio is Audio.NONE or download.url is None:
        return [], None
    link = ResourceLink(
        uri=download.url,
        name=download.file_name,
        mime_type=download.mime_type,
        size=download.size_bytes,
        description="Works for some minutes; get_track returns a new link.",
    )
    if audio is Audio.LINK:
        return [link], None
    if not download.mime_type.startswith("audio/") or "midi" in download.mime_type:
        return [link], f"{download.mime_type} is not returned as content; use the link."
    if download.size_bytes is None or download.size_bytes > MAX_CONTENT_BYTES:
        limit = f"{MAX_CONTENT_BYTES // 1024**2} MiB"
        return [link], f"The file has more than {limit} and is not returned as content; use the link."
    data = await _read(studio, download)
    return [AudioContent(data=base64.b64encode(data).decode(), mime_type=download.mime_type), link], None


async def _read(studio: AsyncMusicStudio, download: Download) -> bytes:
    try:
        response = await studio.tracks.operations.http.get(str(download.url))
    except httpx.HTTPError as error:
        raise ConnectionFailedError(f"{download.file_name} could not be read: {error}.") from error
    if response.is_error:
        raise NotFoundError(f"{download.file_name} cannot be read ({response.status_code}).", "RESOURCE_NOT_FOUND")
    return response.content
