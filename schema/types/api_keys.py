"""API keys of the viewer, and of the members of an organization."""

from datetime import datetime

import strawberry

from core import clock, scopes
from core.scopes import Scope
from resolvers.access import keys
from resolvers.access.keys import CreateKey
from schema.limits.field_costs import ListSize
from schema.relay.cursors import Position
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from storage.queries.api_keys import OwnedKey


@row_backed(
    "row.key",
    user_name="row.user_name",
    scopes=lambda key: sorted(scopes.from_names(key.row.key.scopes)),
)
@strawberry.type(description="An API key. Visible to its user and to the admins of the user's organizations.")
class ApiKey(RowBacked[OwnedKey], Node):
    name: str = strawberry.field(description="What the key is for.")
    hint: str = strawberry.field(description="The first characters of the key. The rest is not stored.")
    user_id: strawberry.ID = strawberry.field(description="The ID of the key's user.")
    user_name: str = strawberry.field(description="The display name of the key's user.")
    scopes: list[Scope] = strawberry.field(
        directives=[ListSize(assumed_size=len(Scope))], description="Permissions beyond those of the user."
    )
    created_at: datetime = strawberry.field(description="The time when the key was created.")
    last_used_at: datetime | None = strawberry.field(
        description="The time of the last use, to within minutes, or null if it was never used."
    )
    expires_at: datetime | None = strawberry.field(description="The time when the key expires, or null for never.")
    revoked_at: datetime | None = strawberry.field(description="The time when the key was revoked, or null.")

    @staticmethod
    def position(owned: OwnedKey) -> Position:
        return owned.key.created_at, owned.key.id

    @strawberry.field(description="Whether the key works: it is neither revoked nor expired.")
    def is_active(self) -> bool:
        key = self.row.key
        return key.revoked_at is None and (key.expires_at is None or key.expires_at > clock.now())


@strawberry.input(description="The parameters of `createApiKey`.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="What the key is for, up to 255 characters.")
    expires_in_days: int | None = strawberry.field(
        default=None, description=f"The lifetime in days, 1 to {keys.MAX_DAYS}. Default: no expiry."
    )
    scopes: list[Scope] | None = strawberry.field(
        default=None, description="Permissions beyond those of the user. Your own key or session must have them."
    )


@strawberry.type(description="The API key was created.")
class CreateApiKeyPayload:
    api_key: ApiKey = strawberry.field(description="The API key.")
    secret: str = strawberry.field(description="The text of the key (ak_…). It is not returned again.")


@strawberry.input(description="The parameters of `revokeApiKey`.")
class RevokeApiKeyInput:
    id: strawberry.ID = strawberry.field(description="The ID of the API key.")


@strawberry.type(description="The API key was revoked.")
class RevokeApiKeyPayload:
    api_key: ApiKey = strawberry.field(description="The API key.")


@strawberry.type
class ApiKeyMutations:
    @mutation(
        "Create an API key for yourself. It expires no later than the key that you use or signed in with.",
        InvalidInputError | ConflictError,
        is_personal=True,
    )
    async def create_api_key(self, info: Info, input: Input[CreateApiKeyInput]) -> CreateApiKeyPayload:
        owned, secret = await keys.create(info.context.ctx, to_command(CreateKey, input, scopes=()))
        return CreateApiKeyPayload(api_key=ApiKey.from_row(owned), secret=secret)

    @mutation(
        "Revoke an API key of yours at once and permanently. Admins can revoke the keys of members if they administer "
        "all organizations of the member. Revoking it again changes nothing.",
        NotFoundError | ForbiddenError,
        is_personal=True,
    )
    async def revoke_api_key(self, info: Info, input: Input[RevokeApiKeyInput]) -> RevokeApiKeyPayload:
        return RevokeApiKeyPayload(api_key=ApiKey.from_row(await keys.revoke(info.context.ctx, input.id)))
