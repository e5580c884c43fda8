"""The GraphQL schema: root types and configuration."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Final

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.base_scalars import DecimalDefinition
from strawberry.types import ExecutionContext

from core import clock
from core.errors import InvalidInput, Problem
from core.settings import DocumentSettings
from resolvers.access.validation import Unvalidated
from resolvers.organizations import organizations
from resolvers.receipts import receipts
from resolvers.receipts.receipts import VerifyTrack
from resolvers.sharing import sharing
from schema import node_types
from schema.execution import CompiledSchema, ExecutionPolicy
from schema.limits import document_limits, error_limits, introspection
from schema.limits.document_limits import DocumentLimitsExtension
from schema.limits.field_costs import ListSize
from schema.limits.introspection import IntrospectionExtension
from schema.relay.node import Node
from schema.runtime.context import GraphQLContext, Info, OperationContextExtension
from schema.types import errors
from schema.types.activity import ActivitySubscriptions
from schema.types.api_keys import ApiKey, ApiKeyMutations
from schema.types.browser_sessions import BrowserSessionMutations
from schema.types.collections import Collection, CollectionMutations
from schema.types.downloads import DownloadMutations
from schema.types.exports import Export, ExportMutations
from schema.types.focus import FocusSession, FocusSubscriptions
from schema.types.focus_changes import FocusMutations
from schema.types.generations import Generation, GenerationMutations, GenerationSubscriptions
from schema.types.libraries import LibraryEntry, LibraryMutations
from schema.types.members import MemberMutations
from schema.types.organizations import IdArgument, Organization, Viewer
from schema.types.prompts import PromptQueries
from schema.types.receipts import Sha256Argument, TrackIdArgument, Verification
from schema.types.reference_audios import ReferenceAudio, ReferenceAudioMutations
from schema.types.sharing import SharedLink, ShareLink, SharingMutations
from schema.types.tracks import Track
from schema.types.usage import UsageMutations
from schema.types.webhooks import Webhook, WebhookDelivery, WebhookMutations

MAX_NODES: Final = 100


@strawberry.type(description="The query root.")
class Query(PromptQueries):
    @strawberry.field(description="The authenticated user.")
    async def viewer(self, info: Info) -> Viewer:
        return Viewer.from_row(await organizations.get_viewer(info.context.ctx))

    @strawberry.field(description="An organization that you are a member of.")
    def organization(self, info: Info, id: IdArgument) -> Organization | None:  # noqa: A002  a GraphQL argument
        return Organization.find(info, id)

    @strawberry.field(
        description="The content of a share link, or null if it does not work. Requires no authentication."
    )
    async def shared_link(
        self,
        info: Info,
        token: Annotated[
            str, strawberry.argument(description="The token of the share link: shr_ and 32 hexadecimal digits.")
        ],
    ) -> SharedLink | None:
        return SharedLink.from_optional(await sharing.resolve_or_none(info.context.ctx, token))

    @strawberry.field(
        description="Verify whether a file was created here, by its hash. Requires no authentication. To verify the "
        "file itself, use `POST /v1/music/verify`."
    )
    async def verify_track(
        self, info: Info, sha256: Sha256Argument, track_id: TrackIdArgument = None
    ) -> Verification | None:
        command = Unvalidated(VerifyTrack, {"sha256": sha256, "track_id": track_id})
        return Verification.from_row(await receipts.verify(info.context.ctx, command))

    @strawberry.field(description="An object by its ID.")
    async def node(self, info: Info, id: IdArgument) -> Node | None:  # noqa: A002  a GraphQL argument
        return await node_types.find(info, id)

    @strawberry.field(
        directives=[ListSize(slicing_arguments=["ids"])],
        description=f"Up to {MAX_NODES} objects by their IDs, in the order of the IDs.",
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The IDs.")]
    ) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise InvalidInput([Problem(("ids",), f"Must have at most {MAX_NODES} items.")])
        return await asyncio.gather(*(node_types.find(info, node_id) for node_id in ids))


@strawberry.type(
    description="The mutation root. Each mutation takes one input object and returns a union of its payload and errors."
)
class Mutation(
    GenerationMutations,
    FocusMutations,
    LibraryMutations,
    DownloadMutations,
    CollectionMutations,
    SharingMutations,
    UsageMutations,
    MemberMutations,
    ApiKeyMutations,
    WebhookMutations,
    ExportMutations,
    BrowserSessionMutations,
    ReferenceAudioMutations,
):
    pass


@strawberry.type(description="The subscription root.")
class Subscription(ActivitySubscriptions, GenerationSubscriptions, FocusSubscriptions):
    pass


class _MaskErrorsExtension(MaskErrors):
    """Masks unexpected exceptions, and errors that describe the schema if the caller may not introspect it."""

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        may_introspect = introspection.is_allowed(self.execution_context.context.ctx)
        public = error_limits.limit_errors(errors) if may_introspect else introspection.hide_schema_details(errors)
        return super()._process_errors(public)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        return errors.format_error(error)


class _Schema(CompiledSchema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do not log: ``errors.format_error`` logs unexpected exceptions, and refusals are not errors."""


def _parse_datetime(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("A DateTime must have a UTC offset, such as Z or +02:00.")
    return value


def build_schema(documents: DocumentSettings | None = None) -> CompiledSchema:
    """Build the schema with limits for documents."""
    limits = documents or DocumentSettings()
    policy = ExecutionPolicy(
        allows=partial(document_limits.allows, limits),
        new_context=GraphQLContext.for_new_operation,
        format_error=errors.format_error,
    )
    extensions: list[type[SchemaExtension] | Callable[[], SchemaExtension]] = [
        _MaskErrorsExtension,
        partial(DocumentLimitsExtension, limits),
        IntrospectionExtension,
        OperationContextExtension,
    ]
    datetime_scalar = strawberry.scalar(
        name="DateTime",
        description="A date and time in ISO 8601 format, in UTC with whole seconds, such as 2026-06-28T10:30:00Z.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=clock.iso,
        parse_value=_parse_datetime,
    )
    decimal_scalar = dataclasses.replace(
        DecimalDefinition,
        description="A decimal number as text, such as 12.5000, for amounts of money.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
    )
    return _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            *(Generation, Track, Organization, Collection, ShareLink, FocusSession, Export),
            *(Viewer, LibraryEntry, Webhook, WebhookDelivery, ApiKey, ReferenceAudio),
        ],
        extensions=extensions,
        policy=policy if limits.compiled else None,
        max_errors=error_limits.MAX_ERRORS,
        exception_handlers=errors.exception_handlers(),
        config=StrawberryConfig(scalar_map={datetime: datetime_scalar, Decimal: decimal_scalar}, relay_max_results=100),
    )
