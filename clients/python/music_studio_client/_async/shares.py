"""Public links to tracks and collections."""

from collections.abc import AsyncIterator

from music_studio_client._async.resources import Resource
from music_studio_client.errors import payload_of
from music_studio_client.graphql.input_types import RevokeShareInput, ShareInput, ShareLinkFilter
from music_studio_client.graphql.list_share_links import ListShareLinksOrganizationShareLinks
from music_studio_client.graphql.revoke_share import RevokeShareResultRevokeSharePayload
from music_studio_client.graphql.share_collection import ShareCollectionResultSharePayload
from music_studio_client.graphql.share_track import ShareTrackResultSharePayload
from music_studio_client.models import ShareLink


class Shares(Resource):
    """Your share links."""

    async def list(self, *, is_active: bool | None = None, page_size: int = 50) -> AsyncIterator[ShareLink]:
        """Yield the share links, newest first. Pages are requested as needed."""
        organization_id = await self.organization.id()
        conditions = ShareLinkFilter(is_active=is_active)

        async def load(after: str | None) -> ListShareLinksOrganizationShareLinks | None:
            found = await self.operations.list_share_links(organization_id, page_size, after, conditions)
            return found.share_links if found else None

        async for link in self.paginate(load):
            yield link

    async def share_track(self, track_id: str, *, expires_in_days: int | None = None) -> ShareTrackResultSharePayload:
        """Create a public link to a track; `url` of the result is its address."""
        result = await self.operations.share_track(ShareInput(id=track_id, expires_in_days=expires_in_days))
        return payload_of(result, ShareTrackResultSharePayload)

    async def share_collection(
        self, collection_id: str, *, expires_in_days: int | None = None
    ) -> ShareCollectionResultSharePayload:
        """Create a public link to a collection; `url` of the result is its address."""
        result = await self.operations.share_collection(ShareInput(id=collection_id, expires_in_days=expires_in_days))
        return payload_of(result, ShareCollectionResultSharePayload)

    async def revoke(self, share_link_id: str) -> ShareLink:
        """End a share link at once."""
        result = await self.operations.revoke_share(RevokeShareInput(id=share_link_id))
        return payload_of(result, RevokeShareResultRevokeSharePayload).link
