"""The personal library: save, find, tag, favour and export tracks."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

from music_studio_client._async import files
from music_studio_client._async.concurrency import sleep
from music_studio_client._async.resources import Resource, existing
from music_studio_client.errors import ExportFailedError, payload_of
from music_studio_client.graphql.create_export import CreateExportResultCreateExportPayload
from music_studio_client.graphql.favourite_track import FavouriteTrackResultLibraryEntryPayload
from music_studio_client.graphql.input_types import (
    CreateExportInput,
    FavouriteTrackInput,
    LibraryFilter,
    TagTrackInput,
    TrackInput,
)
from music_studio_client.graphql.list_library import ListLibraryOrganizationLibrary
from music_studio_client.graphql.save_track import SaveTrackResultSaveTrackPayload
from music_studio_client.graphql.tag_track import TagTrackResultLibraryEntryPayload
from music_studio_client.graphql.unsave_track import UnsaveTrackResultUnsaveTrackPayload
from music_studio_client.models import Export, ExportStatus, LibraryEntry, LibrarySort, SortDirection

_EXPORT_SECONDS: Final = 1.0
"""Time between two questions whether an export is ready."""


class Library(Resource):
    """The tracks you keep."""

    async def list(
        self,
        query: str | None = None,
        *,
        tags: Sequence[str] = (),
        is_favourite: bool | None = None,
        collection_id: str | None = None,
        engine: str | None = None,
        sort: LibrarySort = LibrarySort.SAVED_AT,
        direction: SortDirection | None = None,
        page_size: int = 50,
    ) -> AsyncIterator[LibraryEntry]:
        """Yield entries that match a query (title, tags, prompt) and have all the tags."""
        organization_id = await self.organization.id()
        conditions = LibraryFilter(tags=[*tags], is_favourite=is_favourite, collection_id=collection_id, engine=engine)

        async def load(after: str | None) -> ListLibraryOrganizationLibrary | None:
            found = await self.operations.list_library(
                organization_id, page_size, after, query, conditions, sort, direction
            )
            return found.library if found else None

        async for entry in self.paginate(load):
            yield entry

    async def save(self, track_id: str) -> LibraryEntry:
        """Keep a track in the library."""
        result = await self.operations.save_track(TrackInput(id=track_id))
        return payload_of(result, SaveTrackResultSaveTrackPayload).entry

    async def remove(self, track_id: str) -> None:
        """Take a track out of the library. The track stays readable."""
        payload_of(await self.operations.unsave_track(TrackInput(id=track_id)), UnsaveTrackResultUnsaveTrackPayload)

    async def tag(self, track_id: str, tags: Sequence[str]) -> LibraryEntry:
        """Replace the tags of a track in the library."""
        result = await self.operations.tag_track(TagTrackInput(id=track_id, tags=[*tags]))
        return payload_of(result, TagTrackResultLibraryEntryPayload).entry

    async def favour(self, track_id: str, *, is_favourite: bool = True) -> LibraryEntry:
        """Mark a track in the library as a favourite, or not."""
        result = await self.operations.favourite_track(FavouriteTrackInput(id=track_id, is_favourite=is_favourite))
        return payload_of(result, FavouriteTrackResultLibraryEntryPayload).entry

    async def export(
        self,
        path: str | Path,
        track_ids: Sequence[str] | None = None,
        on_update: Callable[[Export], object] | None = None,
    ) -> Path:
        """Write a ZIP archive of tracks that you made, or of everything you have, to a path and return it.

        Into a folder it is written under a name of its own. Raises ExportFailedError if the server cannot make it,
        ConflictError while it makes another archive for you.
        """
        request = CreateExportInput(
            organization_id=await self.organization.id(), track_ids=None if track_ids is None else [*track_ids]
        )
        result = await self.operations.create_export(request)
        export = payload_of(result, CreateExportResultCreateExportPayload).export
        while export.status in {ExportStatus.QUEUED, ExportStatus.RUNNING}:
            if on_update is not None:
                on_update(export)
            await sleep(_EXPORT_SECONDS)
            export = existing(await self.operations.get_export(export.id), Export, f"export {export.id}")
        if export.url is None:
            raise ExportFailedError(f"The export {export.id} failed.")
        target = Path(path)
        is_folder = target.is_dir()  # noqa: ASYNC240  a local look-up
        name = f"music-studio {export.created_at:%Y-%m-%d}.zip"
        return await files.download(self.operations.http, export.url, target / name if is_folder else target)
