"""Two organizations and three users, each with an API key."""

from dataclasses import dataclass

from sqlalchemy import insert

from core import api_keys, ids
from storage.postgres.database import Database
from storage.tables import ApiKey, Membership, Organization, Role, User


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
    """Insert the users into an empty database, with as few statements as possible, because most tests need them."""
    first, second = (ids.new(ids.Kind.ORGANIZATION) for _ in range(2))
    people = [_person(first), _person(first), _person(second)]
    names, roles = ("Ada", "Bea", "Cid"), (Role.ADMIN, Role.MEMBER, Role.ADMIN)
    async with database.transaction() as session:
        await session.execute(insert(Organization), [{"id": first, "name": "First"}, {"id": second, "name": "Second"}])
        await session.execute(
            insert(User), [{"id": person.user_id, "name": name} for person, name in zip(people, names, strict=True)]
        )
        await session.execute(
            insert(Membership),
            [
                {"organization_id": person.organization_id, "user_id": person.user_id, "role": role}
                for person, role in zip(people, roles, strict=True)
            ],
        )
        await session.execute(insert(ApiKey), [_key_row(person) for person in people])
    return Cast(*people)


def _person(organization_id: str) -> Person:
    return Person(ids.new(ids.Kind.USER), organization_id, api_keys.new())


def _key_row(person: Person) -> dict[str, object]:
    return {
        "id": ids.new(ids.Kind.API_KEY),
        "user_id": person.user_id,
        "name": "test",
        "hint": api_keys.hint(person.key),
        "digest": api_keys.digest(person.key),
        "scopes": [],
    }
