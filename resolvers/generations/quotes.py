"""The price of a generation before it is created."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import engines
from resolvers.generations.commands import CreateGeneration
from resolvers.organizations import spending
from resolvers.organizations.spending import Usage

_ANY_PROMPT: Final = "any"
"""The price depends on engine and duration only."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a track. ``exceeded`` is the first window whose cap it would exceed at present."""

    engine: str
    duration_seconds: int
    cost_chf: Decimal
    exceeded: Usage | None


async def quote(ctx: Context, organization_id: str, engine: str | None, duration_seconds: int) -> Quote:
    """Return the price of a track of the engine, or of the default engine. Nothing is reserved.

    Raises Unauthenticated, NotAMember, InvalidInput.
    """
    ctx.require_member(organization_id)
    services = ctx.services
    fields = {
        "engine": engine or services.engines.default.key,
        "prompt": _ANY_PROMPT,
        "duration_seconds": duration_seconds,
    }
    command = Unvalidated(CreateGeneration, fields).validate(services.engines)
    cost_chf = engines.cost_chf(services.settings, command.engine, command.duration_seconds)
    exceeded = await spending.find_exceeded(ctx, organization_id, cost_chf)
    return Quote(command.engine, command.duration_seconds, cost_chf, exceeded)
