"""Object types by the prefix of their global ID: how the fields ``node`` and ``nodes`` fetch an object."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from strawberry.dataloader import DataLoader

from core import ids
from resolvers.focus import sessions
from resolvers.organizations import organizations
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import DataLoaders
from schema.types.api_keys import ApiKey
from schema.types.collections import Collection
from schema.types.exports import Export
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry
from schema.types.organizations import Organization, Viewer
from schema.types.reference_audios import ReferenceAudio
from schema.types.sharing import ShareLink
from schema.types.tracks import Track
from schema.types.webhooks import Webhook, WebhookDelivery

Row = TypeVar("Row")
Finder = Callable[[Info, str], Awaitable[Node | None]]


async def find(info: Info, node_id: str) -> Node | None:
    """Return the object with this ID, or None if it is missing or the caller may not read it.

    Raises Unauthenticated.
    """
    kind = ids.kind_of(node_id)
    if kind not in _FINDERS:
        info.context.ctx.caller  # noqa: B018  raises Unauthenticated
        return None
    return await _FINDERS[kind](info, node_id)


def _by_loader(
    loader: Callable[[DataLoaders], DataLoader[str, Row | None]], from_optional: Callable[[Row | None], Node | None]
) -> Finder:
    async def load(info: Info, node_id: str) -> Node | None:
        return from_optional(await loader(info.context.loaders).load(node_id))

    return load


async def _find_viewer(info: Info, node_id: str) -> Node | None:
    is_viewer = info.context.ctx.caller.user_id == node_id
    return Viewer.from_row(await organizations.get_viewer(info.context.ctx)) if is_viewer else None


async def _find_organization(info: Info, node_id: str) -> Node | None:
    return Organization.find(info, node_id)


async def _poll_focus_session(info: Info, node_id: str) -> Node | None:
    return FocusSession.from_optional(await sessions.poll(info.context.ctx, node_id))


_FINDERS: Final[Mapping[ids.Kind | None, Finder]] = {
    ids.Kind.ORGANIZATION: _find_organization,
    ids.Kind.GENERATION: _by_loader(lambda loaders: loaders.generation, Generation.from_optional),
    ids.Kind.TRACK: _by_loader(lambda loaders: loaders.track, Track.from_optional),
    ids.Kind.COLLECTION: _by_loader(lambda loaders: loaders.collection, Collection.from_optional),
    ids.Kind.SHARE_LINK: _by_loader(lambda loaders: loaders.share_link, ShareLink.from_optional),
    ids.Kind.WEBHOOK: _by_loader(lambda loaders: loaders.webhook, Webhook.from_optional),
    ids.Kind.DELIVERY: _by_loader(lambda loaders: loaders.webhook_delivery, WebhookDelivery.from_optional),
    ids.Kind.LIBRARY_ENTRY: _by_loader(lambda loaders: loaders.library_entry, LibraryEntry.from_optional),
    ids.Kind.USER: _find_viewer,
    ids.Kind.API_KEY: _by_loader(lambda loaders: loaders.api_key, ApiKey.from_optional),
    ids.Kind.EXPORT: _by_loader(lambda loaders: loaders.export, Export.from_optional),
    ids.Kind.REFERENCE_AUDIO: _by_loader(lambda loaders: loaders.reference_audio, ReferenceAudio.from_optional),
    ids.Kind.FOCUS_SESSION: _poll_focus_session,
}
