"""Ordered collections of tracks."""

from collections.abc import AsyncIterator, Sequence

from music_studio_client._async.resources import Resource, existing
from music_studio_client.errors import payload_of
from music_studio_client.graphql.add_collection_track import AddCollectionTrackResultCollectionPayload
from music_studio_client.graphql.create_collection import CreateCollectionResultCollectionPayload
from music_studio_client.graphql.delete_collection import DeleteCollectionResultDeleteCollectionPayload
from music_studio_client.graphql.input_types import (
    CollectionInput,
    CollectionTrackInput,
    CreateCollectionInput,
    ReorderCollectionInput,
    UpdateCollectionInput,
)
from music_studio_client.graphql.list_collection_tracks import (
    ListCollectionTracksNodeCollection,
    ListCollectionTracksNodeCollectionTracks,
)
from music_studio_client.graphql.list_collections import ListCollectionsOrganizationCollections
from music_studio_client.graphql.remove_collection_track import RemoveCollectionTrackResultCollectionPayload
from music_studio_client.graphql.reorder_collection import ReorderCollectionResultCollectionPayload
from music_studio_client.graphql.update_collection import UpdateCollectionResultCollectionPayload
from music_studio_client.models import Collection, TrackSummary


class Collections(Resource):
    """Your collections."""

    async def list(self, *, page_size: int = 50) -> AsyncIterator[Collection]:
        """Yield the collections. Pages are requested as needed."""
        organization_id = await self.organization.id()

        async def load(after: str | None) -> ListCollectionsOrganizationCollections | None:
            found = await self.operations.list_collections(organization_id, page_size, after)
            return found.collections if found else None

        async for collection in self.paginate(load):
            yield collection

    async def get(self, collection_id: str) -> Collection:
        """Return a collection. Raises NotFoundError."""
        found = await self.operations.get_collection(collection_id)
        return existing(found, Collection, f"collection {collection_id}")

    async def tracks(self, collection_id: str, *, page_size: int = 50) -> AsyncIterator[TrackSummary]:
        """Yield the tracks of a collection in its order."""

        async def load(after: str | None) -> ListCollectionTracksNodeCollectionTracks | None:
            found = await self.operations.list_collection_tracks(collection_id, page_size, after)
            return existing(found, ListCollectionTracksNodeCollection, f"collection {collection_id}").tracks

        async for track in self.paginate(load):
            yield track

    async def create(self, name: str, description: str | None = None) -> Collection:
        """Create an empty collection."""
        organization_id = await self.organization.id()
        request = CreateCollectionInput(organization_id=organization_id, name=name, description=description)
        result = await self.operations.create_collection(request)
        return payload_of(result, CreateCollectionResultCollectionPayload).collection

    async def rename(self, collection_id: str, name: str) -> Collection:
        """Change the name of a collection."""
        result = await self.operations.update_collection(UpdateCollectionInput(id=collection_id, name=name))
        return payload_of(result, UpdateCollectionResultCollectionPayload).collection

    async def delete(self, collection_id: str) -> None:
        """Delete a collection. Its tracks stay."""
        result = await self.operations.delete_collection(CollectionInput(id=collection_id))
        payload_of(result, DeleteCollectionResultDeleteCollectionPayload)

    async def add(self, collection_id: str, track_id: str) -> Collection:
        """Append a track."""
        request = CollectionTrackInput(collection_id=collection_id, track_id=track_id)
        result = await self.operations.add_collection_track(request)
        return payload_of(result, AddCollectionTrackResultCollectionPayload).collection

    async def remove(self, collection_id: str, track_id: str) -> Collection:
        """Take a track out of a collection."""
        request = CollectionTrackInput(collection_id=collection_id, track_id=track_id)
        result = await self.operations.remove_collection_track(request)
        return payload_of(result, RemoveCollectionTrackResultCollectionPayload).collection

    async def reorder(self, collection_id: str, track_ids: Sequence[str]) -> Collection:
        """Put the given tracks first, in this order."""
        request = ReorderCollectionInput(id=collection_id, ordered_track_ids=[*track_ids])
        result = await self.operations.reorder_collection(request)
        return payload_of(result, ReorderCollectionResultCollectionPayload).collection
