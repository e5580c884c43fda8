"""The schema: root types, and how Strawberry is set up."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from core import clock
from core.errors import InvalidInput, Problem
from core.settings import DocumentSettings
from resolvers.organizations import organizations
from resolvers.sharing import sharing
from schema import node_types
from schema.execution import CompiledSchema, ExecutionPolicy
from schema.limits import document_limits, introspection
from schema.limits.document_limits import DocumentLimitsExtension
from schema.limits.introspection import IntrospectionExtension
from schema.relay.node import Node
from schema.runtime.context import GraphQLContext, Info, OperationContextExtension
from schema.types import enums, errors, receipts
from schema.types.activity import ActivitySubscriptions
from schema.types.collections import Collection, CollectionMutations
from schema.types.downloads import DownloadMutations
from schema.types.exports import Export, ExportMutations
from schema.types.focus import FocusSession, FocusSubscriptions
from schema.types.focus_changes import FocusMutations
from schema.types.generations import Generation, GenerationMutations, GenerationSubscriptions
from schema.types.libraries import LibraryMutations
from schema.types.organizations import IdArgument, Organization, Viewer
from schema.types.receipts import Sha256Argument, TrackIdArgument, Verification
from schema.types.share_links import ShareLink
from schema.types.sharing import SharedLink, SharingMutations
from schema.types.tracks import Track
from schema.types.usage import UsageMutations
from schema.types.webhooks import Webhook, WebhookMutations

MAX_NODES = 100

__all__ = ["build_schema", "enums"]


@strawberry.type(description="What can be read.")
class Query:
    """The roots."""

    @strawberry.field(description="Who you are.")
    async def viewer(self, info: Info) -> Viewer:
        """See organizations.viewer."""
        return Viewer.from_row(await organizations.viewer(info.context.ctx))

    @strawberry.field(description="An organization that you belong to.")
    def organization(self, info: Info, id: IdArgument) -> Organization | None:  # noqa: A002
        """See organizations.is_mine."""
        return Organization.find(info, id)

    @strawberry.field(description="What a share link leads to, for anybody; null for one that does not work.")
    async def shared_link(
        self, info: Info, token: Annotated[str, strawberry.argument(description="As shr_ and 32 hex digits.")]
    ) -> SharedLink | None:
        """See sharing.resolve."""
        shared = await sharing.find(info.context.ctx, token)
        return SharedLink.from_shared(shared) if shared else None

    @strawberry.field(
        description="What a file is, for anybody who has hashed it: POST /v1/music/verify takes the file itself."
    )
    async def verify_track(self, info: Info, sha256: Sha256Argument, track_id: TrackIdArgument = None) -> Verification:
        """See receipts.verify."""
        return await receipts.verify(info, sha256, track_id)

    @strawberry.field(description="Anything by its id.")
    async def node(self, info: Info, id: IdArgument) -> Node | None:  # noqa: A002
        """By the kind that the id's prefix tells."""
        return await node_types.find(info, id)

    @strawberry.field(description=f"Up to {MAX_NODES} things by their ids, in the order of the ids.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The ids.")]
    ) -> list[Node | None]:
        """By the kinds that the ids' prefixes tell."""
        if len(ids) > MAX_NODES:
            raise InvalidInput([Problem(("ids",), f"Must have at most {MAX_NODES} items.")])
        return await asyncio.gather(*(node_types.find(info, node_id) for node_id in ids))


@strawberry.type(description="What can be changed. Every mutation takes one input and answers a union.")
class Mutation(
    GenerationMutations,
    FocusMutations,
    LibraryMutations,
    DownloadMutations,
    CollectionMutations,
    SharingMutations,
    UsageMutations,
    WebhookMutations,
    ExportMutations,
):
    """All mutations."""


@strawberry.type(description="What can be watched.")
class Subscription(ActivitySubscriptions, GenerationSubscriptions, FocusSubscriptions):
    """All subscriptions."""


class _Masked(MaskErrors):
    """Lets refusals and document errors out, masks bugs, and what would tell of a schema that is not for all."""

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        is_open = introspection.is_allowed(self.execution_context.context.ctx)
        return super()._process_errors(errors if is_open else introspection.hide_schema_details(errors))

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """See errors.present."""
        return errors.format_error(error)


class _Schema(CompiledSchema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Logging is done where errors are masked: refusals are answers, not errors of ours."""


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return moment


def build_schema(documents: DocumentSettings | None = None) -> CompiledSchema:
    """Put the schema together; ``documents`` limits what may be asked for at once."""
    limits = documents or DocumentSettings()
    policy = ExecutionPolicy(
        allows=partial(document_limits.allows, limits),
        new_context=GraphQLContext.for_new_operation,
        format_error=errors.format_error,
    )
    budget = partial(DocumentLimitsExtension, limits)
    extensions: list[type[SchemaExtension] | Callable[[], SchemaExtension]] = [
        _Masked,
        budget,
        IntrospectionExtension,
        OperationContextExtension,
    ]
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
        types=[Generation, Track, Organization, Collection, ShareLink, FocusSession, Webhook, Export],
        extensions=extensions,
        policy=policy if limits.compiled else None,
        exception_handlers=errors.exception_handlers(),
        config=StrawberryConfig(scalar_map={datetime: moment}, relay_max_results=100),
    )
