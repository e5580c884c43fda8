"""Relay connections over lists that are sorted by (created_at, id), newest first."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import strawberry

from core.errors import InvalidInput, Problem
from schema.relay import cursors

DEFAULT_FIRST: Final = 20
MAX_FIRST: Final = 100

First = Annotated[int, strawberry.argument(description=f"Page size, 0 to {MAX_FIRST}.")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the item to continue behind.")]

Position = tuple[datetime, str]


Item = TypeVar("Item")
Row = TypeVar("Row")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """As the Relay cursor connections specification has it."""

    has_next_page: bool = strawberry.field(description="Whether more items follow.")
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for behind a cursor.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")


@strawberry.type(description="An item in its list.")
class Edge(Generic[Item]):
    """Relay edge."""

    cursor: str = strawberry.field(description="Continue behind this item with `after`.")
    node: Item = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    """Relay connection."""

    edges: list[Edge[Item]] = strawberry.field(description="The items of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        """Asked of the resolver that made the list."""
        return await self.count()


def from_rows(
    rows: Sequence[Row],
    first: int,
    after: str | None,
    edge: Callable[[Row], tuple[Position, Item]],
    count: Callable[[], Awaitable[int]],
) -> Connection[Item]:
    """A page from one row more than was asked for, which tells whether another page follows."""
    places = map(edge, rows[:first])
    edges = [Edge(cursor=encode_position(where), node=node) for where, node in places]
    return from_edges(edges, after, count, has_next=len(rows) > first)


def from_rows_at_offset(
    rows: Sequence[Row],
    first: int,
    after: str | None,
    offset: int,
    node: Callable[[Row], Item],
    count: Callable[[], Awaitable[int]],
) -> Connection[Item]:
    """As ``page``, for a list whose order is by place and whose cursors are places."""
    edges = [Edge(cursor=cursors.encode([offset + number]), node=node(row)) for number, row in enumerate(rows[:first])]
    return from_edges(edges, after, count, has_next=len(rows) > first)


def from_edges(
    edges: list[Edge[Item]], after: str | None, count: Callable[[], Awaitable[int]], *, has_next: bool
) -> Connection[Item]:
    """A page of edges that are made already."""
    info = PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, count=count)


def decode_offset(after: str | None) -> int:
    """How many places to skip behind a cursor of ``placed``. Raises InvalidInput for text that is none."""
    if after is None:
        return 0
    try:
        (place,) = cursors.decode(after)
        return _place(place) + 1
    except (ValueError, TypeError) as error:
        raise cursors.invalid_cursor() from error


def encode_position(position: Position) -> str:
    """A position as opaque text."""
    created_at, item_id = position
    return cursors.encode([*cursors.datetime_key(created_at), item_id])


def decode_position(after: str | None) -> Position | None:
    """The position in a cursor. Raises InvalidInput for text that is none."""
    if after is None:
        return None
    try:
        seconds, microsecond, item_id = cursors.decode(after)
        return cursors.datetime_from_key(seconds, microsecond), cursors.checked_id(item_id)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise cursors.invalid_cursor() from error


def page_size(first: int) -> int:
    """The page size. Raises InvalidInput when out of bounds."""
    if not 0 <= first <= MAX_FIRST:
        raise InvalidInput([Problem(("first",), f"Must be 0 to {MAX_FIRST}.")])
    return first


def _place(place: Any) -> int:  # noqa: ANN401  whatever the cursor held
    if not isinstance(place, int) or not 0 <= place < 2**31 - 1:
        raise ValueError("not a place")
    return place
