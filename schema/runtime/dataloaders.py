"""DataLoaders: keys that sibling fields load are batched, so that a page of any length takes the same queries."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from resolvers.access.context import Context
from resolvers.generations import generations, queue_position
from resolvers.library import collections, downloads, exports, lineages, track_urls, tracks
from resolvers.organizations import organizations, webhooks
from resolvers.receipts import receipts
from resolvers.sharing import share_links
from schema.relay.cursors import Position
from storage import tables
from storage.queries.share_links import OpenStats
from storage.queue.positions import QueuePosition

Value = TypeVar("Value")
BatchLoad = Callable[[Context, list[str]], Awaitable[Mapping[str, Value]]]


class OffsetPage(NamedTuple):
    """The key of a page of an ordered list, such as the tracks of a collection."""

    owner_id: str
    limit: int
    offset: int


class KeysetPage(NamedTuple):
    """The key of a page of a list sorted by (created_at, id), newest first."""

    owner_id: str
    limit: int
    after: Position | None


Page = TypeVar("Page", OffsetPage, KeysetPage)


class DataLoaders:
    """The dataloaders of one operation, or of one event of a subscription. Each is created on first access.

    Loaders that return None apply the resolvers' access rules: None means missing or not readable by the caller.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @cached_property
    def organization(self) -> DataLoader[str, tables.Organization]:
        return self._required(organizations.find_many)

    @cached_property
    def generation(self) -> DataLoader[str, tables.Generation | None]:
        return self._optional(generations.find_many)

    @cached_property
    def generation_queue_position(self) -> DataLoader[str, QueuePosition | None]:
        return self._optional(queue_position.load_positions)

    @cached_property
    def generation_track(self) -> DataLoader[str, tables.Track | None]:
        """By generation ID."""
        return self._optional(tracks.find_by_generations)

    @cached_property
    def track(self) -> DataLoader[str, tables.Track | None]:
        return self._optional(tracks.find_many)

    @cached_property
    def track_files(self) -> DataLoader[str, list[tables.TrackFile]]:
        return self._required(track_urls.find_files)

    @cached_property
    def track_conversions(self) -> DataLoader[str, list[tables.Conversion]]:
        return self._required(downloads.find_conversions)

    @cached_property
    def track_receipt(self) -> DataLoader[tables.Track, receipts.Receipt]:
        """By track row."""
        return DataLoader(load_fn=self._load_receipts, cache_key_fn=lambda row: row.id)

    @cached_property
    def seed_track(self) -> DataLoader[str, tables.Track | None]:
        """By the ID of the track that continues it."""
        return self._optional(lineages.find_seed_tracks)

    @cached_property
    def derived_track_count(self) -> DataLoader[str, int]:
        return self._required(lineages.count_derived_tracks)

    @cached_property
    def derived_tracks(self) -> DataLoader[KeysetPage, Sequence[tables.Track]]:
        return _paged(
            lambda ids, page: lineages.list_derived_tracks(self._ctx, ids, limit=page.limit, after=page.after)
        )

    @cached_property
    def collection(self) -> DataLoader[str, tables.Collection | None]:
        return self._optional(collections.find_many)

    @cached_property
    def collection_track_count(self) -> DataLoader[str, int]:
        return self._required(collections.count_members)

    @cached_property
    def collection_tracks(self) -> DataLoader[OffsetPage, Sequence[tables.Track]]:
        return _paged(lambda ids, page: collections.list_tracks(self._ctx, ids, limit=page.limit, offset=page.offset))

    @cached_property
    def share_link(self) -> DataLoader[str, tables.ShareLink | None]:
        return self._optional(share_links.find_many)

    @cached_property
    def share_link_opens(self) -> DataLoader[str, OpenStats | None]:
        return self._optional(share_links.load_open_stats)

    @cached_property
    def webhook(self) -> DataLoader[str, tables.Webhook | None]:
        return self._optional(webhooks.find_many)

    @cached_property
    def export(self) -> DataLoader[str, tables.Export | None]:
        return self._optional(exports.find_many)

    @cached_property
    def webhook_delivery_count(self) -> DataLoader[str, int]:
        return self._required(webhooks.count_deliveries)

    @cached_property
    def webhook_deliveries(self) -> DataLoader[KeysetPage, Sequence[tables.WebhookDelivery]]:
        return _paged(lambda ids, page: webhooks.list_deliveries(self._ctx, ids, limit=page.limit, after=page.after))

    def _optional(self, batch_load: BatchLoad[Value]) -> DataLoader[str, Value | None]:
        async def load(ids: list[str]) -> list[Value | None]:
            values = await batch_load(self._ctx, ids)
            return [values.get(each) for each in ids]

        return DataLoader(load_fn=load)

    def _required(self, batch_load: BatchLoad[Value]) -> DataLoader[str, Value]:
        """Use a resolver that returns a value for every ID."""

        async def load(ids: list[str]) -> list[Value]:
            values = await batch_load(self._ctx, ids)
            return [values[each] for each in ids]

        return DataLoader(load_fn=load)

    async def _load_receipts(self, rows: list[tables.Track]) -> list[receipts.Receipt]:
        values = await receipts.sign_receipts(self._ctx, rows)
        return [values[row.id] for row in rows]


def _paged(
    batch_load: Callable[[list[str], Page], Awaitable[Mapping[str, Sequence[Value]]]],
) -> DataLoader[Page, Sequence[Value]]:
    """Load pages that differ only in their owner by one call."""

    async def load(pages: list[Page]) -> list[Sequence[Value]]:
        groups: dict[Hashable, list[Page]] = {}
        for page in pages:
            groups.setdefault(page[1:], []).append(page)
        values: dict[Any, Sequence[Value]] = {}
        for bounds, group in groups.items():
            rows = await batch_load([page.owner_id for page in group], group[0])
            values |= {(owner_id, bounds): items for owner_id, items in rows.items()}
        return [values[page.owner_id, page[1:]] for page in pages]

    return DataLoader(load_fn=load)
