"""Enabled engines, their prices and styles."""

import asyncio
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from pydantic import ValidationInfo

from core.settings import Settings
from engines.port import EngineInfo
from engines.registry import EngineRegistry
from engines.style_port import StyleInfo
from resolvers.access.context import Context

_ROUNDING: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Offer:
    """An enabled engine with its price. ``explains_prompts`` is whether it can explain how it reads a request."""

    info: EngineInfo
    is_default: bool
    cost_chf_per_minute: Decimal
    explains_prompts: bool


async def list_offers(ctx: Context, organization_id: str) -> list[Offer]:
    """List the enabled engines, the default one first."""
    ctx.require_member(organization_id)
    registry, settings = ctx.services.engines, ctx.services.settings.engines
    offers = [
        Offer(
            info,
            info.key == registry.default.key,
            settings.price_chf_per_minute(info.key),
            registry.explains_prompts(info.key),
        )
        for info in registry.infos
    ]
    return sorted(offers, key=lambda offer: not offer.is_default)


async def list_styles(ctx: Context, engine: str) -> tuple[StyleInfo, ...]:
    """List the styles that requests to an enabled engine can name."""
    # the first call imports them
    return await asyncio.to_thread(ctx.services.engines.styles, engine)


def cost_chf(settings: Settings, engine: str, duration_seconds: int) -> Decimal:
    """Return the price of a generation, rounded to a hundredth of a centime."""
    per_minute = settings.engines.price_chf_per_minute(engine)
    return (per_minute * duration_seconds / 60).quantize(_ROUNDING, ROUND_HALF_UP)


def requested_engine(info: ValidationInfo[EngineRegistry]) -> EngineInfo | None:
    """Return the engine of a command that is being validated, or None if that field is invalid.

    None, too, for records of archives, which are validated by the same rules without a registry.
    """
    engine = info.data.get("engine")
    return info.context.get(engine) if engine and info.context is not None else None
