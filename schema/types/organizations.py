"""Organizations and the viewer: the roots that everything else hangs on."""

from typing import Annotated, Self

import strawberry

from core.jobs import Status
from resolvers.focus import sessions
from resolvers.generations import engines, generations
from resolvers.library import collections, tracks
from resolvers.library.libraries import narrow
from resolvers.organizations import organizations, spending, storage_usage
from schema.relay import connections
from schema.relay.connections import After, Connection, First
from schema.relay.node import Node
from schema.runtime import lookahead
from schema.runtime.context import Info
from schema.types import collections as collection_types
from schema.types import exports, libraries, share_links, webhooks
from schema.types import focus as focus_types
from schema.types import generations as generation_types
from schema.types.collections import Collection
from schema.types.engines import Engine
from schema.types.exports import Export
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry, LibraryFilter
from schema.types.share_links import ShareLink, ShareLinkFilter
from schema.types.tracks import Track
from schema.types.usage import StorageUsage, Usage
from schema.types.webhooks import Webhook
from storage import tables
from storage.queries.libraries import Direction, Sort
from storage.queries.share_links import Filter

IdArgument = Annotated[
    strawberry.ID, strawberry.argument(description="Its id; a malformed or foreign one answers null.")
]

SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Only tracks with these words in their title, tags or prompt; the last word may be a beginning. "
        'Quotes hold words together, "or" offers a choice, a minus excludes. Up to 200 characters.'
    ),
]


@strawberry.type(description="An organization that you belong to. What hangs on it is yours alone.")
class Organization(Node):
    """One of the caller's; its row is read when something is asked of it that the id does not tell."""

    row: strawberry.Private[tables.Organization | None] = None

    @strawberry.field(description="What people call it.")
    async def name(self, info: Info) -> str:
        """Batched over the page."""
        row = self.row or await info.context.loaders.organization.load(self.id)
        return row.name

    @strawberry.field(description="The engines on offer, the default first.")
    async def engines(self, info: Info) -> list[Engine]:
        """See engines.list_."""
        return [Engine.from_offer(offer) for offer in await engines.list_(info.context.ctx, self.id)]

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
    async def generation(self, info: Info, id: IdArgument) -> Generation | None:  # noqa: A002
        """See generations.find; its track is read along if it is asked for."""
        if lookahead.selects(info, "track"):
            return await generation_types.with_track(info, self.id, id)
        row = await generations.find(info.context.ctx, id, self.id)
        return Generation.from_row(row) if row else None

    @strawberry.field(description="One of the tracks here that you may read.")
    async def track(self, info: Info, id: IdArgument) -> Track | None:  # noqa: A002
        """See tracks.find."""
        row = await tracks.find(info.context.ctx, id, self.id)
        return Track.from_row(row) if row else None

    @strawberry.field(description="The tracks you keep here, newest save first unless asked otherwise.")
    async def library(
        self,
        info: Info,
        first: First = connections.DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[LibraryFilter | None, strawberry.argument(description="Only some of them.")] = None,  # noqa: A002
        query: SearchArgument = None,
        sort: Annotated[Sort, strawberry.argument(description="What to sort by.")] = Sort.SAVED_AT,
        direction: Annotated[
            Direction | None, strawberry.argument(description="Which end first; each sort has one of its own.")
        ] = None,
    ) -> Connection[LibraryEntry]:
        """See libraries.page."""
        only = narrow({**(vars(filter) if filter else {}), "query": query})
        order = libraries.order(sort, direction)
        return await libraries.connection(info, self.id, only, order, first=first, after=after)

    @strawberry.field(description="The links you made here, newest first; their tokens are told only once.")
    async def share_links(
        self,
        info: Info,
        first: First = connections.DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[ShareLinkFilter | None, strawberry.argument(description="Only some of them.")] = None,  # noqa: A002
    ) -> Connection[ShareLink]:
        """See share_links.page."""
        only = filter.to_filter() if filter else Filter()
        return await share_links.connection(info, self.id, only, first=first, after=after)

    @strawberry.field(description="The organization's webhooks, newest first; for its admins.")
    async def webhooks(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Webhook]:
        """See webhooks.page."""
        return await webhooks.connection(info, self.id, first=first, after=after)

    @strawberry.field(description="Your collections here, newest first.")
    async def collections(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Collection]:
        """See collections.list_."""
        return await collection_types.connection(info, self.id, first=first, after=after)

    @strawberry.field(description="One of your collections here.")
    async def collection(self, info: Info, id: IdArgument) -> Collection | None:  # noqa: A002
        """See collections.find."""
        row = await collections.find(info.context.ctx, id, self.id)
        return Collection.from_row(row) if row else None

    @strawberry.field(description="Your focus sessions here, newest first.")
    async def focus_sessions(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[FocusSession]:
        """See focus.list_."""
        return await focus_types.connection(info, self.id, first=first, after=after)

    @strawberry.field(description="One of your focus sessions here; who asks for it listens to it.")
    async def focus_session(self, info: Info, id: IdArgument) -> FocusSession | None:  # noqa: A002
        """See focus.find."""
        view = await sessions.poll(info.context.ctx, id, self.id)
        return FocusSession.from_snapshot(view) if view else None

    @strawberry.field(description="What you spent today, this week and this month, and the organization's caps.")
    async def usage(self, info: Info) -> list[Usage]:
        """See spending.windows."""
        return [Usage.from_usage(facts) for facts in await spending.windows(info.context.ctx, self.id)]

    @strawberry.field(description="The archives that you had made of what is yours here, newest first.")
    async def exports(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Export]:
        """See exports.page."""
        return await exports.connection(info, self.id, first=first, after=after)

    @strawberry.field(description="What the organization's files take.")
    async def storage(self, info: Info) -> StorageUsage:
        """See storage_uses.of."""
        return StorageUsage.from_row(await storage_usage.of(info.context.ctx, self.id))

    @classmethod
    def from_row(cls, row: tables.Organization) -> Self:
        """The row as a type."""
        return cls(id=strawberry.ID(row.id), row=row)

    @classmethod
    def find(cls, info: Info, organization_id: str) -> Self | None:
        """One of the caller's, by what is known of the caller alone. Raises Unauthenticated."""
        is_mine = organizations.is_mine(info.context.ctx, organization_id)
        return cls(id=strawberry.ID(organization_id)) if is_mine else None


@strawberry.type(description="Who you are.")
class Viewer:
    """From the calling user's row."""

    id: strawberry.ID = strawberry.field(description="Your user id.")
    name: str = strawberry.field(description="What people call you.")

    @strawberry.field(description="The organizations you belong to, oldest first.")
    async def organizations(self, info: Info) -> list[Organization]:
        """See organizations.mine."""
        return [Organization.from_row(row) for row in await organizations.mine(info.context.ctx)]

    @classmethod
    def from_row(cls, row: tables.User) -> Self:
        """The row as a type."""
        return cls(id=strawberry.ID(row.id), name=row.name)
