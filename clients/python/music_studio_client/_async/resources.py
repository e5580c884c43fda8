"""What all groups of operations share: the organization they work for, pages, and null objects."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, Protocol, TypeVar

from music_studio_client._async.concurrency import Deferred, closing, sleep
from music_studio_client._async.operations import Operations
from music_studio_client.errors import ConnectionFailedError, ForbiddenError, NotFoundError
from music_studio_client.graphql.fragments import PageFields

ItemT = TypeVar("ItemT")
ItemT_co = TypeVar("ItemT_co", covariant=True)


class Edge(Protocol[ItemT_co]):
    """An item of a page."""

    @property
    def node(self) -> ItemT_co: ...


class Page(Protocol[ItemT_co]):
    """A page of a Relay connection."""

    @property
    def edges(self) -> Sequence[Edge[ItemT_co]]: ...

    @property
    def page_info(self) -> PageFields: ...


class Organization:
    """The organization that a client works for: the one of its settings, else the first one of the caller."""

    def __init__(self, operations: Operations, organization_id: str | None) -> None:
        self._operations = operations
        self._id = organization_id

    async def id(self) -> str:
        if self._id is None:
            viewer = await self._operations.get_viewer()
            if not viewer.organizations:
                raise ForbiddenError("You are not a member of an organization.", "ORGANIZATION_ACCESS_DENIED")
            self._id = viewer.organizations[0].id
        return self._id


_RECONNECT_SECONDS: Final = (0.5, 1, 2, 4, 8)
"""Pauses before the first, second … attempt in a row to connect again."""


class Resource:
    """A group of operations."""

    def __init__(self, operations: Operations, organization: Organization) -> None:
        self.operations = operations
        self.organization = organization

    async def paginate(self, load: Callable[[str | None], Deferred[Page[ItemT] | None]]) -> AsyncIterator[ItemT]:
        """Yield the items of all pages. ``load`` returns the page after a cursor."""
        after: str | None = None
        while True:
            page = await load(after)
            if page is None:
                raise ForbiddenError("You cannot read this list.", "OPERATION_NOT_ALLOWED")
            for edge in page.edges:
                yield edge.node
            if not page.page_info.has_next_page:
                return
            after = page.page_info.end_cursor


async def resume(subscribe: Callable[[], AsyncIterator[ItemT]]) -> AsyncIterator[ItemT]:
    """Yield the events of a subscription; subscribe again after an interruption."""
    failures = 0
    while True:
        try:
            async with closing(subscribe()) as events:
                async for event in events:
                    failures = 0
                    yield event
        except ConnectionFailedError:
            if failures == len(_RECONNECT_SECONDS):
                raise
            await sleep(_RECONNECT_SECONDS[failures])
            failures += 1
        else:
            return


def existing(found: object, expected: type[ItemT], description: str) -> ItemT:
    """Return an object that was found, or raise NotFoundError."""
    if isinstance(found, expected):
        return found
    raise NotFoundError(f"There is no {description}, or you cannot read it.", "RESOURCE_NOT_FOUND")
