"""Users that an identity provider names in signed tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Reason, Unauthenticated
from core.ids import Kind, is_a
from storage.queries import accounts
from storage.tables import Role, User


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """Whom a token identifies: subject and issuer together are unique."""

    issuer: str
    subject: str
    name: str
    organizations: Sequence[str]


async def ensure(session: AsyncSession, identity: TokenIdentity) -> tuple[User, Mapping[str, Role]]:
    """Return the user of a token with its roles; insert the user and memberships that the token claims first.

    Raises Unauthenticated (user disabled).
    """
    user = await accounts.ensure_token_user(session, identity.issuer, identity.subject, identity.name)
    if user.disabled_at is not None:
        raise Unauthenticated(Reason.TOKEN_INVALID)
    organization_ids = [name for name in identity.organizations if is_a(Kind.ORGANIZATION, name)]
    return user, await accounts.load_token_roles(session, user.id, organization_ids)
