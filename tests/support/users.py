"""Two organizations and three users, each with an API key."""

from dataclasses import dataclass
from typing import Final

from core import api_keys, clock, ids
from storage.postgres.database import Database
from storage.tables import Role

_INSERT: Final = """
    WITH new_organizations AS (
        INSERT INTO organizations (id, name, created_at) SELECT *, $10 FROM unnest($1::text[], $2::text[])
    ), new_users AS (
        INSERT INTO users (id, name, created_at) SELECT *, $10 FROM unnest($3::text[], $4::text[])
    ), new_memberships AS (
        INSERT INTO memberships (user_id, organization_id, role, created_at)
        SELECT *, $10 FROM unnest($3::text[], $5::text[], $6::text[])
    )
    INSERT INTO api_keys (user_id, id, hint, digest, name, created_at)
    SELECT *, 'test', $10 FROM unnest($3::text[], $7::text[], $8::text[], $9::bytea[])
"""


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
    """Insert the users into an empty database, with a single statement, because most tests need them."""
    first, second = (ids.new(ids.Kind.ORGANIZATION) for _ in range(2))
    people = [_person(first), _person(first), _person(second)]
    values = (
        [first, second],
        ["First", "Second"],
        [person.user_id for person in people],
        ["Ada", "Bea", "Cid"],
        [person.organization_id for person in people],
        [Role.ADMIN.value, Role.MEMBER.value, Role.ADMIN.value],
        [ids.new(ids.Kind.API_KEY) for _ in people],
        [api_keys.hint(person.key) for person in people],
        [api_keys.digest(person.key) for person in people],
        clock.now(),
    )
    await database.fetch(_INSERT, values)
    return Cast(*people)


def _person(organization_id: str) -> Person:
    return Person(ids.new(ids.Kind.USER), organization_id, api_keys.new())
