"""Generations: requests for music."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

import strawberry

from core import jobs
from core.jobs import Mode, Status, WorkerStage
from engines.port import Stage
from resolvers.generations import controls, generations, sources
from resolvers.generations.commands import CreateGenerationGraphQL
from schema.limits.field_costs import ListSize
from schema.relay.node import Node
from schema.runtime import subscriptions
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, build, row_backed
from schema.runtime.subscriptions import AfterSequence
from schema.types.controls import ControlsInput, GenerationControls
from schema.types.errors import NotFoundError, SubmissionError
from schema.types.mutations import Input, mutation, to_command
from schema.types.reference_audios import ReferenceAudio
from schema.types.sources import GenerationSource, SourceInput
from schema.types.tracks import Track
from schema.types.webhooks import WebhookDelivery
from storage import tables
from storage.queue.positions import QueuePosition


@row_backed(
    lyrics_language=lambda generation: controls.from_json(generation.row.controls).lyrics_language,
    controls=lambda generation: GenerationControls.from_row(controls.from_json(generation.row.controls)),
    source_audio=lambda generation: GenerationSource.from_optional(sources.from_json(generation.row.source)),
)
@strawberry.type(description="A request for music and its state.")
class Generation(RowBacked[tables.Generation], Node):
    status: Status = strawberry.field(description="The status.")
    progress: int = strawberry.field(description="The progress in percent, 0 to 100. It never decreases.")
    stage: str | None = strawberry.field(
        description="The current stage, or null if it is not running: "
        f"{', '.join((*WorkerStage, *Stage))}. Engines that are not part of the studio may have others."
    )
    sequence: int = strawberry.field(
        description="The sequence number of the latest change. Pass it as `after` to resume a subscription."
    )
    engine: str = strawberry.field(description="The key of the engine.")
    mode: Mode = strawberry.field(description="What the generation produces.")
    prompt: str = strawberry.field(description="The description of the music.")
    duration_seconds: int = strawberry.field(description="The requested duration, in seconds.")
    instrumental: bool = strawberry.field(description="Whether music without vocals was requested.")
    lyrics: str | None = strawberry.field(description="The requested lyrics.")
    lyrics_language: str | None = strawberry.field(description="The requested language of the lyrics, a BCP 47 tag.")
    style_tags: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=20)], description="The requested styles."
    )
    title: str | None = strawberry.field(description="The requested title.")
    seed: int = strawberry.field(description="The seed. The same request with the same seed gives the same music.")
    loop: bool = strawberry.field(description="Whether the track can be looped without a gap.")
    save_to_library: bool = strawberry.field(description="Whether the finished track is saved to your library.")
    controls: GenerationControls = strawberry.field(description="The explicit musical properties of the request.")
    source_audio: GenerationSource | None = strawberry.field(
        description="How the music is made from audio, or null if it is not."
    )
    callback_url: str | None = strawberry.field(
        description="The URL that receives the end of the generation, or null. It is kept as long as its delivery."
    )
    callback_secret: str | None = strawberry.field(
        description="The secret (whsec_…) that signs the request to the callback URL, or null."
    )
    cost_chf: Decimal = strawberry.field(description="The price, in CHF. Charged only if the generation succeeds.")
    error_message: str | None = strawberry.field(description="Why the generation failed.")
    refusal_reason: str | None = strawberry.field(description="Why the content policy refused it, and what to change.")
    created_at: datetime = strawberry.field(description="The time when the generation was accepted.")
    started_at: datetime | None = strawberry.field(description="The time when a worker first started it.")
    finished_at: datetime | None = strawberry.field(description="The time when it reached its final status.")
    JOINED: ClassVar[Mapping[str, str]] = {"Generation.track": "tracks"}
    """The fields that return another row, and its table."""
    loaded_track: strawberry.Private[tuple[tables.Track | None] | None] = None
    """The track, or None, if it was read together with the generation."""

    @strawberry.field(description="The track, or null if the generation has not succeeded.")
    async def track(self, info: Info) -> Track | None:
        row = await self._load_track(info)
        return Track.from_row(row) if row is not None and row.deleted_at is None else None

    @strawberry.field(
        description="The ID of the track, also after it was deleted, or null if the generation has not succeeded."
    )
    async def result_track_id(self, info: Info) -> strawberry.ID | None:
        row = await self._load_track(info)
        return strawberry.ID(row.id) if row is not None else None

    @strawberry.field(
        description="The track to continue or to make the music from, or null if none was requested or you can no "
        "longer read it."
    )
    async def seed_track(self, info: Info) -> Track | None:
        return await Track.load(info, self.row.seed_track_id)

    @strawberry.field(description="The upload that the music is made from, or null if there is none or it was deleted.")
    async def reference_audio(self, info: Info) -> ReferenceAudio | None:
        if self.row.reference_audio_id is None:
            return None
        return ReferenceAudio.from_optional(
            await info.context.loaders.reference_audio.load(self.row.reference_audio_id)
        )

    @strawberry.field(description="The position in the queue, from 1, or null if the generation is not queued.")
    async def queue_position(self, info: Info) -> int | None:
        queue_position = await self._load_queue_position(info)
        return queue_position.position if queue_position else None

    @strawberry.field(
        description="The estimated time when the track is ready, based on recent render times, or null if the "
        "generation is finished or there is no estimate for its engine."
    )
    async def estimated_ready_at(self, info: Info) -> datetime | None:
        queue_position = await self._load_queue_position(info)
        return queue_position.ready_at if queue_position else None

    @strawberry.field(
        description="The delivery to the callback URL, or null before the end, without such a URL, or if it is too old."
    )
    async def callback_delivery(self, info: Info) -> WebhookDelivery | None:
        if not jobs.is_terminal(self.row.status):
            return None
        return WebhookDelivery.from_optional(await info.context.loaders.callback_delivery.load(self.row.id))

    async def _load_track(self, info: Info) -> tables.Track | None:
        if self.row.status is not Status.SUCCEEDED:
            return None
        [row] = self.loaded_track or [await info.context.loaders.generation_track.load(self.row.id)]
        return row

    async def _load_queue_position(self, info: Info) -> QueuePosition | None:
        if jobs.is_terminal(self.row.status):
            return None
        return await info.context.loaders.generation_queue_position.load(self.row.id)

    @classmethod
    async def find_with_track(cls, info: Info, organization_id: str, generation_id: str) -> Self | None:
        """Read a generation and its track in one statement."""
        found = await generations.find_with_track(info.context.ctx, generation_id, organization_id)
        return build(cls, row=found[0], loaded_track=found[1:]) if found else None


@strawberry.input(description="The parameters of `createGeneration`.")
class CreateGenerationInput(ControlsInput):
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization that pays.")
    prompt: str = strawberry.field(description="The description of the music, 1 to 2000 characters.")
    duration_seconds: int = strawberry.field(description="The duration in whole seconds, up to the engine's maximum.")
    engine: str | None = strawberry.field(default=None, description="The key of the engine, if not the default engine.")
    mode: Mode | None = strawberry.field(default=Mode.CREATION, description="What to produce.")
    instrumental: bool | None = strawberry.field(default=False, description="Whether to generate music without vocals.")
    lyrics: str | None = strawberry.field(
        default=None,
        description="The lyrics, up to 5000 characters. An engine that does not sing takes only lyrics with section "
        "tags, such as [Verse], and lays out the form by them.",
    )
    lyrics_language: str | None = strawberry.field(
        default=None,
        description="The language of the lyrics as a BCP 47 tag, such as de or pt-BR. Default: that of the text.",
    )
    seed_track_id: strawberry.ID | None = strawberry.field(default=None, description="The ID of a track to continue.")
    style_tags: list[str] | None = strawberry.field(default_factory=list, description="Styles, up to 20.")
    title: str | None = strawberry.field(default=None, description="The title. Default: a title by the engine.")
    seed: int | None = strawberry.field(
        default=None, description="The seed, 0 to 2147483647. The same request with the same seed gives the same music."
    )
    loop: bool | None = strawberry.field(default=False, description="Whether to make the track loop without a gap.")
    save_to_library: bool | None = strawberry.field(
        default=False, description="Whether to save the finished track to your library."
    )
    source: SourceInput | None = strawberry.field(
        default=None, description="Audio to make the music from, if the engine can."
    )
    callback_url: str | None = strawberry.field(
        default=None,
        description="An https URL that receives the end of the generation by the rules of webhooks: the same body, "
        "signature, retries and permitted hosts.",
    )
    callback_secret: str | None = strawberry.field(
        default=None,
        description="The secret that signs the request to the callback URL: whsec_ and 24 to 64 bytes in base64. "
        "Default: a new one, `Generation.callbackSecret`.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Repeating the mutation with the same key returns the same generation."
    )


@strawberry.type(description="The generation was accepted.")
class CreateGenerationPayload:
    generation: Generation = strawberry.field(description="The new generation, or that with the same idempotency key.")
    is_replay: bool = strawberry.field(description="Whether the generation was created by an earlier request.")


@strawberry.input(description="The parameters of `cancelGeneration`.")
class CancelGenerationInput:
    id: strawberry.ID = strawberry.field(description="The ID of the generation.")


@strawberry.type(description="The cancellation was requested. A finished generation stays unchanged.")
class CancelGenerationPayload:
    generation: Generation = strawberry.field(description="The generation. It may still be running.")


@strawberry.type
class GenerationMutations:
    @mutation("Request music. The generation is queued and rendered by a worker.", SubmissionError)
    async def create_generation(self, info: Info, input: Input[CreateGenerationInput]) -> CreateGenerationPayload:
        ctx = info.context.ctx
        engine = ctx.services.engines.default.key
        command = to_command(CreateGenerationGraphQL, input, "organization_id", engine=engine)
        row, is_replay = await generations.create(ctx, input.organization_id, command)
        return CreateGenerationPayload(generation=Generation.from_row(row), is_replay=is_replay)

    @mutation("Cancel a generation: immediately if it is queued, soon if it is running.", NotFoundError)
    async def cancel_generation(self, info: Info, input: Input[CancelGenerationInput]) -> CancelGenerationPayload:
        row = await generations.cancel(info.context.ctx, input.id)
        return CancelGenerationPayload(generation=Generation.from_row(row))


@strawberry.type
class GenerationSubscriptions:
    @strawberry.subscription(
        description="The current state of a generation, then its state after each change. Completes after the final "
        "state."
    )
    def generation_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the generation.")],
        after: AfterSequence = None,
    ) -> AsyncGenerator[Generation, Any]:
        states = generations.watch(info.context.ctx, id, after)
        return subscriptions.stream(info, states, lambda row: row.sequence, Generation.from_row)
