"""Compare REST and GraphQL: actors that use both, and their rows with ids replaced by names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import text

from storage.postgres.database import Database
from tests.support.graphql.client import data
from tests.support.users import Person

TABLES: Final = ("tracks", "library_entries", "collections", "collection_tracks", "share_links")
_ID: Final = re.compile(r"\b(mgen|mtrack|mlib|mcoll|mfocus|mslink|org|user)_[0-9a-f]{12,}")
_RANDOM_COLUMNS: Final = frozenset({"seed", "token_digest"})
"""Columns with random values."""


@dataclass
class IdNames:
    """Replaces ids by names in the order of their appearance, so that rows of two users can be compared."""

    _known: dict[str, str] = field(default_factory=dict)

    def replace(self, value: object) -> object:
        """Return the value with names for ids and one name for all times."""
        if isinstance(value, str):
            return _ID.sub(lambda found: self._name_of(found[0]), value)
        if hasattr(value, "isoformat"):
            return "a time"
        if isinstance(value, dict):
            return {key: self.replace(inner) for key, inner in value.items()}
        return [self.replace(inner) for inner in value] if isinstance(value, list) else value

    def _name_of(self, text_: str) -> str:
        kind = text_.partition("_")[0]
        number = sum(name.startswith(kind) for name in self._known.values()) + 1
        return self._known.setdefault(text_, f"{kind} {number}")


@dataclass
class Actor:
    """A user of one interface and the ids of its resources."""

    client: httpx.AsyncClient
    person: Person
    names: IdNames = field(default_factory=IdNames)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"/v1/music/{self.person.organization_id}"

    async def rest(self, method: str, path: str, json: object = None) -> Any:  # noqa: ANN401  JSON
        """Call an operation that must succeed; the path is absolute or relative to the organization."""
        url = path if path.startswith("/v1") else self.base + path
        answer = await self.client.request(method, url, json=json, headers=self.person.headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def mutate(self, name: str, payload: str, /, **fields: object) -> Any:  # noqa: ANN401  JSON
        """Return the payload of a mutation; assert that it is not an error."""
        kind = _INPUTS.get(name, name[0].upper() + name[1:])
        query = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename ... on {payload} }} }}"
        answer = (await data(self.client, self.person, query, input=fields))[name]
        assert not answer["__typename"].endswith("Error"), answer
        return answer

    async def query(self, field: str, selection: str) -> Any:  # noqa: ANN401  JSON
        """Return a field of the user's organization; ``field`` includes its arguments."""
        query = f"query($org: ID!) {{ organization(id: $org) {{ it: {field} {{ {selection} }} }} }}"
        return (await data(self.client, self.person, query, org=self.person.organization_id))["organization"]["it"]


_INPUTS: Final[Mapping[str, str]] = {
    "saveTrack": "Track",
    "unsaveTrack": "Track",
    "deleteTrack": "Track",
    "deleteCollection": "Collection",
    "addCollectionTrack": "CollectionTrack",
    "removeCollectionTrack": "CollectionTrack",
    "shareTrack": "Share",
    "shareCollection": "Share",
}


async def load_rows(database: Database, actor: Actor) -> list[Mapping[str, object]]:
    """Return the rows of a user with names for ids."""
    rows: list[Mapping[str, object]] = []
    async with database.transaction() as session:
        for table in TABLES:
            owner = "user_id = :user"
            if table == "collection_tracks":
                owner = "collection_id IN (SELECT id FROM collections WHERE user_id = :user)"
            order = "position" if table == "collection_tracks" else "created_at"
            query = text(f"SELECT * FROM {table} WHERE {owner} ORDER BY {order}")  # noqa: S608  our own names
            found = (await session.execute(query, {"user": actor.person.user_id})).mappings().all()
            rows += [{"table": table, **_comparable_row(row, actor.names)} for row in found]
    return rows


def _comparable_row(row: Mapping[Any, Any], names: IdNames) -> dict[str, object]:
    return {name: names.replace(value) for name, value in row.items() if name not in _RANDOM_COLUMNS}


def to_rest_names(value: object) -> object:
    """Convert names of a GraphQL response to snake case and enum values to lower case."""
    if isinstance(value, dict):
        return {
            re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key): to_rest_names(inner)
            for key, inner in value.items()
        }
    if isinstance(value, str) and re.fullmatch("[A-Z_]{3,}", value):
        return value.lower()
    return [to_rest_names(inner) for inner in value] if isinstance(value, list) else value


def pick(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return some of the fields."""
    return {name: value[name] for name in names}
