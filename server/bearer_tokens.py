"""Verify bearer tokens (JWT, RFC 7519) and read the identity in their claims."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeGuard

import jwt
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from core.errors import Reason, Unauthenticated
from core.settings import TokenSettings
from resolvers.access import validation
from resolvers.access.token_users import TokenIdentity
from server.issuer_keys import ALGORITHMS, IssuerKeys

log = logging.getLogger(__name__)

_HMAC: Final = "HS256"
_MAX_TEXT: Final = 255

_FAILED_CLAIMS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "exp",
    jwt.ImmatureSignatureError: "nbf",
    jwt.InvalidIssuedAtError: "iat",
    jwt.InvalidIssuerError: "iss",
    jwt.InvalidAudienceError: "aud",
    InvalidSubjectError: "sub",
    InvalidJTIError: "jti",
}
"""The claim that each error of PyJWT is about, for the log."""


class InvalidClaimError(jwt.InvalidTokenError):
    """A claim whose name is a setting has a value of the wrong type."""

    def __init__(self, claim: str, message: str) -> None:
        self.claim = claim
        super().__init__(message)


class TokenVerifier:
    """Verifies the tokens of one issuer, signed with a shared secret or with a key of its JWKS endpoint."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings
        self._keys = IssuerKeys(settings.jwks_url) if settings.jwks_url else None

    async def verify(self, token: str, check: Callable[[Mapping[str, Any]], None] | None = None) -> TokenIdentity:
        """Return the identity. Raises Unauthenticated, and Unavailable without the issuer's keys.

        ``check`` is called with the verified claims and may raise InvalidClaimError for further rules.
        """
        try:
            claims = await self._verify_claims(token)
            if check:
                check(claims)
            return self._read_identity(claims)
        except jwt.PyJWTError as error:
            claim = getattr(error, "claim", None) or _FAILED_CLAIMS.get(type(error))
            log.info("bearer token rejected", extra={"claim": claim, "reason": str(error)})
            is_expired = isinstance(error, jwt.ExpiredSignatureError)
            raise Unauthenticated(Reason.TOKEN_EXPIRED if is_expired else Reason.TOKEN_INVALID) from None
        except UnicodeError:
            raise Unauthenticated(Reason.TOKEN_INVALID) from None

    async def aclose(self) -> None:
        if self._keys:
            await self._keys.aclose()

    async def _verify_claims(self, token: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        keys: Sequence[Any] = ()
        if algorithm == _HMAC and self._settings.secret:
            keys = [self._settings.secret]
        elif algorithm in ALGORITHMS and self._keys:
            keys = [found.key for found in await self._keys.find(header.get("kid"), algorithm)]
        else:
            raise jwt.InvalidAlgorithmError(f"tokens with the algorithm {algorithm!r} are not configured")
        for key in keys:
            try:
                return self._decode(token, key, algorithm)
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError("no known key of the issuer verifies the signature")

    def _decode(self, token: str, key: Any, algorithm: str) -> Mapping[str, Any]:  # noqa: ANN401  of any kind
        settings = self._settings
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=settings.issuer,
            audience=settings.audience,
            leeway=settings.leeway_seconds,
            options={"require": ["exp", "sub"], "verify_aud": settings.audience is not None},
        )
        return claims

    def _read_identity(self, claims: Mapping[str, Any]) -> TokenIdentity:
        subject, issuer, name = claims["sub"], claims.get("iss", ""), claims.get(self._settings.name_claim)
        if not _is_storable(subject):
            raise InvalidSubjectError("must have 1 to 255 characters without NUL")
        if issuer != "" and not _is_storable(issuer):
            raise jwt.InvalidIssuerError("must have 1 to 255 characters without NUL")
        organizations = read_organizations(claims, self._settings.organizations_claim)
        return TokenIdentity(issuer, subject, name if _is_storable(name) else subject, organizations)


def read_organizations(claims: Mapping[str, Any], name: str) -> Sequence[str]:
    """Return the organization ids in a claim; dots in ``name`` separate nested members, unless a claim has that name.

    The value is a string with ids that spaces or commas separate, an array of ids, an object with ids as member names,
    or null. Raises InvalidClaimError for other values.
    """
    value: Any = claims
    for member in [name] if name in claims else name.split("."):
        value = value.get(member) if isinstance(value, Mapping) else None
    match value:
        case None:
            return ()
        case str():
            return value.replace(",", " ").split()
        case list() | dict() if all(isinstance(organization, str) for organization in value):
            return list(value)
    raise InvalidClaimError(name, f"the claim {name!r} must be a string, an array of strings, an object or null")


def _is_storable(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and 0 < len(text) <= _MAX_TEXT and validation.is_storable(text)
