"""Bearer tokens."""

from pydantic import Field

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
