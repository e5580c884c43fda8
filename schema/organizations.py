"""Organizations and the viewer: the roots that everything else hangs on."""

from typing import Annotated, Self

import strawberry

from core.jobs import Status
from resolvers import collections, engines, generations, organizations, spending, tracks
from schema import collections as collection_types
from schema import connections, libraries
from schema import generations as generation_types
from schema.collections import Collection
from schema.connections import After, Connection, First
from schema.context import Info
from schema.engines import Engine
from schema.generations import Generation
from schema.libraries import LibraryEntry, LibraryFilter
from schema.nodes import Node
from schema.tracks import Track
from schema.usage import Usage
from storage import tables
from storage.tracks import Only

Id = Annotated[strawberry.ID, strawberry.argument(description="Its id; a malformed or foreign one answers null.")]


@strawberry.type(description="An organization that you belong to. What hangs on it is yours alone.")
class Organization(Node):
    """From a row of one of the caller's organizations."""

    name: str = strawberry.field(description="What people call it.")

    @strawberry.field(description="The engines on offer, the default first.")
    async def engines(self, info: Info) -> list[Engine]:
        """See engines.list_."""
        return [Engine.of(offer) for offer in await engines.list_(info.context.ctx, self.id)]

    @strawberry.field(description="Your generations here, newest first.")
    async def generations(
        self,
        info: Info,
        first: First = connections.DEFAULT_FIRST,
        after: After = None,
        status: Annotated[Status | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> Connection[Generation]:
        """See generations.list_."""
        return await generation_types.connection(info, self.id, status=status, first=first, after=after)

    @strawberry.field(description="One of your generations here.")
    async def generation(self, info: Info, id: Id) -> Generation | None:  # noqa: A002
        """See generations.find."""
        row = await generations.find(info.context.ctx, id, self.id)
        return Generation.of(row) if row else None

    @strawberry.field(description="One of the tracks here that you may read.")
    async def track(self, info: Info, id: Id) -> Track | None:  # noqa: A002
        """See tracks.find."""
        row = await tracks.find(info.context.ctx, id, self.id)
        return Track.of(row) if row else None

    @strawberry.field(description="The tracks you keep here, newest save first.")
    async def library(
        self,
        info: Info,
        first: First = connections.DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[LibraryFilter | None, strawberry.argument(description="Only some of them.")] = None,  # noqa: A002
    ) -> Connection[LibraryEntry]:
        """See tracks.library."""
        only = filter.only() if filter else Only()
        return await libraries.connection(info, self.id, only, first=first, after=after)

    @strawberry.field(description="Your collections here, newest first.")
    async def collections(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Collection]:
        """See collections.list_."""
        return await collection_types.connection(info, self.id, first=first, after=after)

    @strawberry.field(description="One of your collections here.")
    async def collection(self, info: Info, id: Id) -> Collection | None:  # noqa: A002
        """See collections.find."""
        row = await collections.find(info.context.ctx, id, self.id)
        return Collection.of(row) if row else None

    @strawberry.field(description="What you spent today, this week and this month, and the organization's caps.")
    async def usage(self, info: Info) -> list[Usage]:
        """See spending.windows."""
        return [Usage.of(facts) for facts in await spending.windows(info.context.ctx, self.id)]

    @classmethod
    def of(cls, row: tables.Organization) -> Self:
        """The row as a type."""
        return cls(id=strawberry.ID(row.id), name=row.name)


@strawberry.type(description="Who you are.")
class Viewer:
    """From the calling user's row."""

    id: strawberry.ID = strawberry.field(description="Your user id.")
    name: str = strawberry.field(description="What people call you.")

    @strawberry.field(description="The organizations you belong to, oldest first.")
    async def organizations(self, info: Info) -> list[Organization]:
        """See organizations.mine."""
        return [Organization.of(row) for row in await organizations.mine(info.context.ctx)]

    @classmethod
    def of(cls, row: tables.User) -> Self:
        """The row as a type."""
        return cls(id=strawberry.ID(row.id), name=row.name)
