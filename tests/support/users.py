"""Two organizations and three users, each with an API key."""

from dataclasses import dataclass

from resolvers.access import accounts
from storage.postgres.database import Database
from storage.tables import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a valid API key."""

    user_id: str
    organization_id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}


@dataclass(frozen=True, slots=True)
class Cast:
    """Ada and Bea share an organization, Cid has his own."""

    ada: Person
    bea: Person
    cid: Person


async def create_cast(database: Database) -> Cast:
    """Insert the users into an empty database."""
    first = await accounts.create_organization(database, "First")
    second = await accounts.create_organization(database, "Second")
    return Cast(
        ada=await _person(database, "Ada", first.id, Role.ADMIN),
        bea=await _person(database, "Bea", first.id, Role.MEMBER),
        cid=await _person(database, "Cid", second.id, Role.ADMIN),
    )


async def _person(database: Database, name: str, organization_id: str, role: Role) -> Person:
    user = await accounts.create_user(database, name, organization_id, role)
    key = await accounts.create_key(database, user.id, "test", None)
    return Person(user.id, organization_id, key.text)
