"""The schema: root types, and how Strawberry is set up."""

from datetime import datetime
from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from core import clock, ids
from core.errors import InvalidInput, Problem
from resolvers import collections, generations, organizations, sharing, tracks
from schema import enums, errors
from schema.collections import Collection, CollectionMutations
from schema.context import FreshLoaders, Info
from schema.generations import Generation, GenerationMutations, GenerationSubscriptions
from schema.libraries import LibraryMutations
from schema.nodes import Node
from schema.organizations import Id, Organization, Viewer
from schema.sharing import SharedLink, SharingMutations
from schema.tracks import Track
from schema.usage import UsageMutations

MAX_NODES = 100

__all__ = ["build", "enums"]


async def _node(info: Info, node_id: str) -> Node | None:
    """Whatever the id names, if the caller may see it."""
    ctx = info.context.ctx
    match ids.kind_of(node_id):
        case ids.Kind.ORGANIZATION:
            organization = await organizations.find(ctx, node_id)
            return Organization.of(organization) if organization else None
        case ids.Kind.GENERATION:
            generation = await generations.find(ctx, node_id)
            return Generation.of(generation) if generation else None
        case ids.Kind.TRACK:
            track = await tracks.find(ctx, node_id)
            return Track.of(track) if track else None
        case ids.Kind.COLLECTION:
            collection = await collections.find(ctx, node_id)
            return Collection.of(collection) if collection else None
        case _:
            ctx.caller  # noqa: B018  an unknown caller is told so, whatever it asks for
            return None


@strawberry.type(description="What can be read.")
class Query:
    """The roots."""

    @strawberry.field(description="Who you are.")
    async def viewer(self, info: Info) -> Viewer:
        """See organizations.viewer."""
        return Viewer.of(await organizations.viewer(info.context.ctx))

    @strawberry.field(description="An organization that you belong to.")
    async def organization(self, info: Info, id: Id) -> Organization | None:  # noqa: A002
        """See organizations.find."""
        row = await organizations.find(info.context.ctx, id)
        return Organization.of(row) if row else None

    @strawberry.field(description="What a share link leads to, for anybody; null for one that does not work.")
    async def shared_link(
        self, info: Info, token: Annotated[str, strawberry.argument(description="As shr_ and 32 hex digits.")]
    ) -> SharedLink | None:
        """See sharing.resolve."""
        shared = await sharing.find(info.context.ctx, token)
        return SharedLink.of(shared) if shared else None

    @strawberry.field(description="Anything by its id.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002
        """By the kind that the id's prefix tells."""
        return await _node(info, id)

    @strawberry.field(description=f"Up to {MAX_NODES} things by their ids, in the order of the ids.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The ids.")]
    ) -> list[Node | None]:
        """By the kinds that the ids' prefixes tell."""
        if len(ids) > MAX_NODES:
            raise InvalidInput([Problem(("ids",), f"Must have at most {MAX_NODES} items.")])
        return [await _node(info, node_id) for node_id in ids]


@strawberry.type(description="What can be changed. Every mutation takes one input and answers a union.")
class Mutation(GenerationMutations, LibraryMutations, CollectionMutations, SharingMutations, UsageMutations):
    """All mutations."""


@strawberry.type(description="What can be watched.")
class Subscription(GenerationSubscriptions):
    """All subscriptions."""


class _Masked(MaskErrors):
    """Lets refusals and document errors out, masks bugs."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """See errors.present."""
        return errors.present(error)


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Logging is done where errors are masked: refusals are answers, not errors of ours."""


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return moment


def build() -> strawberry.Schema:
    """Put the schema together."""
    extensions: list[type[SchemaExtension]] = [_Masked, FreshLoaders]
    moment = strawberry.scalar(
        name="DateTime",
        description="ISO 8601 in UTC with whole seconds, as 2026-06-28T10:30:00Z.",
        serialize=clock.iso,
        parse_value=_moment,
    )
    return _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Generation, Track, Organization, Collection],
        extensions=extensions,
        exception_handlers=errors.handlers(),
        config=StrawberryConfig(scalar_map={datetime: moment}, relay_max_results=100),
    )
