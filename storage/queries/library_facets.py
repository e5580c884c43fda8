"""Facets of a library: the styles and tags of its entries with their numbers, the most frequent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MAX_VALUES: Final = 100
"""The most values of a facet."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and the number of entries that have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The most frequent styles and tags of a library."""

    styles: Sequence[FacetValue] = ()
    tags: Sequence[FacetValue] = ()


async def load(session: AsyncSession, organization_id: str, user_id: str) -> Facets:
    """Count the styles and tags of a library."""
    values = {"organization_id": organization_id, "user_id": user_id, "limit": MAX_VALUES}
    found = [(await session.execute(text(query), values)).all() for query in (_STYLES, _TAGS)]
    return Facets(*([FacetValue(row[0], row[1]) for row in rows] for rows in found))


_STYLES: Final = """
SELECT style, count(*) FROM library_entries entry JOIN tracks ON tracks.id = entry.track_id
WHERE entry.organization_id = :organization_id AND entry.user_id = :user_id AND style IS NOT NULL
GROUP BY style ORDER BY count(*) DESC, style LIMIT :limit
"""
_TAGS: Final = """
SELECT tag, count(*) FROM library_entries entry, jsonb_array_elements_text(entry.tags) tag
WHERE entry.organization_id = :organization_id AND entry.user_id = :user_id
GROUP BY tag ORDER BY count(*) DESC, tag LIMIT :limit
"""
