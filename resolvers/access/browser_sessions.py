"""Sign in and out in a browser, by an API key or the one-time code of a link; list and end sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic.dataclasses import dataclass
from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import api_keys, clock
from core.errors import Conflict, InvalidInput, NotFound, Problem, Reason, Unauthenticated
from core.settings import COMMAND
from resolvers.access import credentials, token_users, validation
from resolvers.access.context import Context
from resolvers.access.token_users import TokenIdentity
from resolvers.access.validation import Unvalidated
from storage.postgres.database import Database
from storage.queries import accounts, members
from storage.queries import browser_sessions as rows
from storage.queries.pagination import Position
from storage.tables import ApiKey, CredentialKind

CODE_LIFETIME: Final = timedelta(minutes=10)
INVITATION_LIFETIME: Final = timedelta(days=7)
_CODE_REFUSED: Final = f"The code has expired or was used. Create another link with {COMMAND} sign-in."


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class SignIn:
    """One of two credentials that a person has."""

    code: Annotated[str, validation.Text(1, 255)] | None = None
    api_key: Annotated[str, validation.Text(1, 255)] | None = None


async def create_code(database: Database, user_id: str | None = None, scopes: Collection[str] = ()) -> str:
    """Return a code that signs a user in once within ten minutes; by default the first admin of the installation.

    The session has the scopes. Raises NotFound, Conflict (user disabled).
    """
    async with database.transaction() as session:
        user_id = user_id or await accounts.find_first_admin(session)
        user = await members.lock_user(session, user_id) if user_id else None
        if user is None:
            raise NotFound("User", **({"user_id": user_id} if user_id else {}))
        if user.disabled_at is not None:
            raise Conflict(f"User {user.id} is disabled")
        expires_at = clock.now() + CODE_LIFETIME
        return _add(session, CredentialKind.SIGN_IN_CODE, user.id, "sign-in code", expires_at, scopes)


def add_invitation(session: AsyncSession, user_id: str) -> str:
    """Return a code that signs a new user in once within seven days."""
    return _add(session, CredentialKind.SIGN_IN_CODE, user_id, "invitation", clock.now() + INVITATION_LIFETIME)


async def sign_in(database: Database, request: Unvalidated[SignIn], lifetime: timedelta, name: str) -> str:
    """Exchange an API key or a code for a session, whose name describes the browser.

    The session of a key has its scopes and ends with it. Raises InvalidInput, Unauthenticated (invalid key).
    """
    command = request.validate()
    if (command.code is None) is (command.api_key is None):
        raise InvalidInput([Problem(("code",), "Either a code or an API key is required.")])
    async with database.transaction() as session:
        if command.code is not None:
            code = await _redeem(session, command.code.strip())
            return _add(session, CredentialKind.SESSION, code.user_id, name, clock.now() + lifetime, code.scopes)
        row = await _find(session, str(command.api_key).strip(), CredentialKind.KEY, lock=True)
        if row is None:
            raise Unauthenticated(Reason.KEY_INVALID)
        latest = clock.now() + lifetime
        expires_at = min(latest, row.expires_at or latest)
        return _add(session, CredentialKind.SESSION, row.user_id, name, expires_at, row.scopes, row.id)


async def sign_in_by_token(database: Database, identity: TokenIdentity, lifetime: timedelta, name: str) -> str:
    """Start a session for the user of an ID token. It has the organizations that the token claims until it ends.

    Raises Unauthenticated (user disabled).
    """
    async with database.transaction() as session:
        user, _ = await token_users.ensure(session, identity)
        new = credentials.create(CredentialKind.SESSION, user.id, name, clock.now() + lifetime)
        new.row.claimed_organizations = list(identity.organizations)
        session.add(new.row)
    return new.text


async def sign_out(database: Database, text: str) -> None:
    """End a session and its open connections. A session that has ended stays as it is."""
    async with database.transaction() as session:
        row = await _find(session, text, CredentialKind.SESSION)
        if row is not None:
            await accounts.revoke_key(session, row.id, clock.now())


async def list_page(ctx: Context, *, limit: int, after: Position | None = None) -> Sequence[ApiKey]:
    """Return the caller's sessions that have not ended, newest first."""
    user_id = ctx.caller.user_id
    async with ctx.services.database.transaction() as session:
        return await rows.page(session, user_id, clock.now(), limit=limit, after=after)


async def count(ctx: Context) -> int:
    """Return how many sessions ``list_page`` has in all."""
    user_id = ctx.caller.user_id
    async with ctx.services.database.transaction() as session:
        return await rows.count(session, user_id, clock.now())


async def end(ctx: Context, session_id: str) -> None:
    """End one of the caller's sessions and its connections. Raises NotFound."""
    user_id = ctx.caller.user_id
    async with ctx.services.database.transaction() as session:
        ended = await rows.end(session, user_id, clock.now(), col(ApiKey.id) == session_id)
    if not ended:
        raise NotFound("Browser session", session_id=session_id)


async def end_all(ctx: Context, *, includes_current: bool) -> int:
    """End the caller's sessions and their connections, with or without that of the request; return how many ended."""
    caller = ctx.caller
    is_ended = true() if includes_current else col(ApiKey.id) != (caller.credential_id or "")
    async with ctx.services.database.transaction() as session:
        return await rows.end(session, caller.user_id, clock.now(), is_ended)


async def _redeem(session: AsyncSession, code: str) -> ApiKey:
    row = None
    if api_keys.is_well_formed(code, api_keys.CODE_PREFIX):
        row = await accounts.redeem_sign_in_code(session, api_keys.digest(code), clock.now())
    if row is None:
        raise InvalidInput([Problem(("code",), _CODE_REFUSED)])
    return row


async def _find(session: AsyncSession, text: str, kind: CredentialKind, *, lock: bool = False) -> ApiKey | None:
    if not api_keys.is_well_formed(text, credentials.PREFIXES[kind]):
        return None
    return await accounts.find_key(session, api_keys.digest(text), kind, clock.now(), lock=lock)


def _add(
    session: AsyncSession,
    kind: CredentialKind,
    user_id: str,
    name: str,
    expires_at: datetime,
    scopes: Collection[str] = (),
    started_by_key_id: str | None = None,
) -> str:
    """Insert a credential and return its text."""
    new = credentials.create(kind, user_id, name, expires_at, scopes, started_by_key_id)
    session.add(new.row)
    return new.text
