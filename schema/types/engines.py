"""Engines: programs that generate music."""

from datetime import datetime
from decimal import Decimal

import strawberry

from core.track_metadata import SourceType
from engines import style_port
from resolvers.generations import engine_states, engines
from resolvers.generations.engine_states import EngineStatus
from resolvers.generations.engines import Offer
from schema.limits.field_costs import ListSize
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.capabilities import FIELDS, Capability
from schema.types.controls import ControlRanges
from schema.types.licences import Licence


@row_backed(
    keywords=lambda style: list(style.row.keywords),
    moods=lambda style: list(style.row.moods),
)
@strawberry.type(description="A style that requests can name, in `styleTags` or in the prompt.")
class EngineStyle(RowBacked[style_port.StyleInfo]):
    key: str = strawberry.field(description="The key that identifies the style.")
    name: str = strawberry.field(description="The display name, which names the style in requests.")
    keywords: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=10)], description="Words that name the style in requests of any language."
    )
    moods: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=5)], description="The moods that suit it, the most typical one first."
    )
    min_tempo_bpm: float = strawberry.field(description="Its slowest usual tempo, in beats per minute.")
    usual_tempo_bpm: float = strawberry.field(description="Its most usual tempo, in beats per minute.")
    max_tempo_bpm: float = strawberry.field(description="Its fastest usual tempo, in beats per minute.")
    metre: str = strawberry.field(description="Its usual time signature, such as 6/8.")


@row_backed(last_available_at="row.available_at")
@strawberry.type(description="The last health check of a remote engine. Workers check it at intervals.")
class EngineHealth(RowBacked[engine_states.EngineHealth]):
    status: EngineStatus = strawberry.field(description="Whether it can be used.")
    message: str | None = strawberry.field(description="A sentence on the reason, or null if it is available.")
    checked_at: datetime | None = strawberry.field(description="The time of the check, or null before the first one.")
    last_available_at: datetime | None = strawberry.field(
        description="The last time at which it could be used, or null if it never could."
    )


@row_backed(
    queued_jobs="row.queued",
    running_jobs="row.running",
    estimated_wait_seconds="row.wait_seconds",
)
@strawberry.type(description="The jobs of all users at an engine, and how long a new one waits.")
class EngineQueue(RowBacked[engine_states.EngineQueue]):
    queued_jobs: int = strawberry.field(description="The number of jobs that wait.")
    running_jobs: int = strawberry.field(description="The number of jobs that have started.")
    estimated_wait_seconds: float | None = strawberry.field(
        description="The estimated time until a new job starts, if all jobs that wait now come first. Null if the "
        "engine is unavailable or there are no recent jobs to estimate it from."
    )
    seconds_per_minute: float | None = strawberry.field(
        description="The median time in which a minute of music is made, or null without recent jobs."
    )


@row_backed(
    "row.info",
    is_default="row.is_default",
    supported_languages=lambda engine: list(engine.row.info.supported_languages),
    cost_chf_per_minute="row.cost_chf_per_minute",
    explains_prompts="row.explains_prompts",
    licence=lambda engine: Licence.from_row(engine.row.info.licence),
    digital_source_type="row.info.source_type",
    controls=lambda engine: ControlRanges.from_optional(engine.row.info.controls),
    capabilities=lambda engine: Capability.from_engine(engine.row.info.capabilities),
)
@strawberry.type(description="An engine that generates music.")
class Engine(RowBacked[Offer]):
    key: str = strawberry.field(description="The key that identifies the engine in requests.")
    name: str = strawberry.field(description="The display name.")
    description: str = strawberry.field(description="A one-sentence description.")
    version: str = strawberry.field(description="The version. It changes whenever the engine's audio changes.")
    is_default: bool = strawberry.field(description="Whether requests without an engine use this one.")
    max_duration_seconds: int = strawberry.field(description="The longest track it generates, in seconds.")
    supports_vocals: bool = strawberry.field(description="Whether it generates vocals.")
    supports_lyrics: bool = strawberry.field(description="Whether it sings lyrics given in the request.")
    supports_stems: bool = strawberry.field(description="Whether its tracks have stems.")
    supports_score: bool = strawberry.field(description="Whether its tracks have a score: MIDI and chords.")
    supports_focus: bool = strawberry.field(description="Whether it supports focus sessions.")
    explains_prompts: bool = strawberry.field(description="Whether `explainPrompt` explains requests to it.")
    supported_languages: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="The languages it sings, as BCP 47 tags."
    )
    controls: ControlRanges | None = strawberry.field(
        description="The ranges of tempo, key and metre, or null if it does not accept all three."
    )
    capabilities: list[Capability] = strawberry.field(
        directives=FIELDS, description="What it does with each field of a request, in the order of `RequestField`."
    )
    cost_chf_per_minute: Decimal = strawberry.field(description="The price of a minute of music, in CHF.")
    licence: Licence = strawberry.field(description="The licence of its tracks.")
    digital_source_type: SourceType = strawberry.field(
        description="How its audio is created. The metadata of its files contains the same value."
    )

    @strawberry.field(description="Whether a remote engine can be used, or null for one that runs in the workers.")
    async def health(self, info: Info) -> EngineHealth | None:
        return EngineHealth.from_optional((await info.context.loaders.engine_state.load(self.key)).health)

    @strawberry.field(description="Its jobs, and how long a new one waits.")
    async def queue(self, info: Info) -> EngineQueue:
        return EngineQueue.from_row((await info.context.loaders.engine_state.load(self.key)).queue)

    @strawberry.field(
        directives=[ListSize(assumed_size=100)],
        description="The styles that requests can name, ordered by name. Empty if the engine has no list of them.",
    )
    async def styles(self, info: Info) -> list[EngineStyle]:
        return [EngineStyle.from_row(row) for row in await engines.list_styles(info.context.ctx, self.key)]
