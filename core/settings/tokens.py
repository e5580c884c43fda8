"""Bearer tokens, and sign-in at an identity provider."""

from typing import Self

from pydantic import Field, model_validator

from core.settings.values import Section


class TokenSettings(Section):
    """Bearer tokens (JWT) of an identity provider; rejected unless a secret or a JWKS URL is set."""

    secret: str | None = Field(None, min_length=32)
    """Shared secret of HS256 tokens, 32 characters or more."""
    jwks_url: str | None = Field(None, pattern=r"^https?://")
    """JWKS URL of the issuer's public keys (RSA, EC, EdDSA)."""
    issuer: str | None = None
    """Required value of the claim `iss`; default: any."""
    audience: str | None = None
    """Required value of the claim `aud`; default: any."""
    organizations_claim: str = Field("orgs", min_length=1)
    """Claim with the ids of the user's organizations: a string, an array, an object with the ids as member names, or
    null. Dots separate nested claims."""
    name_claim: str = Field("name", min_length=1)
    """Claim with the name of the user."""
    leeway_seconds: int = Field(30, ge=0, le=300)
    """Tolerated clock difference in seconds when `exp` and `nbf` are checked."""


class OpenIdSettings(Section):
    """Sign-in to the studio page at an identity provider (OpenID Connect); off unless issuer and client id are set.

    Users and organizations are read from ID tokens as from bearer tokens, by the claims named in the settings of those.
    """

    issuer: str | None = Field(None, pattern=r"^https?://")
    """Issuer URL of the provider, exactly as in its metadata; these are read from
    `<issuer>/.well-known/openid-configuration`."""
    client_id: str | None = Field(None, min_length=1)
    """Id under which the provider knows this installation."""
    client_secret: str | None = Field(None, min_length=1)
    """Secret of the client; default: none, for a public client. PKCE is used in both cases."""
    scopes: str = "openid profile"
    """Scopes to request, separated by spaces; `openid` is one of them."""
    name: str = Field("OpenID", min_length=1, max_length=60)
    """Name of the provider on the button of the page."""
    session_hours: int = Field(12, ge=1, le=720)
    """Hours after which the provider has to confirm the user again."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.issuer is None) is not (self.client_id is None):
            raise ValueError("issuer and client_id must be set together")
        if "openid" not in self.scopes.split():
            raise ValueError("scopes must contain openid")
        return self
