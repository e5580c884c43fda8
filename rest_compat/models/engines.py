"""Response models of engines."""

from typing import Annotated

from typing_extensions import TypedDict

from resolvers.generations.engines import Offer
from rest_compat.models import fields
from rest_compat.models.fields import Text, doc


@fields.rules(fields.COMMERCIAL_USE_RULE)
class Engine(TypedDict):
    """An engine and its capabilities."""

    engine_key: Annotated[Text, doc("Key that identifies the engine in requests.", "studio")]
    name: Annotated[Text, doc("Display name.", "Studio")]
    description: Annotated[
        Text, doc("One-sentence description.", "Composes, plays, mixes and masters instrumental music.")
    ]
    is_default: Annotated[bool, doc("Whether requests that name no engine use this one.", True)]
    max_duration_seconds: Annotated[int, doc("Maximum duration of a track, in seconds.", 600, ge=1)]
    supports_vocals: Annotated[bool, doc("Whether the engine renders vocals.", False)]
    supports_lyrics: Annotated[bool, doc("Whether the engine sings lyrics from the request.", False)]
    supports_stems: Annotated[bool, doc("Whether tracks have separate stems.", True)]
    supports_focus: Annotated[bool, doc("Whether the engine renders segments of focus sessions.", True)]
    supported_languages: Annotated[
        list[Annotated[Text, doc("A language tag.")]], doc("Languages in which the engine sings.", [])
    ]
    cost_chf_per_minute: Annotated[float, doc("Price of one minute of music, in CHF.", 0.2, ge=0)]
    licence_class: fields.LicenceClassField
    licence_version: fields.LicenceVersion
    commercial_use: fields.CommercialUse
    requires_attribution: fields.RequiresAttribution


class Engines(TypedDict):
    """The enabled engines, the default engine first."""

    engines: Annotated[list[Engine], doc("The enabled engines.")]


def engine(offer: Offer) -> Engine:
    info = offer.info
    return {
        "engine_key": info.key,
        "name": info.name,
        "description": info.description,
        "is_default": offer.is_default,
        "max_duration_seconds": info.max_duration_seconds,
        "supports_vocals": info.supports_vocals,
        "supports_lyrics": info.supports_lyrics,
        "supports_stems": info.supports_stems,
        "supports_focus": info.supports_focus,
        "supported_languages": list(info.supported_languages),
        "cost_chf_per_minute": float(offer.cost_chf_per_minute),
        "licence_class": info.licence.licence_class,
        "licence_version": info.licence.version,
        "commercial_use": info.licence.commercial_use,
        "requires_attribution": info.licence.requires_attribution,
    }
