"""Explain how an engine reads a request, without creating a generation."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from core.errors import InvalidInput, Problem
from engines.capabilities import FieldSupport
from engines.port import RenderRequest
from engines.prompt_port import PromptReading
from engines.registry import EngineRegistry
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations.commands import CreateGenerationGraphQL

_DEFAULT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a request is read, and what the engine does with its fields.

    ``refusal_reason`` is set if the content policy would refuse it.
    """

    reading: PromptReading
    field_support: tuple[FieldSupport, ...]
    refusal_reason: str | None


async def explain(ctx: Context, request: Unvalidated[CreateGenerationGraphQL]) -> Explanation:
    """Explain a request, whose ``duration_seconds`` may be left out. Raises Unauthenticated, InvalidInput."""
    ctx.caller  # noqa: B018  raises Unauthenticated
    # reading takes milliseconds of CPU time
    return await asyncio.to_thread(_explain, ctx, request)


def _explain(ctx: Context, request: Unvalidated[CreateGenerationGraphQL]) -> Explanation:
    command, reading = read(ctx.services.engines, request)
    rule = ctx.services.policy.find_broken_rule(command.texts())
    return Explanation(reading, command.field_support(ctx.services.engines), rule.reason if rule else None)


def read(
    engines: EngineRegistry, request: Unvalidated[CreateGenerationGraphQL]
) -> tuple[CreateGenerationGraphQL, PromptReading]:
    """Validate a request as ``generations.create`` does, and read it. Raises InvalidInput.

    Without ``duration_seconds`` a length in the prompt is the duration.
    """
    given = {name: value for name, value in request.fields.items() if value is not None}
    command = replace(request, fields={"duration_seconds": _DEFAULT_SECONDS, **given}).validate(engines)
    render_request = RenderRequest(
        prompt=command.prompt,
        duration_seconds=float(command.duration_seconds),
        seed=0,
        style_tags=command.style_tags,
        instrumental=command.instrumental,
        lyrics=command.lyrics,
        controls=command.to_controls(),
    )
    reading = _read(engines, command.engine, render_request)
    if reading.length_seconds and "duration_seconds" not in given:
        reading = _read(engines, command.engine, replace(render_request, duration_seconds=reading.length_seconds))
    return command, reading


def _read(engines: EngineRegistry, engine: str, render_request: RenderRequest) -> PromptReading:
    reading = engines.explain(engine, render_request)
    if reading is None:
        raise InvalidInput([Problem(("engine",), "This engine does not explain how it reads a prompt.")])
    return reading
