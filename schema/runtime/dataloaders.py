"""Loaders: what sibling fields ask for is read together, so that a page of any length costs the same queries."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from resolvers.access.context import Context
from resolvers.generations import generations, queue_position
from resolvers.library import collections, downloads, exports, lineages, track_urls, tracks
from resolvers.organizations import organizations, webhooks
from resolvers.receipts import receipts
from resolvers.sharing import share_links
from storage import tables
from storage.queries.share_links import OpenStats
from storage.queue.positions import QueuePosition

Found = TypeVar("Found")


class OffsetPage(NamedTuple):
    """A page of a collection's members."""

    owner_id: str
    limit: int
    offset: int


class KeysetPage(NamedTuple):
    """A page of what something owns, newest first."""

    owner_id: str
    limit: int
    after: tuple[datetime, str] | None


Page = TypeVar("Page", OffsetPage, KeysetPage)


class DataLoaders:
    """Live for one operation, or one event of a subscription. Each sees the database once for all who ask at a time.

    Each is made when it is first asked for: most answers need none or one.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @cached_property
    def organization(self) -> DataLoader[str, tables.Organization]:
        """Of the caller's, by their ids."""
        return _complete(lambda ids: organizations.those(self._ctx, ids))

    @cached_property
    def generation(self) -> DataLoader[str, tables.Generation | None]:
        """Of the caller's, by their ids."""
        return _loader(lambda ids: generations.owned(self._ctx, ids))

    @cached_property
    def generation_queue_position(self) -> DataLoader[str, QueuePosition | None]:
        """Places in the queue, by the ids of jobs."""
        return _loader(lambda ids: queue_position.standings(self._ctx, ids))

    @cached_property
    def generation_track(self) -> DataLoader[str, tables.Track | None]:
        """What jobs made, by the ids of the jobs."""
        return _loader(lambda ids: tracks.made_by(self._ctx, ids))

    @cached_property
    def track(self) -> DataLoader[str, tables.Track | None]:
        """Those that the caller may read, by their ids."""
        return _loader(lambda ids: tracks.readable(self._ctx, ids))

    @cached_property
    def track_files(self) -> DataLoader[str, list[tables.TrackFile]]:
        """By the ids of tracks."""
        return _complete(lambda ids: track_urls.files(self._ctx, ids))

    @cached_property
    def track_conversions(self) -> DataLoader[str, list[tables.Conversion]]:
        """What was asked for besides, by the ids of tracks."""
        return _complete(lambda ids: downloads.asked_for(self._ctx, ids))

    @cached_property
    def track_receipt(self) -> DataLoader[tables.Track, receipts.Receipt]:
        """By the tracks themselves."""
        return DataLoader(load_fn=self._receipts, cache_key_fn=lambda row: row.id)

    @cached_property
    def seed_track(self) -> DataLoader[str, tables.Track | None]:
        """What tracks go on from, by their ids."""
        return _loader(lambda ids: lineages.seeds(self._ctx, ids))

    @cached_property
    def derived_track_count(self) -> DataLoader[str, int]:
        """How many go on from tracks, by the ids of these."""
        return _complete(lambda ids: lineages.counts(self._ctx, ids))

    @cached_property
    def derived_tracks(self) -> DataLoader[KeysetPage, Sequence[tables.Track]]:
        """What goes on from tracks, in pages."""
        return DataLoader(load_fn=self._derived)

    @cached_property
    def collection(self) -> DataLoader[str, tables.Collection | None]:
        """Of the caller's, by their ids."""
        return _loader(lambda ids: collections.mine(self._ctx, ids))

    @cached_property
    def collection_track_count(self) -> DataLoader[str, int]:
        """How many tracks are in collections, by the ids of these."""
        return _complete(lambda ids: collections.counts(self._ctx, ids))

    @cached_property
    def collection_tracks(self) -> DataLoader[OffsetPage, Sequence[tables.Track]]:
        """What is in collections, in pages."""
        return DataLoader(load_fn=self._members)

    @cached_property
    def share_link(self) -> DataLoader[str, tables.ShareLink | None]:
        """Of the caller's, by their ids."""
        return _loader(lambda ids: share_links.owned(self._ctx, ids))

    @cached_property
    def share_link_opens(self) -> DataLoader[str, OpenStats | None]:
        """How often links were opened, by their ids."""
        return _loader(lambda ids: share_links.opens(self._ctx, ids))

    @cached_property
    def webhook(self) -> DataLoader[str, tables.Webhook | None]:
        """Those that the caller administers, by their ids."""
        return _loader(lambda ids: webhooks.mine(self._ctx, ids))

    @cached_property
    def export(self) -> DataLoader[str, tables.Export | None]:
        """Of the caller's, by their ids."""
        return _loader(lambda ids: exports.owned(self._ctx, ids))

    @cached_property
    def webhook_delivery_count(self) -> DataLoader[str, int]:
        """How many deliveries webhooks have, by the ids of these."""
        return _complete(lambda ids: webhooks.count_deliveries(self._ctx, ids))

    @cached_property
    def webhook_deliveries(self) -> DataLoader[KeysetPage, Sequence[tables.WebhookDelivery]]:
        """What was delivered to webhooks, in pages."""
        return DataLoader(load_fn=self._deliveries)

    async def _deliveries(self, pages: list[KeysetPage]) -> list[Sequence[tables.WebhookDelivery]]:
        return await _paged(
            pages, lambda ids, page: webhooks.deliveries(self._ctx, ids, limit=page.limit, after=page.after)
        )

    async def _receipts(self, rows: list[tables.Track]) -> list[receipts.Receipt]:
        found = await receipts.of(self._ctx, rows)
        return [found[row.id] for row in rows]

    async def _members(self, pages: list[OffsetPage]) -> list[Sequence[tables.Track]]:
        return await _paged(
            pages, lambda ids, page: collections.placed(self._ctx, ids, limit=page.limit, offset=page.offset)
        )

    async def _derived(self, pages: list[KeysetPage]) -> list[Sequence[tables.Track]]:
        return await _paged(
            pages, lambda ids, page: lineages.derived(self._ctx, ids, limit=page.limit, after=page.after)
        )


def _loader(find: Callable[[list[str]], Awaitable[Mapping[str, Found]]]) -> DataLoader[str, Found | None]:
    """By id, None for what is not found."""

    async def load(ids: list[str]) -> list[Found | None]:
        found = await find(ids)
        return [found.get(each) for each in ids]

    return DataLoader(load_fn=load)


def _complete(find: Callable[[list[str]], Awaitable[Mapping[str, Found]]]) -> DataLoader[str, Found]:
    """By id, where something is found for each."""

    async def load(ids: list[str]) -> list[Found]:
        found = await find(ids)
        return [found[each] for each in ids]

    return DataLoader(load_fn=load)


async def _paged(
    pages: list[Page], find: Callable[[list[str], Page], Awaitable[Mapping[str, Sequence[Found]]]]
) -> list[Sequence[Found]]:
    """Pages that differ in nothing but their owner are read together."""
    groups: dict[Hashable, list[Page]] = {}
    for page in pages:
        groups.setdefault(page[1:], []).append(page)
    found: dict[Any, Sequence[Found]] = {}
    for shape, alike in groups.items():
        rows = await find([page.owner_id for page in alike], alike[0])
        found |= {(owner_id, shape): items for owner_id, items in rows.items()}
    return [found[page.owner_id, page[1:]] for page in pages]
