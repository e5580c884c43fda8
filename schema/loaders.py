"""Loaders: what sibling fields ask for is read together, so that a page of any length costs the same queries."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from resolvers import (
    collections,
    downloads,
    exports,
    generations,
    lineages,
    links,
    organizations,
    queues,
    receipts,
    share_links,
    tracks,
    webhooks,
)
from resolvers.context import Context
from storage import tables
from storage.queues import Standing
from storage.share_links import Opens

Found = TypeVar("Found")


class Members(NamedTuple):
    """A page of a collection's members."""

    owner_id: str
    limit: int
    offset: int


class Newest(NamedTuple):
    """A page of what something owns, newest first."""

    owner_id: str
    limit: int
    after: tuple[datetime, str] | None


Page = TypeVar("Page", Members, Newest)


class Loaders:
    """Live for one operation, or one event of a subscription. Each sees the database once for all who ask at a time."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.organization = _loader(self._organizations)
        self.generation = _loader(lambda ids: generations.owned(ctx, ids))
        self.standing_of_generation: DataLoader[str, Standing | None] = _loader(lambda ids: queues.standings(ctx, ids))
        self.track_of_generation = _loader(lambda ids: tracks.made_by(ctx, ids))
        self.readable_track = _loader(lambda ids: tracks.readable(ctx, ids))
        self.files_of_track = _complete(lambda ids: links.files(ctx, ids))
        self.conversions_of_track = _complete(lambda ids: downloads.asked_for(ctx, ids))
        self.receipt_of_track = DataLoader[tables.Track, receipts.Receipt](
            load_fn=self._receipts, cache_key_fn=lambda row: row.id
        )
        self.seed_of_track = _loader(lambda ids: lineages.seeds(ctx, ids))
        self.count_of_derived = _complete(lambda ids: lineages.counts(ctx, ids))
        self.derived_of_track = DataLoader[Newest, Sequence[tables.Track]](load_fn=self._derived)
        self.collection = _loader(lambda ids: collections.mine(ctx, ids))
        self.count_of_collection = _complete(lambda ids: collections.counts(ctx, ids))
        self.tracks_of_collection = DataLoader[Members, Sequence[tables.Track]](load_fn=self._members)
        self.share_link = _loader(lambda ids: share_links.owned(ctx, ids))
        self.opens_of_link: DataLoader[str, Opens | None] = _loader(lambda ids: share_links.opens(ctx, ids))
        self.webhook = _loader(lambda ids: webhooks.mine(ctx, ids))
        self.export = _loader(lambda ids: exports.owned(ctx, ids))
        self.count_of_deliveries = _complete(lambda ids: webhooks.count_deliveries(ctx, ids))
        self.deliveries_of_webhook = DataLoader[Newest, Sequence[tables.WebhookDelivery]](load_fn=self._deliveries)

    async def _deliveries(self, pages: list[Newest]) -> list[Sequence[tables.WebhookDelivery]]:
        return await _paged(
            pages, lambda ids, page: webhooks.deliveries(self._ctx, ids, limit=page.limit, after=page.after)
        )

    async def _receipts(self, rows: list[tables.Track]) -> list[receipts.Receipt]:
        found = await receipts.of(self._ctx, rows)
        return [found[row.id] for row in rows]

    async def _organizations(self, organization_ids: Sequence[str]) -> dict[str, tables.Organization]:
        return {row.id: row for row in await organizations.mine(self._ctx) if row.id in organization_ids}

    async def _members(self, pages: list[Members]) -> list[Sequence[tables.Track]]:
        return await _paged(
            pages, lambda ids, page: collections.placed(self._ctx, ids, limit=page.limit, offset=page.offset)
        )

    async def _derived(self, pages: list[Newest]) -> list[Sequence[tables.Track]]:
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
