"""Authenticate requests by API key or bearer token (JWT)."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, TypeGuard

import jwt
from jwt import PyJWKClient
from starlette.requests import HTTPConnection

from core import api_keys, clock, scopes
from core.batching import Batcher
from core.errors import Reason, Unauthenticated, Unavailable
from core.ids import Kind, is_a
from core.settings import Settings, TokenSettings
from resolvers.access.context import Caller
from storage.postgres.database import Database
from storage.queries import accounts
from storage.queries.accounts import KeyHolder
from storage.tables import Role

_MAX_SUBJECT: Final = 255


def client_ip(connection: HTTPConnection) -> str:
    """Return the client's address. uvicorn replaces it with the one that a trusted proxy forwarded."""
    return connection.client.host if connection.client else "unknown"


class Authenticator:
    """Authenticates requests. If a request has a bearer token and an API key, the token is used."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._touch_batcher = Batcher(self._touch_keys)
        self._key_refresh = timedelta(seconds=settings.server.key_refresh_seconds)
        self._tokens = _TokenVerifier(settings.tokens)

    async def authenticate(self, headers: Mapping[str, str]) -> Caller | None:
        """Return the caller, or None if there are no credentials. Header names are in lowercase.

        Raises Unauthenticated, and Unavailable when the token issuer's keys cannot be fetched.
        """
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        key = headers.get("x-api-key")
        # ignored beside an API key: a proxy may add an Authorization header of its own, such as Basic
        if key is not None and scheme.lower() != "bearer":
            return await self._by_key(key.strip())
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
        # not cached, so that a revoked key is rejected at once
        holder = await self._database.batcher(accounts.load_key_holders).load(api_keys.digest(key))
        if holder is None:
            raise Unauthenticated(Reason.KEY_INVALID)
        await self._check_key(holder)
        roles = {membership.organization_id: membership.role for membership in holder.memberships}
        return Caller(holder.key.user_id, roles, scopes.from_names(holder.key.scopes))

    async def _check_key(self, holder: KeyHolder) -> None:
        key, now = holder.key, clock.now()
        if key.revoked_at is not None:
            raise Unauthenticated(Reason.KEY_REVOKED)
        if key.expires_at is not None and key.expires_at <= now:
            raise Unauthenticated(Reason.KEY_EXPIRED)
        if key.last_used_at is None or key.last_used_at < now - self._key_refresh:
            await self._touch_batcher.load(key.id)

    async def _touch_keys(self, key_ids: list[str]) -> list[None]:
        await accounts.touch_keys(self._database, key_ids, clock.now(), self._key_refresh)
        return [None] * len(key_ids)

    async def _by_token(self, token: str) -> Caller:
        claims = await asyncio.to_thread(self._tokens.verify, token)
        user_id, names = claims["sub"], claims.get("orgs", [])
        if not _is_storable(user_id) or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Unauthenticated(Reason.TOKEN_INVALID)
        name = claims.get("name")
        async with self._database.transaction() as session:
            await accounts.ensure_user(session, user_id, name if _is_storable(name) else user_id)
            rows = await accounts.list_organizations(session, [name for name in names if is_a(Kind.ORGANIZATION, name)])
        return Caller(user_id, {row.id: Role.MEMBER for row in rows})


class _TokenVerifier:
    """Verifies the JWTs of one issuer: HS256 with a shared secret, or RS256 with the keys of its JWKS endpoint."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings
        self._jwks = PyJWKClient(settings.jwks_url, timeout=5) if settings.jwks_url else None

    def verify(self, token: str) -> Mapping[str, Any]:
        """Return the verified claims. Raises Unauthenticated, and Unavailable when the JWKS cannot be fetched."""
        settings = self._settings
        try:
            if jwt.get_unverified_header(token).get("alg") == "RS256" and self._jwks:
                key, algorithm = self._jwks.get_signing_key_from_jwt(token).key, "RS256"
            elif settings.secret:
                key, algorithm = settings.secret, "HS256"
            else:
                raise Unauthenticated(Reason.TOKEN_INVALID)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=settings.issuer,
                audience=settings.audience,
                leeway=settings.leeway_seconds,
                options={"require": ["exp", "sub"], "verify_aud": settings.audience is not None},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(Reason.TOKEN_EXPIRED) from None
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable("Keys of the token issuer are not reachable") from error
        except (jwt.PyJWTError, UnicodeError):
            raise Unauthenticated(Reason.TOKEN_INVALID) from None
        return claims


def _is_storable(text: object) -> TypeGuard[str]:
    """Return whether Postgres can store the text. It rejects NUL; UTF-8 cannot encode lone surrogates."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= _MAX_SUBJECT
        and not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text)
    )
