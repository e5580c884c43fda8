"""What a field finds in ``info.context``: the resolvers' context, and loaders that live for one operation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import SchemaExtension

from resolvers import collections, links, tracks
from resolvers.context import Context
from storage import tables


class Loaders:
    """Batches what sibling fields ask for. Sees the database once for each kind of thing."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.track_of_generation = DataLoader[str, tables.Track | None](load_fn=self._tracks_of_generations)
        self.readable_track = DataLoader[str, tables.Track | None](load_fn=self._readable_tracks)
        self.count_of_collection = DataLoader[str, int](load_fn=self._counts_of_collections)
        self.files_of_track = DataLoader[str, list[tables.TrackFile]](load_fn=self._files_of_tracks)

    async def _tracks_of_generations(self, generation_ids: list[str]) -> Sequence[tables.Track | None]:
        found = await tracks.made_by(self._ctx, generation_ids)
        return [found.get(generation_id) for generation_id in generation_ids]

    async def _readable_tracks(self, track_ids: list[str]) -> Sequence[tables.Track | None]:
        found = await tracks.readable(self._ctx, track_ids)
        return [found.get(track_id) for track_id in track_ids]

    async def _counts_of_collections(self, collection_ids: list[str]) -> Sequence[int]:
        found = await collections.counts(self._ctx, collection_ids)
        return [found[collection_id] for collection_id in collection_ids]

    async def _files_of_tracks(self, track_ids: list[str]) -> Sequence[list[tables.TrackFile]]:
        found = await links.files(self._ctx, track_ids)
        return [found[track_id] for track_id in track_ids]


@dataclass
class GraphQLContext:
    """One request, or one socket; ``connection_params`` is what the socket's client introduced itself with."""

    ctx: Context
    trace_id: str
    request: Any = None
    connection_params: dict[str, object] = field(default_factory=dict)
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.ctx)


Info = strawberry.Info[GraphQLContext, None]


class FreshLoaders(SchemaExtension):
    """A socket's context outlives its operations: each one works on a copy with loaders of its own."""

    def on_operation(self) -> Iterator[None]:
        """Runs around every operation."""
        self.execution_context.context = replace(self.execution_context.context)
        yield
