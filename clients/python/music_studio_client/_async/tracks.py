"""Read, rename, delete and download tracks."""

from pathlib import Path
from typing import Final

from music_studio_client._async import files
from music_studio_client._async.concurrency import sleep
from music_studio_client._async.resources import Resource, existing
from music_studio_client.errors import payload_of
from music_studio_client.graphql.delete_track import DeleteTrackResultDeleteTrackPayload
from music_studio_client.graphql.input_types import PrepareDownloadInput, TrackInput, UpdateTrackInput
from music_studio_client.graphql.prepare_download import PrepareDownloadResultPrepareDownloadPayload
from music_studio_client.graphql.update_track import UpdateTrackResultUpdateTrackPayload
from music_studio_client.models import Download, DownloadFormat, Track, TrackSummary

_PREPARE_SECONDS: Final = 1.0
"""Time between two questions whether a file is prepared."""


class Tracks(Resource):
    """Single tracks."""

    async def get(self, track_id: str) -> Track:
        """Return a track with its sections, chords, report and files. Raises NotFoundError."""
        return existing(await self.operations.get_track(track_id), Track, f"track {track_id}")

    async def rename(self, track_id: str, title: str) -> TrackSummary:
        """Change the title of a track."""
        result = await self.operations.update_track(UpdateTrackInput(id=track_id, title=title))
        return payload_of(result, UpdateTrackResultUpdateTrackPayload).track

    async def delete(self, track_id: str) -> None:
        """Delete a track for good. Its URLs stop working at once."""
        payload_of(await self.operations.delete_track(TrackInput(id=track_id)), DeleteTrackResultDeleteTrackPayload)

    async def prepare(
        self, track_id: str, download_format: DownloadFormat = DownloadFormat.MP3, part: str | None = None
    ) -> Download:
        """Return a file of a track with its URL, or have it made: then `is_ready` is false, and the URL comes later."""
        request = PrepareDownloadInput(id=track_id, format=download_format, part=part)
        result = await self.operations.prepare_download(request)
        return payload_of(result, PrepareDownloadResultPrepareDownloadPayload).download

    async def download(
        self,
        track_id: str,
        path: str | Path,
        download_format: DownloadFormat = DownloadFormat.MP3,
        part: str | None = None,
    ) -> Path:
        """Write a file of a track to a path, or into a folder under its own name, and return its path.

        A format that is made on request, such as a WAV, is awaited. `part` is the name of a stem. A file that exists is
        replaced when the download is complete.
        """
        while True:
            download = await self.prepare(track_id, download_format, part)
            if download.is_ready and download.url:
                target = Path(path)
                is_folder = target.is_dir()  # noqa: ASYNC240  a local look-up
                return await self.download_url(download.url, target / download.file_name if is_folder else target)
            await sleep(_PREPARE_SECONDS)

    async def download_url(self, url: str, target: Path) -> Path:
        """Write the file at a signed URL, such as `playback_url`, to a path."""
        return await files.download(self.operations.http, url, target)
