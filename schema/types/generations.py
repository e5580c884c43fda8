"""Generations: submit, read, list, take back, watch."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import strawberry
from strawberry import UNSET

from core import jobs
from core.jobs import Mode, Status
from resolvers.generations import generations
from resolvers.generations.commands import CreateGenerationGraphQL
from schema.relay import connections
from schema.relay.connections import Connection
from schema.relay.node import Node
from schema.runtime import row_types
from schema.runtime.context import Info
from schema.types.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SpendCapError,
    UnavailableError,
)
from schema.types.tracks import Track
from storage import tables
from storage.queue.positions import QueuePosition


@row_types.row_backed()
@strawberry.type(description="A request for music and what became of it.")
class Generation(Node):
    """From a row that the caller owns."""

    status: Status = strawberry.field(description="Where it stands.")
    progress: int = strawberry.field(description="Percent done, 0 to 100; never falls.")
    stage: str | None = strawberry.field(description="What the worker is doing; null when none works on it.")
    sequence: int = strawberry.field(description="Number of the latest change; resume a subscription behind it.")
    engine: str = strawberry.field(description="Key of the engine.")
    mode: Mode = strawberry.field(description="What it makes.")
    prompt: str = strawberry.field(description="The request in words.")
    duration_seconds: int = strawberry.field(description="Requested length, in seconds.")
    instrumental: bool = strawberry.field(description="Whether no voice is wanted.")
    lyrics: str | None = strawberry.field(description="Words to sing.")
    style_tags: list[str] = strawberry.field(description="Styles that were asked for.")
    title: str | None = strawberry.field(description="Title that was asked for.")
    seed: int = strawberry.field(description="Ask again with it for the same music.")
    loop: bool = strawberry.field(description="Whether its end leads into its beginning.")
    cost_chf: Decimal = strawberry.field(description="Price; charged only when it succeeds.")
    error_message: str | None = strawberry.field(description="Why it failed.")
    refusal_reason: str | None = strawberry.field(description="Why policy refused it, and what to change.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    started_at: datetime | None = strawberry.field(description="When a worker first took it.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    row: strawberry.Private[tables.Generation]
    loaded_track: strawberry.Private[tuple[tables.Track | None] | None] = None
    """The track that it made, or None, if that was read along."""

    @strawberry.field(description="What it made; null unless it succeeded.")
    async def track(self, info: Info) -> Track | None:
        """Batched over the page."""
        if self.row.status is not Status.SUCCEEDED:
            return None
        [row] = self.loaded_track or [await info.context.loaders.generation_track.load(self.row.id)]
        return Track.from_row(row) if row is not None and row.deleted_at is None else None

    @strawberry.field(description="The track it continues, if it was asked to and you may still read that track.")
    async def seed_track(self, info: Info) -> Track | None:
        """Batched over the page."""
        if self.row.seed_track_id is None:
            return None
        row = await info.context.loaders.track.load(self.row.seed_track_id)
        return Track.from_row(row) if row is not None else None

    @strawberry.field(description="Its place in the queue, 1 for the next one; null unless it is queued.")
    async def queue_position(self, info: Info) -> int | None:
        """Batched over the page."""
        standing = await self._standing(info)
        return standing.position if standing else None

    @strawberry.field(
        description="When it may be ready, from how long this studio took of late; null when it has ended, and while "
        "there is no experience with its engine."
    )
    async def estimated_ready_at(self, info: Info) -> datetime | None:
        """Batched over the page."""
        standing = await self._standing(info)
        return standing.ready_at if standing else None

    async def _standing(self, info: Info) -> QueuePosition | None:
        if jobs.is_terminal(self.row.status):
            return None
        return await info.context.loaders.generation_queue_position.load(self.row.id)

    @classmethod
    def from_row(cls, row: tables.Generation) -> Self:
        """The row as a type."""
        return row_types.build(cls, row=row)


async def with_track(info: Info, organization_id: str, generation_id: str) -> Generation | None:
    """One of the caller's; what it made needs no other read."""
    found = await generations.find_with_track(info.context.ctx, generation_id, organization_id)
    return row_types.build(Generation, row=found[0], loaded_track=found[1:]) if found else None


async def connection(
    info: Info, organization_id: str, *, status: Status | None, first: int, after: str | None
) -> Connection[Generation]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    position = connections.decode_position(after)
    rows = await generations.list_(ctx, organization_id, status=status, limit=limit + 1, after=position)

    def edge(row: tables.Generation) -> tuple[connections.Position, Generation]:
        return (row.created_at, row.id), Generation.from_row(row)

    return connections.from_rows(
        rows, limit, after, edge, lambda: generations.count(ctx, organization_id, status=status)
    )


