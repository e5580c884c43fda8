"""DataLoaders: keys that sibling fields load are batched, so that a page of any length takes the same queries."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Generic, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from resolvers.access import keys
from resolvers.access.context import Context
from resolvers.generations import engine_states, generations
from resolvers.library import collections, downloads, exports, libraries, reference_audios, track_urls, tracks
from resolvers.organizations import organizations, webhooks
from resolvers.receipts import receipts
from resolvers.sharing import public_files, share_links
from schema.relay.cursors import Position
from storage import tables
from storage.queries.collections import Member

Key = TypeVar("Key")
Value = TypeVar("Value")
Start = TypeVar("Start")
BatchLoad = Callable[[Context, list[str]], Awaitable[Mapping[str, Value]]]


class Page(NamedTuple, Generic[Start]):
    """The key of a page of a list: ``start`` is an offset, or a position in (created_at, id), newest first."""

    owner_id: str
    limit: int
    start: Start


def _loader(load: Callable[[Context, list[Key]], Awaitable[list[Value]]]) -> cached_property[DataLoader[Key, Value]]:
    def create(loaders: "DataLoaders") -> DataLoader[Key, Value]:
        return DataLoader(load_fn=partial(load, loaders.ctx))

    return cached_property(create)


def _optional(batch_load: BatchLoad[Value]) -> cached_property[DataLoader[str, Value | None]]:
    async def load(ctx: Context, ids: list[str]) -> list[Value | None]:
        values = await batch_load(ctx, ids)
        return [values.get(each) for each in ids]

    return _loader(load)


def _required(batch_load: BatchLoad[Value]) -> cached_property[DataLoader[str, Value]]:
    """Use a resolver that returns a value for every ID."""

    async def load(ctx: Context, ids: list[str]) -> list[Value]:
        values = await batch_load(ctx, ids)
        return [values[each] for each in ids]

    return _loader(load)


def _paged(
    batch_load: Callable[[Context, list[str], Page[Start]], Awaitable[Mapping[str, Sequence[Value]]]],
) -> cached_property[DataLoader[Page[Start], Sequence[Value]]]:
    """Load pages that differ only in their owner by one call."""

    async def load(ctx: Context, pages: list[Page[Start]]) -> list[Sequence[Value]]:
        groups: dict[Hashable, list[Page[Start]]] = {}
        for page in pages:
            groups.setdefault(page[1:], []).append(page)
        values: dict[Any, Sequence[Value]] = {}
        for bounds, group in groups.items():
            rows = await batch_load(ctx, [page.owner_id for page in group], group[0])
            values |= {(owner_id, bounds): items for owner_id, items in rows.items()}
        return [values[page.owner_id, page[1:]] for page in pages]

    return _loader(load)


class DataLoaders:
    """The dataloaders of one operation, or of one event of a subscription. Each is created on first access.

    Loaders that return None apply the resolvers' access rules: None means missing or not readable by the caller.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    organization = _required(organizations.find_many)
    generation = _optional(generations.find_many)
    generation_queue_position = _optional(generations.load_positions)
    engine_state = _required(engine_states.load_states)
    """By the key of the engine."""
    generation_track = _optional(tracks.find_by_generations)
    """By generation ID."""
    track = _optional(tracks.find_many)
    track_files = _required(track_urls.find_files)
    track_conversions = _required(downloads.find_conversions)
    imported_receipt = _optional(receipts.load_imported)
    """By the ID of the track."""
    seed_track = _optional(tracks.find_seed_tracks)
    """By the ID of the track that continues it."""
    derived_track_count = _required(tracks.count_derived_tracks)
    derived_tracks: cached_property[DataLoader[Page[Position | None], Sequence[tables.Track]]] = _paged(
        lambda ctx, ids, page: tracks.list_derived_tracks(ctx, ids, limit=page.limit, after=page.start)
    )
    collection = _optional(collections.find_many)
    collection_track_count = _required(collections.count_members)
    collection_tracks: cached_property[DataLoader[Page[int], Sequence[Member]]] = _paged(
        lambda ctx, ids, page: collections.list_tracks(ctx, ids, limit=page.limit, offset=page.start)
    )
    maker = _optional(public_files.load_makers)
    """Name by the ID of the organization."""
    share_link = _optional(share_links.find_many)
    share_link_opens = _optional(share_links.load_open_stats)
    library_entry = _optional(libraries.find_many)
    library_entry_of_track = _optional(libraries.find_by_tracks)
    """By the ID of the track."""
    webhook = _optional(webhooks.find_many)
    callback_delivery = _optional(webhooks.find_callback_deliveries)
    """By the ID of the generation."""
    webhook_delivery = _optional(webhooks.find_deliveries)
    export = _optional(exports.find_many)
    reference_audio = _optional(reference_audios.find_many)
    api_key = _optional(keys.find_many)
    webhook_delivery_count = _required(webhooks.count_deliveries)
    webhook_deliveries: cached_property[DataLoader[Page[Position | None], Sequence[tables.WebhookDelivery]]] = _paged(
        lambda ctx, ids, page: webhooks.list_deliveries(ctx, ids, limit=page.limit, after=page.start)
    )

    @cached_property
    def track_receipt(self) -> DataLoader[tables.Track, receipts.Receipt | None]:
        """By track row."""
        return DataLoader(load_fn=self._load_receipts, cache_key_fn=lambda row: row.id)

    async def _load_receipts(self, rows: list[tables.Track]) -> list[receipts.Receipt | None]:
        values = await receipts.load_receipts(self.ctx, rows)
        return [values.get(row.id) for row in rows]
