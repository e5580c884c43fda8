"""A generation as JSON that Postgres writes by a template: one precompiled statement, run without a session."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import and_, literal_column, select
from sqlmodel import col

from core.jobs import Status
from storage.postgres import compiled
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries.by_id import GENERATION_KEYS, IS_TRACK_OF_GENERATION, IS_VISIBLE_BY_KEY, GenerationKey
from storage.queries.json_templates import ItemWriter, Places, Template
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

    The result is empty for one with a value that Postgres writes in another way than orjson.
    """
    lookups = database.grouped_batcher(_load_many, max_size=_MAX_LOOKUPS)
    return await lookups.load(template, (template, GenerationKey(generation_id, user_id, organization_id)))


async def _load_many(database: Database, lookups: list[tuple[Template, GenerationKey]]) -> list[str | None]:
    template = lookups[0][0]
    keys = [key for _, key in lookups]
    return await _statement(template.places).fetch_each(database, keys, _build, **template.texts)


def _build(row: tuple[Any, ...]) -> str:
    return row[1] or ""


@lru_cache(maxsize=256)
def _statement(places: Places) -> Statement:
    return compiled.compile_statement(
        select(GENERATION_KEYS.c.ordinality, ItemWriter().write(places.parts))
        .select_from(GENERATION_KEYS)
        .join(Generation, col(Generation.id) == GENERATION_KEYS.c.id)
        .outerjoin(Track, _HAS_TRACK)
        .where(IS_VISIBLE_BY_KEY),
        has_generic_plan=True,
    )
