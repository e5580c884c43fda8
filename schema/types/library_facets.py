"""Facets: the values by which a library can be filtered."""

from functools import partial

import strawberry

from resolvers.library import libraries
from schema.limits.field_costs import ListSize
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from storage.queries import library_facets
from storage.queries.library_facets import MAX_VALUES


@row_backed()
@strawberry.type(description="A value of a facet.")
class FacetValue(RowBacked[library_facets.FacetValue]):
    value: str = strawberry.field(description="The value, as a filter takes it.")
    count: int = strawberry.field(description="The number of entries that have it.")


_values = partial(strawberry.field, directives=[ListSize(assumed_size=20)])


@row_backed(
    styles=lambda facets: [FacetValue.from_row(each) for each in facets.row.styles],
    tags=lambda facets: [FacetValue.from_row(each) for each in facets.row.tags],
)
@strawberry.type(description="The values by which a library can be filtered.")
class LibraryFacets(RowBacked[library_facets.Facets]):
    styles: list[FacetValue] = _values(
        description=f"The styles of the tracks, up to {MAX_VALUES}, most frequent first."
    )
    tags: list[FacetValue] = _values(description=f"Your tags, up to {MAX_VALUES}, most frequent first.")


async def load(info: Info, organization_id: str) -> LibraryFacets:
    """Count the facets of the caller's library."""
    return LibraryFacets.from_row(await libraries.load_facets(info.context.ctx, organization_id))
