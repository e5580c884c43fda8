"""The price of a generation before it is created."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engines.capabilities import FieldSupport
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import engines
from resolvers.generations.commands import CreateGenerationGraphQL
from resolvers.organizations import spending
from resolvers.organizations.spending import Usage

_ANY_PROMPT: Final = "any"
"""The price depends on engine and duration only."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a track, and what the engine does with the fields of the request, if one was given.

    ``exceeded`` is the first window whose cap it would exceed at present.
    """

    engine: str
    duration_seconds: int
    cost_chf: Decimal
    exceeded: Usage | None
    field_support: tuple[FieldSupport, ...] = ()


async def quote(
    ctx: Context,
    organization_id: str,
    engine: str | None,
    duration_seconds: int,
    request: Mapping[str, object] | None = None,
) -> Quote:
    """Return the price of a track of the engine, or of the default engine. Nothing is reserved.

    ``request`` are the other fields of the request, which are checked as by ``generations.create``.

    Raises Unauthenticated, NotAMember, InvalidInput.
    """
    ctx.require_member(organization_id)
    services = ctx.services
    fields = {
        **(request or {"prompt": _ANY_PROMPT}),
        "engine": engine or services.engines.default.key,
        "duration_seconds": duration_seconds,
    }
    command = Unvalidated(CreateGenerationGraphQL, fields).validate(services.engines)
    field_support = command.field_support(services.engines) if request else ()
    cost_chf = engines.cost_chf(services.settings, command.engine, command.duration_seconds)
    exceeded = await spending.find_exceeded(ctx, organization_id, cost_chf)
    return Quote(command.engine, command.duration_seconds, cost_chf, exceeded, field_support)
