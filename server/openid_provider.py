"""Client of an OpenID provider: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, Self

import httpx
import jwt
import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from core.errors import Unavailable
from core.network import tls
from core.settings import OpenIdSettings, TokenSettings
from resolvers.access.token_users import TokenIdentity
from server.bearer_tokens import InvalidClaimError, TokenVerifier

log = logging.getLogger(__name__)

_METADATA_SECONDS: Final = 3600.0
_TIMEOUT_SECONDS: Final = 5.0
_MAX_BYTES: Final = 1 << 20
_RETRY_SECONDS: Final = 10
_PATH: Final = "/.well-known/openid-configuration"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class SignInProblem(StrEnum):
    """Why signing in at the provider failed; the studio page has a sentence for each."""

    DENIED = "DENIED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"
    BUSY = "BUSY"
    UNAVAILABLE = "UNAVAILABLE"


class SignInError(Exception):
    """Signing in failed for a reason other than the provider's availability."""

    def __init__(self, problem: SignInProblem) -> None:
        self.problem = problem
        super().__init__(problem.value)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The secrets that tie the provider's response to the browser that started to sign in."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    def to_text(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None  # noqa: PLR2004  the three fields


class OpenIdProvider:
    """The provider of the settings. Its metadata is discovered when it is first needed, and again after an hour."""

    def __init__(self, settings: OpenIdSettings, tokens: TokenSettings) -> None:
        self._settings = settings
        self._tokens = tokens
        self._metadata: Mapping[str, Any] = {}
        self._expires_at = float("-inf")
        self._discovery = asyncio.Lock()
        self._verifier: TokenVerifier | None = None
        self._client: httpx.AsyncClient | None = None

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return the address of the provider at which the user signs in. Raises Unavailable."""
        metadata = await self._discover()
        url: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=self._settings.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return url

    async def identify(self, attempt: Attempt, code: str, redirect_uri: str) -> TokenIdentity:
        """Exchange the code for an ID token and return whom it identifies.

        Raises SignInError (code refused), Unauthenticated (invalid ID token), Unavailable.
        """
        metadata = await self._discover()
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=attempt.verifier
        )
        auth = ClientAuth(self._settings.client_id, self._settings.client_secret, self._auth_method(metadata))
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], dict(_FORM), body)
        status, tokens = await self._request("POST", url, headers=headers, content=body)
        token = tokens.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            error = str(tokens.get("error"))
            log.warning("sign-in code refused by the identity provider", extra={"status": status, "error": error})
            is_expired = error == "invalid_grant"
            raise SignInError(SignInProblem.EXPIRED if is_expired else SignInProblem.REFUSED)
        assert self._verifier is not None  # noqa: S101  created with the metadata
        check = partial(self._check, attempt, token, tokens.get("access_token"))
        return await self._verifier.verify(token, check)

    async def aclose(self) -> None:
        if self._verifier:
            await self._verifier.aclose()
        if self._client:
            await self._client.aclose()

    def _check(self, attempt: Attempt, token: str, access_token: object, claims: Mapping[str, Any]) -> None:
        """Check the claims that only ID tokens have. Raises InvalidClaimError."""
        parameters = {"nonce": attempt.nonce, "client_id": self._settings.client_id, "access_token": access_token}
        try:
            id_token = CodeIDToken(dict(claims), jwt.get_unverified_header(token), params=parameters)
            id_token.validate(leeway=self._tokens.leeway_seconds)
        except JoseError as error:
            raise InvalidClaimError(str(getattr(error, "claim", "")), str(error)) from None

    def _auth_method(self, metadata: Mapping[str, Any]) -> str:
        if self._settings.client_secret is None:
            return "none"
        supported = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"

    async def _discover(self) -> Mapping[str, Any]:
        """Return the provider's metadata (OpenID Connect Discovery 1.0). Raises Unavailable."""
        async with self._discovery:
            if time.monotonic() < self._expires_at:
                return self._metadata
            issuer = str(self._settings.issuer)
            status, metadata = await self._request("GET", issuer.rstrip("/") + _PATH)
            is_usable = all(isinstance(metadata.get(name), str) for name in _ENDPOINTS)
            if status != httpx.codes.OK or metadata.get("issuer") != issuer or not is_usable:
                extra = {"issuer": issuer, "status": status, "metadata_issuer": metadata.get("issuer")}
                log.warning("metadata of the identity provider is unusable", extra=extra)
                raise _unavailable()
            if metadata["jwks_uri"] != self._metadata.get("jwks_uri"):
                await self._replace_verifier(metadata["jwks_uri"], issuer)
            self._metadata, self._expires_at = metadata, time.monotonic() + _METADATA_SECONDS
            return metadata

    async def _replace_verifier(self, jwks_url: str, issuer: str) -> None:
        if self._verifier:
            await self._verifier.aclose()
        changes = {"secret": None, "jwks_url": jwks_url, "issuer": issuer, "audience": self._settings.client_id}
        self._verifier = TokenVerifier(self._tokens.model_copy(update=changes))

    async def _request(self, method: str, url: str, **options: Any) -> tuple[int, Mapping[str, Any]]:  # noqa: ANN401
        """Return the status and the JSON object of a response, empty if it has none. Raises Unavailable."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                if self._client is None:
                    verify = await asyncio.to_thread(tls.default_context)
                    self._client = httpx.AsyncClient(verify=verify, timeout=_TIMEOUT_SECONDS)
                body = bytearray()
                async with self._client.stream(method, url, **options) as response:
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > _MAX_BYTES:
                            raise httpx.DecodingError(f"more than {_MAX_BYTES} bytes")
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
            log.warning("identity provider cannot be reached", extra={"url": url, "error": reason})
            raise _unavailable() from None
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            log.warning("identity provider failed", extra={"url": url, "status": response.status_code})
            raise _unavailable()
        try:
            document = orjson.loads(bytes(body))
        except ValueError:
            document = None
        return response.status_code, document if isinstance(document, dict) else {}


def _unavailable() -> Unavailable:
    return Unavailable("The identity provider is not available", retry_after=_RETRY_SECONDS)
