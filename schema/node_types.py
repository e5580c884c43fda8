"""What an id names: each kind of node with the loader that reads it and the type that shows it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from strawberry.dataloader import DataLoader

from core import ids
from resolvers.focus import sessions
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import DataLoaders
from schema.types.collections import Collection
from schema.types.exports import Export
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.organizations import Organization
from schema.types.share_links import ShareLink
from schema.types.tracks import Track
from schema.types.webhooks import Webhook

Row = TypeVar("Row")
Find = Callable[[Info, str], Awaitable[Node | None]]


async def find(info: Info, node_id: str) -> Node | None:
    """Whatever the id names, if the caller may see it. Raises Unauthenticated."""
    kind = ids.kind_of(node_id)
    if kind not in _FINDERS:
        info.context.ctx.caller  # noqa: B018  an unknown caller is told so, whatever it asks for
        return None
    return await _FINDERS[kind](info, node_id)


def _loaded(choose: Callable[[DataLoaders], DataLoader[str, Row | None]], show: Callable[[Row], Node]) -> Find:
    """Read by a loader: those of one kind together."""

    async def load(info: Info, node_id: str) -> Node | None:
        row = await choose(info.context.loaders).load(node_id)
        return None if row is None else show(row)

    return load


async def _organization(info: Info, node_id: str) -> Node | None:
    return Organization.find(info, node_id)


async def _focus_session(info: Info, node_id: str) -> Node | None:
    view = await sessions.poll(info.context.ctx, node_id)
    return FocusSession.from_snapshot(view) if view else None


_FINDERS: Final[Mapping[ids.Kind | None, Find]] = {
    ids.Kind.ORGANIZATION: _organization,
    ids.Kind.GENERATION: _loaded(lambda loaders: loaders.generation, Generation.from_row),
    ids.Kind.TRACK: _loaded(lambda loaders: loaders.track, Track.from_row),
    ids.Kind.COLLECTION: _loaded(lambda loaders: loaders.collection, Collection.from_row),
    ids.Kind.SHARE_LINK: _loaded(lambda loaders: loaders.share_link, ShareLink.from_row),
    ids.Kind.WEBHOOK: _loaded(lambda loaders: loaders.webhook, Webhook.from_row),
    ids.Kind.EXPORT: _loaded(lambda loaders: loaders.export, Export.from_row),
    ids.Kind.FOCUS_SESSION: _focus_session,
}
