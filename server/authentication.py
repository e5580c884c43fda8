"""Authenticate requests by API key, bearer token (JWT) or the cookie of a browser session."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import HTTPConnection

from core import api_keys, clock, scopes
from core.errors import Reason, Unauthenticated
from core.settings import Settings
from resolvers.access import token_users
from resolvers.access.context import Caller
from server import request_origin, session_cookie
from server.bearer_tokens import TokenVerifier
from server.key_uses import KeyUseRecorder
from storage.postgres.database import Database
from storage.queries import accounts
from storage.queries.accounts import KeyHolder


def client_ip(connection: HTTPConnection) -> str:
    """Return the client's address. uvicorn replaces it with the one that a trusted proxy forwarded."""
    return connection.client.host if connection.client else "unknown"


def first_headers(connection: HTTPConnection) -> Mapping[str, str]:
    """Return the first header of each name; ``Headers`` encodes a name and searches for it at each access."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(connection.scope["headers"])}


class Authenticator:
    """Authenticates requests. Of several credentials a bearer token is used before an API key before a session."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._key_uses = KeyUseRecorder(database, timedelta(seconds=settings.server.key_refresh_seconds))
        self._tokens = TokenVerifier(settings.tokens)
        self._own_origins = frozenset({request_origin.origin_of(settings.public_url)})

    async def aclose(self) -> None:
        await self._key_uses.aclose()
        await self._tokens.aclose()

    async def authenticate(self, headers: Mapping[str, str]) -> Caller | None:
        """Return the caller, or None if there are no credentials. Header names are in lowercase.

        Raises Unauthenticated, and Unavailable when the token issuer's keys cannot be fetched.
        """
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        key = headers.get("x-api-key")
        # ignored beside an API key: a proxy may add an Authorization header of its own, such as Basic
        if key is not None and scheme.lower() != "bearer":
            return await self._by_key(key.strip())
        session = session_cookie.read(headers)
        # a proxy may add an Authorization header beside the cookie, too
        if session is not None and scheme.lower() != "bearer":
            return await self._by_session(session, headers)
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not credential.strip():
            raise Unauthenticated
        if credential.strip().startswith(api_keys.PREFIX):
            return await self._by_key(credential.strip())
        return await self._by_token(credential.strip())

    async def _by_key(self, key: str) -> Caller:
        if not api_keys.is_well_formed(key):
            raise Unauthenticated(Reason.KEY_INVALID)
        holder = await self._load_holder(key)
        if holder is None:
            raise Unauthenticated(Reason.KEY_INVALID)
        self._check_key(holder)
        return _caller(holder)

    async def _by_session(self, session: str, headers: Mapping[str, str]) -> Caller | None:
        """Return the caller of a session, or None if it has ended, so that public operations remain available.

        Requests of other sites are refused; `SameSite=Strict` keeps browsers from sending them with the cookie.
        """
        if request_origin.is_cross_origin(headers, self._own_origins):
            raise Unauthenticated
        if not api_keys.is_well_formed(session, api_keys.SESSION_PREFIX):
            return None
        holder = await self._load_holder(session)
        try:
            if holder is not None:
                self._check_key(holder)
        except Unauthenticated:
            return None
        return _caller(holder) if holder else None

    async def _load_holder(self, credential: str) -> KeyHolder | None:
        # not cached, so that a revoked key is rejected at once
        return await self._database.batcher(accounts.load_key_holders).load(api_keys.digest(credential))

    def _check_key(self, holder: KeyHolder) -> None:
        key, now = holder.key, clock.now()
        if key.revoked_at is not None:
            raise Unauthenticated(Reason.KEY_REVOKED)
        if key.expires_at is not None and key.expires_at <= now:
            raise Unauthenticated(Reason.KEY_EXPIRED)
        if key.last_used_at is None or key.last_used_at < now - self._key_uses.interval:
            self._key_uses.record(key.id)

    async def _by_token(self, token: str) -> Caller:
        identity = await self._tokens.verify(token)
        async with self._database.transaction() as session:
            user, roles = await token_users.ensure(session, identity)
        return Caller(user.id, roles)


def _caller(holder: KeyHolder) -> Caller:
    roles = {membership.organization_id: membership.role for membership in holder.memberships}
    return Caller(holder.key.user_id, roles, scopes.from_names(holder.key.scopes), holder.key.id)
