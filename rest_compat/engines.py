"""The operation of engines: its handler and its response models."""

from typing import Annotated, Final

from typing_extensions import TypedDict

from resolvers.access.context import Context
from resolvers.generations import engine_states, engines
from resolvers.generations.engine_states import EngineState, EngineStatus
from resolvers.generations.engines import Offer
from rest_compat import fields
from rest_compat.fields import Text, Timestamp, doc, from_row
from rest_compat.operations import Operation, Tag

TAG: Final = Tag("Engines", "An engine renders music. Requests identify it by its key.")


class EngineHealth(TypedDict):
    """The last health check of a remote engine."""

    status: Annotated[EngineStatus, doc("Whether the engine can be used.", "available")]
    message: Annotated[Text | None, doc("A sentence on the reason. `null` if the engine is available.")]
    checked_at: Annotated[Timestamp | None, doc("Time of the check. `null` before the first one.")]
    last_available_at: Annotated[Timestamp | None, doc("Last time at which the engine could be used.")]


class EngineQueue(TypedDict):
    """The jobs of all users at an engine, and how long a new one waits."""

    queued_jobs: Annotated[int, doc("Number of jobs that wait.", 0, ge=0)]
    running_jobs: Annotated[int, doc("Number of jobs that have started.", 1, ge=0)]
    estimated_wait_seconds: Annotated[
        float | None,
        doc("Time until a new job starts, if all jobs that wait now come first. `null` without an estimate.", 0, ge=0),
    ]
    seconds_per_minute: Annotated[
        float | None,
        doc("Median time in which a minute of music is made. `null` without recent jobs.", 4.5, ge=0),
    ]


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
    health: Annotated[EngineHealth | None, doc("State of a remote engine. `null` for engines in the workers.")]
    queue: Annotated[EngineQueue, doc("Jobs of the engine.")]


class Engines(TypedDict):
    """The enabled engines, the default engine first."""

    engines: Annotated[list[Engine], doc("The enabled engines.")]


@Operation("engines", "GET engines", "Organization.engines")
async def list_engines(ctx: Context, organization_id: str) -> Engines:
    """List engines.

    Returns the enabled engines with what they and their licences permit.
    """
    offers = await engines.list_offers(ctx, organization_id)
    states = await engine_states.load_states(ctx, [offer.info.key for offer in offers])
    return {"engines": [_engine(offer, states[offer.info.key]) for offer in offers]}


def _engine(offer: Offer, state: EngineState) -> Engine:
    licence, health, queue = offer.info.licence, state.health, state.queue
    return from_row(
        Engine,
        offer.info,
        engine_key=offer.info.key,
        is_default=offer.is_default,
        cost_chf_per_minute=float(offer.cost_chf_per_minute),
        health=from_row(EngineHealth, health, last_available_at=health.available_at) if health else None,
        queue=from_row(
            EngineQueue,
            queue,
            queued_jobs=queue.queued,
            running_jobs=queue.running,
            estimated_wait_seconds=queue.wait_seconds,
        ),
        **from_row(fields.Licence, licence, licence_version=licence.version),
    )
