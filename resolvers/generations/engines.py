"""Which engines are on offer, and what they cost."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from core.settings import Settings
from engines.port import EngineInfo
from resolvers.access.context import Context, Services

_CENTIMES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Offer:
    """An engine as callers see it."""

    info: EngineInfo
    is_default: bool
    cost_chf_per_minute: Decimal


async def list_offers(ctx: Context, organization_id: str) -> list[Offer]:
    """Every enabled engine, the default first. Raises NotAMember."""
    ctx.require_member(organization_id)
    registry = ctx.services.engines
    offers = [_offer(ctx.services, card) for card in registry.infos]
    return sorted(offers, key=lambda offer: not offer.is_default)


def cost_chf(settings: Settings, engine: str, duration_seconds: int) -> Decimal:
    """The price of so much music, to a hundredth of a centime."""
    per_minute = settings.engines.cost_chf_per_minute.get(engine, Decimal(0))
    return (per_minute * duration_seconds / 60).quantize(_CENTIMES, ROUND_HALF_UP)


def _offer(services: Services, card: EngineInfo) -> Offer:
    is_default = card.key == services.engines.default.key
    return Offer(card, is_default, services.settings.engines.cost_chf_per_minute.get(card.key, Decimal(0)))
