"""The operation of engines: its handler and its response models."""

from typing import Annotated, Final

from typing_extensions import TypedDict

from resolvers.access.context import Context
from resolvers.generations import engines
from resolvers.generations.engines import Offer
from rest_compat import fields
from rest_compat.fields import Text, doc, from_row
from rest_compat.operations import Operation, Tag

TAG: Final = Tag("Engines", "An engine renders music. Requests identify it by its key.")


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


@Operation("engines", "GET engines", "Organization.engines")
async def list_engines(ctx: Context, organization_id: str) -> Engines:
    """List engines.

    Returns the enabled engines with what they and their licences permit.
    """
    return {"engines": [_engine(offer) for offer in await engines.list_offers(ctx, organization_id)]}


def _engine(offer: Offer) -> Engine:
    licence = offer.info.licence
    return from_row(
        Engine,
        offer.info,
        engine_key=offer.info.key,
        is_default=offer.is_default,
        cost_chf_per_minute=float(offer.cost_chf_per_minute),
        **from_row(fields.Licence, licence, licence_version=licence.version),
    )
