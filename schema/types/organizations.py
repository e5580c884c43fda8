"""Organizations and the viewer."""

from functools import partial
from typing import Annotated, Final, Self

import strawberry

from core.jobs import Status
from core.scopes import Scope
from resolvers.access import browser_sessions, keys
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions
from resolvers.generations import engines, generations, quotes
from resolvers.generations.commands import CreateGenerationGraphQL
from resolvers.library import collections, exports, reference_audios, tracks
from resolvers.library.commands import FilterLibrary
from resolvers.organizations import members, organizations, spending, webhooks
from resolvers.sharing import share_links
from schema.limits.field_costs import Cost, ListSize
from schema.relay import connections
from schema.relay.connections import DEFAULT_FIRST, After, Connection, First
from schema.relay.node import Node
from schema.runtime import json_objects, lookahead
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types import libraries, library_facets
from schema.types.api_keys import ApiKey
from schema.types.browser_sessions import BrowserSession
from schema.types.collections import Collection
from schema.types.engines import Engine
from schema.types.exports import Export
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry, LibraryFilter
from schema.types.library_facets import LibraryFacets
from schema.types.members import Member
from schema.types.mutations import to_command
from schema.types.prompts import ExplainPromptInput
from schema.types.reference_audios import ReferenceAudio
from schema.types.sharing import ShareLink, ShareLinkFilter
from schema.types.tracks import Track
from schema.types.usage import Quote, StorageUsage, Usage
from schema.types.webhooks import Webhook
from storage import tables
from storage.queries.libraries import Direction, Sort
from storage.queries.share_links import Filter
from storage.tables import Role

IdArgument = Annotated[
    strawberry.ID,
    strawberry.argument(description="The ID. The field is null if the ID is malformed or you cannot read the object."),
]

SearchArgument = Annotated[
    str | None,
    strawberry.argument(
        description="A search in title, tags and prompt, up to 200 characters. All words must match, the last one as a "
        'prefix. Quotes search for a phrase, "or" separates alternatives, a minus excludes a word.'
    ),
]

_NO_FILTER: Final = FilterLibrary()


