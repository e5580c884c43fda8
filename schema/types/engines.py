"""Engines: what can make music here."""

from decimal import Decimal
from typing import Self

import strawberry

from core.track_metadata import SourceType
from resolvers.generations.engines import Offer
from schema.types.licences import Licence


@strawberry.type(description="A way of making music that this studio offers.")
class Engine:
    """From an Offer."""

    key: str = strawberry.field(description="What a request names it by.")
    name: str = strawberry.field(description="What people call it.")
    description: str = strawberry.field(description="What it does, in a sentence.")
    version: str = strawberry.field(description="Changes whenever its samples change.")
    is_default: bool = strawberry.field(description="Whether requests that name no engine get this one.")
    max_duration_seconds: int = strawberry.field(description="Longest piece it makes.")
    supports_vocals: bool = strawberry.field(description="Whether it sings.")
    supports_lyrics: bool = strawberry.field(description="Whether it sings given words.")
    supports_stems: bool = strawberry.field(description="Whether its tracks come with stems.")
    supports_focus: bool = strawberry.field(description="Whether it can make segments that join.")
    supported_languages: list[str] = strawberry.field(description="Languages it sings, as BCP 47 tags.")
    cost_chf_per_minute: Decimal = strawberry.field(description="Price of a minute of music, in CHF.")
    licence: Licence = strawberry.field(description="What its tracks may be used for.")
    digital_source_type: SourceType = strawberry.field(description="How its sound comes to be; its files say so, too.")

    @classmethod
    def from_offer(cls, offer: Offer) -> Self:
        """The offer as a type."""
        card = offer.card
        return cls(
            key=card.key,
            name=card.name,
            description=card.description,
            version=card.version,
            is_default=offer.is_default,
            max_duration_seconds=card.max_duration_seconds,
            supports_vocals=card.supports_vocals,
            supports_lyrics=card.supports_lyrics,
            supports_stems=card.supports_stems,
            supports_focus=card.supports_focus,
            supported_languages=list(card.supported_languages),
            cost_chf_per_minute=offer.cost_chf_per_minute,
            licence=Licence.from_licence(card.licence),
            digital_source_type=card.source_type,
        )
