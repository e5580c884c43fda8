"""Connections of the GraphQL cursor connections specification."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar, cast

import strawberry

from core.errors import InvalidInput, Problem
from schema.execution import EncodedJson
from schema.relay import cursors
from schema.relay.cursors import Position
from storage.queries.library_json import JsonPage

DEFAULT_FIRST: Final = 20
MAX_FIRST: Final = 100

First = Annotated[int | None, strawberry.argument(description=f"The number of items to return, 0 to {MAX_FIRST}.")]
After = Annotated[str | None, strawberry.argument(description="Return the items after this cursor.")]

Item = TypeVar("Item")
Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


@strawberry.type(description="Information about pagination in a connection.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there are more items after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the page was requested with `after`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item, or null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item, or null on an empty page.")


@strawberry.type(description="An item of a connection.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="The cursor of the item. Pass it as `after` to continue from here.")
    node: Item = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = strawberry.field(description="The items of the page.")
    page_info: PageInfo = strawberry.field(description="Pagination information.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The total number of items in the list. Counted only if the field is selected.")
    async def total_count(self) -> int:
        return await self.count()


class Fetch(Protocol[Row_co]):
    """Reads rows sorted by (created_at, id), newest first."""

    def __call__(self, *, limit: int, after: Position | None) -> Awaitable[Sequence[Row_co]]: ...


def _position(row: Any) -> Position:  # noqa: ANN401  any row with these columns
    return row.created_at, row.id


async def paginate(
    fetch: Fetch[Row],
    node: Callable[[Row], Item],
    count: Callable[[], Awaitable[int]],
    first: int | None,
    after: str | None,
    *,
    position: Callable[[Row], Position] = _position,
) -> Connection[Item]:
    """Fetch a page and convert its rows to nodes. Raise InvalidInput for a bad page size or cursor.

    One row more than the page size is fetched: it shows whether there is a next page.
    """
    limit = page_size(first)
    rows = await fetch(limit=limit + 1, after=cursors.decode_position(after))
    edges = [Edge(cursor=cursors.encode_position(position(row)), node=node(row)) for row in rows[:limit]]
    return from_edges(edges, count, after=after, has_next_page=len(rows) > limit)


def from_edges(
    edges: list[Edge[Item]], count: Callable[[], Awaitable[int]], *, after: str | None, has_next_page: bool
) -> Connection[Item]:
    page = page_info([edge.cursor for edge in edges], after=after, has_next_page=has_next_page)
    return Connection(edges=edges, page_info=page, count=count)


def from_json(page: JsonPage, count: Callable[[], Awaitable[int]], *, after: str | None) -> Connection[Any]:
    """Return a connection whose edges are the items of a page; only a compiled plan can execute it."""
    encoded = cursors.encode_keys(page.keys)
    edges = EncodedJson(f"[{page.insert_cursors(encoded)}]")
    info = page_info(encoded, after=after, has_next_page=page.has_next_page)
    return Connection(edges=cast("list[Edge[Any]]", edges), page_info=info, count=count)


def page_info(cursors: Sequence[str], *, after: str | None, has_next_page: bool) -> PageInfo:
    """Return the page information of a page whose items have these cursors."""
    return PageInfo(
        has_next_page=has_next_page,
        has_previous_page=bool(after and after.strip()),
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def page_size(first: int | None) -> int:
    """Return ``first``, or its default for null. Raise InvalidInput if it is out of range."""
    if first is None:
        return DEFAULT_FIRST
    if not 0 <= first <= MAX_FIRST:
        raise InvalidInput([Problem(("first",), f"Must be 0 to {MAX_FIRST}.")])
    return first
