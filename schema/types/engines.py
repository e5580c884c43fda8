"""Engines: programs that generate music."""

from decimal import Decimal

import strawberry

from core.track_metadata import SourceType
from resolvers.generations.engines import Offer
from schema.limits.field_costs import ListSize
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.controls import ControlRanges
from schema.types.licences import Licence


@row_backed(
    "row.info",
    is_default="row.is_default",
    supported_languages=lambda engine: list(engine.row.info.supported_languages),
    cost_chf_per_minute="row.cost_chf_per_minute",
    licence=lambda engine: Licence.from_row(engine.row.info.licence),
    digital_source_type="row.info.source_type",
    controls=lambda engine: ControlRanges.from_optional(engine.row.info.controls),
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
    supports_focus: bool = strawberry.field(description="Whether it supports focus sessions.")
    supported_languages: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="The languages it sings, as BCP 47 tags."
    )
    controls: ControlRanges | None = strawberry.field(
        description="What explicit musical properties may request, or null if it does not support them."
    )
    cost_chf_per_minute: Decimal = strawberry.field(description="The price of a minute of music, in CHF.")
    licence: Licence = strawberry.field(description="The licence of its tracks.")
    digital_source_type: SourceType = strawberry.field(
        description="How its audio is created. The metadata of its files contains the same value."
    )
