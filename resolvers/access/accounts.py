"""Create organizations, users and API keys, and revoke keys, for the operator at the command line."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import Conflict, InvalidInput, NotFound, Problem
from core.scopes import Scope
from resolvers.access import credentials
from resolvers.access.credentials import NewCredential
from storage.postgres.database import Database
from storage.queries import accounts, members
from storage.queries.members import Member
from storage.tables import ApiKey, CredentialKind, Membership, Organization, Role, User

Row = TypeVar("Row", ApiKey, Membership, Organization, User)


async def create_initial_account(database: Database, save_key: Callable[[str], None]) -> NewCredential | None:
    """Create the first organization and its admin, and return the admin's key; None if an organization exists.

    ``save_key`` is called with the key before the account exists, so that the key of an account is never lost.
    """
    async with database.transaction() as session:
        if await accounts.has_organizations(session):
            return None
        organization = await _insert_organization(session, "My Studio")
        user = (await insert_user(session, "Owner", organization.id, Role.ADMIN)).user
        key = await _insert_key(session, user.id, "first key", None)
        save_key(key.text)
        return key


async def create_organization(database: Database, name: str) -> Organization:
    """Create an organization without members. Raises InvalidInput."""
    async with database.transaction() as session:
        return await _insert_organization(session, _validate_name(name))


async def create_user(database: Database, name: str, organization_id: str, role: Role) -> User:
    """Create a user as a member of an organization. Raises NotFound, InvalidInput."""
    async with database.transaction() as session:
        if await session.get(Organization, organization_id) is None:
            raise NotFound("Organization", organization_id=organization_id)
        return (await insert_user(session, _validate_name(name), organization_id, role)).user


async def create_key(
    database: Database, user_id: str | None, name: str, days: int | None, scopes: Collection[Scope] = ()
) -> NewCredential:
    """Create a key for a user, by default the only user. Raises NotFound, InvalidInput, Conflict (user disabled)."""
    async with database.transaction() as session:
        if user_id is None:
            user_id = await _find_only_user(session)
        user = await members.lock_user(session, user_id)
        if user is None:
            raise NotFound("User", user_id=user_id)
        if user.disabled_at is not None:
            raise Conflict(f"User {user_id} is disabled")
        return await _insert_key(session, user_id, _validate_name(name), days, scopes)


async def list_keys(database: Database, user_id: str | None = None) -> Sequence[ApiKey]:
    """List the keys of a user or of all users, oldest first."""
    async with database.transaction() as session:
        return await accounts.list_keys(session, user_id)


async def list_organizations(database: Database) -> Sequence[Organization]:
    """List all organizations, oldest first."""
    async with database.transaction() as session:
        return await accounts.list_organizations(session)


async def revoke_key(database: Database, key_id: str) -> ApiKey:
    """Revoke a key permanently. Raises NotFound."""
    async with database.transaction() as session:
        row = await accounts.revoke_key(session, key_id, clock.now())
    if row is None:
        raise NotFound("API key", key_id=key_id)
    return row


async def insert_user(session: AsyncSession, name: str, organization_id: str, role: Role) -> Member:
    """Insert a user as a member of an organization, in the caller's transaction."""
    user = await _insert(session, User(id=ids.new(ids.Kind.USER), name=name))
    row = Membership(organization_id=organization_id, user_id=user.id, role=role)
    return Member(user, await _insert(session, row))


async def _insert(session: AsyncSession, row: Row) -> Row:
    session.add(row)
    await session.flush()
    return row


async def _insert_organization(session: AsyncSession, name: str) -> Organization:
    return await _insert(session, Organization(id=ids.new(ids.Kind.ORGANIZATION), name=name))


async def _insert_key(
    session: AsyncSession, user_id: str, name: str, days: int | None, scopes: Collection[Scope] = ()
) -> NewCredential:
    expires_at = None if days is None else clock.now() + timedelta(days=days)
    key = credentials.create(CredentialKind.KEY, user_id, name, expires_at, scopes)
    await _insert(session, key.row)
    return key


async def _find_only_user(session: AsyncSession) -> str:
    users = await accounts.list_users(session, limit=2)
    if len(users) != 1:
        raise InvalidInput([Problem(("user",), "Required unless there is exactly one user.")])
    return users[0].id


def _validate_name(name: str) -> str:
    if not 0 < len(name.strip()) <= 255 or "\x00" in name:  # noqa: PLR2004  the column
        raise InvalidInput([Problem(("name",), "Must have 1 to 255 characters.")])
    return name.strip()
