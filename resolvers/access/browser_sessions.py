"""Sign in and out in a browser, by an API key or the one-time code of a link."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic.dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncSession

from core import api_keys, clock
from core.errors import Conflict, InvalidInput, NotFound, Problem, Reason, Unauthenticated
from resolvers.access import credentials, validation
from resolvers.access.validation import Unvalidated
from storage.postgres.database import Database
from storage.queries import accounts, members
from storage.tables import ApiKey, CredentialKind

CODE_LIFETIME: Final = timedelta(minutes=10)
INVITATION_LIFETIME: Final = timedelta(days=7)
_CODE_REFUSED: Final = "The code has expired or was used. Create another link with ./studio sign-in."


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

    The session of a key has its scopes and ends no later than it. Raises InvalidInput, Unauthenticated (invalid key).
    """
    command = request.validate()
    if (command.code is None) is (command.api_key is None):
        raise InvalidInput([Problem(("code",), "Either a code or an API key is required.")])
    async with database.transaction() as session:
        if command.code is not None:
            code = await _redeem(session, command.code.strip())
            return _add(session, CredentialKind.SESSION, code.user_id, name, clock.now() + lifetime, code.scopes)
        row = await _find(session, str(command.api_key).strip(), CredentialKind.KEY)
        if row is None:
            raise Unauthenticated(Reason.KEY_INVALID)
        latest = clock.now() + lifetime
        expires_at = min(latest, row.expires_at or latest)
        return _add(session, CredentialKind.SESSION, row.user_id, name, expires_at, row.scopes)


async def sign_out(database: Database, text: str) -> None:
    """End a session and its open connections. A session that has ended stays as it is."""
    async with database.transaction() as session:
        row = await _find(session, text, CredentialKind.SESSION)
        if row is not None:
            await accounts.revoke_key(session, row.id, clock.now())


async def _redeem(session: AsyncSession, code: str) -> ApiKey:
    row = None
    if api_keys.is_well_formed(code, api_keys.CODE_PREFIX):
        row = await accounts.redeem_sign_in_code(session, api_keys.digest(code), clock.now())
    if row is None:
        raise InvalidInput([Problem(("code",), _CODE_REFUSED)])
    return row


async def _find(session: AsyncSession, text: str, kind: CredentialKind) -> ApiKey | None:
    if not api_keys.is_well_formed(text, credentials.PREFIXES[kind]):
        return None
    return await accounts.find_key(session, api_keys.digest(text), kind, clock.now())


def _add(
    session: AsyncSession,
    kind: CredentialKind,
    user_id: str,
    name: str,
    expires_at: datetime,
    scopes: Collection[str] = (),
) -> str:
    """Insert a credential and return its text."""
    new = credentials.create(kind, user_id, name, expires_at, scopes)
    session.add(new.row)
    return new.text