@strawberry.type(description="An organization that you are a member of. Its fields contain your own objects only.")
class Organization(Node):
    row: strawberry.Private[tables.Organization | None] = None
    """Loaded only if a field needs it: membership and ID are known from the caller."""

    @strawberry.field(description="The display name.")
    async def name(self, info: Info) -> str:
        row = self.row or await info.context.loaders.organization.load(self.id)
        return row.name

    @strawberry.field(description="Your role in the organization.")
    def viewer_role(self, info: Info) -> Role:
        return info.context.ctx.caller.roles[self.id]

    @strawberry.field(
        directives=[ListSize(assumed_size=10)], description="The available engines, the default engine first."
    )
    async def engines(self, info: Info) -> list[Engine]:
        return [Engine.from_row(offer) for offer in await engines.list_offers(info.context.ctx, self.id)]

    @strawberry.field(description="Your generations, newest first.")
    async def generations(
        self,
        info: Info,
        first: First = DEFAULT_FIRST,
        after: After = None,
        status: Annotated[Status | None, strawberry.argument(description="Generations with this status.")] = None,
    ) -> Connection[Generation] | None:
        ctx = info.context.ctx
        page = partial(generations.list_page, ctx, self.id, status=status)
        count = partial(generations.count, ctx, self.id, status=status)
        return await connections.paginate(page, Generation.from_row, count, first, after)

    @strawberry.field(description="One of your generations.")
    async def generation(self, info: Info, id: IdArgument) -> Generation | None:
        template = json_objects.find_template(info, "generations", Generation.JOINED)
        if template is not None:
            text = await generations.find_json(info.context.ctx, id, self.id, template)
            if text is None or text:
                return json_objects.encoded(text, Generation)
        if lookahead.selects(info, "track"):
            return await Generation.find_with_track(info, self.id, id)
        return Generation.from_optional(await generations.find(info.context.ctx, id, self.id))

    @strawberry.field(description="A track that you can read.")
    async def track(self, info: Info, id: IdArgument) -> Track | None:
        return Track.from_optional(await tracks.find(info.context.ctx, id, self.id))

    @strawberry.field(description="The tracks in your library. Default order: most recently saved first.")
    async def library(
        self,
        info: Info,
        first: First = DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[LibraryFilter | None, strawberry.argument(description="Filters.")] = None,
        query: SearchArgument = None,
        sort: Annotated[Sort | None, strawberry.argument(description="The sort key.")] = libraries.DEFAULT_SORT,
        direction: Annotated[
            Direction | None, strawberry.argument(description="The direction. Default: depends on the sort key.")
        ] = None,
    ) -> Connection[LibraryEntry] | None:
        sent = {**(vars(filter) if filter else {}), "query": query}
        # as in the query parameters of REST, an empty text is a value, which no track has
        given = {name: value for name, value in sent.items() if value is not None}
        filters = Unvalidated(FilterLibrary, given, keeps_empty=True).validate() if given else _NO_FILTER
        order = libraries.order(sort, direction)
        return await libraries.connection(info, self.id, filters, order, first=first, after=after)

    @strawberry.field(
        directives=[Cost(weight="100")], description="The styles and tags of the tracks in your library, with counts."
    )
    async def library_facets(self, info: Info) -> LibraryFacets | None:
        return await library_facets.load(info, self.id)

    @strawberry.field(description="Your share links, newest first. Their tokens are not stored.")
    async def share_links(
        self,
        info: Info,
        first: First = DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[ShareLinkFilter | None, strawberry.argument(description="Filters.")] = None,
    ) -> Connection[ShareLink] | None:
        ctx, only = info.context.ctx, filter.to_filter() if filter else Filter()
        page = partial(share_links.list_page, ctx, self.id, only)
        count = partial(share_links.count, ctx, self.id, only)
        return await connections.paginate(page, ShareLink.from_row, count, first, after)

    @strawberry.field(description="The members, newest first. Null unless you are an admin.")
    async def members(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Connection[Member] | None:
        ctx = info.context.ctx
        page, count = partial(members.list_page, ctx, self.id), partial(members.count, ctx, self.id)
        return await connections.paginate(
            page,
            Member.from_row,
            count,
            first,
            after,
            position=lambda row: (row.membership.created_at, row.membership.user_id),
        )

    @strawberry.field(description="The share links of all members, newest first. Null unless you are an admin.")
    async def member_share_links(
        self,
        info: Info,
        first: First = DEFAULT_FIRST,
        after: After = None,
        filter: Annotated[ShareLinkFilter | None, strawberry.argument(description="Filters.")] = None,
    ) -> Connection[ShareLink] | None:
        ctx, only = info.context.ctx, filter.to_filter() if filter else Filter()
        page = partial(members.list_share_links, ctx, self.id, only)
        count = partial(members.count_share_links, ctx, self.id, only)
        return await connections.paginate(page, ShareLink.from_row, count, first, after)

    @strawberry.field(description="The API keys of all members, newest first. Null unless you are an admin.")
    async def member_api_keys(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[ApiKey] | None:
        ctx = info.context.ctx
        page, count = partial(keys.list_of_members, ctx, self.id), partial(keys.count_of_members, ctx, self.id)
        return await connections.paginate(page, ApiKey.from_row, count, first, after, position=ApiKey.position)

    @strawberry.field(description="The organization's webhooks, newest first. Requires the admin role.")
    async def webhooks(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[Webhook] | None:
        ctx = info.context.ctx
        page, count = partial(webhooks.list_page, ctx, self.id), partial(webhooks.count, ctx, self.id)
        return await connections.paginate(page, Webhook.from_row, count, first, after)

    @strawberry.field(description="Your collections, newest first.")
    async def collections(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[Collection] | None:
        ctx = info.context.ctx
        page, count = partial(collections.list_page, ctx, self.id), partial(collections.count, ctx, self.id)
        return await connections.paginate(page, Collection.from_row, count, first, after)

    @strawberry.field(description="One of your collections.")
    async def collection(self, info: Info, id: IdArgument) -> Collection | None:
        return Collection.from_optional(await collections.find(info.context.ctx, id, self.id))

    @strawberry.field(description="Your focus sessions, newest first.")
    async def focus_sessions(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[FocusSession] | None:
        ctx = info.context.ctx
        page, count = partial(sessions.list_page, ctx, self.id), partial(sessions.count, ctx, self.id)
        return await connections.paginate(
            page, FocusSession.from_row, count, first, after, position=FocusSession.position
        )

    @strawberry.field(description="One of your focus sessions. Reading it counts as listening and keeps it active.")
    async def focus_session(self, info: Info, id: IdArgument) -> FocusSession | None:
        return FocusSession.from_optional(await sessions.poll(info.context.ctx, id, self.id))

    @strawberry.field(
        directives=[ListSize(assumed_size=3)],
        description="Your spending today, this week and this month, and the organization's caps.",
    )
    async def usage(self, info: Info) -> list[Usage] | None:
        return [Usage.from_row(usage) for usage in await spending.list_usage(info.context.ctx, self.id)]

    @strawberry.field(
        directives=[ListSize(assumed_size=3)],
        description="The spending of all members today, this week and this month. Null unless you are an admin.",
    )
    async def member_usage(self, info: Info) -> list[Usage] | None:
        return [Usage.from_row(usage) for usage in await spending.list_member_usage(info.context.ctx, self.id)]

    @strawberry.field(description="The price of a track, and whether it fits under the spend caps.")
    async def quote(
        self,
        info: Info,
        duration_seconds: Annotated[int, strawberry.argument(description="The duration in whole seconds.")],
        engine: Annotated[
            str | None, strawberry.argument(description="The key of the engine, if not the default engine.")
        ] = None,
        request: Annotated[
            ExplainPromptInput | None,
            strawberry.argument(
                description="The request, to check it and to learn how the engine supports its fields. Its engine and "
                "its duration are those of the other arguments."
            ),
        ] = None,
    ) -> Quote | None:
        fields = to_command(CreateGenerationGraphQL, request).fields if request else None
        return Quote.from_row(await quotes.quote(info.context.ctx, self.id, engine, duration_seconds, fields))

    @strawberry.field(description="Your exports, newest first.")
    async def exports(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Connection[Export] | None:
        ctx = info.context.ctx
        page, count = partial(exports.list_page, ctx, self.id), partial(exports.count, ctx, self.id)
        return await connections.paginate(page, Export.from_row, count, first, after)

    @strawberry.field(description="Your uploads to make tracks from, newest first.")
    async def reference_audios(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[ReferenceAudio] | None:
        ctx = info.context.ctx
        page, count = partial(reference_audios.list_page, ctx, self.id), partial(reference_audios.count, ctx, self.id)
        return await connections.paginate(page, ReferenceAudio.from_row, count, first, after)

    @strawberry.field(description="The storage used by the organization's files.")
    async def storage(self, info: Info) -> StorageUsage | None:
        return StorageUsage.from_row(await organizations.get_storage_usage(info.context.ctx, self.id))

    @classmethod
    def from_row(cls, row: tables.Organization) -> Self:
        return cls(id=strawberry.ID(row.id), row=row)

    @classmethod
    def find(cls, info: Info, organization_id: str) -> Self | None:
        """Return an organization of the caller, without a query. Raises Unauthenticated."""
        is_mine = organizations.is_member(info.context.ctx, organization_id)
        return cls(id=strawberry.ID(organization_id)) if is_mine else None


@row_backed()
@strawberry.type(description="The authenticated user.")
class Viewer(RowBacked[tables.User], Node):
    name: str = strawberry.field(description="Your display name.")

    @strawberry.field(
        directives=[ListSize(assumed_size=1)], description="The organizations that you are a member of, oldest first."
    )
    async def organizations(self, info: Info) -> list[Organization]:
        return [Organization.from_row(row) for row in await organizations.list_own(info.context.ctx)]

    @strawberry.field(
        directives=[ListSize(assumed_size=len(Scope))],
        description="Permissions of the API key or session that you use. You can give them to further keys.",
    )
    def scopes(self, info: Info) -> list[Scope]:
        return sorted(info.context.ctx.caller.scopes)

    @strawberry.field(description="Your API keys, newest first.")
    async def api_keys(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[ApiKey] | None:
        ctx = info.context.ctx
        page, count = partial(keys.list_own, ctx), partial(keys.count_own, ctx)
        return await connections.paginate(page, ApiKey.from_row, count, first, after, position=ApiKey.position)

    @strawberry.field(description="The browsers in which you are signed in, newest first.")
    async def browser_sessions(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[BrowserSession] | None:
        ctx = info.context.ctx
        page, count = partial(browser_sessions.list_page, ctx), partial(browser_sessions.count, ctx)
        return await connections.paginate(page, BrowserSession.from_row, count, first, after)
