"""API keys: users manage their own, and admins see and revoke those of their organization's members."""

from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, StrictInt
from pydantic.dataclasses import dataclass

from core import clock, ids
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, Problem
from core.scopes import Scope
from resolvers.access import credentials, validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from storage.queries import accounts, api_keys, archives, members
from storage.queries.api_keys import OwnedKey
from storage.queries.pagination import Position
from storage.tables import CredentialKind

MAX_DAYS: Final = 3650
MAX_KEYS: Final = 100
_FORBIDDEN: Final = "Only an admin of the organization may see the keys of its members"


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateKey:
    """What a new key is for."""

    name: Annotated[str, validation.Text(1, 255)]
    expires_in_days: Annotated[StrictInt, Field(ge=1, le=MAX_DAYS), validation.WHOLE] | None = None
    """By default the key does not expire."""
    scopes: tuple[Scope, ...] = field(default=())
    """Scopes that the credential of the caller has as well."""


async def create(ctx: Context, request: Unvalidated[CreateKey]) -> tuple[OwnedKey, str]:
    """Create a key for the caller; return it with its text, which must be shown now and never again.

    It expires no later than the key that the caller uses or signed in with.

    Raises InvalidInput, Conflict (too many keys).
    """
    command = request.validate()
    missing = [scope.value for scope in command.scopes if scope not in ctx.caller.scopes]
    if missing:
        reason = f"Your own key or session does not have {missing[0]!r}. The operator can create such a key."
        raise InvalidInput([Problem(("scopes",), reason)])
    now, user_id = clock.now(), ctx.caller.user_id
    days = command.expires_in_days
    expires_at = now + timedelta(days=days) if days else None
    async with ctx.services.database.transaction() as session:
        user = await members.lock_user(session, user_id)
        if user is None or user.disabled_at is not None:
            raise Conflict(f"User {user_id} is disabled")
        if await api_keys.count(session, api_keys.of_user(user_id), api_keys.is_valid(now)) >= MAX_KEYS:
            raise Conflict(f"A user has at most {MAX_KEYS} valid keys; revoke one first")
        latest = await api_keys.find_expiry(session, ctx.caller.credential_id)
        expires_at = min(filter(None, (expires_at, latest)), default=None)
        new = credentials.create(CredentialKind.KEY, user_id, command.name, expires_at, command.scopes)
        session.add(new.row)
        await session.flush()
    return OwnedKey(new.row, user.name), new.text


async def revoke(ctx: Context, key_id: str) -> OwnedKey:
    """Revoke a key of the caller, or of a user whose organizations the caller administers.

    A key belongs to all organizations of its user. Raises NotFound, Forbidden.
    """
    owned = (await find_many(ctx, [key_id])).get(key_id)
    if owned is None:
        raise NotFound("API key", key_id=key_id)
    async with ctx.services.database.transaction() as session:
        if owned.key.user_id != ctx.caller.user_id:
            organization_ids = await archives.list_organization_ids(session, owned.key.user_id)
            if not set(organization_ids) <= set(ctx.administered):
                raise Forbidden("The key's user is a member of organizations that the caller does not administer")
        row = await accounts.revoke_key(session, key_id, clock.now())
    return OwnedKey(row or owned.key, owned.user_name)


async def list_own(ctx: Context, *, limit: int, after: Position | None = None) -> Sequence[OwnedKey]:
    """Return the caller's keys, newest first."""
    async with ctx.services.database.transaction() as session:
        return await api_keys.page(session, api_keys.of_user(ctx.caller.user_id), limit=limit, after=after)


async def count_own(ctx: Context) -> int:
    """Return how many keys ``list_own`` has in all."""
    async with ctx.services.database.transaction() as session:
        return await api_keys.count(session, api_keys.of_user(ctx.caller.user_id))


async def list_of_members(
    ctx: Context, organization_id: str, *, limit: int, after: Position | None = None
) -> Sequence[OwnedKey]:
    """Return the keys of all members of an organization, newest first. Raises Forbidden."""
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        return await api_keys.page(session, api_keys.of_members([organization_id]), limit=limit, after=after)


async def count_of_members(ctx: Context, organization_id: str) -> int:
    """Return how many keys ``list_of_members`` has in all. Raises Forbidden."""
    ctx.require_admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        return await api_keys.count(session, api_keys.of_members([organization_id]))


async def find_many(ctx: Context, key_ids: Collection[str]) -> dict[str, OwnedKey]:
    """Return those of the keys that the caller owns or whose users are members of its organizations, by id."""
    valid_ids = [key_id for key_id in key_ids if ids.is_a(ids.Kind.API_KEY, key_id)]
    if not valid_ids:
        return {}
    is_visible = api_keys.of_user(ctx.caller.user_id) | api_keys.of_members(ctx.administered)
    async with ctx.services.database.transaction() as session:
        return await api_keys.find_many(session, valid_ids, is_visible)