@strawberry.input(description="What to make.")
class CreateGenerationInput:
    """Decoded into CreateGeneration, where the rules stand."""

    organization_id: strawberry.ID = strawberry.field(description="Who pays.")
    prompt: str = strawberry.field(description="The music in words, 1 to 2000 characters.")
    duration_seconds: int = strawberry.field(description="Length in whole seconds, up to the engine's maximum.")
    engine: str | None = strawberry.field(default=None, description="Key of the engine; the default one if left out.")
    mode: Mode = strawberry.field(default=Mode.CREATION, description="What to make.")
    instrumental: bool = strawberry.field(default=False, description="Whether no voice is wanted.")
    lyrics: str | None = strawberry.field(default=None, description="Words to sing, up to 5000 characters.")
    seed_track_id: strawberry.ID | None = strawberry.field(default=None, description="A track to continue from.")
    style_tags: list[str] = strawberry.field(default_factory=list, description="Up to 20 styles.")
    title: str | None = strawberry.field(default=None, description="A title; the engine finds one if left out.")
    seed: int | None = strawberry.field(default=None, description="0 to 2147483647: the same seed, the same music.")
    loop: bool = strawberry.field(default=False, description="Whether its end shall lead into its beginning.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again, it answers the same generation and starts nothing new."
    )


@strawberry.type(description="The generation was accepted.")
class CreateGenerationPayload:
    """Success of createGeneration."""

    generation: Generation = strawberry.field(description="The new generation, or the earlier one under the same key.")
    is_replay: bool = strawberry.field(description="Whether an earlier request under this key is answered again.")


@strawberry.input(description="Which generation to take back.")
class CancelGenerationInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The generation.")


@strawberry.type(description="The cancellation was noted; an ended generation stays as it is.")
class CancelGenerationPayload:
    """Success of cancelGeneration."""

    generation: Generation = strawberry.field(description="The generation as it stands now; it may still be running.")


CreateGenerationResult = Annotated[
    CreateGenerationPayload
    | InvalidInputError
    | ForbiddenError
    | ConflictError
    | SpendCapError
    | RateLimitedError
    | UnavailableError,
    strawberry.union("CreateGenerationResult", description="What createGeneration answers."),
]
CancelGenerationResult = Annotated[
    CancelGenerationPayload | NotFoundError | UnavailableError,
    strawberry.union("CancelGenerationResult", description="What cancelGeneration answers."),
]


@strawberry.type
class GenerationMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Submit a request for music.")
    async def create_generation(
        self,
        info: Info,
        input: Annotated[CreateGenerationInput, strawberry.argument(description="What to make.")],  # noqa: A002
    ) -> CreateGenerationResult:
        """See generations.create."""
        ctx = info.context.ctx
        fields = {name: value for name, value in vars(input).items() if value is not UNSET and value is not None}
        organization_id = fields.pop("organization_id")
        fields.setdefault("engine", ctx.services.engines.default.key)
        row, is_replay = await generations.create(ctx, organization_id, fields, CreateGenerationGraphQL)
        return CreateGenerationPayload(generation=Generation.from_row(row), is_replay=is_replay)

    @strawberry.mutation(description="Take a generation back: at once while queued, soon while running.")
    async def cancel_generation(
        self,
        info: Info,
        input: Annotated[CancelGenerationInput, strawberry.argument(description="Which one.")],  # noqa: A002
    ) -> CancelGenerationResult:
        """See generations.cancel."""
        row = await generations.cancel(info.context.ctx, input.id)
        return CancelGenerationPayload(generation=Generation.from_row(row))


@strawberry.type
class GenerationSubscriptions:
    """Mixed into Subscription."""

    @strawberry.subscription(
        description="The generation now and at each change, whole; ends after its last state. Resume with `after`."
    )
    async def generation_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The generation.")],  # noqa: A002
        after: Annotated[
            int | None, strawberry.argument(description="Sequence of the last state you saw; later ones follow.")
        ] = None,
    ) -> AsyncGenerator[Generation, Any]:
        """See generations.watch."""
        async with aclosing(generations.watch(info.context.ctx, id, after)) as states:
            async for row in states:
                info.context.renew(row.sequence)
                yield Generation.from_row(row)
