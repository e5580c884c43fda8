"""Bearer credentials: access tokens of an identity provider."""

from datetime import timedelta

import jwt

from core import clock
from tests.support.processes.servers import TOKEN_SECRET
from tests.support.users import Person


def access_token(person: Person, secret: str = TOKEN_SECRET, algorithm: str = "HS256", **changes: object) -> str:
    """Return an access token for the user and organization, signed as by an identity provider."""
    claims = {
        "sub": person.user_id,
        "orgs": [person.organization_id],
        "exp": clock.now() + timedelta(minutes=5),
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, secret, algorithm)


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}
