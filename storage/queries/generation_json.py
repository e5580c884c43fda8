"""Generations as JSON, from lists of column values: one precompiled statement each, run without a session."""

from functools import lru_cache
from typing import Final

from sqlalchemy import and_, func, literal_column, select
from sqlmodel import col

from core.jobs import Status
from storage.postgres import compiled
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries.by_id import GENERATION_KEYS, IS_TRACK_OF_GENERATION, IS_VISIBLE_BY_KEY, GenerationKey
from storage.queries.json_templates import Columns, Template
from storage.tables import Generation, Track

_MAX_LOOKUPS: Final = 100
"""Lookups that share a statement."""

_HAS_TRACK: Final = and_(
    IS_TRACK_OF_GENERATION,
    col(Generation.status) == literal_column(f"'{Status.SUCCEEDED}'"),
    col(Track.deleted_at).is_(None),
)
"""The condition under which a response has a track, as in ``schema.types.generations.Generation.track``."""


async def load(
    database: Database, template: Template, generation_id: str, user_id: str, organization_id: str
) -> str | None:
    """Load a generation that the user owns in this organization. Concurrent calls for one template share a statement.

    The result is empty if this generation, or one that shares the statement, has a value that GraphQL may answer with
    an error.
    """
    lookups = database.grouped_batcher(_load_many, max_size=_MAX_LOOKUPS)
    return await lookups.load(template, (template, GenerationKey(generation_id, user_id, organization_id)))


async def _load_many(database: Database, lookups: list[tuple[Template, GenerationKey]]) -> list[str | None]:
    template, columns = lookups[0][0], lookups[0][0].columns
    ((ordinalities, *aggregates),) = await _statement(columns).fetch_for(database, [key for _, key in lookups])
    results: list[str | None] = [None] * len(lookups)
    if ordinalities is None:
        # aggregates of no rows are NULL
        return results
    count = len(ordinalities)
    written = columns.write_valid(aggregates, count)
    items = [""] * count if written is None else template.items.split(template.items.fill(written, count))
    for ordinality, item in zip(ordinalities, items, strict=True):
        results[ordinality - 1] = item
    return results


@lru_cache(maxsize=256)
def _statement(columns: Columns) -> Statement:
    return compiled.compile_statement(
        select(func.array_agg(GENERATION_KEYS.c.ordinality), *columns.aggregates(columns.expressions()))
        .select_from(GENERATION_KEYS)
        .join(Generation, col(Generation.id) == GENERATION_KEYS.c.id)
        .outerjoin(Track, _HAS_TRACK)
        .where(IS_VISIBLE_BY_KEY),
        has_generic_plan=True,
    )
